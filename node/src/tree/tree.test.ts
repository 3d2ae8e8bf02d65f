import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { encodeUtf8, formatHex, loadCrypto } from '@muniment/sdk'
import fc from 'fast-check'
import type { HomeError } from '../home-error.ts'
import { type Database, type Entry, openDatabase, type Write } from '../storage/database.ts'
import { keySpace } from '../storage/keys.ts'
import { type Disk, memoryDatabase, newDisk } from '../storage/memory.ts'
import { modelRoot } from './model.ts'
import { openTree, type Staged, type Tree } from './tree.ts'

const folders: string[] = []
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const genesisLeafKey = encodeUtf8('genesis')
const genesis: Write = { key: genesisLeafKey, value: encodeUtf8('genesis value') }

async function commit(database: Database, tree: Tree, writes: readonly Write[]): Promise<Staged> {
  const staged = await tree.stage(writes)
  await database.write(staged.writes)
  tree.committed(staged)
  return staged
}

async function newTree(database: Database, retain = 1_000): Promise<Tree> {
  const tree = await openTree(database, { retain })
  await commit(database, tree, [genesis])
  return tree
}

/** Few keys, so that batches meet the same ones again and again. */
const arbitraryKey = fc.integer({ min: 0, max: 60 }).map(number => encodeUtf8(`key ${number}`))
const arbitraryWrite: fc.Arbitrary<Write> = fc.record({
  key: arbitraryKey,
  value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined, freq: 2 }),
})
const arbitraryBatches = fc.array(fc.array(arbitraryWrite, { maxLength: 25 }), { minLength: 1, maxLength: 12 })

type Model = Map<string, Entry>

function applyToModel(model: Model, writes: readonly Write[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) model.delete(formatHex(key))
    else model.set(formatHex(key), { key, value })
  }
}

describe('state tree', () => {
  test('after any batches it has the root and the values of the simple model, at every version', async () => {
    let batchCount = 0
    await fc.assert(
      fc.asyncProperty(arbitraryBatches, async batches => {
        const database = memoryDatabase(newDisk())
        const tree = await newTree(database)
        const model: Model = new Map()
        applyToModel(model, [genesis])
        const versions: Entry[][] = [[...model.values()]]
        for (const batch of batches) {
          applyToModel(model, batch)
          const { root } = await commit(database, tree, batch)
          versions.push([...model.values()])
          assert.deepEqual(root, modelRoot([...model.values()]))
          batchCount += 1
        }
        versions.forEach((entries, version) => {
          assert.deepEqual(tree.root(BigInt(version)), modelRoot(entries))
          for (const { key, value } of entries) assert.deepEqual(tree.get(key, BigInt(version)), value)
        })
        for (let number = 0; number <= 60; number++) {
          const key = encodeUtf8(`key ${number}`)
          assert.deepEqual(tree.get(key, BigInt(batches.length)), model.get(formatHex(key))?.value)
        }
      }),
      { numRuns: 400 },
    )
    assert.ok(batchCount > 2_000, `${batchCount} batches`)
  })

  test('the root does not depend on how writes are split into batches or ordered', async () => {
    const distinct = fc.uniqueArray(arbitraryWrite, { selector: ({ key }) => formatHex(key), maxLength: 50 })
    await fc.assert(
      fc.asyncProperty(distinct, fc.infiniteStream(fc.nat(20)), async (writes, random) => {
        const whole = memoryDatabase(newDisk())
        const wholeTree = await newTree(whole)
        const { root } = await commit(whole, wholeTree, writes)

        const parts = memoryDatabase(newDisk())
        const partTree = await newTree(parts)
        const shuffled = writes.map(write => ({ write, rank: random.next().value })).sort((a, b) => a.rank - b.rank)
        let last: Staged | undefined
        for (let from = 0; from < shuffled.length || !last; ) {
          const to = from + 1 + random.next().value
          last = await commit(
            parts,
            partTree,
            shuffled.slice(from, to).map(({ write }) => write),
          )
          from = to
        }
        assert.deepEqual(last.root, root)
      }),
      { numRuns: 150 },
    )
  })

  test('a thousand keys, deleted again and put back, give the root that they gave before', async () => {
    const database = memoryDatabase(newDisk())
    const tree = await newTree(database)
    const keys = Array.from({ length: 1_000 }, (_, i) => encodeUtf8(`record ${i}`))
    const puts = keys.map(key => ({ key, value: encodeUtf8(`value of ${key}`) }))
    const full = await commit(database, tree, puts)
    const none = await commit(
      database,
      tree,
      keys.map(key => ({ key, value: undefined })),
    )
    assert.deepEqual(none.root, tree.root(0n))
    const again = await commit(database, tree, puts.toReversed())
    assert.deepEqual(again.root, full.root)
  })

  test('a write that changes nothing says so and keeps the root', async () => {
    const database = memoryDatabase(newDisk())
    const tree = await newTree(database)
    const write = { key: encodeUtf8('a'), value: encodeUtf8('1') }
    assert.equal((await commit(database, tree, [write])).changed, true)
    const same = await commit(database, tree, [write, { key: encodeUtf8('absent'), value: undefined }])
    assert.equal(same.changed, false)
    assert.deepEqual(same.root, tree.root(1n))
    assert.equal((await commit(database, tree, [])).changed, false)
  })

  test('the last leaf can not be taken away, and empty values are refused', async () => {
    const tree = await newTree(memoryDatabase(newDisk()))
    await assert.rejects(tree.stage([{ key: genesisLeafKey, value: undefined }]), /never empty/)
    await assert.rejects(tree.stage([{ key: encodeUtf8('a'), value: new Uint8Array(0) }]), /within limits/)
    await assert.rejects(tree.stage([{ key: new Uint8Array(0), value: encodeUtf8('a') }]), /within limits/)
  })

  test('after a restart from disk it goes on where it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-tree-'))
    folders.push(folder)
    const batch = (version: number): Write[] =>
      Array.from({ length: 40 }, (_, i) => ({
        key: encodeUtf8(`key ${(version * 17 + i * 5) % 90}`),
        value: i % 7 === 0 ? undefined : encodeUtf8(`value ${version} ${i}`),
      }))
    const straight = memoryDatabase(newDisk())
    const straightTree = await newTree(straight)
    for (let version = 0; version < 8; version++) {
      const database = await openDatabase(folder)
      const tree = version === 0 ? await newTree(database) : await openTree(database)
      const { root } = await commit(database, tree, batch(version))
      assert.deepEqual(root, (await commit(straight, straightTree, batch(version))).root)
      await database.close()
    }
  })
})

