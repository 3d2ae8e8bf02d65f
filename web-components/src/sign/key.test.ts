import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Algorithm, formatBase64Url, loadCrypto } from '@muniment/sdk'
import 'fake-indexeddb/auto'
import { SignError } from './error.ts'
import { compressPoint, openKey } from './key.ts'

const checker = await loadCrypto({ forceFallback: true })
const message = new TextEncoder().encode('message')

describe('the key of a browser', () => {
  it('makes signatures that the ledger’s own check takes', async t => {
    // Node's structured clone of a CryptoKey is not that of fake-indexeddb; a browser keeps it (test/e2e).
    t.mock.method(globalThis, 'structuredClone', (value: unknown) => value)
    const { signer, isNew } = await openKey('example-1', checker)
    assert.ok(isNew)
    assert.equal(signer.key.algorithm, Algorithm.ed25519)
    const signature = await signer.sign(message)
    assert.deepEqual(await checker.verifyEd25519([{ publicKey: signer.key.bytes, message, signature }]), [])
    const again = await openKey('example-1', checker)
    assert.equal(again.isNew, false)
    assert.equal(formatBase64Url(again.signer.key.bytes), formatBase64Url(signer.key.bytes))
    const elsewhere = await openKey('example-2', checker)
    assert.notEqual(formatBase64Url(elsewhere.signer.key.bytes), formatBase64Url(signer.key.bytes))
  })

  it('is of P-256 where the browser has no Ed25519, with the lower s', async t => {
    t.mock.method(globalThis, 'structuredClone', (value: unknown) => value)
    const { generateKey } = crypto.subtle
    t.mock.method(crypto.subtle, 'generateKey', (algorithm: { readonly name: string }, ...rest: never[]) =>
      algorithm.name === 'Ed25519'
        ? Promise.reject(new DOMException('unknown algorithm', 'NotSupportedError'))
        : Reflect.apply(generateKey, crypto.subtle, [algorithm, ...rest]),
    )
    const { signer } = await openKey('example-3', checker)
    assert.equal(signer.key.algorithm, Algorithm.p256)
    assert.equal(signer.key.bytes.length, 33)
    for (let i = 0; i < 8; i++) {
      const signature = await signer.sign(message)
      assert.deepEqual(await checker.verifyP256([{ publicKey: signer.key.bytes, message, signature }]), [])
    }
  })

  it('that someone else put there is not used when it is no key of ours', async t => {
    t.mock.method(globalThis, 'structuredClone', (value: unknown) => value)
    const { openDB } = await import('idb')
    const database = await openDB('muniment-keys', 1)
    const extractable = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair
    await database.put('keys', { publicKey: new Uint8Array(32), privateKey: extractable.privateKey }, 'example-4')
    await database.put('keys', { publicKey: new Uint8Array(32), privateKey: 'text' }, 'example-5')
    database.close()
    assert.ok((await openKey('example-4', checker)).isNew)
    assert.ok((await openKey('example-5', checker)).isNew)
  })

  it('that cannot be made is said to be so', async t => {
    t.mock.method(crypto.subtle, 'generateKey', () => Promise.reject(new Error('no')))
    await assert.rejects(openKey('example-6', checker), error => error instanceof SignError && error.code === 'no-key')
  })
})

describe('a point', () => {
  it('is compressed with the sign of y', () => {
    const point = new Uint8Array(65).fill(5)
    assert.equal(compressPoint(point)[0], 3)
    point[64] = 4
    assert.equal(compressPoint(point)[0], 2)
    assert.equal(compressPoint(point).length, 33)
  })
})
