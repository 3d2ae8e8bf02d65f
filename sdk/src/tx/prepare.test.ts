import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { createPasskey, type Told } from '../../../test/passkey.ts'
import { signerOf } from '../../../test/signer.ts'
import { concat, encodeUtf8, formatHex } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { recoverP256Keys } from '../crypto/p256.ts'
import { accountId } from '../ledger/keys.ts'
import { prepareBody, signBody } from './prepare.ts'
import type { AnySigner, PasskeySigner } from './signer.ts'
import { decodeTransaction, SignatureScheme, signedMessages } from './transaction.ts'
import { readEcdsaSignature } from './webauthn.ts'

const crypto = await loadCrypto({ forceFallback: true })
after(() => crypto.close())
const genesisHash = crypto.sha256(encodeUtf8('genesis'))
const halfOrder = p256.Point.Fn.ORDER / 2n

/** An authenticator as a browser shows it: what it signs with P-256 comes in DER, and with whichever s it likes. */
function passkeySigner(name: string, algorithm: number, { high = false, ...told }: Told & { high?: boolean } = {}) {
  const passkey = createPasskey(name, { hasher: crypto, algorithm })
  const signer: PasskeySigner = {
    key: passkey.key,
    async assert(challenge) {
      const answer = passkey.assert(challenge, told)
      if (algorithm === 1) return answer
      const low = p256.Signature.fromBytes(answer.signature)
      const s = high ? p256.Point.Fn.ORDER - low.s : low.s
      return { ...answer, signature: new p256.Signature(low.r, s).toBytes('der') }
    },
  }
  return signer
}

function bodyFor(signers: readonly AnySigner[]): Uint8Array {
  const places = signers.map(({ key }) => ({ account: accountId(crypto, key), role: 'citizen' }))
  const request = { service: 'citizen.declaration@1', transition: 'declare', args: {}, signers: places }
  return prepareBody(request, { chainId: 'example-1', height: 5n, accounts: [], random: () => 0 })
}

async function badOf(encoded: Uint8Array): Promise<readonly number[]> {
  const messages = signedMessages(crypto, genesisHash, decodeTransaction(encoded).transaction)
  const of = (algorithm: number) => messages.filter(message => message.algorithm === algorithm)
  return [...(await crypto.verifyEd25519(of(1))), ...(await crypto.verifyP256(of(2)))]
}

test('a device’s key, a passkey of P-256 and one of Ed25519 sign one transaction, each in its own way', async () => {
  const signers = [signerOf('phone'), passkeySigner('laptop', 2), passkeySigner('security key', 1)]
  const encoded = await signBody(bodyFor(signers), { signers, genesisHash, hasher: crypto })
  const { webauthn, plain } = SignatureScheme
  const { signatures } = decodeTransaction(encoded).transaction
  assert.deepEqual(
    signatures.map(({ scheme }) => scheme),
    [plain, webauthn, webauthn],
  )
  assert.deepEqual(await badOf(encoded), [])
})

test('an authenticator’s signature with a high s is made one that the ledger takes', async () => {
  const signers = [passkeySigner('laptop', 2, { high: true })]
  const encoded = await signBody(bodyFor(signers), { signers, genesisHash, hasher: crypto })
  const { signature } = decodeTransaction(encoded).transaction.signatures[0]!
  assert.ok(p256.Signature.fromBytes(signature).s <= halfOrder)
  assert.deepEqual(await badOf(encoded), [])
})

const refused: readonly (readonly [string, Told])[] = [
  ['did not verify the person', { flags: 0x01 }],
  ['was asked from a frame of another’s page', { crossOrigin: true }],
  ['made a key where it should sign', { type: 'webauthn.create' }],
]
for (const [what, told] of refused) {
  test(`an authenticator that ${what} signs nothing that would be handed in`, async () => {
    const signers = [passkeySigner('laptop', 2, told)]
    const signing = signBody(bodyFor(signers), { signers, genesisHash, hasher: crypto })
    await assert.rejects(signing, { name: 'VerifyError', code: 'malformed' })
  })
}

test('an answer to another question is not put into a transaction', async () => {
  const honest = passkeySigner('laptop', 2)
  const signers = [{ ...honest, assert: () => honest.assert(new Uint8Array(32)) }]
  const signing = signBody(bodyFor(signers), { signers, genesisHash, hasher: crypto })
  await assert.rejects(signing, { name: 'VerifyError', code: 'malformed' })
})

test('DER of every r and s is read, to the low s', () => {
  const numbers = fc.bigInt({ min: 1n, max: p256.Point.Fn.ORDER - 1n })
  const small = fc.bigInt({ min: 1n, max: 1n << 130n })
  fc.assert(
    fc.property(fc.oneof(numbers, small), fc.oneof(numbers, small), (r, s) => {
      const signature = new p256.Signature(r, s)
      const low = new p256.Signature(r, s > halfOrder ? p256.Point.Fn.ORDER - s : s)
      assert.equal(formatHex(readEcdsaSignature(signature.toBytes('der'))), formatHex(low.toBytes('compact')))
    }),
  )
})

test('DER that says the same in another way, or more, is refused', () => {
  const integer = (...bytes: number[]): number[] => [2, bytes.length, ...bytes]
  const sequence = (...bytes: number[]): Uint8Array => new Uint8Array([0x30, bytes.length, ...bytes])
  const one = integer(1)
  assert.equal(readEcdsaSignature(sequence(...one, ...one)).length, 64)
  const bad = [
    new Uint8Array(0),
    sequence(),
    sequence(...one),
    sequence(...one, ...one, 0),
    sequence(...one, ...one, ...one),
    sequence(...integer(0, 1), ...one),
    sequence(...one, ...integer(0, 1)),
    sequence(...integer(0x80), ...one),
    sequence(...integer(), ...one),
    sequence(...integer(...new Array(33).fill(1)), ...one),
    sequence(2, 40, 1, ...one),
    sequence(3, 1, 1, ...one),
    new Uint8Array([0x31, 6, ...one, ...one]),
    new Uint8Array([0x30, 0x81, 6, ...one, ...one]),
    new Uint8Array([0x30, 7, ...one, ...one]),
    concat(sequence(...one, ...one), new Uint8Array([0])),
  ]
  for (const der of bad) {
    assert.throws(() => readEcdsaSignature(der), { name: 'VerifyError', code: 'malformed' }, formatHex(der))
  }
})

test('a signature of P-256 tells the two keys that may have made it, and nothing tells none', () => {
  for (const name of ['one', 'two', 'three', 'four']) {
    const passkey = createPasskey(name, { hasher: crypto })
    const { authenticatorData, clientData, signature } = passkey.assert(new Uint8Array(32))
    const message = concat(authenticatorData, crypto.sha256(clientData))
    const keys = recoverP256Keys({ message, signature }).map(formatHex)
    assert.equal(keys.length, 2)
    assert.ok(keys.includes(formatHex(passkey.key.bytes)))
    const others = recoverP256Keys({ message: concat(message, message), signature }).map(formatHex)
    assert.ok(!others.includes(formatHex(passkey.key.bytes)))
  }
  for (const signature of [new Uint8Array(64), new Uint8Array(63), new Uint8Array(64).fill(255)])
    assert.deepEqual(recoverP256Keys({ message: new Uint8Array(1), signature }), [])
})
