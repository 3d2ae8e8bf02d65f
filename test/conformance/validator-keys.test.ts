// Validator keys that are not Ed25519's against Wycheproof's sets, as far as they speak of what CometBFT takes: no verdict may
// differ.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { compare, parseHex } from '../../sdk/src/bytes.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { type OtherKeyType, type ValidatorKeys, withValidatorKeys } from '../../sdk/src/crypto/validator-keys/keys.ts'
import { keyTypes, validatorKeyOf } from '../validator-keys.ts'
import { readVector, vectorsSkip } from '../vectors.ts'

type Vector = { readonly tcId: number; readonly comment: string; readonly msg: string; readonly sig: string }
type Case = Vector & { readonly result: string; readonly ctx?: string }

const crypto = await loadCrypto()
after(() => crypto.close())

const otherTypes = keyTypes.filter(type => type !== 'ed25519')
const halfOrder = parseHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0')

describe('validator keys', () => {
  let keys: Required<ValidatorKeys>
  before(async () => {
    keys = (await withValidatorKeys(otherTypes, crypto)).validatorKeys as Required<ValidatorKeys>
  })

  /** Holds a verdict to what is expected, and counts it. */
  function counter(type: OtherKeyType): {
    readonly accepted: () => number
    readonly refused: () => number
    readonly hold: (publicKey: Uint8Array, vector: Vector & { readonly valid: boolean }) => void
  } {
    const counts = { accepted: 0, refused: 0 }
    return {
      accepted: () => counts.accepted,
      refused: () => counts.refused,
      hold: (publicKey, { msg, sig, valid, tcId, comment }) => {
        const item = { publicKey, message: parseHex(msg), signature: parseHex(sig) }
        assert.equal(keys[type].verify(item), valid, `${tcId}: ${comment}`)
        counts[valid ? 'accepted' : 'refused']++
      },
    }
  }

  test('secp256k1: 252 signatures of 64 bytes; those with high S are refused', { skip: vectorsSkip }, () => {
    const { accepted, refused, hold } = counter('secp256k1')
    for (const group of readVector('secp256k1/ecdsa_secp256k1_sha256_p1363_test.json').testGroups) {
      const publicKey = compressed(parseHex(group.publicKey.uncompressed))
      for (const each of group.tests as Case[])
        hold(publicKey, { ...each, valid: each.result === 'valid' && isLow(each) })
    }
    assert.deepEqual([accepted(), refused()], [95, 157])
  })

  test('secp256k1: signatures of Bitcoin’s set that can be written in 64 bytes', { skip: vectorsSkip }, () => {
    const { accepted, refused, hold } = counter('secp256k1')
    let unwritable = 0
    for (const group of readVector('secp256k1/ecdsa_secp256k1_sha256_bitcoin_test.json').testGroups) {
      const publicKey = compressed(parseHex(group.publicKey.uncompressed))
      for (const each of group.tests as Case[]) {
        const sig = fromDer(each.sig)
        if (sig === undefined) {
          assert.equal(each.result, 'invalid')
          unwritable++
        } else hold(publicKey, { ...each, sig, valid: each.result === 'valid' })
      }
    }
    assert.deepEqual([accepted(), refused(), unwritable], [162, 69, 232])
  })

  test('bls12381: 88 signatures of the basic scheme', { skip: vectorsSkip }, () => {
    const { accepted, refused, hold } = counter('bls12381')
    let unreadable = 0
    for (const group of readVector('bls12381/bls_sig_g2_basic_verify_test.json').testGroups) {
      const publicKey = uncompressed(parseHex(group.publicKey.pk))
      if (keys.bls12381.address(publicKey, crypto) === undefined) unreadable++
      for (const each of group.tests as Case[]) hold(publicKey, { ...each, valid: each.result === 'valid' })
    }
    assert.deepEqual([accepted(), refused(), unreadable], [29, 59, 17])
  })

  test('bls12381: signatures of the scheme with proofs of possession are of another domain', {
    skip: vectorsSkip,
  }, () => {
    const { accepted, refused, hold } = counter('bls12381')
    for (const group of readVector('bls12381/bls_sig_g2_pop_verify_test.json').testGroups) {
      const publicKey = uncompressed(parseHex(group.publicKey.pk))
      for (const each of group.tests as Case[]) {
        hold(publicKey, { ...each, valid: each.comment === 'signature from Basic scheme, verified under POP scheme' })
      }
    }
    assert.deepEqual([accepted(), refused()], [1, 25])
  })

  test('bls12381: an aggregate of one signature is a signature', {
    skip: vectorsSkip,
  }, () => {
    const { accepted, refused, hold } = counter('bls12381')
    const { testGroups } = readVector('bls12381/bls_sig_g2_aggregate_verify_test.json')
    for (const each of testGroups.flatMap((group: { readonly tests: readonly unknown[] }) => group.tests)) {
      const { pubkeys, messages } = each as { readonly pubkeys: string[]; readonly messages: string[] }
      if (pubkeys.length !== 1 || messages.length !== 1) continue
      hold(uncompressed(parseHex(pubkeys[0]!)), { ...each, msg: messages[0], valid: each.result === 'valid' })
    }
    assert.deepEqual([accepted(), refused()], [1, 3])
  })

  test('mldsa65: 210 signatures; those with a context are refused', { skip: vectorsSkip }, () => {
    const { accepted, refused, hold } = counter('mldsa65')
    for (const group of readVector('mldsa65/mldsa_65_verify_test.json').testGroups) {
      const publicKey = parseHex(group.publicKey)
      for (const each of group.tests as Case[]) {
        const hasContext = each.ctx !== undefined && each.ctx !== ''
        hold(publicKey, { ...each, valid: each.result === 'valid' && !hasContext })
      }
    }
    assert.deepEqual([accepted(), refused()], [77, 133])
  })

  for (const type of otherTypes) {
    test(`${type}: what was signed is accepted; every cut, empty or changed part is refused and never throws`, () => {
      const { publicKey, sign } = validatorKeyOf(type, 'a')
      const message = new Uint8Array(100).fill(3)
      const signature = sign(message)
      const item = { publicKey: publicKey.bytes, message, signature }
      const { verify, address } = keys[type]
      assert.equal(verify(item), true)
      assert.equal(address(publicKey.bytes, crypto)!.length, 20)
      const bad = [
        new Uint8Array(0),
        signature.subarray(1),
        new Uint8Array([...signature, 0]),
        signature.map(() => 255),
      ]
      for (const each of [...bad, ...flipped(signature)]) assert.equal(verify({ ...item, signature: each }), false)
      for (const each of flipped(message)) assert.equal(verify({ ...item, message: each }), false)
      const keyBad = [new Uint8Array(0), publicKey.bytes.subarray(1), publicKey.bytes.map(() => 255)]
      for (const each of [...keyBad, ...flipped(publicKey.bytes)]) {
        assert.equal(verify({ ...item, publicKey: each }), false)
        assert.ok((address(each, crypto)?.length ?? 20) === 20)
      }
    })
  }
})

