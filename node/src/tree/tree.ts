// The state tree: a versioned sparse Merkle tree (Jellyfish-shaped, sixteen-ary on disk) whose proofs any ICS-23 library
// accepts with its stock SmtSpec. A version is a height: version h is the state after block h, version 0 the genesis.

import { assert, type CommitmentProof, type Hasher, limits } from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import type { Database, Write } from '../storage/database.ts'
import { key, keySpace, readHeight64 } from '../storage/keys.ts'
import { type Child, childHash } from './node.ts'
import { type KeptNode, nodeStore, rootKey } from './node-store.ts'
import { findLeaf, proveKey } from './prove.ts'
import { pruneWrites, staleWrites } from './stale.ts'
import { updateTree } from './update.ts'

export type Staged = {
  readonly version: bigint
  readonly root: Uint8Array
  /** Whether any value differs from the version before. */
  readonly changed: boolean
  /** To be written in one batch, with whatever else the block brings. */
  readonly writes: readonly Write[]
  /** Of use to `committed` only. */
  readonly nodes: readonly KeptNode[]
  readonly child: Child
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
  /** Node's own, when it isn't said; one that hashes many pairs at once is several times as fast. */
  readonly hasher?: Hasher
}

const retainDefault = 1_000
const cacheBytesDefault = 128 * 1024 * 1024

/** Opens the tree in a database; throws HomeError home-corrupt when a node is damaged. */
export async function openTree(database: Database, options: TreeOptions = {}): Promise<Tree> {
  const retain = BigInt(options.retain ?? retainDefault)
  assert(retain >= 1n, 'at least the newest version is kept')
  const hasher = options.hasher ?? nodeHasher
  const store = nodeStore(database, { cacheBytesMax: options.cacheBytes ?? cacheBytesDefault, hasher })
  let newest = await newestVersion(database)
  let newestRoot = newest === undefined ? undefined : store.root(newest)
  const oldest = (): bigint => (newest === undefined || newest < retain ? 0n : newest - retain + 1n)
  const keeps = (version: bigint): boolean => newest !== undefined && version >= oldest() && version <= newest

  function rootChild(version: bigint): Child {
    assert(keeps(version), `version ${version} is kept`)
    return version === newest ? newestRoot : store.root(version)
  }

  async function stage(writes: readonly Write[]): Promise<Staged> {
    for (const write of writes) assertWrite(write)
    const version = newest === undefined ? 0n : newest + 1n
    const updated = await updateTree(store, newestRoot, { version, writes })
    assert(updated.root, 'a tree is never empty: it would prove no absence (security rule 21)')
    const root = childHash(updated.root, hasher)
    const stale = staleWrites(version, newest === undefined ? [] : [rootKey(newest), ...updated.stale])
    const pruned = await pruneWrites(database, oldest(), stale.length)
    return {
      version,
      root,
      changed: newestRoot !== updated.root,
      writes: [...updated.writes, { key: rootKey(version), value: updated.root }, ...stale, ...pruned],
      nodes: updated.nodes,
      child: updated.root,
    }
  }

  function committed(staged: Staged): void {
    assert(staged.version === (newest === undefined ? 0n : newest + 1n), 'versions follow one another')
    store.keep(staged.nodes)
    newest = staged.version
    newestRoot = staged.child
  }

  return {
    newest: () => newest,
    keeps,
    root: version => childHash(rootChild(version), hasher),
    get(wanted, version) {
      const leaf = findLeaf(store, rootChild(version), hasher.sha256(wanted))
      return leaf && store.value(leaf).value
    },
    prove: (wanted, version) => proveKey(store, rootChild(version), wanted),
    stage,
    committed,
  }
}

function assertWrite({ key: written, value }: Write): void {
  assert(written.length > 0 && written.length <= limits.stateKeyBytesMax, 'a state key has a length within limits')
  if (value === undefined) return
  assert(value.length > 0 && value.length <= limits.stateValueBytesMax, 'a state value has a length within limits')
}

async function newestVersion(database: Database): Promise<bigint | undefined> {
  const from = key(keySpace.treeRoot)
  const to = Uint8Array.of(keySpace.treeRoot + 1)
  const [entry] = await database.entries({ from, to, order: 'descending', countMax: 1 })
  return entry && readHeight64(entry.key, 1)
}
