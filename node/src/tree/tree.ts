// The state tree: a versioned sparse Merkle tree (Jellyfish-shaped, sixteen-ary on disk) whose proofs any ICS-23 library
// accepts with its stock SmtSpec. A version is a height: version h is the state after block h, version 0 the genesis.

import { assert, type CommitmentProof, limits } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import type { Database, Write } from '../storage/database.ts'
import { height64, index32, key, keySpace, readHeight64 } from '../storage/keys.ts'
import { type Child, childHash, encodeChild, type Leaf, type Node, pathText } from './node.ts'
import { nodeStore, type Path, rootKey } from './node-store.ts'
import { proveKey } from './prove.ts'
import { changesOf, rootPath, type Update, updateChild } from './update.ts'

export type Staged = {
  readonly version: bigint
  readonly root: Uint8Array
  /** Whether any value differs from the version before. */
  readonly changed: boolean
  /** To be written in one batch, with whatever else the block brings. */
  readonly writes: readonly Write[]
  readonly nodes: ReadonlyMap<string, Node>
}

export type Tree = {
  /** The newest version that was committed; undefined before the genesis. */
  readonly newest: () => bigint | undefined
  /** Whether a version can still be read and proved. */
  readonly keeps: (version: bigint) => boolean
  readonly root: (version: bigint) => Uint8Array
  /** The value of a key at a kept version. */
  readonly get: (key: Uint8Array, version: bigint) => Uint8Array | undefined
  /** Existence with the value, or absence with the neighbours (SmtSpec), at a kept version. */
  readonly prove: (key: Uint8Array, version: bigint) => CommitmentProof
  /** Makes the next version; nothing is written yet. Values are never empty, keys and values within limits. */
  readonly stage: (writes: readonly Write[]) => Promise<Staged>
  /** To be called after the staged writes are on the disk. */
  readonly committed: (staged: Staged) => void
}

export type TreeOptions = {
  /** How many of the newest versions stay readable. */
  readonly retain?: number
  readonly cacheBytes?: number
}

const retainDefault = 1_000
const cacheBytesDefault = 64 * 1024 * 1024
/** Old entries removed with a block beyond as many as the block itself makes old: bounded work, and no backlog for ever. */
const pruneExtraPerVersion = 1_000

/** Opens the tree in a database; throws HomeError home-corrupt when a node is damaged. */
export async function openTree(database: Database, options: TreeOptions = {}): Promise<Tree> {
  const retain = BigInt(options.retain ?? retainDefault)
  assert(retain >= 1n, 'at least the newest version is kept')
  const store = nodeStore(database, options.cacheBytes ?? cacheBytesDefault)
  let newest = await newestVersion(database)
  const oldest = (): bigint => (newest === undefined || newest < retain ? 0n : newest - retain + 1n)
  const keeps = (version: bigint): boolean => newest !== undefined && version >= oldest() && version <= newest

  function rootChild(version: bigint): Child {
    assert(keeps(version), `version ${version} is kept`)
    return store.root(version)
  }

  function find(wanted: Uint8Array, version: bigint): Leaf | undefined {
    const path = pathOf(wanted)
    let child = rootChild(version)
    for (let depth = 0; child?.kind === 'branch'; depth++) {
      child = store.node(child, path.slice(0, depth))[Number.parseInt(path[depth]!, 16)]
    }
    return child?.path === path ? child : undefined
  }

  async function stage(writes: readonly Write[]): Promise<Staged> {
    for (const write of writes) assertWrite(write)
    const before = newest === undefined ? undefined : rootChild(newest)
    const update: Update = {
      version: newest === undefined ? 0n : newest + 1n,
      store,
      writes: [],
      stale: newest === undefined ? [] : [rootKey(newest)],
      nodes: new Map(),
    }
    const after = updateChild(update, before, { path: rootPath, changes: changesOf(writes) })
    assert(after !== undefined, 'a tree is never empty: it would prove no absence (security rule 21)')
    update.writes.push({ key: rootKey(update.version), value: encodeChild(after) })
    update.stale.forEach((value, index) => {
      update.writes.push({ key: staleKey(update.version, index), value })
    })
    update.writes.push(...(await pruneWrites(database, oldest(), update.stale.length + pruneExtraPerVersion)))
    return {
      version: update.version,
      root: childHash(after),
      changed: before === undefined || Buffer.compare(childHash(after), childHash(before)) !== 0,
      writes: update.writes,
      nodes: update.nodes,
    }
  }

  function committed(staged: Staged): void {
    assert(staged.version === (newest === undefined ? 0n : newest + 1n), 'versions follow one another')
    store.keep(staged.nodes)
    newest = staged.version
  }

  return {
    newest: () => newest,
    keeps,
    root: version => childHash(rootChild(version)),
    get(wanted, version) {
      const leaf = find(wanted, version)
      return leaf && store.value(leaf).value
    },
    prove: (wanted, version) => proveKey(store, rootChild(version), wanted),
    stage,
    committed,
  }
}

function pathOf(wanted: Uint8Array): Path {
  return pathText(sha256(wanted))
}

function assertWrite({ key: written, value }: Write): void {
  assert(written.length > 0 && written.length <= limits.stateKeyBytesMax, 'a state key has a length within limits')
  if (value === undefined) return
  assert(value.length > 0 && value.length <= limits.stateValueBytesMax, 'a state value has a length within limits')
}

/** Deletes of entries that no version from `oldest` on needs. */
async function pruneWrites(database: Database, oldest: bigint, countMax: number): Promise<readonly Write[]> {
  const range = { from: key(keySpace.treeStale), to: staleKey(oldest + 1n, 0), countMax }
  const stale = await database.entries(range)
  return stale.flatMap(entry => [
    { key: entry.key, value: undefined },
    { key: entry.value, value: undefined },
  ])
}

function staleKey(version: bigint, index: number): Uint8Array {
  return key(keySpace.treeStale, height64(version), index32(index))
}

async function newestVersion(database: Database): Promise<bigint | undefined> {
  const from = key(keySpace.treeRoot)
  const to = Uint8Array.of(keySpace.treeRoot + 1)
  const [entry] = await database.entries({ from, to, order: 'descending', countMax: 1 })
  return entry && readHeight64(entry.key, 1)
}
