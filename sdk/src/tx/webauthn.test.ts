import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import fc from 'fast-check'
import { createPasskey, type Told } from '../../../test/passkey.ts'
import { readVector, vectorsSkip } from '../../../test/vectors.ts'
import { concat, decodeUtf8, encodeUtf8, equals, parseBase64Url, parseHex } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import { isSigningOrigin, readAssertion } from './webauthn.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const challenge = crypto.sha256(encodeUtf8('what is signed'))
const passkey = createPasskey('citizen', { hasher: crypto })
const read = (told: Told, over = challenge) => readAssertion(passkey.assert(over, told), challenge, crypto)

/** Bits of the flags. */
const [present, verified, eligible, backedUp, attested, extended] = [0x01, 0x04, 0x08, 0x10, 0x40, 0x80] as const

test('an assertion says whose passkey it is and on which page it was asked', () => {
  const assertion = passkey.assert(challenge)
  const { message, origin, rpIdHash } = readAssertion(assertion, challenge, crypto)
  assert.equal(origin, 'https://id.example')
  assert.deepEqual(rpIdHash, crypto.sha256(encodeUtf8('id.example')))
  assert.deepEqual(message, concat(assertion.authenticatorData, crypto.sha256(assertion.clientData)))
})

const good: readonly (readonly [string, Told])[] = [
  ['a synced passkey', { flags: present | verified | eligible | backedUp }],
  ['one that could be synced and is not', { flags: present | verified | eligible }],
  [
    'an extension’s answer behind the flags',
    { flags: present | verified | extended, extensions: new Uint8Array([0xa0]) },
  ],
  [
    'members that a browser adds',
    { rest: ',"other_keys_can_be_added_here":"do not compare clientDataJSON with a template"' },
  ],
  ['a page of this machine', { origin: 'http://localhost:8080', rpId: 'localhost' }],
  ['a page with a port', { origin: 'https://id.example:8443' }],
]
for (const [what, told] of good) test(`${what} is taken`, () => assert.ok(read(told)))

const hostile: readonly (readonly [string, Told])[] = [
  ['a person who was only there, and not verified', { flags: present }],
  ['a person who was verified and is not there', { flags: verified }],
  ['a backup of what cannot be backed up', { flags: present | verified | backedUp }],
  ['flags that nobody knows', { flags: present | verified | 0x02 }],
  ['flags that nobody knows yet', { flags: present | verified | 0x20 }],
  ['a new key in an assertion', { flags: present | verified | attested }],
  ['an extension’s answer without its flag', { extensions: new Uint8Array([0xa0]) }],
  ['the flag of an extension without its answer', { flags: present | verified | extended }],
  ['a registration in place of an assertion', { type: 'webauthn.create' }],
  ['a payment in place of an assertion', { type: 'payment.get' }],
  ['a frame in another’s page', { crossOrigin: true }],
  ['a frame that names the page above it', { crossOrigin: true, rest: ',"topOrigin":"https://shop.example"' }],
  ['a page that is none, below one that is named', { rest: ',"topOrigin":"https://shop.example"' }],
  ['a page without encryption', { origin: 'http://id.example' }],
  ['an origin with a quote that was escaped', { origin: 'https://id.example\\"' }],
  ['an origin with a path', { origin: 'https://id.example/path' }],
  ['an origin in another script', { origin: 'https://і\u0434.example' }],
  ['an origin of an app', { origin: 'android:apk-key-hash:AAAA' }],
  ['an origin that is too long', { origin: `https://${'a'.repeat(300)}.example` }],
  ['no origin', { origin: '' }],
]
for (const [what, told] of hostile) {
  test(`${what} is refused`, () => assert.throws(() => read(told), { name: 'VerifyError', code: 'malformed' }))
}

test('an assertion of another challenge is refused', () => {
  assert.throws(() => read({}, crypto.sha256(encodeUtf8('something else'))), { code: 'malformed' })
})

