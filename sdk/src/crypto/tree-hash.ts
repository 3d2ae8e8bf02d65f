// RFC 6962, section 2.1: the Merkle tree hash over any Hasher. Proofs are in merkle/.

import type { Hasher } from './crypto.ts'

const leafPrefix = new Uint8Array([0])
const innerPrefix = new Uint8Array([1])

/** H(00 | leaf), 32 bytes. */
export function leafHash(leaf: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.sha256(leafPrefix, leaf)
}

/** H(01 | left | right), 32 bytes. */
export function innerHash(left: Uint8Array, right: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.sha256(innerPrefix, left, right)
}

/** The root of the leaves, 32 bytes; that of no leaves is the hash of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  if (leaves.length === 0) return hasher.sha256()
  let level = leaves.map(leaf => leafHash(leaf, hasher))
  // A level's odd last node moves up as it is: that is the RFC's split at the largest power of two.
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i + 1 < level.length; i += 2) above.push(innerHash(level[i]!, level[i + 1]!, hasher))
    if (level.length % 2 === 1) above.push(level.at(-1)!)
    level = above
  }
  return level[0]!
}
