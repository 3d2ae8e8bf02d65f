// Documents of an attacker: anybody can sign a document of his own, and a parser reads it before any signature is checked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { changes, changeText, readOrRefused } from '../../../test/hostile.ts'
import { signerOf } from '../../../test/signer.ts'
import { encodeUtf8, formatBase64Url } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { formatJson, type Json, type JsonObject, parseJson } from '../json.ts'
import { credentialLengthMax } from '../limits.ts'
import { parseCredential, verifyKeyBinding } from './credential.ts'
import { issueCredential } from './issue.ts'
import { formatJwk, parseJwk, parseJws, verifyJws } from './jws.ts'
import { compactFromJson, discloseClaims, parseSdJwt } from './sd-jwt.ts'

const crypto = await loadCrypto()
const signer = signerOf('hostile issuer')
const issuer = 'urn:muniment:example-1:office:land-registry'
const encode = (json: Json): string =>
  formatBase64Url(encodeUtf8(typeof json === 'string' ? json : JSON.stringify(json)))
const digestOf = (disclosure: string): string => formatBase64Url(crypto.sha256(encodeUtf8(disclosure)))

/** A signed document of whatever content. */
async function forge(claims: JsonObject, disclosures: readonly string[] = []): Promise<string> {
  const payload = { iss: issuer, vct: 'urn:x', iat: 1, anc: 'AAAAAAAAAAAAAAAAAAAAAA', _sd_alg: 'sha-256', ...claims }
  const input = [{ alg: 'EdDSA', typ: 'dc+sd-jwt' }, payload].map(part => encode(formatJson(part))).join('.')
  const jwt = `${input}.${formatBase64Url(await signer.sign(encodeUtf8(input)))}`
  return `${[jwt, ...disclosures].join('~')}~`
}

test('disclosures within disclosures are refused before they exhaust the stack', async () => {
  let inner = encode('["s","x",1]')
  const disclosures = [inner]
  for (let count = 0; count < 250; count++) {
    const value = `${'[{"a":'.repeat(6)}{"_sd":["${digestOf(inner)}"]}${'}]'.repeat(6)}`
    inner = encode(`["s","x",${value}]`)
    disclosures.push(inner)
  }
  const text = await forge({ _sd: [digestOf(inner)] }, disclosures)
  assert.ok(text.length <= credentialLengthMax)
  assert.throws(() => parseCredential(text, crypto), { name: 'VerifyError', code: 'oversized' })
})

test('names that a prototype has, that look like others, or that nobody sees are no fields', async () => {
  const names = [
    '__proto__',
    '_sd',
    '...',
    'n\u0430me',
    'name\u0301',
    'na\u200bme',
    '\u202eeman',
    'na me',
    '',
    '1st',
    'x'.repeat(41),
  ]
  for (const name of names) {
    const disclosure = encode(['c2FsdA', name, { iss: 'urn:muniment:example-1:office:other' }])
    const text = await forge({ _sd: [digestOf(disclosure)] }, [disclosure])
    assert.throws(() => parseCredential(text, crypto), { name: 'VerifyError' }, JSON.stringify(name))
  }
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'name']) {
    const disclosure = encode(['c2FsdA', name, 'x'])
    const { fields } = parseCredential(await forge({ _sd: [digestOf(disclosure)] }, [disclosure]), crypto)
    assert.deepEqual(Object.entries(fields), [[name, 'x']])
  }
  assert.throws(
    () =>
      parseCredential(
        `${encode('{"alg":"EdDSA","typ":"dc+sd-jwt"}')}.${encode('{"__proto__":{"iss":"x"}}')}.AAAA~`,
        crypto,
      ),
    { name: 'VerifyError' },
  )
})

test('the same name twice is refused, however it comes: shown and disclosed, or disclosed twice', async () => {
  const one = encode(['c2FsdA', 'owner', 'A'])
  const two = encode(['c2FsdB', 'owner', 'B'])
  const [digest, other] = [digestOf(one), digestOf(two)]
  const texts = [
    await forge({ owner: 'C', _sd: [digest] }, [one]),
    await forge({ _sd: [digest, other] }, [one, two]),
    await forge({ _sd: [digest] }, [one, one]),
    await forge({ _sd: [digest, digest] }, [one]),
    await forge({ _sd: [digest], nested: { _sd: [digest] } }, [one]),
    await forge({ _sd: [] }, [one]),
  ]
  for (const text of texts) assert.throws(() => parseCredential(text, crypto), { code: 'disclosure-bad' })
})

test('documents that are too long, too deep or too many are refused at once', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const texts = [
    'a.b.c~'.repeat(400_000),
    `${'A'.repeat(2_000_000)}~`,
    '~'.repeat(2_000_000),
    `${encode('{}')}.${encode(deep.slice(0, 60_000))}.AAAA~`,
    await forge(
      {},
      Array.from({ length: 257 }, (_, index) => encode(['s', `f${index}`, 1])),
    ),
  ]
  for (const text of texts) {
    const began = performance.now()
    assert.throws(() => parseCredential(text, crypto), { name: 'VerifyError' })
    assert.ok(performance.now() - began < 1_000)
  }
})

const content = { issuer, type: 'urn:example:x', issuedAt: 1, fields: { parcel: '1/2', area: 800, owner: 'Example A' } }
const text = await issueCredential(content, { signer, seed: new Uint8Array(16), hasher: crypto })

