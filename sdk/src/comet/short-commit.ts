// A commit with only the signatures that somebody needs, and a light block in few bytes. Of 150 equal validators 101 signatures
// decide; of a chain whose power lies with few, far less. Who was left out stands as absent, so every check of a commit works
// as it is; but such a commit is never hashed as a last commit, and its power is "at least" (security rule 22).

import { empty, equals, formatHex } from '../bytes.ts'
import { check } from '../errors.ts'
import { signatureBytesMax, validatorsMax } from '../limits.ts'
import { always, bool, bytes, int32, type Message, message, optional, repeated, uint32 } from '../protobuf.ts'
import { type Timestamp, zeroTime } from '../time.ts'
import { type BlockId, blockId, timestamp } from './block-id.ts'
import { BlockIdFlag, type CommitSignature } from './commit.ts'
import { type Header, header } from './header.ts'
import type { LightBlock } from './light-block.ts'
import { totalVotingPower, type ValidatorSet, validatorSet } from './validator-set.ts'

type Share = { readonly numerator: bigint; readonly denominator: bigint }

export type ShortenFor = {
  /** What the block will be verified from: more than `trustLevel` of it signs what is left. Undefined: of the block's own set alone. */
  readonly trustedSet: ValidatorSet | undefined
  readonly trustLevel: Share
}

const twoThirds: Share = { numerator: 2n, denominator: 3n }
const absent: CommitSignature = {
  blockIdFlag: BlockIdFlag.absent,
  validatorAddress: empty,
  timestamp: zeroTime,
  signature: empty,
}

/**
 * The block with the first signatures that pass two thirds of its own set, and as many more as pass the level of the trusted
 * one. Where those do not pass it, the block will be verified from another one, and stays whole.
 */
export function shortenCommit(block: LightBlock, { trustedSet, trustLevel }: ShortenFor): LightBlock {
  const { commit } = block
  const votes = commit.signatures.flatMap(({ blockIdFlag, validatorAddress }, index) =>
    blockIdFlag === BlockIdFlag.commit ? [{ index, address: formatHex(validatorAddress) }] : [],
  )
  const kept = new Set<number>()
  const keepUntil = (set: ValidatorSet, share: Share): boolean => {
    const powers = new Map(set.validators.map(({ address, votingPower }) => [formatHex(address), votingPower]))
    const needed = (totalVotingPower(set) * share.numerator) / share.denominator
    let signed = 0n
    for (const { index, address } of votes) if (kept.has(index)) signed += powers.get(address) ?? 0n
    for (const { index, address } of votes) {
      if (signed > needed) return true
      const power = powers.get(address)
      if (power === undefined || kept.has(index)) continue
      kept.add(index)
      signed += power
    }
    return signed > needed
  }
  keepUntil(block.validatorSet, twoThirds)
  if (trustedSet !== undefined && !keepUntil(trustedSet, trustLevel)) return block
  const isWhole = commit.signatures.every(
    ({ blockIdFlag }, index) => kept.has(index) || blockIdFlag === BlockIdFlag.absent,
  )
  if (isWhole) return block
  const signatures = commit.signatures.map((signature, index) => (kept.has(index) ? signature : absent))
  return { ...block, commit: { ...commit, signatures }, shortened: true }
}

type CompactVote = { readonly index: number; readonly timestamp: Timestamp; readonly signature: Uint8Array }

/** A light block without what follows from the rest: addresses, and a validator set that the reader has. */
export type CompactBlock = {
  readonly header: Header
  readonly round: number
  readonly blockId: BlockId
  readonly votes: readonly CompactVote[]
  /** Undefined: the one of `header.validatorsHash`, which the reader said that it has. */
  readonly validatorSet: ValidatorSet | undefined
  readonly shortened: boolean
}

export const compactBlock: Message<CompactBlock> = message({
  header: always(1, header),
  round: int32(2),
  blockId: always(3, blockId),
  votes: repeated(
    4,
    message<CompactVote>({
      index: uint32(1),
      timestamp: always(2, timestamp),
      signature: bytes(3, signatureBytesMax),
    }),
    validatorsMax,
  ),
  validatorSet: optional(5, validatorSet),
  shortened: bool(6),
})

/** Votes for nil are left out too: they count for nothing here. */
export function compactOf(block: LightBlock, knowsSet: boolean): CompactBlock {
  const { commit, header: own, shortened } = block
  const votes = commit.signatures.flatMap((signature, index) =>
    signature.blockIdFlag === BlockIdFlag.commit
      ? [{ index, timestamp: signature.timestamp, signature: signature.signature }]
      : [],
  )
  const hasNil = commit.signatures.some(({ blockIdFlag }) => blockIdFlag === BlockIdFlag.nil)
  return {
    header: own,
    round: commit.round,
    blockId: commit.blockId,
    votes,
    validatorSet: knowsSet ? undefined : block.validatorSet,
    shortened: shortened === true || hasNil,
  }
}

/** The light block again; `set` is the one that was left out. Throws `malformed`. */
export function expandCompact(compact: CompactBlock, set: ValidatorSet): LightBlock {
  const { header: own, round, votes } = compact
  const signatures: CommitSignature[] = set.validators.map(() => absent)
  let last = -1
  for (const { index, timestamp: time, signature } of votes) {
    check(index > last && index < signatures.length, 'malformed', 'votes stand in the order of their set', {
      expected: `${last + 1} to ${signatures.length - 1}`,
      actual: index,
    })
    const validatorAddress = set.validators[index]!.address
    signatures[index] = { blockIdFlag: BlockIdFlag.commit, validatorAddress, timestamp: time, signature }
    last = index
  }
  const commit = { height: own.height, round, blockId: compact.blockId, signatures }
  const block = { header: own, commit, validatorSet: set }
  return compact.shortened ? { ...block, shortened: true } : block
}

/** Light blocks in few bytes: each set once, and none of those whose hashes the reader named. */
export function compactBlocks(blocks: readonly LightBlock[], known: readonly Uint8Array[]): readonly CompactBlock[] {
  const sent = [...known]
  return blocks.map(block => {
    const { validatorsHash } = block.header
    const knowsSet = sent.some(hash => equals(hash, validatorsHash))
    if (!knowsSet) sent.push(validatorsHash)
    return compactOf(block, knowsSet)
  })
}
