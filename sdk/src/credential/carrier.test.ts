import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import { encode } from 'cborg'
import fc from 'fast-check'
import { formatBase64Url } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { decodeCarrier, encodeCarrier } from './carrier.ts'
import { type CredentialContent, issueCredential, parseCredential, presentCredential } from './credential.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const seed = new Uint8Array(16).map((_, i) => i * 11)
/** The signature is not looked at here. */
const signer = {
  key: { algorithm: 1, bytes: new Uint8Array(32) },
  sign: async () => new Uint8Array(64).map((_, i) => 255 - i),
}
const esSigner = { ...signer, key: { algorithm: 2, bytes: new Uint8Array(33) } }

/** Plainly an example: fifteen fields, as a land title has them. */
const landTitle: JsonObject = {
  parcel: 'EX-0001-2345-678',
  district: 'Example District',
  municipality: 'Example Town',
  street: '12 Example Street',
  area: 1250,
  use: 'residential',
  ownerName: 'Example Person',
  ownerId: 'EX-000000-0',
  share: '1/1',
  acquired: '2026-03-03',
  deed: 'D-2026-000123',
  price: 98_500,
  currency: 'EUR',
  encumbrances: [],
  surveyed: true,
}
const { x, y } = p256.Point.BASE.toAffine()
const hex = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const holders: readonly (readonly [string, JsonObject | undefined])[] = [
  ['no holder', undefined],
  ['a holder with Ed25519', { kty: 'OKP', crv: 'Ed25519', x: formatBase64Url(new Uint8Array(32).fill(9)) }],
  ['a holder with P-256', { kty: 'EC', crv: 'P-256', x: formatBase64Url(hex(x)), y: formatBase64Url(hex(y)) }],
]

function content(change: Partial<CredentialContent> = {}): CredentialContent {
  return {
    issuer: 'urn:muniment:example-1:office:land-registry',
    type: 'urn:example:land-title',
    issuedAt: 1_793_000_000,
    fields: landTitle,
    ...change,
  }
}

const issue = (change: Partial<CredentialContent> = {}, by = signer): Promise<string> =>
  issueCredential(content(change), { signer: by, seed, hasher: crypto })

for (const [what, holder] of holders) {
  test(`a credential comes back to the letter from its short form: ${what}`, async () => {
    const text = await issue({ ...(holder && { holder }), notBefore: 1_793_000_000, expires: 1_900_000_000 })
    for (const carrier of [encodeCarrier(text, crypto, seed), encodeCarrier(text, crypto)]) {
      assert.equal(decodeCarrier(carrier, crypto), text)
    }
  })
}

test('whole it is a fourth of its text, and a part of it carries no seed', async () => {
  const text = await issue({ holder: holders[2]![1]! })
  const whole = encodeCarrier(text, crypto, seed)
  assert.ok(whole.length < text.length / 4, `${whole.length} of ${text.length}`)
  const part = presentCredential(parseCredential(text, crypto), ['parcel', 'district', 'area'])
  const carrier = encodeCarrier(part, crypto)
  assert.equal(decodeCarrier(carrier, crypto), part)
  assert.ok(!Buffer.from(carrier).includes(Buffer.from(seed)))
  assert.ok(!Buffer.from(carrier).includes('Example Person'))
  assert.throws(() => encodeCarrier(part, crypto, seed), { code: 'format-unknown' })
})

test('both algorithms', async () => {
  const text = await issue({}, esSigner)
  assert.equal(decodeCarrier(encodeCarrier(text, crypto, seed), crypto), text)
})

