import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { empty, encodeUtf8, formatBase64Url, formatHex } from '../bytes.ts'
import { noBlockId } from '../comet/block-id.ts'
import type { Credential } from '../credential/credential.ts'
import { loadCrypto } from '../crypto/load.ts'
import { type RecordEntry, RecordStatus } from '../ledger/entries.ts'
import { typeHash } from '../ledger/keys.ts'
import { addSeconds, type Timestamp } from '../time.ts'
import { judgeRecord, type RecordFacts } from './judge.ts'
import { kindOf, type VerdictCode, verdictKinds } from './verdict.ts'

const crypto = await loadCrypto()
const now: Timestamp = { seconds: 1_800_000_000n, nanos: 0 }
const type = 'urn:example:land-title'
const hash = typeHash(crypto, type)

const credential = {
  issuer: { kind: 'office', chainId: 'test-1', office: 'land-registry' },
  issuerName: 'urn:muniment:test-1:office:land-registry',
  type,
  notBefore: undefined,
  expires: undefined,
} as unknown as Credential

const change = {
  status: RecordStatus.current as number,
  height: 10n,
  time: now,
  mandate: empty,
  reason: '',
  appealUntil: undefined,
}
const entry: RecordEntry = {
  issuer: credential.issuerName,
  type: hash,
  service: 'land.title@1',
  mandate: empty,
  account: empty,
  key: { algorithm: 1, bytes: empty },
  changes: [change],
  validFrom: undefined,
  validUntil: undefined,
  successor: empty,
  predecessor: empty,
  case: new Uint8Array(0),
  holder: new Uint8Array(0),
}
const header = {
  version: { block: 11n, app: 1n },
  chainId: 'test-1',
  height: 100n,
  time: addSeconds(now, -5),
  lastBlockId: noBlockId,
  lastCommitHash: empty,
  dataHash: empty,
  validatorsHash: empty,
  nextValidatorsHash: empty,
  consensusHash: empty,
  appHash: empty,
  lastResultsHash: empty,
  evidenceHash: empty,
  proposerAddress: empty,
}
const good: RecordFacts = {
  credential,
  entry,
  office: {
    names: [],
    parent: '',
    types: [{ type: hash, fromHeight: 1n, endedHeight: 0n }],
    createdHeight: 1n,
    endedHeight: 0n,
  },
  service: { freshnessSeconds: 300 },
  header,
  oneSigner: false,
  witnesses: { agreed: 0, asked: 0 },
  signatureGood: true,
  holderGood: undefined,
  linkedKeyFits: true,
  linkedHeight: 0n,
  heightSeen: 100n,
}
const options = { now, hasher: crypto, types: [], issuers: [], maxAgeSeconds: undefined }
const withStatus = (status: number): RecordEntry => ({
  ...entry,
  changes: [change, { ...change, status, height: 20n }],
})
const ended = { ...good.office!, types: [{ type: hash, fromHeight: 1n, endedHeight: 10n }] }

