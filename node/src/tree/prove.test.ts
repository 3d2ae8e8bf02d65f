import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8 } from '@muniment/sdk'
import fc from 'fast-check'
import { smtSpec } from '../../../sdk/src/ics23/spec.ts'
import { verifyMembership, verifyNonMembership } from '../../../sdk/src/ics23/verify.ts'
import { nodeHasher } from '../hasher.ts'
import type { Entry } from '../storage/database.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { newNodeCache } from './cache.ts'
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

test('the cache of nodes stays within its bytes, keeps what is asked for, and takes no node for another', () => {
  const cache = newNodeCache(4_000)
  const branch = (number: number): Uint8Array => new Uint8Array(40).fill(number >> 8, 0, 8).fill(number, 8)
  const node = (number: number): Uint8Array => new Uint8Array(300).fill(number)
  for (let number = 1; number <= 200; number++) {
    cache.set(branch(number), node(number))
    assert.deepEqual(cache.get(branch(1)), node(1))
    assert.deepEqual(cache.get(branch(number)), node(number))
    assert.ok(cache.bytes() <= 4_000)
  }
  assert.equal(cache.get(branch(100)), undefined)
  const held = cache.get(branch(1))!
  // The same hash at another version is another node: what it points to may have other versions.
  assert.equal(cache.get(branch(257)), undefined)
  for (let number = 2; number <= 200; number++) cache.set(branch(number), node(number))
  assert.deepEqual(held, node(1))
})
