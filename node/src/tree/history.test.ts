import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { merkleRoot } from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { appHash, proveStore } from './app-hash.ts'
import { appendHistory, historyRoot } from './history.ts'

describe('block history', () => {
  test('has the root of RFC 6962 at every size, also of sizes long past and before the write', async () => {
    const database = memoryDatabase(newDisk())
    const leaves = Array.from({ length: 200 }, (_, i) => sha256(Uint8Array.of(i)))
    for (const [size, leaf] of leaves.entries()) {
      const writes = appendHistory(database, BigInt(size), leaf)
      const root = historyRoot(database, BigInt(size) + 1n, writes)
      assert.deepEqual(root, merkleRoot(leaves.slice(0, size + 1), nodeHasher))
      await database.write(writes)
    }
    for (let size = 1; size <= leaves.length; size++) {
      assert.deepEqual(historyRoot(database, BigInt(size)), merkleRoot(leaves.slice(0, size), nodeHasher))
    }
  })

  test('a missing or damaged subtree is an error', async () => {
    const database = memoryDatabase(newDisk())
    assert.throws(() => historyRoot(database, 3n), /damaged/)
  })
})

describe('app hash', () => {
  const roots = { history: sha256(Uint8Array.of(1)), state: sha256(Uint8Array.of(2)) }

  test('each store is proved under it', () => {
    for (const name of ['history', 'state'] as const) {
      const { key, value, path } = proveStore(name, roots)
      const leaf = sha256(Uint8Array.of(0, key.length), key, Uint8Array.of(32), sha256(value))
      assert.deepEqual(sha256(path[0]!.prefix, leaf, path[0]!.suffix), appHash(roots))
      assert.deepEqual(value, roots[name])
    }
  })

  test('changes when either root changes', () => {
    assert.notDeepEqual(appHash({ ...roots, state: roots.history }), appHash(roots))
    assert.notDeepEqual(appHash({ history: roots.state, state: roots.history }), appHash(roots))
  })
})
