// Roots of the first leaves of a long log, whose leaf hashes stand one behind the other in one piece of memory.

import { assert, type Hasher, merkleInnerHash } from '@muniment/sdk'

/** RFC 6962, 2.1, over the first `size` of the leaf hashes, 32 bytes each; size >= 1. */
export function prefixRoot(leafHashes: Uint8Array, size: number, hasher: Hasher): Uint8Array {
  assert(size >= 1 && size * 32 <= leafHashes.length, 'as many leaves as there are')
  /** Roots of complete subtrees, the largest first, as the bits of the number of leaves so far. */
  const peaks: Uint8Array[] = []
  for (let index = 0; index < size; index++) {
    let hash: Uint8Array = leafHashes.slice(index * 32, index * 32 + 32)
    for (let count = index; count % 2 === 1; count >>>= 1) hash = merkleInnerHash(peaks.pop()!, hash, hasher)
    peaks.push(hash)
  }
  return peaks.reduceRight((right, left) => merkleInnerHash(left, right, hasher))
}
