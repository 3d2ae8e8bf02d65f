import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { encodeUtf8, formatBase64Url, formatHex } from '../bytes.ts'
import { withLowS } from '../crypto/encoding.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import { formatJson, type JsonObject } from '../json.ts'
import type { Signer } from '../tx/signer.ts'
import { commitmentOf, parseCredential, presentCredential } from './credential.ts'
import { type CredentialContent, issueCredential } from './issue.ts'
import { verifyJws } from './jws.ts'

const crypto = await loadCrypto()
const secret = crypto.sha256(encodeUtf8('test issuer'))
const signer: Signer = {
  key: { algorithm: 1, bytes: ed25519.getPublicKey(secret) },
  sign: async message => ed25519.sign(message, secret),
}
const content: CredentialContent = {
  issuer: 'urn:muniment:example-1:office:land-registry',
  type: 'urn:example:land-title',
  issuedAt: 1_790_000_000,
  fields: { parcel: '12/345', owner: 'Example owner', area: 800 },
}
const seed = new Uint8Array(16).fill(9)
const issue = (over: Partial<CredentialContent> = {}) =>
  issueCredential({ ...content, ...over }, { signer, seed, hasher: crypto })

test('what is issued is read back, verifies, and is the same text each time', async () => {
  const text = await issue()
  assert.equal(await issue(), text)
  const credential = parseCredential(text, crypto)
  assert.deepEqual({ ...credential.fields }, content.fields)
  assert.equal(credential.hiddenCount, 0)
  assert.ok(await verifyJws(credential.document.jwt, signer.key, crypto))
})

test('any choice of fields keeps the commitment and hides the rest', async () => {
  const whole = parseCredential(await issue(), crypto)
  fc.assert(
    fc.property(fc.subarray(['parcel', 'owner', 'area']), names => {
      const shown = parseCredential(presentCredential(whole, names), crypto)
      assert.deepEqual(Object.keys(shown.fields).sort(), [...names].sort())
      assert.equal(shown.hiddenCount, 3 - names.length)
      assert.equal(formatHex(shown.commitment), formatHex(whole.commitment))
      for (const [name, value] of Object.entries(content.fields)) {
        if (!names.includes(name)) assert.ok(!shown.text.includes(formatBase64Url(encodeUtf8(String(value)))))
      }
    }),
  )
  assert.throws(() => presentCredential(whole, ['price']), { code: 'malformed' })
})

test('the commitment tells chain, salt and document apart', () => {
  const base = { chainId: 'example-1', salt: seed, jwt: 'a.b.c' }
  const others = [
    { ...base, chainId: 'example-2' },
    { ...base, salt: new Uint8Array(16) },
    { ...base, jwt: 'a.b.d' },
    { ...base, chainId: 'example-', salt: new Uint8Array([49, ...seed.slice(1)]) },
  ]
  const hashes = new Set([base, ...others].map(given => formatHex(commitmentOf(crypto, given))))
  assert.equal(hashes.size, 5)
})

test('P-256 signs too, and either sign of s verifies', async () => {
  const p256Secret = crypto.sha256(encodeUtf8('p256 issuer'))
  const p256Signer: Signer = {
    key: { algorithm: 2, bytes: p256.getPublicKey(p256Secret, true) },
    sign: async message => p256.sign(message, p256Secret, { lowS: false }),
  }
  for (let issuedAt = 1; issuedAt < 9; issuedAt++) {
    const text = await issueCredential({ ...content, issuedAt }, { signer: p256Signer, seed, hasher: crypto })
    const { jwt } = parseCredential(text, crypto).document
    assert.ok(await verifyJws(jwt, p256Signer.key, crypto))
    assert.deepEqual(withLowS(withLowS(jwt.signature)), withLowS(jwt.signature))
    assert.ok(!(await verifyJws(jwt, signer.key, crypto)), 'another algorithm than the header names')
  }
})

/** A document by somebody who signs what he likes. */
async function forge(
  payload: JsonObject,
  header: JsonObject = { alg: 'EdDSA', typ: 'dc+sd-jwt' },
  canonical = true,
): Promise<string> {
  const write = canonical ? formatJson : (value: JsonObject) => JSON.stringify(value)
  const input = [header, payload].map(part => formatBase64Url(encodeUtf8(write(part)))).join('.')
  return `${input}.${formatBase64Url(await signer.sign(encodeUtf8(input)))}~`
}

test('documents outside the profile are refused', async () => {
  const good: JsonObject = {
    iss: content.issuer,
    vct: content.type,
    iat: 1,
    anc: formatBase64Url(seed),
    _sd_alg: 'sha-256',
  }
  parseCredential(await forge(good), crypto)
  const bad: [string, Promise<string>][] = [
    ['no tilde at the end', forge(good).then(text => text.slice(0, -1))],
    ['no commitment salt', forge({ ...good, anc: '' })],
    ['a short salt', forge({ ...good, anc: 'AAAA' })],
    ['no issuer', forge({ ...good, iss: 'https://example.org' })],
    ['a time that is text', forge({ ...good, iat: '1' })],
    ['a fraction of a second', forge({ ...good, iat: 1.5 }, undefined, false)],
    ['another type of token', forge(good, { alg: 'EdDSA', typ: 'JWT' })],
    ['no algorithm', forge(good, { alg: 'none', typ: 'dc+sd-jwt' })],
    ['a critical extension', forge(good, { alg: 'EdDSA', typ: 'dc+sd-jwt', crit: ['x'] })],
    [
      'members in another order',
      forge({ vct: content.type, iss: content.issuer, iat: 1, anc: formatBase64Url(seed) }, undefined, false),
    ],
    ['another digest algorithm', forge({ ...good, _sd_alg: 'sha-512' })],
    ['a digest twice', forge({ ...good, _sd: ['x', 'x'] })],
    [
      'a private key',
      forge({ ...good, cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: formatBase64Url(signer.key.bytes), d: 'AAAA' } } }),
    ],
  ]
  for (const [name, text] of bad) {
    const document = await text
    assert.throws(() => parseCredential(document, crypto), VerifyError, name)
  }
})

test('a technical field can not come by disclosure', async () => {
  const disclosure = formatBase64Url(encodeUtf8(formatJson(['c2FsdA', 'exp', 9_999_999_999])))
  const digest = formatBase64Url(crypto.sha256(encodeUtf8(disclosure)))
  const text = await forge({
    iss: content.issuer,
    vct: content.type,
    iat: 1,
    anc: formatBase64Url(seed),
    _sd: [digest],
    _sd_alg: 'sha-256',
  })
  assert.throws(() => parseCredential(`${text}${disclosure}~`, crypto), { code: 'disclosure-bad' })
})

test('a document with any character changed is refused, or has another commitment, or shows the same', async () => {
  const text = await issue()
  const original = parseCredential(text, crypto)
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...'AZaz09-_.~'), (at, replacement) => {
      if (text[at] === replacement) return
      try {
        const changed = parseCredential(text.slice(0, at) + replacement + text.slice(at + 1), crypto)
        assert.notEqual(formatHex(changed.commitment), formatHex(original.commitment))
      } catch (error) {
        assert.ok(error instanceof VerifyError)
      }
    }),
    { numRuns: 2000 },
  )
})
