import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeUtf8 } from '@muniment/sdk'
import fc from 'fast-check'
import { smtSpec } from '../../../sdk/src/ics23/spec.ts'
import { verifyMembership, verifyNonMembership } from '../../../sdk/src/ics23/verify.ts'
import { nodeHasher } from '../hasher.ts'
import type { Entry } from '../storage/database.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { newNodeCache } from './cache.ts'
import type { Place } from './node-store.ts'
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

describe('the cache of nodes', () => {
  /** The version, and a hash. */
  const branch = (version: number, hash = version): Uint8Array =>
    new Uint8Array(40).fill(0, 0, 7).fill(version, 7, 8).fill(hash, 8)
  const node = (number: number): Uint8Array => new Uint8Array(300).fill(number)
  const at = (depth: number, path: number, of = branch(1)): Place => {
    const leaf = new Uint8Array(72)
    leaf.set([path >> 8, path & 255], 8)
    return { branch: of, leaf, depth }
  }

  test('stays within its bytes, and what stands deepest goes first', () => {
    const cache = newNodeCache(6_000)
    cache.set(at(0, 0), node(0))
    for (let path = 0; path < 5; path++) cache.set(at(2, path << 8), node(path))
    for (let path = 0; path < 200; path++) {
      cache.set(at(4, path), node(path))
      assert.ok(cache.bytes() <= 6_000)
      assert.deepEqual(cache.get(at(4, path)), node(path))
    }
    for (let path = 0; path < 5; path++) assert.deepEqual(cache.get(at(2, path << 8)), node(path))
    assert.deepEqual(cache.get(at(0, 0)), node(0))
    assert.equal(cache.get(at(4, 100)), undefined)
    // Those above may take all of it.
    for (let path = 0; path < 40; path++) cache.set(at(3, path << 4), node(path))
    assert.equal(cache.get(at(4, 199)), undefined)
    assert.deepEqual(cache.get(at(0, 0)), node(0))
  })

  test('takes no node for another: neither of another version nor of another hash', () => {
    const cache = newNodeCache(6_000)
    cache.set(at(1, 0, branch(5)), node(5))
    assert.equal(cache.get(at(1, 0, branch(6, 5))), undefined)
    assert.equal(cache.get(at(1, 0, branch(5, 6))), undefined)
    assert.equal(cache.get(at(2, 0, branch(5))), undefined)
    assert.deepEqual(cache.get(at(1, 0, branch(5))), node(5))
  })

  test('a newer version takes the place of an older one, which does not come back; what is held stays as it is', () => {
    const cache = newNodeCache(6_000)
    cache.set(at(1, 0, branch(5)), node(5))
    const held = cache.get(at(1, 0, branch(5)))!
    const before = cache.bytes()
    cache.set(at(1, 0, branch(6)), node(6))
    cache.set(at(1, 0, branch(5)), node(5))
    assert.equal(cache.bytes(), before)
    assert.deepEqual(cache.get(at(1, 0, branch(6))), node(6))
    assert.equal(cache.get(at(1, 0, branch(5))), undefined)
    assert.deepEqual(held, node(5))
  })

  test('keeps nothing where it has no room, and nothing far down', () => {
    const none = newNodeCache(0)
    none.set(at(0, 0), node(0))
    assert.equal(none.get(at(0, 0)), undefined)
    assert.equal(none.bytes(), 0)
    const cache = newNodeCache(6_000)
    cache.set(at(9, 0), node(0))
    assert.equal(cache.get(at(9, 0)), undefined)
  })
})
