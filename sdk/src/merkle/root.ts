// The tree of RFC 6962, section 2.1, as CometBFT hashes headers, sets and commits with it (crypto/merkle).

import { empty } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'

const leafPrefix = new Uint8Array([0])
const innerPrefix = new Uint8Array([1])

/** H(0x00 | leaf); 32 bytes. */
export function merkleLeafHash(leaf: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.sha256(leafPrefix, leaf)
}

/** H(0x01 | left | right); 32 bytes. */
export function merkleInnerHash(left: Uint8Array, right: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.sha256(innerPrefix, left, right)
}

/** Root of the leaves in their order; 32 bytes. An empty list gives H(""). A hasher that knows trees makes it at once. */
export function merkleRoot(leaves: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  if (hasher.merkleRoot !== undefined) return hasher.merkleRoot(leaves)
  if (leaves.length === 0) return hasher.sha256(empty)
  let level = leaves.map(leaf => merkleLeafHash(leaf, hasher))
  // Joining neighbours and carrying an odd last one up is the same tree as splitting at the largest power of two.
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i + 1 < level.length; i += 2) next.push(merkleInnerHash(level[i]!, level[i + 1]!, hasher))
    if (level.length % 2 === 1) next.push(level[level.length - 1]!)
    level = next
  }
  return level[0]!
}
