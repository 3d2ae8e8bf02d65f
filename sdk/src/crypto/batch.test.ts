import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { verifyEd25519Batch } from './batch.ts'
import { createFallbackCrypto } from './fallback.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const key = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'))
const messages = Array.from({ length: 12 }, (_, i) => new Uint8Array(i).fill(i))
const signatures = messages.map(message => new Uint8Array(sign(null, message, privateKey)))
const publicKeys = messages.map(() => key)

test('each signature of three lists is told to be good or bad', async () => {
  const spoiled = signatures.map((signature, i) => (i === 4 ? signature.map(byte => byte ^ 1) : signature))
  const short = publicKeys.map((each, i) => (i === 9 ? each.subarray(1) : each))
  const expected = messages.map((_, i) => i !== 4 && i !== 9)
  for (const crypto of [undefined, createFallbackCrypto()]) {
    const batch = { publicKeys: short, messages, signatures: spoiled, ...(crypto === undefined ? {} : { crypto }) }
    assert.deepEqual(await verifyEd25519Batch(batch), expected)
  }
  assert.deepEqual(await verifyEd25519Batch({ publicKeys: [], messages: [], signatures: [] }), [])
})

test('what is written into the lists later changes no answer', async () => {
  const mine = signatures.map(signature => Uint8Array.from(signature))
  const answer = verifyEd25519Batch({ publicKeys, messages, signatures: mine })
  for (const signature of mine) signature.fill(0)
  assert.ok((await answer).every(Boolean))
})

test('lists of different lengths are a mistake of the caller', async () => {
  await assert.rejects(verifyEd25519Batch({ publicKeys, messages, signatures: signatures.slice(1) }), /as many keys/)
})