describe('state tree, old versions', () => {
  test('only as many versions as asked for stay, and what they need stays with them', async () => {
    const disk = newDisk()
    const database = memoryDatabase(disk)
    const tree = await newTree(database, 5)
    const models: Model[] = [new Map([['', genesis as Entry]])]
    for (let version = 1; version <= 60; version++) {
      const writes = Array.from({ length: 10 }, (_, i) => ({
        key: encodeUtf8(`key ${(version * 7 + i * 3) % 40}`),
        value: i % 4 === 0 ? undefined : encodeUtf8(`value ${version}`),
      }))
      await commit(database, tree, writes)
      const model: Model = new Map(models.at(-1))
      applyToModel(model, writes)
      models.push(model)
    }
    assert.equal(tree.keeps(55n), false)
    assert.throws(() => tree.root(55n), /kept/)
    for (let version = 56; version <= 60; version++) {
      const entries = [...models[version]!.values()]
      assert.deepEqual(tree.root(BigInt(version)), modelRoot(entries))
      for (const { key, value } of entries) assert.deepEqual(tree.get(key, BigInt(version)), value)
    }
    const stored = count(disk, keySpace.treeNode) + count(disk, keySpace.treeValue)
    assert.ok(stored < 6 * 90, `${stored} entries for 5 kept versions of 40 keys`)
    assert.ok(count(disk, keySpace.treeRoot) <= 6)
  })
})

