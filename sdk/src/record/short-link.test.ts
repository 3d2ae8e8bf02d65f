import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { p256 } from '@noble/curves/nist.js'
import decodeQr from 'qr/decode.js'
import { imageOf } from '../../../test/qr-image.ts'
import { signerOf } from '../../../test/signer.ts'
import { formatBase43, parseBase43 } from '../base43.ts'
import { concat } from '../bytes.ts'
import { parseCredential, presentCredential } from '../credential/credential.ts'
import { issueCredential } from '../credential/issue.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { qrOf } from '../qr/index.ts'
import { formatShortLink, parseShortLink } from './link.ts'

const hasher = await loadCrypto()
after(() => hasher.close())

const page = 'https://records.example.org/verify'
const seed = new Uint8Array(16).map((_, i) => (i * 89 + 41) % 256)
/** The five fields of services/land-title.yaml and ten more that a land register's extract has, in realistic lengths. */
const landTitle: JsonObject = {
  parcel: '0412-017/3',
  area: '1,284.50',
  district: 'Northern Example District',
  owner: 'Example Person Middlename',
  share: '1/2',
  municipality: 'Exampleton',
  street: '12 Example Street',
  use: 'residential',
  building: 'detached house, 1974',
  acquired: '2026-03-03',
  deed: 'D-2026-000123',
  notary: 'Example Notary Office',
  mortgage: 'Example Bank, 98,500',
  easement: 'right of way for 0412-018',
  sheet: 'B 1147/22',
}
const { x, y } = p256.Point.BASE.multiply(7n).toAffine()
const coordinate = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url')
const holder = { kty: 'EC', crv: 'P-256', x: coordinate(x), y: coordinate(y) }
const document = await issueCredential(
  {
    issuer: 'urn:muniment:example-1:office:land-registry',
    type: 'urn:example:land-title',
    issuedAt: 1_793_000_000,
    holder,
    fields: landTitle,
  },
  { signer: signerOf('official'), seed, hasher },
)
const part = presentCredential(parseCredential(document, hasher), ['parcel', 'district', 'owner'])
const linkOf = (text: string, withSeed = true): Promise<string> =>
  formatShortLink(text, { page, hasher, seed: withSeed ? seed : undefined })

test('a title of 15 fields fits version 16 at level M as a link that a phone opens, 3 of its 15 fields version 22', async context => {
  assert.equal(Object.keys(landTitle).length, 15)
  const rows: readonly (readonly [string, string, number])[] = [
    ['all 15 fields, with a holder’s key of P-256', await linkOf(document), 16],
    ['3 of 15 fields, with a holder’s key of P-256', await linkOf(part, false), 22],
  ]
  context.mock.method(process, 'getBuiltinModule', () => undefined)
  const inBrowser = qrOf(await linkOf(document)).version
  context.diagnostic(`all 15 fields, where it is written in a browser: QR version ${inBrowser}`)
  for (const [what, link, most] of rows) {
    const { version } = qrOf(link)
    context.diagnostic(`${what}: ${link.length} characters, QR version ${version} at level M (most: ${most})`)
    assert.ok(version <= most, `${what}: version ${version}`)
  }
})

test('what a camera reads in the drawn code is the link, and what the link holds is the document to the letter', async () => {
  for (const [text, link] of [
    [document, await linkOf(document)],
    [part, await linkOf(part, false)],
  ] as const) {
    assert.match(link, /^HTTPS:\/\/RECORDS\.EXAMPLE\.ORG\/verify#2\/[0-9A-Z$*+\-./:]+$/)
    const scanned = decodeQr(imageOf(qrOf(link)))
    assert.equal(scanned, link)
    assert.equal(await parseShortLink(scanned, hasher), text)
    // As the browser that opened it shows it, as a page gets it from its address, and as people copy it.
    for (const spelling of [new URL(link).href, new URL(link).hash, link.slice(link.indexOf('#') + 1)])
      assert.equal(await parseShortLink(spelling, hasher), text)
  }
})

test('a part of the document gives nothing of the other fields away, and no seed', async () => {
  const link = await linkOf(part, false)
  const opened = await parseShortLink(link, hasher)
  const shown = parseCredential(opened!, hasher)
  assert.deepEqual(Object.keys(shown.fields).sort(), ['district', 'owner', 'parcel'])
  assert.equal(shown.hiddenCount, 12)
  await assert.rejects(linkOf(part), { code: 'format-unknown' })
})

test('a key binding was for one asker only, and is left out', async () => {
  assert.equal(await linkOf(`${document}eyJ0eXAiOiJrYitqd3QifQ.e30.c2lnbmF0dXJl`), await linkOf(document))
})

test('the page’s path is kept as it is, and what is no page for everybody is refused', async () => {
  const started = async (address: string): Promise<string> =>
    (await formatShortLink(document, { page: address, hasher, seed })).split('#')[0]!
  assert.equal(await started('https://Example.org:8443/Verify/Here'), 'HTTPS://EXAMPLE.ORG:8443/Verify/Here')
  assert.equal(await started('http://localhost:8080/verify'), 'HTTP://LOCALHOST:8080/verify')
  for (const bad of [
    '/verify',
    'http://example.org/verify',
    'https://example.org/?a=b',
    'https://example.org/#1',
    `${page}?`,
  ])
    await assert.rejects(started(bad), { name: 'VerifyError', code: 'malformed' }, bad)
})

test('links of other kinds are not read here', async () => {
  for (const text of ['', 'hello', '1/example-1/x', '22/ABC', document, 'https://example.org/verify#1/2/'])
    assert.equal(await parseShortLink(text, hasher), undefined, text.slice(0, 40))
})

test('a later version is format-unknown, and every other fault has its code', async () => {
  const carrier = parseBase43((await linkOf(document)).split('#2/')[1]!)
  const bomb = deflateRawSync(new Uint8Array(1 << 20))
  const headLength = 3 + carrier[1]! * 256 + carrier[2]!
  const begun = carrier.subarray(0, headLength)
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['a later version', concat(Uint8Array.of(2), carrier.subarray(1)), 'format-unknown'],
    ['a byte behind it', concat(carrier, Uint8Array.of(0)), 'malformed'],
    ['a byte behind what is compressed', concat(begun, deflateRawSync(Uint8Array.of(0x80, 0))), 'malformed'],
    ['a bomb', concat(begun, bomb), 'oversized'],
    ['too much, not compressed', concat(begun, new Uint8Array(9_000)), 'oversized'],
  ]
  for (const [what, bytes, code] of cases)
    await assert.rejects(parseShortLink(`2/${formatBase43(bytes)}`, hasher), { name: 'VerifyError', code }, what)
  for (const text of ['2/', '2/A', '2/abc', '2/AB C', '2/::::', `2/${'A'.repeat(170_000)}`])
    await assert.rejects(parseShortLink(text, hasher), { name: 'VerifyError' }, text.slice(0, 20))
})

test('wherever a link is cut off, it is refused', async () => {
  for (const link of [await linkOf(document), await linkOf(part, false)]) {
    const fragment = link.slice(link.indexOf('#') + 1)
    for (let length = 2; length < fragment.length; length++)
      await assert.rejects(parseShortLink(fragment.slice(0, length), hasher), VerifyError, `${length}`)
  }
})
