// The history of the chain: the tree of RFC 6962, section 2.1, whose leaf 0 is the genesis hash and whose leaf h is the
// hash of block h. Roots of complete subtrees are stored, so that a root, and later any proof, costs a few reads.

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
    const left = read(database, writes, { level: place.level, index: place.index - 1n })
    hash = merkleInnerHash(left, hash, nodeHasher)
    place = { level: place.level + 1, index: place.index >> 1n }
    writes.push({ key: historyKey(place), value: hash })
  }
  return writes
}

/** Root over the first `size` leaves, size >= 1; `staged` are writes that are not in the database yet. */
export function historyRoot(database: Database, size: bigint, staged: readonly Write[] = []): Uint8Array {
  assert(size >= 1n, 'the history has its genesis leaf')
  let root: Uint8Array | undefined
  // From the smallest complete subtree at the right end to the largest at the left.
  for (let level = 0; size >> BigInt(level) > 0n; level++) {
    const count = size >> BigInt(level)
    if (count % 2n === 0n) continue
    const peak = read(database, staged, { level, index: count - 1n })
    root = root === undefined ? peak : merkleInnerHash(peak, root, nodeHasher)
  }
  return root!
}

function read(database: Database, staged: readonly Write[], place: Place): Uint8Array {
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
