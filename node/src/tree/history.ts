// The history of the chain: the tree of RFC 6962, section 2.1, whose leaf 0 is the genesis hash and whose leaf h is the
// hash of block h. Roots of complete subtrees are stored, so that a root and any proof costs a few reads. What is asked for
// and not there is a HomeError: sizes and indices are checked by whoever takes them from outside.

import { assert, merkleInnerHash, merkleLeafHash } from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import type { Database, Write } from '../storage/database.ts'
import { height64, key, keySpace } from '../storage/keys.ts'

/** A subtree of 2^level leaves that begins at leaf index * 2^level. */
type Place = { readonly level: number; readonly index: bigint }

/** What to write for leaf number `size`, counted from 0, behind the `size` leaves that are there. The leaf is a 32-byte hash. */
export function appendHistory(database: Database, size: bigint, leaf: Uint8Array): readonly Write[] {
  assert(leaf.length === 32, 'a leaf of the history is a hash')
  let place: Place = { level: 0, index: size }
  let hash = merkleLeafHash(leaf, nodeHasher)
  const writes: Write[] = [{ key: historyKey(place), value: hash }]
  while (place.index % 2n === 1n) {
    const left = read({ database, staged: writes }, { level: place.level, index: place.index - 1n })
    hash = merkleInnerHash(left, hash, nodeHasher)
    place = { level: place.level + 1, index: place.index >> 1n }
    writes.push({ key: historyKey(place), value: hash })
  }
  return writes
}

/** Root over the first `size` leaves, size >= 1; `staged` are writes that are not in the database yet. */
export function historyRoot(database: Database, size: bigint, staged: readonly Write[] = []): Uint8Array {
  assert(size >= 1n, 'the history has its genesis leaf')
  return rangeRoot({ database, staged }, 0n, size)
}

/** RFC 6962, 2.1.1: siblings of leaf number `index` in the tree of `size` leaves, from the leaf up. */
export function historyInclusion(database: Database, size: bigint, index: bigint): readonly Uint8Array[] {
  assert(index >= 0n && index < size, 'a leaf is in the tree')
  const siblings: Uint8Array[] = []
  let [begin, end] = [0n, size]
  while (end - begin > 1n) {
    const middle = begin + splitOf(end - begin)
    if (index < middle) {
      siblings.push(rangeRoot({ database }, middle, end))
      end = middle
    } else {
      siblings.push(rangeRoot({ database }, begin, middle))
      begin = middle
    }
  }
  return siblings.reverse()
}

/** RFC 6962, 2.1.2: that the tree of `size` leaves begins with all of the tree of `oldSize` leaves, oldSize >= 1. */
export function historyConsistency(database: Database, oldSize: bigint, size: bigint): readonly Uint8Array[] {
  assert(oldSize >= 1n && oldSize <= size, 'an older tree is no larger, and not empty')
  const nodes: Uint8Array[] = []
  let [begin, end] = [0n, size]
  // Where the older tree ends with this range, the range is one of its nodes.
  while (end !== oldSize) {
    const middle = begin + splitOf(end - begin)
    if (oldSize <= middle) {
      nodes.push(rangeRoot({ database }, middle, end))
      end = middle
    } else {
      nodes.push(rangeRoot({ database }, begin, middle))
      begin = middle
    }
  }
  // The node at the left edge is the older root itself, which the verifier has.
  if (begin > 0n) nodes.push(rangeRoot({ database }, begin, end))
  return nodes.reverse()
}

/** `merkleLeafHash` of leaf number `index`. */
export function historyLeafHash(database: Database, index: bigint): Uint8Array {
  return read({ database }, { level: 0, index })
}

type Source = { readonly database: Database; readonly staged?: readonly Write[] }

/** Root over the leaves `begin` to `end`, without `end`; `begin` is where the splits of RFC 6962 let a range begin. */
function rangeRoot(source: Source, begin: bigint, end: bigint): Uint8Array {
  let root: Uint8Array | undefined
  const size = end - begin
  // From the smallest complete subtree at the right end to the largest at the left.
  for (let level = 0; size >> BigInt(level) > 0n; level++) {
    const count = end >> BigInt(level)
    if ((size >> BigInt(level)) % 2n === 0n) continue
    const peak = read(source, { level, index: count - 1n })
    root = root === undefined ? peak : merkleInnerHash(peak, root, nodeHasher)
  }
  return root!
}

/** The largest power of two below `size`, which is 2 at least. */
function splitOf(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1)
}

function read({ database, staged = [] }: Source, place: Place): Uint8Array {
  const wanted = historyKey(place)
  const found = staged.find(write => Buffer.compare(write.key, wanted) === 0)?.value ?? database.get(wanted)
  if (found?.length !== 32) {
    throw new HomeError('home-corrupt', 'The block history on this disk is damaged; restore it from a backup.')
  }
  return found
}

function historyKey({ level, index }: Place): Uint8Array {
  return key(keySpace.history, Uint8Array.of(level), height64(index))
}
