// CometBFT v0.40.0's library and ours about validator keys of every type: the same addresses, the same verdict on signatures,
// and the same verdict on light blocks whose sets mix them.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { formatHex, parseHex } from '../../sdk/src/bytes.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import { type LightBlock, lightBlock } from '../../sdk/src/comet/light-block.ts'
import {
  type KeyType,
  sortedValidatorSet,
  type ValidatorSet,
  validatorAddress,
  validatorsHash,
  withKeysOf,
} from '../../sdk/src/comet/validator-set.ts'
import type { Crypto } from '../../sdk/src/crypto/crypto.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { type OtherKeyType, withValidatorKeys } from '../../sdk/src/crypto/validator-keys/keys.ts'
import { verifyAdjacent, verifyLightBlock, verifyNamed } from '../../sdk/src/light/verify.ts'
import { addSeconds, nanosPerSecond } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'
import { forgedBlock, type SignVote } from '../divergence.ts'
import { createSignedChain } from '../signed-chain.ts'
import { keyTypes, type TestValidatorKey, validatorKeyOf } from '../validator-keys.ts'
import { buildGoProgram, cSkip, runProgram } from './go.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

/** What CometBFT calls them outside of JSON. */
const typeNames: { readonly [K in KeyType]: string } = {
  ed25519: 'ed25519',
  secp256k1: 'secp256k1',
  secp256k1eth: 'secp256k1eth',
  bls12381: 'bls12_381',
  mldsa65: 'ml_dsa_65',
}
const otherTypes = keyTypes.filter(type => type !== 'ed25519')
const names = ['a', 'b', 'c', 'd', 'e']
/** One key of each type, and one more of the first: what a mixed set is made of. */
const members = [...keyTypes, 'ed25519' as const].map((type, i) => validatorKeyOf(type, names[i] ?? 'f'))
const trustLevel = { numerator: 1n, denominator: 3n }
const [template] = createSignedChain({ heights: 1, membersAt: () => [{ name: 'x', power: 1n }] }, crypto).blocks

