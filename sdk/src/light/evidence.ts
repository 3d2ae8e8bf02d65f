// Whether evidence is true, judged by a node against its own chain (CometBFT v0.40: evidence/verify.go, and ValidateBasic of
// types/evidence.go and types/vote.go). Cheap checks stand before dear ones: signatures come last, and all of them are
// checked, since what stands in a block accuses those who made them.

import { equals, formatHex } from '../bytes.ts'
import { compareBlockIds, isNoBlockId } from '../comet/block-id.ts'
import { BlockIdFlag, type Commit, SignedMessageType, voteSignBytes } from '../comet/commit.ts'
import {
  type DuplicateVoteEvidence,
  type Evidence,
  isReportable,
  type LightClientAttackEvidence,
  type SignedVote,
} from '../comet/evidence.ts'
import { headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { validateLightBlock, validateSignedHeader } from '../comet/validate.ts'
import { totalVotingPower, type Validator, type ValidatorSet, withKeysOf } from '../comet/validator-set.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { compareTime, type Timestamp, timeToNanos } from '../time.ts'
import { type AttackKind, attackKind, byzantineValidators } from './attack.ts'
import { type CommitTally, checkSignatures, type TrustLevel, twoThirds, verifierOf } from './commit.ts'

/** The chain as the one who judges has it. */
export type EvidenceContext = {
  readonly chainId: string
  /** Of the newest block. */
  readonly height: bigint
  readonly time: Timestamp
  /** A whole block of the chain; undefined where there is none. */
  readonly blockAt: (height: bigint) => LightBlock | undefined
  /** Evidence is too old when it is older than both (ConsensusParams.Evidence). */
  readonly maxAgeBlocks: bigint
  readonly maxAgeNs: bigint
}

export type VerifiedEvidence =
  | { readonly kind: 'verified'; readonly attack: 'duplicate-vote' | AttackKind }
  | { readonly kind: 'invalid'; readonly error: VerifyError }

/** CometBFT's light.DefaultTrustLevel: what an attack needs of the common set. */
const oneThird: TrustLevel = { numerator: 1n, denominator: 3n }

/**
 * Never throws for what the evidence says. Errors: `refused` (it accuses nobody, or claims what is not so), `wrong-height` (a
 * block that the chain does not have), `wrong-time`, `expired`, `insufficient-power`, `bad-signature`, and what is said of
 * blocks and votes that are not consistent in themselves.
 */
export async function verifyEvidence(
  evidence: Evidence,
  context: EvidenceContext,
  crypto: Crypto,
): Promise<VerifiedEvidence> {
  try {
    if (evidence.type === 'duplicate-vote') {
      const attack = await verifyDuplicateVote(evidence, context, crypto)
      return { kind: 'verified', attack }
    }
    return { kind: 'verified', attack: await verifyAttack(evidence, context, crypto) }
  } catch (error) {
    if (error instanceof VerifyError) return { kind: 'invalid', error }
    throw error
  }
}

/** The chain's block at the height of the infraction, which dates the evidence. */
function blockOfInfraction(height: bigint, dated: Timestamp, context: EvidenceContext): LightBlock {
  const block = context.blockAt(height)
  check(block !== undefined, 'wrong-height', 'the chain has no block at the height of the evidence', { actual: height })
  const { time } = block.header
  check(compareTime(dated, time) === 0, 'wrong-time', 'the evidence has another time than the block at its height')
  const ageNs = timeToNanos(context.time) - timeToNanos(time)
  const isOld = ageNs > context.maxAgeNs && context.height - height > context.maxAgeBlocks
  check(!isOld, 'expired', 'the evidence is older than the chain takes any', { actual: height })
  return block
}

async function verifyDuplicateVote(
  evidence: DuplicateVoteEvidence,
  context: EvidenceContext,
  crypto: Crypto,
): Promise<'duplicate-vote'> {
  const { voteA, voteB } = evidence
  for (const vote of [voteA, voteB]) validateVote(vote)
  check(compareBlockIds(voteA.blockId, voteB.blockId) < 0, 'refused', 'the votes are for one block, or out of order')
  const alike = voteA.height === voteB.height && voteA.round === voteB.round && voteA.type === voteB.type
  check(alike, 'refused', 'the votes are not of one height, round and kind')
  check(equals(voteA.validatorAddress, voteB.validatorAddress), 'refused', 'the votes are of two validators')
  const { validatorSet } = blockOfInfraction(voteA.height, evidence.timestamp, context)
  const validator = validatorSet.validators.find(({ address }) => equals(address, voteA.validatorAddress))
  check(validator !== undefined, 'refused', 'the voter was no validator at that height', {
    actual: formatHex(voteA.validatorAddress),
  })
  check(validator.votingPower === evidence.validatorPower, 'refused', 'the voter had another power', {
    expected: validator.votingPower,
    actual: evidence.validatorPower,
  })
  checkTotal(evidence, validatorSet)
  await checkVotes([voteA, voteB], { chainId: context.chainId, validator }, crypto)
  return 'duplicate-vote'
}

function validateVote(vote: SignedVote): void {
  const { type, blockId, extension, extensionSignature } = vote
  const { prevote, precommit } = SignedMessageType
  check(type === prevote || type === precommit, 'malformed', 'not a vote', { actual: type })
  check(vote.height > 0n && vote.round >= 0 && vote.validatorIndex >= 0, 'malformed', 'a negative number in a vote')
  const isNil = isNoBlockId(blockId)
  const { hash, partSetHeader } = blockId
  const isWhole = hash.length === 32 && partSetHeader.total > 0 && partSetHeader.hash.length === 32
  check(isNil || isWhole, 'malformed', 'a block id is empty or complete')
  check(vote.validatorAddress.length === 20, 'malformed', 'an address has 20 bytes')
  check(vote.signature.length > 0, 'malformed', 'a vote without a signature')
  const isExtended = extension.length > 0 || extensionSignature.length > 0
  check(!isExtended || (type === precommit && !isNil), 'malformed', 'an extension where there can be none')
  check(extension.length === 0 || extensionSignature.length > 0, 'malformed', 'an extension without a signature')
}

async function checkVotes(
  votes: readonly SignedVote[],
  by: { readonly chainId: string; readonly validator: Validator },
  crypto: Crypto,
): Promise<void> {
  const { chainId, validator } = by
  const { type, bytes: publicKey } = validator.publicKey
  const keyed = await withKeysOf([{ validators: [validator], proposer: validator.address }], crypto)
  const messages = votes.map(vote => {
    return { publicKey, message: voteSignBytes({ ...vote, chainId }), signature: vote.signature }
  })
  const bad = await verifierOf(type, keyed)(messages)
  check(bad.length === 0, 'bad-signature', 'a vote’s signature is wrong', { actual: formatHex(validator.address) })
}

async function verifyAttack(
  evidence: LightClientAttackEvidence,
  context: EvidenceContext,
  crypto: Crypto,
): Promise<AttackKind> {
  const { conflictingBlock: conflicting, commonHeight } = evidence
  const { header, validatorSet } = conflicting
  check(isReportable(evidence), 'refused', 'the evidence accuses nobody')
  check(commonHeight > 0n && commonHeight <= header.height, 'malformed', 'the common height is above the block’s')
  const common = blockOfInfraction(commonHeight, evidence.timestamp, context)
  const trusted = commonHeight === header.height ? common : trustedBlock(conflicting, context)
  check(validatorSet.proposer.length > 0, 'malformed', 'CometBFT takes no set without a proposer')
  // Its own chain id, as CometBFT does: under what chain it was signed, the signatures show.
  validateSignedHeader(conflicting, header.chainId, crypto)
  const differs = !equals(headerHash(trusted.header, crypto), headerHash(header, crypto))
  check(differs, 'refused', 'the block is the chain’s own')
  const kind = attackKind(trusted, conflicting)
  check(commonHeight < header.height || kind !== 'lunatic', 'refused', 'a block that cannot follow has a common height')
  checkTotal(evidence, common.validatorSet)
  checkAccused(evidence.byzantineValidators, byzantineValidators(kind, { common, trusted, conflicting }))
  const { commit } = conflicting
  const own = await withKeysOf([common.validatorSet], crypto)
  const signatures = { chainId: context.chainId, commit }
  // Those of the chain's own validators first: whoever has none of them gets no look at a set that he made up himself.
  await checkSignatures({ ...signatures, tallies: [tallyAll(commit, common.validatorSet, oneThird)] }, own)
  const keyed = await withKeysOf([validatorSet], crypto)
  validateLightBlock(conflicting, header.chainId, keyed)
  await checkSignatures({ ...signatures, tallies: [tallyAll(commit, validatorSet, twoThirds)] }, keyed)
  return kind
}

/** The chain's block at the height of the false one; the newest where the false one lies ahead and yet not later in time. */
function trustedBlock({ header }: LightBlock, context: EvidenceContext): LightBlock {
  const same = context.blockAt(header.height)
  if (same !== undefined) return same
  const newest = context.blockAt(context.height)
  check(newest !== undefined, 'wrong-height', 'the chain has no block yet')
  const isLate = compareTime(header.time, newest.header.time) > 0
  check(!isLate, 'wrong-height', 'the chain has not come so far that the block would contradict it')
  return newest
}

function checkTotal({ totalVotingPower: claimed }: Evidence, set: ValidatorSet): void {
  const actual = totalVotingPower(set)
  check(claimed === actual, 'refused', 'the set had another power', { expected: actual, actual: claimed })
}

function checkAccused(claimed: readonly Validator[], expected: readonly Validator[]): void {
  const same =
    claimed.length === expected.length &&
    expected.every((validator, index) => {
      const { address, publicKey, votingPower } = claimed[index]!
      const sameKey = publicKey.type === validator.publicKey.type && equals(publicKey.bytes, validator.publicKey.bytes)
      return equals(address, validator.address) && votingPower === validator.votingPower && sameKey
    })
  check(same, 'refused', 'the evidence accuses others than those who signed', {
    expected: expected.length,
    actual: claimed.length,
  })
}

/**
 * Every signature of members of a set, none left out because there are enough (VerifyCommitLightAllSignatures,
 * VerifyCommitLightTrustingAllSignatures). Of the commit's own set they stand in its order; of another they are found by address.
 */
function tallyAll(commit: Commit, set: ValidatorSet, level: TrustLevel): CommitTally {
  const isOwn = level === twoThirds
  const { length } = set.validators
  check(!isOwn || commit.signatures.length === length, 'invalid-commit', 'one signature for each validator')
  const byAddress = new Map(set.validators.map(validator => [formatHex(validator.address), validator]))
  const signers: { readonly index: number; readonly validator: Validator }[] = []
  const seen = new Set<Validator>()
  for (const [index, { blockIdFlag, validatorAddress }] of commit.signatures.entries()) {
    if (blockIdFlag !== BlockIdFlag.commit) continue
    const validator = byAddress.get(formatHex(validatorAddress))
    const inPlace = !isOwn || validator === set.validators[index]
    check(inPlace, 'invalid-commit', 'a signature stands at the place of another validator')
    if (validator === undefined) continue
    check(!seen.has(validator), 'invalid-commit', 'a validator signed twice')
    seen.add(validator)
    signers.push({ index, validator })
  }
  const signed = signers.reduce((sum, { validator }) => sum + validator.votingPower, 0n)
  const total = totalVotingPower(set)
  const needed = (total * level.numerator) / level.denominator
  check(signed > needed, 'insufficient-power', 'too little of the voting power signed', {
    expected: `> ${needed}`,
    actual: signed,
  })
  return { signed, total, enough: true, signers }
}
