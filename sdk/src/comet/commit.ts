import { empty } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { chainIdLengthMax, signatureBytesMax, validatorsMax } from '../limits.ts'
import { merkleRoot } from '../merkle/root.ts'
import {
  always,
  bytes,
  int32,
  int64,
  type Message,
  message,
  optional,
  repeated,
  sfixed64,
  string,
  uint32,
} from '../protobuf.ts'
import type { Timestamp } from '../time.ts'
import { type BlockId, blockId, isNoBlockId, timestamp } from './block-id.ts'
import { timestampLength, writeTimestamp } from './timestamp-bytes.ts'
import { uvarintLength, writeUvarint } from './varint.ts'

/** BlockIDFlag of types.proto. */
export const BlockIdFlag = { absent: 1, commit: 2, nil: 3 } as const

/** SignedMsgType of types.proto, as far as blocks need it. */
export const SignedMessageType = { prevote: 1, precommit: 2, proposal: 32 } as const

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

/** `last_commit_hash` of the next header: the root over the commit's signatures, absent ones included; 32 bytes. */
export function commitHash(value: Commit, hasher: Hasher): Uint8Array {
  return merkleRoot(value.signatures.map(commitSignature.encode), hasher)
}

/** CanonicalVote of canonical.proto, in parts: what all votes of a commit share stands before and behind the time. */
type VoteHead = {
  readonly type: number
  readonly height: bigint
  readonly round: bigint
  readonly blockId: BlockId | undefined
}

const voteHead: Message<VoteHead> = message({
  type: int32(1),
  height: sfixed64(2),
  round: sfixed64(3),
  blockId: optional(4, blockId),
})

/** Field 5, the time. */
const timeTag = 0x2a

const voteTail: Message<{ readonly chainId: string }> = message({ chainId: string(6, chainIdLengthMax) })

export type Vote = {
  readonly chainId: string
  readonly height: bigint
  readonly round: number
  /** Left out (or noBlockId) for a vote for nil. */
  readonly blockId?: BlockId | undefined
  readonly timestamp: Timestamp
  /** SignedMessageType; precommit when left out. */
  readonly type?: number
}

/** What a validator signs: the length-delimited CanonicalVote (types/canonical.go, types/vote.go). */
export function voteSignBytes(vote: Vote): Uint8Array {
  return createVoteSignBytes(vote)(vote.timestamp)
}

/** Memory for each message alone would cost more than all that is written to it. */
const votesPerSlabMax = 64

/**
 * The sign bytes of votes that differ in their time alone, as those of a commit do. A light client makes a hundred for each
 * header, so the time is written by hand.
 */
export function createVoteSignBytes(vote: Omit<Vote, 'timestamp'>): (timestamp: Timestamp) => Uint8Array {
  const id = vote.blockId
  const head = voteHead.encode({
    type: vote.type ?? SignedMessageType.precommit,
    height: vote.height,
    round: BigInt(vote.round),
    blockId: id === undefined || isNoBlockId(id) ? undefined : id,
  })
  const tail = voteTail.encode({ chainId: vote.chainId })
  let slab = empty
  let used = 0
  let made = 0
  return time => {
    const timeLength = timestampLength(time)
    const length = head.length + 2 + timeLength + tail.length
    const size = uvarintLength(length) + length
    if (used + size > slab.length) {
      slab = new Uint8Array(size * Math.min(made + 1, votesPerSlabMax))
      used = 0
    }
    const bytes = slab.subarray(used, used + size)
    used += size
    made++
    let end = writeUvarint(bytes, 0, length)
    bytes.set(head, end)
    end += head.length
    bytes[end++] = timeTag
    bytes[end++] = timeLength
    end = writeTimestamp(bytes, end, time)
    bytes.set(tail, end)
    return bytes
  }
}
