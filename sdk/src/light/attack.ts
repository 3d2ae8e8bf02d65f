// From two blocks that cannot both be true to evidence against those who signed the false one (CometBFT light/detector.go,
// newLightClientAttackEvidence; types/evidence.go, GetByzantineValidators). Pure: which block is the false one, and that
// either was verified at all, the caller knows.

import { compare, equals, formatHex } from '../bytes.ts'
import { BlockIdFlag, type Commit } from '../comet/commit.ts'
import { isReportable, type LightClientAttackEvidence } from '../comet/evidence.ts'
import type { Header } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { compareValidators, totalVotingPower, type Validator, type ValidatorSet } from '../comet/validator-set.ts'
import { assert } from '../errors.ts'

/**
 * - `lunatic`: a header that the chain's rules could never have made.
 * - `equivocation`: a possible header, signed in the round in which the chain agreed on another.
 * - `amnesia`: a possible header, signed in another round. Who broke the rules, nobody can tell from the two blocks.
 */
export type AttackKind = 'lunatic' | 'equivocation' | 'amnesia'

export type Divergence = {
  /** The newest block below on which both sides agree. */
  readonly common: LightBlock
  /** The block that one side vouches for: of the conflicting one's height, or its newest where that is lower. */
  readonly trusted: LightBlock
  /** The other side's. */
  readonly conflicting: LightBlock
}

export type Attack = {
  readonly kind: AttackKind
  readonly evidence: LightClientAttackEvidence
  /** `isReportable` of the evidence. */
  readonly reportable: boolean
}

/**
 * Evidence that accuses the conflicting block's signers, as a CometBFT node takes it. Signatures that a shortened commit
 * left out accuse nobody, and more can be reported later: it is the same evidence (security rule 22). But against
 * equivocation a node compares with its own commit, so the trusted block's must be the whole one.
 */
export function attackEvidence(divergence: Divergence): Attack {
  const { common, trusted, conflicting } = divergence
  assert(common.header.height < conflicting.header.height, 'what is common stands below what is not')
  const kind = attackKind(trusted, conflicting)
  // A header that could follow needs no common ancestor: it contradicts the trusted one by itself.
  const base = kind === 'lunatic' ? common : trusted
  const { header, commit, validatorSet } = conflicting
  const evidence: LightClientAttackEvidence = {
    type: 'light-client-attack',
    conflictingBlock: { header, commit, validatorSet: withProposer(validatorSet) },
    commonHeight: base.header.height,
    byzantineValidators: byzantineValidators(kind, divergence),
    totalVotingPower: totalVotingPower(base.validatorSet),
    timestamp: base.header.time,
  }
  return { kind, evidence, reportable: isReportable(evidence) }
}

export function attackKind(trusted: LightBlock, conflicting: LightBlock): AttackKind {
  if (!couldFollow(trusted.header, conflicting.header)) return 'lunatic'
  return trusted.commit.round === conflicting.commit.round ? 'equivocation' : 'amnesia'
}

/** Whether all that the state decides is the same in both (ConflictingHeaderIsInvalid). */
function couldFollow(trusted: Header, conflicting: Header): boolean {
  return (
    equals(trusted.validatorsHash, conflicting.validatorsHash) &&
    equals(trusted.nextValidatorsHash, conflicting.nextValidatorsHash) &&
    equals(trusted.consensusHash, conflicting.consensusHash) &&
    equals(trusted.appHash, conflicting.appHash) &&
    equals(trusted.lastResultsHash, conflicting.lastResultsHash)
  )
}

/** Whom the attack accuses: power descending, then address ascending. Of amnesia nobody can be accused. */
export function byzantineValidators(
  kind: AttackKind,
  { common, trusted, conflicting }: Divergence,
): readonly Validator[] {
  if (kind === 'amnesia') return []
  if (kind === 'lunatic')
    return signersIn(common.validatorSet, conflicting.commit, () => true).toSorted(compareValidators)
  // The sets are the same, so places in the commits are too.
  return signersIn(
    conflicting.validatorSet,
    conflicting.commit,
    index => trusted.commit.signatures[index]?.blockIdFlag === BlockIdFlag.commit,
  ).toSorted(compareValidators)
}

function signersIn(set: ValidatorSet, commit: Commit, counts: (index: number) => boolean): readonly Validator[] {
  const byAddress = new Map(set.validators.map(validator => [formatHex(validator.address), validator]))
  return commit.signatures.flatMap(({ blockIdFlag, validatorAddress }, index) => {
    const signer =
      blockIdFlag === BlockIdFlag.commit && counts(index) ? byAddress.get(formatHex(validatorAddress)) : undefined
    return signer === undefined ? [] : [signer]
  })
}

/**
 * CometBFT refuses a set without a proposer, though it is of no meaning here. Where the source named none, it is the one
 * that CometBFT's own client would name: of the lowest priority, and among equals of the highest address.
 */
function withProposer(set: ValidatorSet): ValidatorSet {
  if (set.proposer.length > 0) return set
  const [first, ...others] = set.validators
  assert(first !== undefined, 'a verified block has validators')
  const proposer = others.reduce((last, next) => {
    const difference = next.proposerPriority - last.proposerPriority
    const isLater = difference < 0n || (difference === 0n && compare(next.address, last.address) > 0)
    return isLater ? next : last
  }, first)
  return { ...set, proposer: proposer.address }
}