/** Some copies with one bit turned. */
function flipped(bytes: Uint8Array): readonly Uint8Array[] {
  return [0, 1, 31, 32, 33, 63, 64, bytes.length - 1]
    .filter(at => at < bytes.length)
    .map((at, i) => bytes.with(at, bytes[at]! ^ (1 << (i % 8))))
}

/** SEC 1, 2.3.3, from 04 | x | y. */
function compressed(point: Uint8Array): Uint8Array {
  return new Uint8Array([2 + (point[64]! & 1), ...point.subarray(1, 33)])
}

function isLow({ sig }: Vector): boolean {
  return compare(parseHex(sig).subarray(32), halfOrder) <= 0
}

/** R | S of a strict DER signature, where each has at most 32 bytes. */
function fromDer(hex: string): string | undefined {
  const match = /^30(..)02(..)(.*)$/.exec(hex)
  if (!match || parseInt(match[1]!, 16) * 2 !== hex.length - 4) return undefined
  const rLength = parseInt(match[2]!, 16) * 2
  const r = match[3]!.slice(0, rLength)
  const rest = /^02(..)(.*)$/.exec(match[3]!.slice(rLength))
  if (!rest || parseInt(rest[1]!, 16) * 2 !== rest[2]!.length) return undefined
  const numbers = [r, rest[2]!].map(unsigned)
  return numbers.includes(undefined) ? undefined : numbers.join('')
}

function unsigned(integer: string): string | undefined {
  const minimal = /^(00[89a-f]|[0-7])/.test(integer) && !/^00[0-7]/.test(integer)
  const digits = integer.replace(/^00(?=[89a-f])/, '')
  return minimal && digits.length <= 64 ? digits.padStart(64, '0') : undefined
}

/** A key of 48 bytes in 96, also where it is in no subgroup; what is no point at all only becomes longer. */
function uncompressed(key: Uint8Array): Uint8Array {
  const { G1, fields } = bls12_381
  if (key.length !== 48) return key
  const longer = new Uint8Array([...key, ...new Uint8Array(48)])
  if ((key[0]! & 0xe0) !== 0x80 && (key[0]! & 0xe0) !== 0xa0) return longer
  try {
    const x = fields.Fp.fromBytes(key.with(0, key[0]! & 0x1f))
    const y = fields.Fp.sqrt(fields.Fp.add(fields.Fp.pow(x, 3n), 4n))
    const point = G1.Point.fromAffine({ x, y })
    const isLarger = (key[0]! & 0x20) !== 0
    return (y * 2n > fields.Fp.ORDER === isLarger ? point : point.negate()).toBytes(false)
  } catch {
    return longer
  }
}
