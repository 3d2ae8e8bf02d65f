// Proofs that a run of leaves stands in the tree of RFC 6962: all of them, in their order, and nothing between them.
//
// The tree over D[n] is split as in RFC 6962, 2.1, at k, the largest power of two below n. With the notation of 2.1.1, the
// proof of the leaves from b to e, without e, is
//
//   RANGE(b, e, D[n]) = {}                                             where b <= 0 and n <= e
//   RANGE(b, e, D[n]) = {MTH(D[n])}                                    where e <= 0 or n <= b
//   RANGE(b, e, D[n]) = RANGE(b, e, D[0:k]) : RANGE(b - k, e - k, D[k:n])   otherwise
//
// in words: the hashes of the largest subtrees that hold none of the run, in the order of their leaves. Those on its left
// are the compact range of b; at the right edge of the tree a subtree need not be perfect.

import { equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { assert, check } from '../errors.ts'
import { answered, hashBytes, sizeMax, type VerifiedProof } from './rfc6962.ts'
import { merkleInnerHash, merkleRoot } from './root.ts'

/** No path has more than 63 nodes; where the two of a run's ends part, neither of them leaves one beside it. */
const nodesMax = 124

export type LeafRange = {
  /** The leaves as they are before they are hashed, in their order; at least one. */
  readonly leaves: readonly Uint8Array[]
  /** Where the first of them stands, from 0. */
  readonly begin: bigint
  /** Leaves in the tree. */
  readonly size: bigint
  /** Nodes of 32 bytes, from the left to the right; exactly as many as begin, leaves and size ask for. */
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** The proof of the leaves from `begin` to `end`, without `end`, in the tree over all of them. */
export function proveRange(
  leaves: readonly Uint8Array[],
  { begin, end }: { readonly begin: number; readonly end: number },
  hasher: Hasher,
): Uint8Array[] {
  assert(0 <= begin && begin < end && end <= leaves.length, 'a range holds a leaf at least, and no other leaves')
  const proof: Uint8Array[] = []
  const walk = (start: number, stop: number): void => {
    if (begin <= start && stop <= end) return
    if (stop <= begin || end <= start) {
      proof.push(merkleRoot(leaves.slice(start, stop), hasher))
      return
    }
    const middle = start + Number(splitOf(BigInt(stop - start)))
    walk(start, middle)
    walk(middle, stop)
  }
  walk(0, leaves.length)
  return proof
}

/** The tree of this root and size has these leaves, one after another, from `begin` on. */
export function verifyRange(range: LeafRange, hasher: Hasher): VerifiedProof {
  return answered(() => checkRange(range, hasher))
}

function checkRange({ leaves, begin, size, proof, root }: LeafRange, hasher: Hasher): void {
  const end = begin + BigInt(leaves.length)
  check(size >= 1n && size <= sizeMax, 'invalid-proof', 'size out of range', { actual: size })
  check(begin >= 0n && begin < end && end <= size, 'invalid-proof', 'leaves out of range', {
    expected: `at least one, below ${size}`,
    actual: `${begin} to ${end}`,
  })
  check(proof.length <= nodesMax, 'oversized', 'too many nodes in a proof', { actual: proof.length })
  for (const node of proof) check(node.length === hashBytes, 'invalid-proof', 'a node has 32 bytes')
  let used = 0
  const rootOf = (start: bigint, stop: bigint): Uint8Array => {
    if (begin <= start && stop <= end) {
      return merkleRoot(leaves.slice(Number(start - begin), Number(stop - begin)), hasher)
    }
    if (stop <= begin || end <= start) {
      const node = proof[used++]
      check(node !== undefined, 'invalid-proof', 'fewer nodes than the range asks for')
      return node
    }
    const middle = start + splitOf(stop - start)
    const left = rootOf(start, middle)
    return merkleInnerHash(left, rootOf(middle, stop), hasher)
  }
  const hash = rootOf(0n, size)
  check(used === proof.length, 'invalid-proof', 'more nodes than the range asks for')
  check(equals(hash, root), 'wrong-root', 'the proof leads to another root')
}

/** The largest power of two below `size`, which is 2 at least. */
function splitOf(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1)
}
