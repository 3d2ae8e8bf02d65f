import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VerifyError } from '../errors.ts'
import { formatJson, type JsonObject, parseJson } from '../json.ts'
import { formatTrustRoot, parseTrustRoot } from './trust-root.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64url')
const valid: JsonObject = {
  chainId: 'registers-1',
  genesisHash: '0a'.repeat(32),
  checkpointKeys: { k: 2, keys: [key(1), key(2), key(3)] },
  witnesses: { k: 1, keys: [{ name: 'Court of Audit', key: key(4) }] },
  trustLevel: { numerator: 2, denominator: 3 },
  trustingPeriodSeconds: 1_209_600,
}

test('a trust root is read, and written back as it was', () => {
  const root = parseTrustRoot(parseJson(formatJson(valid)))
  assert.equal(root.checkpointKeys.keys.length, 3)
  assert.deepEqual(formatTrustRoot(root), valid)
})

test('a trust root that would weaken what it promises is refused', () => {
  const changes: readonly JsonObject[] = [
    { chainId: '' },
    { chainId: 'x'.repeat(51) },
    { genesisHash: '0A'.repeat(32) },
    { genesisHash: '0a'.repeat(31) },
    { checkpointKeys: { k: 0, keys: [key(1)] } },
    { checkpointKeys: { k: 2, keys: [key(1)] } },
    { checkpointKeys: { k: 1, keys: [] } },
    { checkpointKeys: { k: 2, keys: [key(1), key(1)] } },
    { checkpointKeys: { k: 1, keys: [`${key(1)}=`] } },
    { checkpointKeys: { k: 1, keys: [Buffer.alloc(31).toString('base64url')] } },
    { checkpointKeys: { k: 1, keys: [key(1)], threshold: 1 } },
    { witnesses: { k: 2, keys: [{ name: 'A', key: key(1) }] } },
    {
      witnesses: {
        k: 1,
        keys: [
          { name: 'A', key: key(1) },
          { name: 'B', key: key(1) },
        ],
      },
    },
    { witnesses: { k: 0, keys: [{ name: '', key: key(1) }] } },
    { trustLevel: { numerator: 1, denominator: 4 } },
    { trustLevel: { numerator: 1, denominator: 1 } },
    { trustLevel: { numerator: 0.5, denominator: 1 } },
    { trustingPeriodSeconds: 0 },
    { trustingPeriodSeconds: 2_592_001 },
    { trustingPeriodSeconds: '60' },
    { extra: true },
  ]
  for (const change of changes) {
    assert.throws(() => parseTrustRoot({ ...valid, ...change }), VerifyError, JSON.stringify(change))
  }
  for (const name of Object.keys(valid)) {
    const { [name]: _, ...rest } = valid
    assert.throws(() => parseTrustRoot(rest), VerifyError, name)
  }
})

test('whatever JSON is given, only a VerifyError comes of it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(...Object.keys(valid)), (value, name) => {
      for (const input of [value, { ...valid, [name]: value }]) {
        try {
          const root = parseTrustRoot(input as JsonObject)
          assert.deepEqual(formatTrustRoot(root), input)
        } catch (error) {
          assert.ok(error instanceof VerifyError, String(error))
        }
      }
    }),
    { numRuns: 500 },
  )
})
