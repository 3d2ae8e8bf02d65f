import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@muniment/sdk'
import fc from 'fast-check'
import { smtSpec } from '../../../sdk/src/ics23/spec.ts'
import { verifyMembership, verifyNonMembership } from '../../../sdk/src/ics23/verify.ts'
import { nodeHasher } from '../hasher.ts'
import type { Entry } from '../storage/database.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { newCache } from './cache.ts'
import { openTree, type Tree } from './tree.ts'

const entry = (number: number): Entry => ({ key: encodeUtf8(`key ${number}`), value: encodeUtf8(`value ${number}`) })

async function treeOf(entries: readonly Entry[]): Promise<Tree> {
  const database = memoryDatabase(newDisk())
  const tree = await openTree(database)
  const staged = await tree.stage(entries)
  await database.write(staged.writes)
  tree.committed(staged)
  return tree
}

const numbers = fc.uniqueArray(fc.nat(5_000), { minLength: 1, maxLength: 300 })

test('every key is proved present or absent to the sdk, and nothing else is', async () => {
  let asked = 0
  await fc.assert(
    fc.asyncProperty(numbers, fc.array(fc.nat(5_000), { maxLength: 30 }), async (stored, others) => {
      const tree = await treeOf(stored.map(entry))
      const root = tree.root(0n)
      const present = new Set(stored)
      for (const number of [...stored.slice(0, 30), ...others]) {
        const { key, value } = entry(number)
        const proof = tree.prove(key, 0n)
        const at = { spec: smtSpec, root, proof, key }
        const is = verifyMembership({ ...at, value }, nodeHasher).kind
        const isNot = verifyNonMembership(at, nodeHasher).kind
        assert.deepEqual([is, isNot], present.has(number) ? ['verified', 'invalid'] : ['invalid', 'verified'])
        const forged = { ...at, value: encodeUtf8('another value') }
        assert.equal(verifyMembership(forged, nodeHasher).kind, 'invalid')
        const another = { ...at, key: encodeUtf8('another key') }
        assert.equal(verifyMembership({ ...another, value }, nodeHasher).kind, 'invalid')
        asked += 1
      }
    }),
    { numRuns: 300 },
  )
  assert.ok(asked > 2_000, `${asked} keys were asked for`)
})

test('the cache of nodes stays within its bytes, and forgets what was not used for longest', () => {
  const cache = newCache<string>(10, text => text.length)
  cache.set('a', 'xxxx')
  cache.set('b', 'xxxx')
  assert.equal(cache.get('a'), 'xxxx')
  cache.set('c', 'xxxx')
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], ['xxxx', undefined, 'xxxx'])
  cache.set('a', 'xx')
  assert.equal(cache.bytes(), 6)
  cache.set('d', 'x'.repeat(11))
  assert.ok(cache.bytes() <= 10)
})
