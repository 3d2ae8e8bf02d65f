import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { test } from 'node:test'
import { signerOf } from '../../../test/signer.ts'
import { issueCredential } from '../credential/issue.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import type { TrustedReader } from '../light/reader.ts'
import { formatShortLink, parseShortLink } from './link.ts'
import { kindOf, type VerdictCode } from './verdict.ts'
import { type VerifyRecordSource, verifyRecord } from './verify.ts'

const crypto = await loadCrypto()
const issuer = 'urn:muniment:test-1:office:land-registry'
const document = await issueCredential(
  { issuer, type: 'urn:x', issuedAt: 1, fields: { parcel: '1' } },
  { signer: signerOf('official'), seed: new Uint8Array(16), hasher: crypto },
)
const now = { seconds: 1_800_000_000n, nanos: 0 }
const root = {
  chainId: 'test-1',
  genesisHash: new Uint8Array(32),
  checkpointKeys: { k: 1, keys: [new Uint8Array(32)] },
  witnesses: { k: 0, keys: [] },
  trustLevel: { numerator: 2n, denominator: 3n },
  trustingPeriodSeconds: 86_400,
}
const sourceOf = (read: TrustedReader['read']): VerifyRecordSource => ({
  reader: { read },
  root,
  crypto,
  heightSeen: 0n,
  trusted: [],
  shortLinks: parseShortLink,
})
const failing = (error: Error): VerifyRecordSource => sourceOf(() => Promise.reject(error))

/** What each refusal on the way to the ledger's answer comes to. */
const codes: Readonly<Record<VerifyErrorCode, VerdictCode>> = {
  truncated: 'no-peers',
  oversized: 'no-peers',
  malformed: 'no-peers',
  'non-canonical': 'no-peers',
  'format-unknown': 'no-peers',
  'wrong-chain': 'wrong-network',
  'wrong-height': 'no-peers',
  'wrong-time': 'no-peers',
  'wrong-hash': 'no-peers',
  expired: 'header-too-old',
  'from-future': 'clock-wrong',
  'invalid-header': 'no-peers',
  'invalid-commit': 'no-peers',
  'invalid-validator-set': 'no-peers',
  'insufficient-power': 'no-peers',
  'bad-signature': 'no-peers',
  'conflicting-headers': 'peers-disagree',
  'wrong-key': 'no-peers',
  'wrong-root': 'no-peers',
  'invalid-proof': 'no-peers',
  'disclosure-bad': 'no-peers',
  'issuer-mismatch': 'no-peers',
  'checkpoint-invalid': 'wrong-network',
  'checkpoint-expired': 'checkpoint-expired',
  'no-trusted-state': 'no-peers',
  'rules-changed': 'rules-changed',
  unavailable: 'offline',
  limited: 'no-peers',
  refused: 'no-peers',
}

test('whatever goes wrong between device and ledger, nothing is said against the document', async () => {
  for (const [code, expected] of Object.entries(codes) as [VerifyErrorCode, VerdictCode][]) {
    const verdict = await verifyRecord(document, failing(new VerifyError(code, 'because')), { now })
    assert.deepEqual([verdict.code, verdict.kind], [expected, 'unknown'], code)
    assert.equal(kindOf(verdict.code), 'unknown')
    assert.equal(verdict.record, undefined)
    assert.ok(verdict.steps.every(({ state }) => state !== 'fail' && state !== 'running'))
  }
})

test('a document that can not be read is unknown too; only a disclosure that does not fit is held against it', async () => {
  const never = sourceOf(() => assert.fail('nobody is asked about what can not be read'))
  const inputs: readonly [string | Uint8Array, VerdictCode][] = [
    ['hello', 'unreadable'],
    [new Uint8Array([255]), 'unreadable'],
    ['x'.repeat(200_000), 'unreadable'],
    ['9/whatever', 'format-unknown'],
    [document.slice(0, -1), 'unreadable'],
    [`${document}WyJzIiwib3duZXIiLCJ4Il0~`, 'disclosure-bad'],
    [`1/other-1/${'A'.repeat(43)}/1/${document}`, 'wrong-network'],
  ]
  for (const [input, code] of inputs) {
    const verdict = await verifyRecord(input, never, { now })
    assert.equal(verdict.code, code, String(input).slice(0, 40))
    assert.equal(verdict.kind === 'invalid', code === 'disclosure-bad')
  }
})

test('where the code for QR codes’ links can not be loaded, that is offline, and the next check tries again', async () => {
  const never = sourceOf(() => assert.fail('nobody is asked'))
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier.endsWith('credential/carrier.ts')) throw new Error('the file could not be fetched')
      return next(specifier, context)
    },
  })
  try {
    const verdict = await verifyRecord('HTTPS://EXAMPLE.ORG/verify#2/ABC', never, { now })
    assert.deepEqual([verdict.code, verdict.kind], ['offline', 'unknown'])
  } finally {
    hooks.deregister()
  }
  const link = await formatShortLink(document, { page: 'https://example.org/verify', hasher: crypto })
  const asked = failing(new VerifyError('rules-changed', 'because'))
  assert.equal((await verifyRecord(link, asked, { now })).code, 'rules-changed')
  assert.equal((await verifyRecord(link.slice(0, -1), never, { now })).code, 'unreadable')
  assert.equal((await verifyRecord('2/:::', never, { now })).code, 'unreadable')
  assert.equal((await verifyRecord('2/200', never, { now })).code, 'format-unknown')
})

test('a mistake of our own is no verdict, and a caller’s signal rejects with its reason', async () => {
  await assert.rejects(verifyRecord(document, failing(new TypeError('a mistake')), { now }), TypeError)
  const stop = AbortSignal.abort(new Error('enough'))
  const refused = failing(new VerifyError('unavailable', 'x'))
  await assert.rejects(verifyRecord(document, refused, { now, signal: stop }), { message: 'enough' })
})
