import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesOf, changeBytes, changes, readOrRefused, textUpTo } from '../../../test/hostile.ts'
import { encodeUtf8, formatHex } from '../bytes.ts'
import { parseCredential } from '../credential/credential.ts'
import { requestedDocument } from '../credential/requested.ts'
import { loadCrypto } from '../crypto/load.ts'
import { signRequestBytesMax } from '../limits.ts'
import {
  comparisonCode,
  decodeSigningRequest,
  encodeSigningRequest,
  formatSigningRequest,
  isRequestOpen,
  parseSigningRequest,
  requestHash,
  requestSeeds,
  type SigningRequest,
} from './request.ts'

const crypto = await loadCrypto({ forceFallback: true })
after(() => crypto.close())

const request: SigningRequest = {
  chainId: 'example-1',
  service: 'citizen.declaration@1',
  transition: 'declareOnOath',
  fields: { subject: 'Bees', statement: 'I keep two hives.' },
  others: [],
  secret: new Uint8Array(32).fill(7),
  issuedAt: 1_790_000_000n,
}
const requests: fc.Arbitrary<SigningRequest> = fc.record({
  chainId: textUpTo(50),
  service: textUpTo(80),
  transition: textUpTo(40),
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(textUpTo(20), fc.boolean(), fc.nat())),
  others: fc.array(bytesOf(32), { maxLength: 15 }),
  secret: bytesOf(32),
  issuedAt: fc.bigInt({ min: 0n, max: 1n << 40n }),
})

describe('a request to sign', () => {
  it('comes out of a link as it went in', () => {
    fc.assert(
      fc.property(requests, value => {
        const link = `https://id.example/identity#${formatSigningRequest(value)}`
        const hash = formatHex(requestHash(crypto, value))
        assert.equal(formatHex(requestHash(crypto, parseSigningRequest(link))), hash)
      }),
      { numRuns: 300 },
    )
  })

  it('has one spelling: changed bytes are refused, or are another request', () => {
    const encoded = encodeSigningRequest(request)
    fc.assert(
      fc.property(changes, list => {
        const changed = changeBytes(encoded, list)
        const read = readOrRefused(() => decodeSigningRequest(changed))
        if (read) assert.equal(formatHex(encodeSigningRequest(read)), formatHex(changed))
      }),
      { numRuns: 3_000 },
    )
  })

  const bad: readonly (readonly [string, string, string])[] = [
    ['nothing', '', 'format-unknown'],
    ['a proposal', 'p1/AAAA', 'format-unknown'],
    ['a version to come', 'r2/AAAA', 'format-unknown'],
    ['padding', 'r1/AA==', 'malformed'],
    ['no bytes', 'r1/', 'malformed'],
    ['a megabyte', `r1/${'A'.repeat(1024 * 1024)}`, 'oversized'],
    ['more than it may hold', `r1/${'A'.repeat(signRequestBytesMax * 1.5)}`, 'oversized'],
  ]
  for (const [what, text, code] of bad)
    it(`is not ${what}`, () => {
      assert.throws(
        () => parseSigningRequest(`https://id.example/identity#${text}`),
        error => {
          const got = (error as { code: string }).code
          return code === 'malformed' ? got !== undefined && (error as Error).name === 'VerifyError' : got === code
        },
      )
    })

  it('has a secret and accounts of their lengths, and fields in their canonical form', () => {
    for (const wrong of [{ secret: new Uint8Array(31) }, { others: [new Uint8Array(31)] }])
      assert.throws(() => decodeSigningRequest(encodeSigningRequest({ ...request, ...wrong })), { name: 'VerifyError' })
  })

  it('can be signed for an hour, by clocks that differ a little', () => {
    const open = (after: number): boolean => isRequestOpen(request, request.issuedAt + BigInt(after))
    assert.deepEqual([-301, -300, 0, 3_599, 3_600, 1e9].map(open), [false, true, true, true, false, false])
  })

  it('whatever is changed in it, another hash stands in the act and another number is compared', () => {
    const others: readonly Partial<SigningRequest>[] = [
      {},
      { chainId: 'example-2' },
      { service: 'citizen.declaration@2' },
      { transition: 'declare' },
      { fields: { ...request.fields, subject: 'Wasps' } },
      { others: [new Uint8Array(32)] },
      { secret: new Uint8Array(32).fill(8) },
      { issuedAt: 1_790_000_001n },
    ]
    const hashes = others.map(change => requestHash(crypto, { ...request, ...change }))
    assert.equal(new Set(hashes.map(formatHex)).size, others.length)
    const codes = hashes.map(comparisonCode)
    assert.equal(new Set(codes).size, others.length)
    for (const code of codes) assert.match(code, /^\d{4} \d{4} \d{4} \d{4}$/)
  })

  it('uses its secret for several things, of which none tells another', () => {
    const { salts, key } = requestSeeds(crypto, request)
    const shown = [salts, key, request.secret, requestHash(crypto, request)].map(formatHex)
    assert.equal(new Set(shown.map(text => text.slice(0, 32))).size, 4)
  })
})

describe('the document that a request asks for', () => {
  const given = { hasher: crypto, type: 'urn:example:declaration', account: new Uint8Array(32).fill(1) }
  const commitment = async (change: Partial<SigningRequest>, rest: Partial<typeof given> = {}): Promise<string> => {
    const { document } = await requestedDocument({ ...request, ...change }, { ...given, ...rest })
    return formatHex(parseCredential(document, crypto).commitment)
  }

  it('is the same for whoever asks and whoever signs, and says just what was asked', async () => {
    const [one, two] = [await requestedDocument(request, given), await requestedDocument({ ...request }, given)]
    assert.equal(one.document, two.document)
    const { fields, issuedAt, hiddenCount, issuerName } = parseCredential(one.document, crypto)
    assert.deepEqual([fields, issuedAt, hiddenCount], [request.fields, Number(request.issuedAt), 0])
    assert.equal(issuerName, `urn:muniment:example-1:account:${'01'.repeat(32)}`)
  })

  it('is another one for another account, another content or another request', async () => {
    const all = [
      await commitment({}),
      await commitment({}, { account: new Uint8Array(32).fill(2) }),
      await commitment({ fields: { ...request.fields, statement: 'I keep three hives.' } }),
      await commitment({ secret: crypto.sha256(encodeUtf8('another')) }),
    ]
    assert.equal(new Set(all).size, all.length)
  })
})
