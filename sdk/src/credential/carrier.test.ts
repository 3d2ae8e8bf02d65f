import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { p256 } from '@noble/curves/nist.js'
import { encode } from 'cborg'
import fc from 'fast-check'
import { concat, formatBase64Url } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { decodeCarrier, encodeCarrier } from './carrier.ts'
import { parseCredential, presentCredential } from './credential.ts'
import { type CredentialContent, issueCredential } from './issue.ts'

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
    for (const carrier of [await encodeCarrier(text, crypto, seed), await encodeCarrier(text, crypto)]) {
      assert.equal(await decodeCarrier(carrier, crypto), text)
    }
  })
}

test('whole it is a fourth of its text, and a part of it carries no seed', async () => {
  const text = await issue({ holder: holders[2]![1]! })
  const whole = await encodeCarrier(text, crypto, seed)
  assert.ok(whole.length < text.length / 4, `${whole.length} of ${text.length}`)
  const part = presentCredential(parseCredential(text, crypto), ['parcel', 'district', 'area'])
  const carrier = await encodeCarrier(part, crypto)
  assert.equal(await decodeCarrier(carrier, crypto), part)
  assert.ok(!Buffer.from(carrier).includes(Buffer.from(seed)))
  assert.ok(!Buffer.from(carrier).includes('Example Person'))
  await assert.rejects(encodeCarrier(part, crypto, seed), { code: 'format-unknown' })
})

test('both algorithms', async () => {
  const text = await issue({}, esSigner)
  assert.equal(await decodeCarrier(await encodeCarrier(text, crypto, seed), crypto), text)
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
      assert.equal(await decodeCarrier(await encodeCarrier(text, crypto, seed), crypto), text)
      assert.equal(await decodeCarrier(await encodeCarrier(text, crypto), crypto), text)
    }),
    { numRuns: 300 },
  )
})

test('a credential that is made another way has no short form', async () => {
  const text = await issue()
  const other = new Uint8Array(16)
  await assert.rejects(encodeCarrier(text, crypto, other), { name: 'VerifyError', code: 'format-unknown' })
  const [jwt, first, second, ...rest] = text.split('~')
  const swapped = [jwt, second, first, ...rest].join('~')
  await assert.rejects(encodeCarrier(swapped, crypto, seed), { code: 'format-unknown' })
  const [header, payload, signature] = jwt!.split('.')
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<string, unknown>
  const withMore = Buffer.from(JSON.stringify({ ...claims, zone: 'always shown' })).toString('base64url')
  const shown = [[header, withMore, signature].join('.'), first, second, ...rest].join('~')
  await assert.rejects(encodeCarrier(shown, crypto), { code: 'format-unknown' })
})

test('any bytes give a text or a VerifyError, and hardly any change leaves the document as it is', async () => {
  const text = await issue()
  const whole = await encodeCarrier(text, crypto, seed)
  const part = await encodeCarrier(presentCredential(parseCredential(text, crypto), ['parcel']), crypto)
  const changed = fc.constantFrom(whole, part).chain(bytes =>
    fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean()).map(([at, mask, cut]) => {
      const copy = bytes.slice(0, cut ? at : bytes.length)
      if (!cut) copy[at]! ^= mask
      return copy
    }),
  )
  let same = 0
  let others = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), async bytes => {
      try {
        if ((await decodeCarrier(bytes, crypto)) === text) same++
        else others++
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }),
    { numRuns: 4_000 },
  )
  // Another name, another digest: a document of its own, which no ledger knows.
  assert.ok(others > 100)
  // The unused bits behind the last block (RFC 1951, 3.2.3).
  assert.ok(same < 40, `${same}`)
})

const common = [-8, 'a', 'b', 1, null, null, null]
const fields = new Map([['c', 1]])
/** What the CBOR says, and how many bytes stand before it. */
const hostile: readonly (readonly [string, unknown, number])[] = [
  ['a list within lists beyond all depth', Array.from({ length: 4000 }).reduce((inner: unknown) => [inner], 1), 80],
  ['a map', new Map([[1, 2]]), 80],
  ['too few parts', [1], 80],
  ['too many parts', [...common, [], 0, 0], 80],
  ['another algorithm', [-9, ...common.slice(1), fields], 80],
  ['numbers where texts belong', [-8, 1, 1, 1, null, null, null, fields], 80],
  ['a name that reaches a prototype', [...common, new Map([['__proto__', 1]])], 80],
  ['a name that is none', [...common, new Map([[1, 1]])], 80],
  ['bytes in a field', [...common, new Map([['a', seed]])], 80],
  ['a time before all time', [-8, 'a', 'b', -1, null, null, null, fields], 80],
  ['half a second', [-8, 'a', 'b', 1.5, null, null, null, fields], 80],
  ['another curve', [-8, 'a', 'b', 1, null, null, 2, fields], 144],
  ['half a key', [-8, 'a', 'b', 1, null, null, 6, fields], 96],
  ['no seed', [...common, fields], 64],
  ['a byte too many', [...common, fields], 81],
  ['more digests hidden than there are', [...common, [], 2], 64 + 16 + 32],
  ['a count of hidden digests beyond all measure', [...common, [], 2 ** 50], 64 + 16 + 32],
  ['a count below nothing', [...common, [], -1], 80],
  ['half a disclosure', [...common, [['c']], 0], 96],
]
const carrierOf = (cbor: Uint8Array, before: number): Uint8Array =>
  concat(Uint8Array.of(1, before >> 8, before), new Uint8Array(before), deflateRawSync(cbor))

test('what is hostile here would be read were it not for its one fault', async () => {
  const whole = await decodeCarrier(carrierOf(encode([...common, fields]), 80), crypto)
  assert.equal(whole.split('~').length, 3)
  const part = await decodeCarrier(carrierOf(encode([...common, [['c', 1]], 2]), 64 + 16 + 16 + 64), crypto)
  assert.equal(part.split('~').length, 3)
})

for (const [what, value, before] of hostile) {
  test(`${what} is refused`, async () => {
    let bytes: Uint8Array
    try {
      bytes = encode(value)
    } catch {
      bytes = new Uint8Array(4_000).fill(0x81)
    }
    await assert.rejects(decodeCarrier(carrierOf(bytes, before), crypto), { name: 'VerifyError' })
  })
}

test('a second spelling of the same CBOR is refused', async () => {
  const bytes = encode([...common, fields])
  // 1 in two bytes in place of one.
  const longer = concat(bytes.subarray(0, -1), Uint8Array.of(0x18, 1))
  await assert.rejects(decodeCarrier(carrierOf(longer, 80), crypto), { code: 'malformed' })
})

test('fields in another order are another spelling, and refused', async () => {
  const two = new Map([
    ['c', 1],
    ['d', 2],
  ])
  const bytes = encode([...common, two])
  const [first, second] = [bytes.subarray(-6, -3), bytes.subarray(-3)]
  assert.ok(await decodeCarrier(carrierOf(bytes, 80), crypto))
  const swapped = concat(bytes.subarray(0, -6), second, first)
  await assert.rejects(decodeCarrier(carrierOf(swapped, 80), crypto), { code: 'malformed' })
})

test('more than a document may have is refused unread', async () => {
  await assert.rejects(decodeCarrier(new Uint8Array(9 * 1024), crypto), { code: 'oversized' })
})