test('fields of any JSON come back', async () => {
  const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/)
  const { value } = fc.letrec<{ value: Json }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter(number => !Object.is(number, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(names, tie('value'), { maxKeys: 4 }),
    ) as fc.Arbitrary<Json>,
  }))
  const technical = ['iss', 'vct', 'iat', 'nbf', 'exp', 'cnf', 'anc']
  const fields = fc
    .dictionary(names, value, { minKeys: 1, maxKeys: 6 })
    .filter(each => Object.keys(each).every(name => !technical.includes(name)))
  await fc.assert(
    fc.asyncProperty(fields, async each => {
      const text = await issue({ fields: each })
      assert.equal(decodeCarrier(encodeCarrier(text, crypto, seed), crypto), text)
      assert.equal(decodeCarrier(encodeCarrier(text, crypto), crypto), text)
    }),
    { numRuns: 300 },
  )
})

test('a credential that is made another way has no short form', async () => {
  const text = await issue()
  const other = new Uint8Array(16)
  assert.throws(() => encodeCarrier(text, crypto, other), { name: 'VerifyError', code: 'format-unknown' })
  const [jwt, first, second, ...rest] = text.split('~')
  const swapped = [jwt, second, first, ...rest].join('~')
  assert.throws(() => encodeCarrier(swapped, crypto, seed), { code: 'format-unknown' })
  const [header, payload, signature] = jwt!.split('.')
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<string, unknown>
  const withMore = Buffer.from(JSON.stringify({ ...claims, zone: 'always shown' })).toString('base64url')
  const shown = [[header, withMore, signature].join('.'), first, second, ...rest].join('~')
  assert.throws(() => encodeCarrier(shown, crypto), { code: 'format-unknown' })
})

test('any bytes give a text or a VerifyError, and one text has one short form', async () => {
  const text = await issue()
  const whole = encodeCarrier(text, crypto, seed)
  const part = encodeCarrier(presentCredential(parseCredential(text, crypto), ['parcel']), crypto)
  const changed = fc.constantFrom(whole, part).chain(bytes =>
    fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean()).map(([at, mask, cut]) => {
      const copy = bytes.slice(0, cut ? at : bytes.length)
      if (!cut) copy[at]! ^= mask
      return copy
    }),
  )
  let read = 0
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), bytes => {
      try {
        const found = decodeCarrier(bytes, crypto)
        assert.notEqual(found, text)
        read++
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }),
    { numRuns: 4_000 },
  )
  // Another name, another digest: a document of its own, which no ledger knows.
  assert.ok(read > 100)
})

const hostile: readonly (readonly [string, unknown])[] = [
  ['a list within lists beyond all depth', Array.from({ length: 4000 }).reduce((inner: unknown) => [inner], 1)],
  ['a map', new Map([[1, 2]])],
  ['too few parts', [1]],
  ['a later version', [2, ...Array.from({ length: 10 }, () => 0)]],
  ['numbers where texts belong', Array.from({ length: 11 }, () => 1)],
  [
    'a name that reaches a prototype',
    [1, 'EdDSA', 'a', 'b', 1, null, null, null, new Uint8Array(64), seed, new Map([['__proto__', 1]])],
  ],
  ['bytes in a field', [1, 'EdDSA', 'a', 'b', 1, null, null, null, new Uint8Array(64), seed, new Map([['a', seed]])]],
  ['a time before all time', [1, 'EdDSA', 'a', 'b', -1, null, null, null, new Uint8Array(64), seed, new Map()]],
  ['half a second', [1, 'EdDSA', 'a', 'b', 1.5, null, null, null, new Uint8Array(64), seed, new Map()]],
  ['half a key', [1, 'EdDSA', 'a', 'b', 1, null, null, new Uint8Array(16), new Uint8Array(64), seed, new Map()]],
]
for (const [what, value] of hostile) {
  test(`${what} is refused`, () => {
    let bytes: Uint8Array
    try {
      bytes = encode(value)
    } catch {
      bytes = new Uint8Array(4_000).fill(0x81)
    }
    assert.throws(() => decodeCarrier(bytes, crypto), { name: 'VerifyError' })
  })
}

test('more than a document may have is refused unread', () => {
  assert.throws(() => decodeCarrier(new Uint8Array(9 * 1024), crypto), { code: 'oversized' })
})
