// Proofs in the tree of RFC 6962: that a leaf is in it (2.1.1) and that one tree grew from another (2.1.2), by the
// procedures that RFC 9162 spells out in 2.1.3.2 and 2.1.4.2.
//
// A root does not say how many leaves are under it: a proof for size 3 can hold for size 4 as well. So sizes and indices
// must come from what is trusted, never from whoever sent the proof (security rule 11).

import { equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { merkleAuntsMax } from '../limits.ts'
import { bytes, int64, type Message, message, repeatedBytes } from '../protobuf.ts'
import { merkleInnerHash, merkleLeafHash } from './root.ts'

export const hashBytes = 32
/** Sizes are int64 on every chain and log we read. */
export const sizeMax: bigint = 2n ** 63n - 1n

export type VerifiedProof = { readonly kind: 'verified' } | { readonly kind: 'invalid'; readonly error: VerifyError }

export type Inclusion = {
  /** `merkleLeafHash` of the leaf, made by the caller: a hash that the sender chose could be an inner node. */
  readonly leafHash: Uint8Array
  /** From 0. */
  readonly index: bigint
  /** Leaves in the tree. */
  readonly size: bigint
  /** Siblings of 32 bytes, from the leaf up; exactly as many as index and size ask for. */
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

export type Consistency = {
  /** The older tree; it must not be empty, of which every tree is a continuation. */
  readonly oldSize: bigint
  readonly oldRoot: Uint8Array
  readonly size: bigint
  readonly root: Uint8Array
  /** Nodes of 32 bytes, none where both sizes are the same. */
  readonly proof: readonly Uint8Array[]
}

/** CometBFT's crypto/merkle.Proof; aunts go from the leaf up, as in RFC 6962. */
export type MerkleProof = {
  readonly total: bigint
  readonly index: bigint
  readonly leafHash: Uint8Array
  readonly aunts: readonly Uint8Array[]
}

/** tendermint.crypto.Proof. */
export const merkleProof: Message<MerkleProof> = message({
  total: int64(1),
  index: int64(2),
  leafHash: bytes(3, hashBytes),
  aunts: repeatedBytes(4, merkleAuntsMax, hashBytes),
})

/** The tree of this root and size has the leaf at the index. */
export function verifyInclusion(inclusion: Inclusion, hasher: Hasher): VerifiedProof {
  return answered(() => checkInclusion(inclusion, hasher))
}

/** The tree begins with all leaves of the older one, in their order. */
export function verifyConsistency(consistency: Consistency, hasher: Hasher): VerifiedProof {
  return answered(() => checkConsistency(consistency, hasher))
}

/**
 * CometBFT's proof that `leaf` is at `index` of the `total` leaves under `root` (merkle.Proof.Verify). What it says of
 * itself must be what was asked: the proof's own index and total are compared, never believed.
 */
export function verifyMerkleProof(
  {
    proof,
    leaf,
    index,
    total,
    root,
  }: {
    readonly proof: MerkleProof
    readonly leaf: Uint8Array
    readonly index: bigint
    readonly total: bigint
    readonly root: Uint8Array
  },
  hasher: Hasher,
): VerifiedProof {
  return answered(() => {
    check(proof.index === index, 'invalid-proof', 'another index', { expected: index, actual: proof.index })
    check(proof.total === total, 'invalid-proof', 'another total', { expected: total, actual: proof.total })
    const leafHash = merkleLeafHash(leaf, hasher)
    check(equals(proof.leafHash, leafHash), 'invalid-proof', 'the proof is of another leaf')
    checkInclusion({ leafHash, index, size: total, proof: proof.aunts, root }, hasher)
  })
}

function checkInclusion({ leafHash, index, size, proof, root }: Inclusion, hasher: Hasher): void {
  check(size >= 1n && size <= sizeMax, 'invalid-proof', 'size out of range', { actual: size })
  check(index >= 0n && index < size, 'invalid-proof', 'index out of range', {
    expected: `below ${size}`,
    actual: index,
  })
  check(leafHash.length === hashBytes, 'invalid-proof', 'a leaf hash has 32 bytes')
  checkNodes(proof)
  // Where the node stands in its level, and where that level's last node does.
  let node = index
  let last = size - 1n
  let hash = leafHash
  for (const sibling of proof) {
    check(last > 0n, 'invalid-proof', 'more siblings than the tree has levels')
    if (isOdd(node) || node === last) {
      hash = merkleInnerHash(sibling, hash, hasher)
      // A last node without a right neighbour rises until it is a right child.
      while (!isOdd(node) && node > 0n) [node, last] = [node >> 1n, last >> 1n]
    } else {
      hash = merkleInnerHash(hash, sibling, hasher)
    }
    node >>= 1n
    last >>= 1n
  }
  check(last === 0n, 'invalid-proof', 'fewer siblings than the tree has levels')
  check(equals(hash, root), 'wrong-root', 'the proof leads to another root')
}

function checkConsistency({ oldSize, oldRoot, size, root, proof }: Consistency, hasher: Hasher): void {
  check(oldSize >= 1n && oldSize <= size && size <= sizeMax, 'invalid-proof', 'sizes out of range', {
    expected: `1 to ${size}`,
    actual: oldSize,
  })
  checkNodes(proof)
  if (oldSize === size) {
    check(proof.length === 0, 'invalid-proof', 'nodes where none are needed')
    check(equals(oldRoot, root), 'wrong-root', 'two roots of one size')
    return
  }
  check(oldRoot.length === hashBytes, 'invalid-proof', 'a root has 32 bytes')
  let node = oldSize - 1n
  let last = size - 1n
  // The older tree's last perfect subtree; a power of two is one such tree, whose root the proof leaves out.
  const isPerfect = (oldSize & node) === 0n
  check(isPerfect || proof.length > 0, 'invalid-proof', 'an empty proof')
  while (isOdd(node)) [node, last] = [node >> 1n, last >> 1n]
  let oldHash = isPerfect ? oldRoot : proof[0]!
  let hash = oldHash
  for (const sibling of isPerfect ? proof : proof.slice(1)) {
    check(last > 0n, 'invalid-proof', 'more nodes than the tree has levels')
    if (isOdd(node) || node === last) {
      oldHash = merkleInnerHash(sibling, oldHash, hasher)
      hash = merkleInnerHash(sibling, hash, hasher)
      while (!isOdd(node) && node > 0n) [node, last] = [node >> 1n, last >> 1n]
    } else {
      hash = merkleInnerHash(hash, sibling, hasher)
    }
    node >>= 1n
    last >>= 1n
  }
  check(last === 0n, 'invalid-proof', 'fewer nodes than the tree has levels')
  check(equals(oldHash, oldRoot), 'wrong-root', 'the proof leads to another older root')
  check(equals(hash, root), 'wrong-root', 'the proof leads to another root')
}

/** Nodes are hashes: one of another length could be cut into a node and something else. */
function checkNodes(nodes: readonly Uint8Array[]): void {
  check(nodes.length <= merkleAuntsMax, 'oversized', 'too many nodes in a proof', { actual: nodes.length })
  for (const node of nodes) check(node.length === hashBytes, 'invalid-proof', 'a node has 32 bytes')
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n
}

export function answered(verify: () => void): VerifiedProof {
  try {
    verify()
    return { kind: 'verified' }
  } catch (error) {
    if (error instanceof VerifyError) return { kind: 'invalid', error }
    throw error
  }
}