describe('state tree, bounds', () => {
  test('what a large block makes old goes over several blocks, each with bounded work, until nothing is left', async () => {
    const disk = newDisk()
    const database = memoryDatabase(disk)
    const tree = await newTree(database, 1)
    const write = (i: number, text: string): Write => ({ key: encodeUtf8(`key ${i}`), value: encodeUtf8(text) })
    for (const text of ['before', 'after']) {
      await commit(
        database,
        tree,
        Array.from({ length: 5_000 }, (_, i) => write(i, text)),
      )
    }
    const deletes: number[] = []
    for (let version = 0; version < 12; version++) {
      const { writes } = await commit(database, tree, [write(0, `${version}`)])
      deletes.push(writes.filter(({ value }) => value === undefined).length)
    }
    // One list of the block's own, and one more, of a thousand keys each and of themselves.
    assert.ok(Math.max(...deletes) <= 2_002, `${deletes}`)
    assert.ok(Math.max(...deletes) > 1_000, `${deletes}`)
    assert.ok(deletes.at(-1)! < 20, `${deletes}`)
    // Each key's value, and the one that the newest block made old.
    assert.equal(count(disk, keySpace.treeValue), 5_001 + 1)
    for (let i = 0; i < 5_000; i += 50) assert.ok(tree.get(encodeUtf8(`key ${i}`), tree.newest()!))
  })

  test('the root does not depend on whose hashes they are, nor on how much is kept in memory', async () => {
    const writes = Array.from({ length: 3_000 }, (_, i) => ({
      key: encodeUtf8(`key ${i}`),
      value: encodeUtf8(`value ${i}`),
    }))
    const roots: Uint8Array[] = []
    for (const options of [{}, { hasher: await loadCrypto() }, { cacheBytes: 0 }, { cacheBytes: 20_000 }]) {
      const database = memoryDatabase(newDisk())
      const tree = await openTree(database, options)
      await commit(database, tree, writes)
      const { root } = await commit(
        database,
        tree,
        writes.filter((_, i) => i % 3 === 0).map(({ key }) => ({ key, value: encodeUtf8('another') })),
      )
      roots.push(root)
    }
    const entries = writes.map(({ key, value }, i) => ({ key, value: i % 3 === 0 ? encodeUtf8('another') : value }))
    for (const root of roots) assert.deepEqual(root, modelRoot(entries))
  })
})

function count(disk: Disk, space: number): number {
  return [...disk.values()].filter(({ key }) => key[0] === space).length
}

describe('state tree, faults', () => {
  test('a fault at any write leaves the state before or after it, never a mix', async () => {
    const batches = Array.from({ length: 6 }, (_, version) =>
      Array.from({ length: 12 }, (_, i) => ({
        key: encodeUtf8(`key ${(version * 5 + i * 3) % 25}`),
        value: i % 5 === 0 ? undefined : encodeUtf8(`value ${version} ${i}`),
      })),
    )
    const roots = [modelRoot([genesis as Entry])]
    const model: Model = new Map([[formatHex(genesis.key), genesis as Entry]])
    for (const batch of batches) {
      applyToModel(model, batch)
      roots.push(modelRoot([...model.values()]))
    }
    for (let atWrite = 1; atWrite <= batches.length + 1; atWrite++) {
      for (const leaves of ['old', 'new'] as const) {
        const disk = newDisk()
        await runUntilFault(disk, { atWrite, leaves }, batches)
        const tree = await openTree(memoryDatabase(disk))
        const reached = leaves === 'old' ? atWrite - 2 : atWrite - 1
        assert.equal(tree.newest(), reached < 0 ? undefined : BigInt(reached))
        for (let version = 0; version <= reached; version++) {
          assert.deepEqual(tree.root(BigInt(version)), roots[version])
          for (const entry of model.values()) tree.get(entry.key, BigInt(version))
        }
      }
    }
  })

  test('a flipped bit on the disk is an error, never another value', async () => {
    const disk = newDisk()
    const database = memoryDatabase(disk)
    const tree = await newTree(database)
    const writes = Array.from({ length: 50 }, (_, i) => ({
      key: encodeUtf8(`key ${i}`),
      value: encodeUtf8(`value ${i}`),
    }))
    await commit(database, tree, writes)
    const root = tree.root(1n)
    let refused = 0
    for (const [name, entry] of disk) {
      if (entry.key[0] !== keySpace.treeNode && entry.key[0] !== keySpace.treeValue) continue
      const value = entry.value.slice()
      value[value.length - 1]! ^= 1
      disk.set(name, { key: entry.key, value })
      const damaged = await openTree(memoryDatabase(disk))
      assert.deepEqual(damaged.root(1n), root)
      for (const write of writes) {
        try {
          assert.deepEqual(damaged.get(write.key, 1n), write.value)
        } catch (error) {
          assert.equal((error as HomeError).code, 'home-corrupt')
          refused += 1
        }
      }
      if (entry.key[0] === keySpace.treeNode && entry.key[8] === 1) {
        const changes = writes.map(({ key }) => ({ key, value: encodeUtf8('another') }))
        await assert.rejects(damaged.stage(changes), (error: HomeError) => error.code === 'home-corrupt')
      }
      disk.set(name, entry)
    }
    assert.ok(refused >= 50, `${refused} reads were refused`)
  })
})

async function runUntilFault(
  disk: Disk,
  fault: { atWrite: number; leaves: 'old' | 'new' },
  batches: readonly Write[][],
): Promise<void> {
  const database = memoryDatabase(disk, { fault })
  try {
    const tree = await newTree(database)
    for (const batch of batches) await commit(database, tree, batch)
  } catch (error) {
    assert.equal((error as HomeError).code, 'disk-full')
  }
}