test('noise and changed documents are refused by every parser, or are read as they stand', () => {
  const read = (given: string): void => {
    const credential = readOrRefused(() => parseCredential(given, crypto))
    if (credential) assert.equal(credential.text, given)
    const document = readOrRefused(() => parseSdJwt(given, crypto))
    if (document) {
      const parts = [document.jwt.text, ...document.disclosures.map(each => each.text), document.keyBinding?.text ?? '']
      assert.equal(parts.join('~'), given)
      readOrRefused(() => discloseClaims(document))
    }
    readOrRefused(() => parseJws(given))
    readOrRefused(() => compactFromJson(parseJson(given)))
  }
  fc.assert(
    fc.property(changes, list => read(changeText(text, list))),
    { numRuns: 2000 },
  )
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09-_.~"[]{}:,') }), read))
  fc.assert(fc.property(fc.json(), read))
})

test('any claims in any place, signed by an attacker, give a credential or a VerifyError', async () => {
  const names = ['iss', 'vct', 'iat', 'nbf', 'exp', 'cnf', 'anc', '_sd', '_sd_alg', 'x']
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), fc.jsonValue(), async (name, value, second) => {
      const disclosure = encode(JSON.stringify(['c2FsdA', name, second]))
      const claims = readOrRefused(() => parseJson(JSON.stringify({ [name]: value, _sd: [digestOf(disclosure)] })))
      if (!claims) return
      const forged = await forge(claims as JsonObject, [disclosure])
      readOrRefused(() => parseCredential(forged, crypto))
    }),
    { numRuns: 500 },
  )
})

test('a confirmation key that is no key, or no point of its curve, is refused', async () => {
  const point = p256.Point.BASE.toBytes(false)
  const [x, y] = [point.subarray(1, 33), point.subarray(33)]
  const key = { algorithm: 2, bytes: p256.Point.BASE.toBytes(true) }
  const good = formatJwk(key, y)
  assert.deepEqual(parseJwk(good), key)
  const flipped = y.slice()
  flipped[0]! ^= 1
  const bad: readonly Json[] = [
    { ...good, y: formatBase64Url(flipped) },
    { ...good, x: formatBase64Url(new Uint8Array(32).fill(255)) },
    { ...good, y: formatBase64Url(x) },
    { ...good, d: 'AAAA' },
    { ...good, kty: 'OKP' },
    { ...good, crv: 'P-384' },
    { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' },
    { kty: 'EC', crv: 'P-256', x: formatBase64Url(x) },
    [],
    'key',
  ]
  for (const jwk of bad) {
    assert.throws(() => parseJwk(jwk), { name: 'VerifyError' }, JSON.stringify(jwk))
    assert.throws(() => parseCredential(text, crypto) && parseJwk(jwk), { name: 'VerifyError' })
  }
  for (const cnf of ['x', [], 1, { jwk: good, kid: 'x' }, {}] as readonly Json[]) {
    const forged = await forge({ cnf })
    assert.throws(() => parseCredential(forged, crypto), { name: 'VerifyError' }, JSON.stringify(cnf))
  }
  fc.assert(fc.property(fc.jsonValue(), value => void readOrRefused(() => parseJwk(value as Json))))
})

test('a signature counts under its own key and algorithm only, and no extension that is critical is passed over', async () => {
  const sign = async (header: JsonObject): Promise<string> => {
    const input = `${encode(header)}.${encode({ a: 1 })}`
    return `${input}.${formatBase64Url(await signer.sign(encodeUtf8(input)))}`
  }
  assert.ok(await verifyJws(parseJws(await sign({ alg: 'EdDSA' })), signer.key, crypto))
  const refused: readonly JsonObject[] = [
    { alg: 'none' },
    { alg: 'ES256' },
    { alg: 'HS256' },
    {},
    { alg: 'EdDSA', crit: ['b64'], b64: false },
    { alg: 'EdDSA', crit: [] },
  ]
  for (const header of refused)
    assert.ok(!(await verifyJws(parseJws(await sign(header)), signer.key, crypto)), JSON.stringify(header))
  const signed = await sign({ alg: 'EdDSA' })
  for (const other of [
    signerOf('another').key,
    { algorithm: 2, bytes: signer.key.bytes },
    { algorithm: 9, bytes: new Uint8Array(0) },
  ])
    assert.ok(!(await verifyJws(parseJws(signed), other, crypto)))
})

test('a key binding for another audience, nonce, document or time is none', async () => {
  const document = parseSdJwt(text, crypto)
  const demand = { audience: 'https://bank.example', nonce: 'n-1', issuedAfter: 100, issuedBefore: 300 }
  const bind = async (over: JsonObject, header: JsonObject = {}): Promise<boolean> => {
    const hash = formatBase64Url(crypto.sha256(encodeUtf8(document.presented)))
    const payload = { aud: demand.audience, nonce: demand.nonce, iat: 200, sd_hash: hash, ...over }
    const input = `${encode({ alg: 'EdDSA', typ: 'kb+jwt', ...header })}.${encode(payload)}`
    const bound = `${text}${input}.${formatBase64Url(await signer.sign(encodeUtf8(input)))}`
    return verifyKeyBinding(parseSdJwt(bound, crypto), { ...demand, holderKey: signer.key }, crypto)
  }
  assert.ok(await bind({}))
  const lies: readonly JsonObject[] = [
    { aud: 'https://other.example' },
    { aud: ['https://bank.example'] },
    { nonce: 'n-2' },
    { nonce: null },
    { iat: 99 },
    { iat: 301 },
    { iat: '200' },
    { sd_hash: 'AAAA' },
  ]
  for (const over of lies) assert.ok(!(await bind(over)), JSON.stringify(over))
  assert.ok(!(await bind({}, { typ: 'JWT' })) && !(await bind({}, { crit: ['x'] })))
})
