// ICS-23 commitment proofs (cosmos/ics23, proofs.proto): existence and non-existence. Batch and compressed proofs are
// gone upstream and refused here.

import { proofDepthMax, proofOpBytesMax, stateKeyBytesMax, stateValueBytesMax } from '../limits.ts'
import { bytes, int32, type Message, message, optional, repeated } from '../protobuf.ts'

export type LeafOp = {
  readonly hash: number
  readonly prehashKey: number
  readonly prehashValue: number
  readonly length: number
  readonly prefix: Uint8Array
}

export type InnerOp = { readonly hash: number; readonly prefix: Uint8Array; readonly suffix: Uint8Array }

export type ExistenceProof = {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly leaf: LeafOp | undefined
  /** From the leaf up to the root. */
  readonly path: readonly InnerOp[]
}

export type NonExistenceProof = {
  readonly key: Uint8Array
  readonly left: ExistenceProof | undefined
  readonly right: ExistenceProof | undefined
}

/** Exactly one of the two is there; decode does not check that, verify does. */
export type CommitmentProof = {
  readonly exist: ExistenceProof | undefined
  readonly nonexist: NonExistenceProof | undefined
}

/** HashOp of proofs.proto. */
export const HashOp = { noHash: 0, sha256: 1 } as const
/** LengthOp of proofs.proto. */
export const LengthOp = { noPrefix: 0, varProto: 1 } as const

const leafOp: Message<LeafOp> = message({
  hash: int32(1),
  prehashKey: int32(2),
  prehashValue: int32(3),
  length: int32(4),
  prefix: bytes(5, proofOpBytesMax),
})

const innerOp: Message<InnerOp> = message({
  hash: int32(1),
  prefix: bytes(2, proofOpBytesMax),
  suffix: bytes(3, proofOpBytesMax),
})

export const existenceProof: Message<ExistenceProof> = message({
  key: bytes(1, stateKeyBytesMax),
  value: bytes(2, stateValueBytesMax),
  leaf: optional(3, leafOp),
  path: repeated(4, innerOp, proofDepthMax),
})

const nonExistenceProof: Message<NonExistenceProof> = message({
  key: bytes(1, stateKeyBytesMax),
  left: optional(2, existenceProof),
  right: optional(3, existenceProof),
})

export const commitmentProof: Message<CommitmentProof> = message({
  exist: optional(1, existenceProof),
  nonexist: optional(2, nonExistenceProof),
})
