import type { Hasher } from '@muniment/sdk'
import type { Entry, Write } from '../storage/database.ts'
import { height64 } from '../storage/keys.ts'
import { comparePaths, leafBytes } from './node.ts'

/** What becomes of one key: the leaf that it has afterwards, or only the path of one that it has no more. */
export type Change = {
  /** A leaf; without an entry, the hash of its value is zero bytes. */
  readonly leaf: Uint8Array
  /** The key with its new value; undefined where it is deleted. */
  readonly entry: Entry | undefined
}

/** The changes in the order of their paths; of several writes of one key the last counts. */
export function changesOf(
  writes: readonly Write[],
  { version, hasher }: { readonly version: bigint; readonly hasher: Hasher },
): readonly Change[] {
  const leaves = new Uint8Array(writes.length * leafBytes)
  const stamp = height64(version)
  const ranked = writes.map(({ key, value }, i) => {
    const leaf = leaves.subarray(i * leafBytes, (i + 1) * leafBytes)
    leaf.set(stamp)
    leaf.set(hasher.sha256(key), 8)
    if (value) leaf.set(hasher.sha256(value), 40)
    return { leaf, entry: value && { key, value }, rank: rankOf(leaf) }
  })
  // Sorting is stable: of one path the last write comes last.
  ranked.sort((a, b) => a.rank - b.rank || comparePaths(a.leaf, b.leaf))
  return ranked.filter((change, i) => {
    const next = ranked[i + 1]
    return !next || next.rank !== change.rank || comparePaths(next.leaf, change.leaf) !== 0
  })
}

/** The first six bytes of a path as a number, which says the order of almost all. */
function rankOf(leaf: Uint8Array): number {
  let rank = 0
  for (let i = 8; i < 14; i++) rank = rank * 256 + leaf[i]!
  return rank
}
