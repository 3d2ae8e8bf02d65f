// Evidence that validators broke the rules, as CometBFT writes it into blocks and hashes it (types/evidence.go,
// proto/tendermint/types/evidence.proto, v0.34 to v0.40). Nothing here says that evidence is true.

import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { blockBytesMax, signatureBytesMax, validatorsMax } from '../limits.ts'
import { merkleRoot } from '../merkle/root.ts'
import { always, bytes, int32, int64, type Message, message, optional, repeated, uint32, uint64 } from '../protobuf.ts'
import type { Timestamp } from '../time.ts'
import { type BlockId, blockId, timestamp } from './block-id.ts'
import { headerHash } from './header.ts'
import { type LightBlock, lightBlock } from './light-block.ts'
import { type Validator, validator } from './validator-set.ts'

export type Evidence = DuplicateVoteEvidence | LightClientAttackEvidence

/** A vote as it was cast, whoever counted it. */
export type SignedVote = {
  /** SignedMessageType. */
  readonly type: number
  readonly height: bigint
  readonly round: number
  /** noBlockId: a vote for nil. */
  readonly blockId: BlockId
  readonly timestamp: Timestamp
  /** 20 bytes. */
  readonly validatorAddress: Uint8Array
  readonly validatorIndex: number
  readonly signature: Uint8Array
  /** Of a precommit since v0.38; empty before, and where the application asks for none. */
  readonly extension: Uint8Array
  readonly extensionSignature: Uint8Array
}

/** One validator signed two blocks in the same round. */
export type DuplicateVoteEvidence = {
  readonly type: 'duplicate-vote'
  /** The one whose block id is the lower, as CometBFT sorts them. */
  readonly voteA: SignedVote
  readonly voteB: SignedVote
  /** Of the set at the votes' height, of the validator in it, and that block's time. */
  readonly totalVotingPower: bigint
  readonly validatorPower: bigint
  readonly timestamp: Timestamp
}

/** Validators signed a block that the chain never agreed on, to deceive a light client (ADR 047). */
export type LightClientAttackEvidence = {
  readonly type: 'light-client-attack'
  /** Its set names a proposer: CometBFT refuses one that does not. */
  readonly conflictingBlock: LightBlock
  /** The newest height below on which both sides agree; the block's own where its header could follow from the chain. */
  readonly commonHeight: bigint
  /** Power descending, then address ascending. */
  readonly byzantineValidators: readonly Validator[]
  /** Of the set at the common height, and that block's time. */
  readonly totalVotingPower: bigint
  readonly timestamp: Timestamp
}

const signedVote: Message<SignedVote> = message({
  type: uint32(1),
  height: int64(2),
  round: int32(3),
  blockId: always(4, blockId),
  timestamp: always(5, timestamp),
  validatorAddress: bytes(6, 20),
  validatorIndex: int32(7),
  signature: bytes(8, signatureBytesMax),
  extension: bytes(9, blockBytesMax),
  extensionSignature: bytes(10, signatureBytesMax),
})

const duplicateVote: Message<Omit<DuplicateVoteEvidence, 'type'>> = message({
  voteA: always(1, signedVote),
  voteB: always(2, signedVote),
  totalVotingPower: int64(3),
  validatorPower: int64(4),
  timestamp: always(5, timestamp),
})

const lightClientAttack: Message<Omit<LightClientAttackEvidence, 'type'>> = message({
  conflictingBlock: always(1, lightBlock),
  commonHeight: int64(2),
  byzantineValidators: repeated(3, validator, validatorsMax),
  totalVotingPower: int64(4),
  timestamp: always(5, timestamp),
})

type EvidenceOneof = {
  readonly duplicateVote: DuplicateVoteEvidence | undefined
  readonly lightClientAttack: LightClientAttackEvidence | undefined
}

const evidenceOneof: Message<EvidenceOneof> = message({
  duplicateVote: optional(1, typed('duplicate-vote', duplicateVote)),
  lightClientAttack: optional(2, typed('light-client-attack', lightClientAttack)),
})

function typed<Type extends string, Fields>(
  type: Type,
  fields: Message<Fields>,
): Message<Fields & { readonly type: Type }> {
  return { encode: fields.encode, decode: encoded => ({ type, ...fields.decode(encoded) }) }
}

/** tendermint.types.Evidence: exactly one kind. */
export const evidence: Message<Evidence> = {
  encode: value =>
    evidenceOneof.encode({
      duplicateVote: value.type === 'duplicate-vote' ? value : undefined,
      lightClientAttack: value.type === 'light-client-attack' ? value : undefined,
    }),
  decode(encoded) {
    const { duplicateVote, lightClientAttack } = evidenceOneof.decode(encoded)
    const value = duplicateVote ?? lightClientAttack
    const one = value !== undefined && (duplicateVote === undefined || lightClientAttack === undefined)
    check(one, 'malformed', 'evidence is of exactly one kind')
    return value
  },
}

/**
 * Whether evidence accuses anybody. What does not must not be sent to a CometBFT node: v0.40.0 takes it, puts it into each
 * block that it proposes, and then refuses the block, because in protobuf no list cannot be told from an empty one.
 */
export function isReportable(evidence: Evidence): boolean {
  return evidence.type === 'duplicate-vote' || evidence.byzantineValidators.length > 0
}

/**
 * What CometBFT calls the hash of a piece of evidence, by which it tells one from another; 32 bytes. That of an attack on
 * light clients covers the conflicting header and the common height alone: whoever signed it, it is the same attack.
 */
export function evidenceId(value: Evidence, hasher: Hasher): Uint8Array {
  if (value.type === 'duplicate-vote') return hasher.sha256(duplicateVote.encode(value))
  // CometBFT copies one byte of the block's hash too few, and leaves a zero in its place.
  const hash = headerHash(value.conflictingBlock.header, hasher).subarray(0, 31)
  return hasher.sha256(hash, new Uint8Array([0]), zigzagVarint(value.commonHeight))
}

/** encoding/binary's PutVarint: sint64 of protobuf. */
function zigzagVarint(value: bigint): Uint8Array {
  return unsignedVarint.encode({ value: BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)) }).subarray(1)
}

const unsignedVarint: Message<{ readonly value: bigint }> = message({ value: uint64(1) })

/** What a block's evidence tells the application of one validator (ABCI's Misbehavior; types/evidence.go, ABCI). */
export type Misbehavior = {
  readonly type: Evidence['type']
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly power: bigint
  /** Of the votes, or the height that an attack has in common with the chain. */
  readonly height: bigint
  readonly time: Timestamp
  readonly totalVotingPower: bigint
}

export function misbehaviorOf(value: Evidence): readonly Misbehavior[] {
  const { type, totalVotingPower, timestamp: time } = value
  if (value.type === 'duplicate-vote') {
    const { validatorAddress: address, height } = value.voteA
    return [{ type, address, power: value.validatorPower, height, time, totalVotingPower }]
  }
  const height = value.commonHeight
  return value.byzantineValidators.map(({ address, votingPower: power }) => {
    return { type, address, power, height, time, totalVotingPower }
  })
}

/** `evidence_hash` of a header: the root over the block's evidence, each without its wrapper; 32 bytes. */
export function evidenceHash(list: readonly Evidence[], hasher: Hasher): Uint8Array {
  return merkleRoot(
    list.map(value =>
      value.type === 'duplicate-vote' ? duplicateVote.encode(value) : lightClientAttack.encode(value),
    ),
    hasher,
  )
}