type Answer = { readonly Address: string; readonly Good: boolean; readonly Verdict: string; readonly Reason: string }

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.length === 0 ? bytes : bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ (1 << (at % 8)))
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** The other signature that the equation of ECDSA over secp256k1 holds for: n - S, and with V the other V. */
function withHighS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${formatHex(signature.subarray(32, 64))}`)
  const high = parseHex(((order + order - s) % order).toString(16).padStart(64, '0'))
  const rest = signature.subarray(64)
  return new Uint8Array([...signature.subarray(0, 32), ...high, ...rest.map((v, i) => (i === 0 ? v ^ 1 : v))])
}

describe('CometBFT v0.40.0', { skip: cSkip }, () => {
  let binary: string
  let withKeys: Crypto
  before(async () => {
    binary = await buildGoProgram('validator-keys', 'bls12381')
    withKeys = await withValidatorKeys(otherTypes, crypto)
  })

  async function ask(questions: readonly object[]): Promise<readonly Answer[]> {
    const output = await runProgram(binary, [], questions.map(each => JSON.stringify(each)).join('\n'))
    return output
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  }

  for (const type of otherTypes) {
    test(`has our addresses and verdicts of ${type}, whole and changed`, async () => {
      const items = names.flatMap((name, i) => {
        const key = validatorKeyOf(type as KeyType, name)
        const { bytes: publicKey } = key.publicKey
        const message = new Uint8Array(90 + i).fill(i)
        const item = { publicKey, message, signature: key.sign(message) }
        const other = validatorKeyOf(type as KeyType, `${name} 2`)
        const places = [0, 1, 5, 31, 32, 33, 40, 63, 64, 95, 96, 1_000, 3_000, 3_308].map(at => at + i)
        return [
          item,
          { ...item, publicKey: other.publicKey.bytes },
          { ...item, signature: other.sign(message) },
          { ...item, signature: withHighS(item.signature) },
          { ...item, signature: new Uint8Array(item.signature.length) },
          { ...item, signature: item.signature.subarray(1) },
          { ...item, signature: new Uint8Array(0) },
          { ...item, message: flip(message, i) },
          { ...item, message: new Uint8Array(0), signature: key.sign(new Uint8Array(0)) },
          ...places.map(at => ({ ...item, signature: flip(item.signature, at) })),
          ...places.map(at => ({ ...item, publicKey: flip(publicKey, at) })),
        ]
      })
      const answers = await ask(
        items.map(({ publicKey, message, signature }) => ({
          Type: typeNames[type as KeyType],
          Key: formatHex(publicKey),
          Message: formatHex(message),
          Signature: formatHex(signature),
        })),
      )
      const { address, verify } = withKeys.validatorKeys![type as OtherKeyType]!
      let good = 0
      for (const [i, item] of items.entries()) {
        const { Address, Good, Reason } = answers[i]!
        const ours = address(item.publicKey, crypto)
        assert.equal(ours === undefined ? '' : formatHex(ours), Address, `${i}: ${Reason}`)
        assert.equal(verify(item), Good, `${i}: ${Reason}`)
        if (Good) good++
      }
      assert.equal(good, 2 * names.length)
    })
  }

  /** A set of the members of these powers; 0 leaves one out. */
  function setOf(powers: readonly number[]): ValidatorSet {
    const chosen = members.flatMap(({ publicKey }, i) => {
      const votingPower = BigInt(powers[i] ?? 0)
      const address = validatorAddress(publicKey, withKeys)
      return votingPower === 0n ? [] : [{ address, publicKey, votingPower, proposerPriority: 0n }]
    })
    const set = sortedValidatorSet(chosen)
    return { ...set, proposer: set.validators[0]!.address }
  }

  /** A block of the height, signed by members as their letter says: `s` signs, `-` does not, `x` signs badly. */
  function blockOf(height: bigint, powers: readonly number[], signs: string): LightBlock {
    const validatorSet = setOf(powers)
    const time = addSeconds(template!.header.time, Number(height))
    const nextValidatorsHash = validatorsHash(validatorSet, withKeys)
    const proposerAddress = validatorSet.proposer
    const header = { height, time, nextValidatorsHash, proposerAddress }
    const sign: SignVote = (publicKey, message) => {
      const index = members.findIndex((key: TestValidatorKey) => key.publicKey.bytes === publicKey)
      if (signs[index] === '-') return undefined
      const signature = members[index]!.sign(message)
      return signs[index] === 'x' ? flip(signature, 40) : signature
    }
    return forgedBlock(template!, { header, validatorSet, sign }, withKeys)
  }

  async function sameVerdicts(pairs: readonly (readonly [LightBlock, LightBlock])[]): Promise<Record<string, number>> {
    const answers = await ask(
      pairs.map(([trusted, untrusted]) => ({
        Trusted: formatHex(lightBlock.encode(trusted)),
        Untrusted: formatHex(lightBlock.encode(untrusted)),
      })),
    )
    const counts: Record<string, number> = {}
    for (const [i, [trusted, untrusted]] of pairs.entries()) {
      const ours = await verifyLightBlock({
        trusted: lightBlock.decode(lightBlock.encode(trusted)) as Trusted<LightBlock>,
        untrusted: lightBlock.decode(lightBlock.encode(untrusted)),
        now: addSeconds(untrusted.header.time, 60),
        trustingPeriodNs: 86_400n * nanosPerSecond,
        maxClockDriftNs: nanosPerSecond,
        trustLevel,
        crypto,
      })
      assert.equal(ours.kind, answers[i]!.Verdict, `${i}: ${ours.code}, ${answers[i]!.Reason}`)
      counts[ours.kind] = (counts[ours.kind] ?? 0) + 1
    }
    return counts
  }

  test('gives our verdict on 120 steps between sets that mix keys of all types', { timeout: 120_000 }, async () => {
    const powers = fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 })
      .map(each => each.with(0, each[0]! || 1))
    const signs = fc.string({ unit: fc.constantFrom('s', 's', 's', '-', 'x'), minLength: 6, maxLength: 6 })
    const steps = fc.record({ powers, next: powers, signs, gap: fc.constantFrom(1n, 5n) })
    const pairs = fc.sample(steps, { numRuns: 120, seed: 11 }).map(step => {
      const next = step.gap === 1n ? step.powers : step.next
      return [blockOf(1n, step.powers, 'ssssss'), blockOf(1n + step.gap, next, step.signs)] as const
    })
    const counts = await sameVerdicts(pairs)
    for (const kind of ['verified', 'not-enough-trust', 'invalid'])
      assert.ok((counts[kind] ?? 0) >= 5, JSON.stringify(counts))
  })

  test('gives our verdict where a commit has one signature, whose power is too little', async () => {
    const alone = [1]
    const [mixed, ofOneType] = [
      [1, 9, 9],
      [1, 0, 0, 0, 0, 9],
    ]
    const counts = await sameVerdicts(
      [mixed, ofOneType].flatMap(many => [
        [blockOf(1n, many, 'ssssss'), blockOf(5n, alone, 's')] as const,
        [blockOf(1n, many, 'ssssss'), blockOf(5n, alone, 'x')] as const,
        [blockOf(1n, alone, 's'), blockOf(5n, alone, 's')] as const,
      ]),
    )
    assert.deepEqual(counts, { 'not-enough-trust': 2, invalid: 2, verified: 2 })
  })

  test('blocks of mixed sets are verified in batches and by their hash as well, and a bad signature is named', async () => {
    const powers = [1, 1, 1, 1, 1, 1]
    const blocks = [1n, 2n, 3n, 4n].map(height => blockOf(height, powers, 'ssssss'))
    const rules = {
      now: addSeconds(blocks[3]!.header.time, 60),
      trustingPeriodNs: 86_400n * nanosPerSecond,
      maxClockDriftNs: nanosPerSecond,
      crypto,
    }
    const [trusted, ...others] = blocks
    const run = await verifyAdjacent(trusted as Trusted<LightBlock>, others, rules)
    assert.equal(run.kind, 'verified')
    for (const bad of ['xsssss', 'sxssss', 'ssxsss', 'sssxss', 'ssssxs']) {
      const forged = [others[0]!, blockOf(3n, powers, `${bad.slice(0, 5)}s`), others[2]!]
      const place = blocks[0]!.validatorSet.validators.findIndex(
        ({ publicKey }) => publicKey.bytes === members[bad.indexOf('x')]!.publicKey.bytes,
      )
      const answer = await verifyAdjacent(trusted as Trusted<LightBlock>, forged, rules)
      // Five of six are enough, so the last in the set's order is never looked at.
      if (place === 5) assert.equal(answer.kind, 'verified')
      else
        assert.deepEqual([answer.kind, answer.code, 'index' in answer && answer.index], ['invalid', 'bad-signature', 1])
    }
    // The earlier block is named, whatever type its bad signature is of.
    const places = blocks[0]!.validatorSet.validators.map(({ publicKey }) =>
      members.findIndex(member => member.publicKey.bytes === publicKey.bytes),
    )
    const badAt = (height: bigint, place: number): LightBlock =>
      blockOf(height, powers, [...'ssssss'].with(places[place]!, 'x').join(''))
    const twice = [badAt(2n, 2), badAt(3n, 0), others[2]!]
    const first = await verifyAdjacent(trusted as Trusted<LightBlock>, twice, rules)
    assert.equal('index' in first && first.index, 0)
    const named = { chainId: 'test-chain', untrusted: trusted!, headerHash: headerHash(trusted!.header, crypto) }
    assert.equal((await verifyNamed(named, crypto)).kind, 'verified')
    assert.equal(await withKeysOf([template!.validatorSet], crypto), crypto, 'nothing is loaded for Ed25519')
  })
})
