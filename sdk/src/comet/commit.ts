import { signatureBytesMax, validatorsMax } from '../limits.ts'
import { always, bytes, int32, int64, type Message, message, repeated, uint32 } from '../protobuf.ts'
import type { Timestamp } from '../time.ts'
import { type BlockId, blockId, timestamp } from './block-id.ts'

/** BlockIDFlag of types.proto. */
export const BlockIdFlag = { absent: 1, commit: 2, nil: 3 } as const

export type CommitSignature = {
  readonly blockIdFlag: number
  /** 20 bytes; empty when absent. */
  readonly validatorAddress: Uint8Array
  /** Zero time (year 1) when absent. */
  readonly timestamp: Timestamp
  readonly signature: Uint8Array
}

export type Commit = {
  readonly height: bigint
  readonly round: number
  readonly blockId: BlockId
  /** In the order of the validator set at this height. */
  readonly signatures: readonly CommitSignature[]
}

export const commitSignature: Message<CommitSignature> = message({
  blockIdFlag: uint32(1),
  validatorAddress: bytes(2, 20),
  timestamp: always(3, timestamp),
  signature: bytes(4, signatureBytesMax),
})

export const commit: Message<Commit> = message({
  height: int64(1),
  round: int32(2),
  blockId: always(3, blockId),
  signatures: repeated(4, commitSignature, validatorsMax),
})