test('client data that say the same in another way are refused', () => {
  const { authenticatorData, clientData } = passkey.assert(challenge)
  const text = decodeUtf8(clientData)
  const ways = [
    text.replace('{', '{ '),
    text.replace('{', '{"type":"webauthn.create",'),
    text.replace('"webauthn.get"', '"webauthn\\u002eget"'),
    text.replace(/("type":"webauthn.get"),("challenge":"[^"]*")/, '$2,$1'),
    text.replace('"crossOrigin":false', '"crossOrigin": false'),
    text.replace(',"crossOrigin":false', ''),
    text.slice(0, -1),
    `${text} `,
    `${text}}`,
    `\ufeff${text}`,
    '',
  ]
  for (const way of ways) {
    assert.notEqual(way, text)
    assert.throws(
      () => readAssertion({ authenticatorData, clientData: encodeUtf8(way) }, challenge, crypto),
      { name: 'VerifyError', code: 'malformed' },
      way,
    )
  }
})

test('any bytes give an assertion or a VerifyError, and none passes without the challenge', () => {
  const { authenticatorData, clientData } = passkey.assert(challenge)
  const spoilt = (bytes: Uint8Array) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
        const changed = bytes.slice()
        changed[at]! ^= mask
        return changed
      }),
    )
  fc.assert(
    fc.property(spoilt(authenticatorData), spoilt(clientData), (first, second) => {
      try {
        const answer = readAssertion({ authenticatorData: first, clientData: second }, challenge, crypto)
        assert.ok(decodeUtf8(second).startsWith('{"type":"webauthn.get","challenge":"'))
        assert.ok(isSigningOrigin(answer.origin))
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }),
    { numRuns: 3_000 },
  )
})

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Vector = any

describe('W3C’s vectors (WebAuthn Level 3, 16)', { skip: vectorsSkip }, () => {
  const vectors: readonly Vector[] = vectorsSkip ? [] : readVector('webauthn/w3c-webauthn-l3-vectors.json')

  test('there are fifteen', () => assert.equal(vectors.length, 15))

  for (const { name, alg, publicKeyJwk, origin, rpId, authentication } of vectors) {
    const authenticatorData = parseHex(authentication.authenticatorData)
    const clientData = parseHex(authentication.clientDataJSON)
    const over = parseHex(authentication.challenge)
    const text: string = authentication.clientDataText
    const isVerified = (authenticatorData[32]! & verified) !== 0
    const isFrame = text.includes('"crossOrigin":true')
    const taken = isVerified && !isFrame

    test(`${name}: ${taken ? 'taken' : 'refused, as the person was not verified or the page was a frame'}`, async () => {
      if (!taken) return assert.throws(() => readAssertion({ authenticatorData, clientData }, over, crypto))
      const answer = readAssertion({ authenticatorData, clientData }, over, crypto)
      assert.equal(answer.origin, origin)
      assert.ok(equals(answer.rpIdHash, crypto.sha256(encodeUtf8(rpId))))
      if (alg !== -7) return
      const publicKey = p256.Point.fromAffine({
        x: BigInt(`0x${Buffer.from(parseBase64Url(publicKeyJwk.x)).toString('hex')}`),
        y: BigInt(`0x${Buffer.from(parseBase64Url(publicKeyJwk.y)).toString('hex')}`),
      }).toBytes(true)
      // Authenticators write DER with any S; who hands an assertion on brings it into r | s with a low S.
      const { r, s } = p256.Signature.fromBytes(parseHex(authentication.signature), 'der')
      const order = p256.Point.Fn.ORDER
      const signature = new p256.Signature(r, s > order / 2n ? order - s : s).toBytes()
      assert.deepEqual(await crypto.verifyP256([{ publicKey, message: answer.message, signature }]), [])
      const other = answer.message.slice()
      other[0]! ^= 1
      assert.deepEqual(await crypto.verifyP256([{ publicKey, message: other, signature }]), [0])
    })
  }
})