const cases: readonly [string, VerdictCode, Partial<RecordFacts>, Partial<typeof options>?][] = [
  ['everything holds', 'current', {}],
  ['the head is older than the service allows', 'older-proof', { header: { ...header, time: addSeconds(now, -301) } }],
  ['the head is older than the asker allows', 'older-proof', {}, { maxAgeSeconds: 4 as never }],
  ['a newer head has been seen', 'older-proof', { heightSeen: 101n }],
  ['the head is later than the clock', 'clock-wrong', { header: { ...header, time: addSeconds(now, 60) } }],
  ['one signer makes the chain, and no witness is asked for', 'single-operator', { oneSigner: true }],
  [
    'one signer makes the chain, and a witness agrees',
    'current',
    { oneSigner: true, witnesses: { agreed: 1, asked: 0 } },
  ],
  ['fewer witnesses than asked', 'single-operator', { witnesses: { agreed: 1, asked: 2 } }],
  ['no entry', 'no-such-record', { entry: undefined }],
  ['no entry, and the document is not the one linked', 'changed', { entry: undefined, linkedKeyFits: false }],
  ['no entry yet: the link runs ahead by a block', 'pending', { entry: undefined, linkedHeight: 101n }],
  ['a link from the far future is no excuse', 'no-such-record', { entry: undefined, linkedHeight: 1_000_000n }],
  ['the entry is of another type', 'changed', { entry: { ...entry, type: new Uint8Array(32) } }],
  ['the entry is of another issuer', 'changed', { entry: { ...entry, issuer: 'urn:muniment:test-1:office:other' } }],
  ['the signature is bad', 'signature-bad', { signatureGood: false }],
  ['there is no such office', 'issuer-unknown', { office: undefined }],
  ['the office never had the type', 'issuer-not-allowed', { office: { ...good.office!, types: [] } }],
  ['the office had lost the type when it issued', 'issuer-not-allowed', { office: ended }],
  [
    'the office lost the type afterwards',
    'current',
    { office: { ...ended, types: [{ ...ended.types[0]!, endedHeight: 11n }] } },
  ],
  ['suspended', 'suspended', { entry: withStatus(RecordStatus.suspended) }],
  ['revoked', 'revoked', { entry: withStatus(RecordStatus.revoked) }],
  [
    'revoked, and by an old proof',
    'revoked',
    { entry: withStatus(RecordStatus.revoked), header: { ...header, time: addSeconds(now, -3000) } },
  ],
  ['revoked, and by one signer', 'revoked', { entry: withStatus(RecordStatus.revoked), oneSigner: true }],
  ['replaced', 'replaced', { entry: withStatus(RecordStatus.replaced) }],
  ['expired by the ledger', 'expired', { entry: withStatus(RecordStatus.expired) }],
  ['a status of a later version', 'rules-changed', { entry: withStatus(99) }],
  ['its last day was yesterday', 'expired', { entry: { ...entry, validUntil: addSeconds(now, -1) } }],
  ['the document says that it ended', 'expired', { credential: { ...credential, expires: Number(now.seconds) } }],
  [
    'it ends today by a clock that runs far ahead of the head',
    'older-proof',
    { entry: { ...entry, validUntil: addSeconds(now, -1) }, header: { ...header, time: addSeconds(now, -90_000) } },
  ],
  [
    'it had ended when the old head was made',
    'expired',
    {
      entry: { ...entry, validUntil: addSeconds(now, -90_001) },
      header: { ...header, time: addSeconds(now, -90_000) },
    },
  ],
  [
    'no entry under a head that lags behind',
    'header-too-old',
    { entry: undefined, header: { ...header, time: addSeconds(now, -301) } },
  ],
  ['no entry, and a newer head has been seen', 'header-too-old', { entry: undefined, heightSeen: 101n }],
  [
    'suspended, under a head that lags behind: it may have been resumed',
    'header-too-old',
    { entry: withStatus(RecordStatus.suspended), header: { ...header, time: addSeconds(now, -3000) } },
  ],
  ['an age limit that is no number', 'older-proof', {}, { maxAgeSeconds: Number.NaN as never }],
  ['an age limit below nothing', 'older-proof', {}, { maxAgeSeconds: -1 as never }],
  ['its first day is tomorrow', 'not-yet-valid', { entry: { ...entry, validFrom: addSeconds(now, 1) } }],
  ['the presenter has not the key', 'holder-mismatch', { holderGood: false }],
  ['the presenter has the key', 'current', { holderGood: true }],
  ['another type is wanted', 'format-unknown', {}, { types: ['urn:example:other'] as never }],
  ['another issuer is wanted', 'format-unknown', {}, { issuers: ['another-office'] as never }],
]

for (const [name, code, facts, more] of cases) {
  test(`${code}: ${name}`, () => {
    assert.equal(judgeRecord({ ...good, ...facts }, { ...options, ...more }).code, code)
  })
}

test('whatever the clock says, a document that is in force is never called invalid', () => {
  const valid = { ...entry, validFrom: addSeconds(now, -3_600), validUntil: addSeconds(now, 3_600) }
  fc.assert(
    fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), fc.boolean(), (drift, oneSigner) => {
      const clock = { ...options, now: addSeconds(now, drift) }
      const { code } = judgeRecord({ ...good, entry: valid, oneSigner }, clock)
      assert.ok(kindOf(code) !== 'invalid', `${drift} s: ${code}`)
      if (drift > 300) assert.notEqual(kindOf(code), 'valid')
    }),
  )
})

test('only the word "current" is a valid one', () => {
  const valid = Object.entries(verdictKinds).filter(([, kind]) => kind === 'valid')
  assert.deepEqual(valid, [['current', 'valid']])
  assert.equal(kindOf('single-operator'), 'unknown')
})

test('a type is known by its hash only', () => {
  assert.equal(hash.length, 32)
  assert.ok(!formatHex(hash).includes(formatHex(encodeUtf8('land'))) && formatBase64Url(hash).length === 43)
})
