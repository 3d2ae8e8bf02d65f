import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { merkleLeafHash, merkleRoot, verifyConsistency, verifyInclusion } from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import type { Database } from '../storage/database.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { appHash, proveStore } from './app-hash.ts'
import { appendHistory, historyConsistency, historyInclusion, historyLeafHash, historyRoot } from './history.ts'

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

  test('proves every leaf of the tree of every size, also of sizes long past', async () => {
    const { database, leaves } = await historyOf(260)
    for (let size = 1; size <= leaves.length; size++) {
      const root = historyRoot(database, BigInt(size))
      for (let index = 0; index < size; index++) {
        const proof = historyInclusion(database, BigInt(size), BigInt(index))
        const leafHash = merkleLeafHash(leaves[index]!, nodeHasher)
        assert.deepEqual(historyLeafHash(database, BigInt(index)), leafHash)
        const inclusion = { leafHash, index: BigInt(index), size: BigInt(size), proof, root }
        assert.equal(verifyInclusion(inclusion, nodeHasher).kind, 'verified', `${index} of ${size}`)
      }
    }
  })

  test('proves that the tree of every size begins with the tree of every smaller one', async () => {
    const { database, leaves } = await historyOf(260)
    for (let size = 1n; size <= BigInt(leaves.length); size++) {
      for (let oldSize = 1n; oldSize <= size; oldSize++) {
        const [oldRoot, root] = [historyRoot(database, oldSize), historyRoot(database, size)]
        const proof = historyConsistency(database, oldSize, size)
        const consistency = { oldSize, oldRoot, size, root, proof }
        assert.equal(verifyConsistency(consistency, nodeHasher).kind, 'verified', `${oldSize} of ${size}`)
      }
    }
  })

  test('a proof costs few reads, however long the history is', async () => {
    const { database } = await historyOf(1_000)
    let reads = 0
    const counting: Database = {
      ...database,
      get(key) {
        reads++
        return database.get(key)
      },
    }
    for (let size = 1n; size <= 1_000n; size += 7n) {
      for (const proved of [
        () => historyInclusion(counting, size, size / 3n),
        () => historyConsistency(counting, size / 3n + 1n, size),
      ]) {
        reads = 0
        proved()
        assert.ok(reads <= 20, `${reads} reads for ${size} leaves`)
      }
    }
  })

  test('a missing or damaged subtree is an error', async () => {
    const database = memoryDatabase(newDisk())
    assert.throws(() => historyRoot(database, 3n), /damaged/)
    assert.throws(() => historyInclusion(database, 3n, 1n), /damaged/)
    assert.throws(() => historyConsistency(database, 2n, 3n), /damaged/)
    assert.throws(() => historyLeafHash(database, 3n), /damaged/)
  })

  test('proves nothing of a leaf or an older tree that is outside the tree', async () => {
    const { database } = await historyOf(5)
    assert.throws(() => historyInclusion(database, 5n, 5n), /assertion/)
    assert.throws(() => historyInclusion(database, 5n, -1n), /assertion/)
    assert.throws(() => historyConsistency(database, 0n, 5n), /assertion/)
    assert.throws(() => historyConsistency(database, 6n, 5n), /assertion/)
    // The log has five leaves; a tree of six is not there.
    assert.throws(() => historyInclusion(database, 6n, 4n), /damaged/)
    assert.throws(() => historyConsistency(database, 5n, 6n), /damaged/)
  })
})

/** A log of so many different leaves. */
async function historyOf(size: number): Promise<{ database: Database; leaves: readonly Uint8Array[] }> {
  const database = memoryDatabase(newDisk())
  const leaves = Array.from({ length: size }, (_, i) => sha256(Uint8Array.of(i, i >> 8)))
  for (const [index, leaf] of leaves.entries()) await database.write(appendHistory(database, BigInt(index), leaf))
  return { database, leaves }
}

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
