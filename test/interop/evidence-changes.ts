// What may be changed in a piece of evidence: some of it matters to no one, most of it must make it worthless.

import type { Commit, CommitSignature } from '../../sdk/src/comet/commit.ts'
import type { DuplicateVoteEvidence, Evidence, LightClientAttackEvidence } from '../../sdk/src/comet/evidence.ts'
import type { Header } from '../../sdk/src/comet/header.ts'
import type { Validator, ValidatorSet } from '../../sdk/src/comet/validator-set.ts'
import { addNanos, addSeconds, zeroTime } from '../../sdk/src/time.ts'

const none = new Uint8Array(0)

/** The list with item `n` (counted round) replaced, or left out where nothing comes in its place. */
function at<T>(list: readonly T[], n: number, change: (item: T) => T | undefined): readonly T[] {
  return list.flatMap((item, index) => {
    const changed = index === n % list.length ? change(item) : item
    return changed === undefined ? [] : [changed]
  })
}

function flipped(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes)
  if (changed.length > 0) changed[changed.length >> 1]! ^= 1
  return changed
}

type AttackChange = (evidence: LightClientAttackEvidence, n: number) => LightClientAttackEvidence
const ofCommit =
  (change: (commit: Commit, n: number) => Partial<Commit>): AttackChange =>
  (evidence, n) => {
    const { conflictingBlock: block } = evidence
    return { ...evidence, conflictingBlock: { ...block, commit: { ...block.commit, ...change(block.commit, n) } } }
  }
const ofVote = (change: (vote: CommitSignature) => CommitSignature | undefined): AttackChange =>
  ofCommit(({ signatures }, n) => ({ signatures: at(signatures, n, change) }))
const ofHeader =
  (change: (header: Header) => Partial<Header>): AttackChange =>
  evidence => {
    const { conflictingBlock: block } = evidence
    return { ...evidence, conflictingBlock: { ...block, header: { ...block.header, ...change(block.header) } } }
  }
const ofSet =
  (change: (set: ValidatorSet, n: number) => ValidatorSet): AttackChange =>
  (evidence, n) => {
    const { conflictingBlock: block } = evidence
    return { ...evidence, conflictingBlock: { ...block, validatorSet: change(block.validatorSet, n) } }
  }
const ofMember = (change: (member: Validator) => Validator | undefined): AttackChange =>
  ofSet((set, n) => {
    const validators = at(set.validators, n, change)
    const isThere = validators.some(({ address }) => address === set.proposer)
    return { validators, proposer: isThere || validators.length === 0 ? set.proposer : validators[0]!.address }
  })
const ofAccused =
  (change: (accused: readonly Validator[], n: number) => readonly Validator[]): AttackChange =>
  (evidence, n) => ({ ...evidence, byzantineValidators: change(evidence.byzantineValidators, n) })

const absent: CommitSignature = {
  blockIdFlag: 1,
  validatorAddress: none,
  timestamp: zeroTime,
  signature: none,
}

const attackChanges: readonly AttackChange[] = [
  ofVote(vote => ({ ...vote, signature: flipped(vote.signature) })),
  ofVote(vote => ({ ...vote, timestamp: addNanos(vote.timestamp, 1n) })),
  ofVote(vote => ({ ...vote, validatorAddress: flipped(vote.validatorAddress) })),
  ofVote(vote => ({ ...vote, blockIdFlag: 3 })),
  ofVote(vote => ({ ...vote, blockIdFlag: 2 })),
  ofVote(() => absent),
  ofVote(() => undefined),
  ofCommit(({ signatures }) => ({ signatures: signatures.toReversed() })),
  ofCommit(({ signatures }, n) => ({ signatures: at(signatures, n, () => signatures[(n + 1) % signatures.length]) })),
  ofCommit(({ signatures }) => ({ signatures: [...signatures, absent] })),
  ofCommit(({ round }) => ({ round: round + 1 })),
  ofCommit(({ height }) => ({ height: height + 1n })),
  ofCommit(({ blockId }) => ({ blockId: { ...blockId, hash: flipped(blockId.hash) } })),
  ofCommit(({ blockId }) => ({ blockId: { ...blockId, partSetHeader: { ...blockId.partSetHeader, total: 2 } } })),
  ofHeader(({ dataHash }) => ({ dataHash: flipped(dataHash) })),
  ofHeader(({ height }) => ({ height: height + 1n })),
  ofHeader(({ time }) => ({ time: addSeconds(time, 100) })),
  ofHeader(() => ({ chainId: 'another' })),
  ofHeader(({ version }) => ({ version: { ...version, block: 10n } })),
  ofHeader(({ proposerAddress }) => ({ proposerAddress: proposerAddress.subarray(1) })),
  ofMember(member => ({ ...member, votingPower: member.votingPower + 1n })),
  ofMember(member => ({ ...member, proposerPriority: member.proposerPriority + 7n })),
  ofMember(member => ({ ...member, address: flipped(member.address) })),
  ofMember(() => undefined),
  ofSet((set, n) => ({ ...set, proposer: set.validators[n % set.validators.length]!.address })),
  ofAccused((accused, n) => at(accused, n, () => undefined)),
  ofAccused(accused => accused.toReversed()),
  ofAccused(accused => [...accused, ...accused.slice(0, 1)]),
  ofAccused((accused, n) => at(accused, n, each => ({ ...each, votingPower: each.votingPower + 1n }))),
  ofAccused((accused, n) => at(accused, n, each => ({ ...each, proposerPriority: 99n }))),
  ofAccused((accused, n) =>
    at(accused, n, each => ({ ...each, publicKey: { ...each.publicKey, bytes: flipped(each.publicKey.bytes) } })),
  ),
  evidence => ({ ...evidence, totalVotingPower: evidence.totalVotingPower + 1n }),
  evidence => ({ ...evidence, timestamp: addNanos(evidence.timestamp, 1n) }),
  evidence => ({ ...evidence, commonHeight: evidence.commonHeight + 1n }),
  evidence => ({ ...evidence, commonHeight: evidence.commonHeight - 1n }),
  evidence => ({ ...evidence, commonHeight: 0n }),
]

type VoteChange = (evidence: DuplicateVoteEvidence) => DuplicateVoteEvidence
const ofFirst =
  (change: (vote: DuplicateVoteEvidence['voteA']) => Partial<DuplicateVoteEvidence['voteA']>): VoteChange =>
  evidence => ({ ...evidence, voteA: { ...evidence.voteA, ...change(evidence.voteA) } })

const voteChanges: readonly VoteChange[] = [
  ofFirst(vote => ({ signature: flipped(vote.signature) })),
  ofFirst(vote => ({ signature: vote.signature.subarray(1) })),
  ofFirst(() => ({ validatorIndex: 5 })),
  ofFirst(() => ({ type: 1 })),
  ofFirst(() => ({ type: 32 })),
  ofFirst(vote => ({ height: vote.height + 1n })),
  ofFirst(vote => ({ round: vote.round + 1 })),
  ofFirst(vote => ({ validatorAddress: flipped(vote.validatorAddress) })),
  ofFirst(() => ({ extension: new Uint8Array(3) })),
  ofFirst(() => ({ extension: new Uint8Array(3), extensionSignature: new Uint8Array(3) })),
  ofFirst(vote => ({ blockId: { ...vote.blockId, hash: none } })),
  ofFirst(vote => ({ blockId: { ...vote.blockId, partSetHeader: { total: 0, hash: none } } })),
  evidence => ({ ...evidence, voteA: evidence.voteB, voteB: evidence.voteA }),
  evidence => ({ ...evidence, voteB: evidence.voteA }),
  evidence => ({ ...evidence, validatorPower: evidence.validatorPower + 1n }),
  evidence => ({ ...evidence, totalVotingPower: evidence.totalVotingPower - 1n }),
  evidence => ({ ...evidence, timestamp: addNanos(evidence.timestamp, 1n) }),
]

/** How many changes there are of each kind of evidence. */
export const changeCounts: Readonly<Record<Evidence['type'], number>> = {
  'light-client-attack': attackChanges.length,
  'duplicate-vote': voteChanges.length,
}

export function changeEvidence(evidence: Evidence, which: number, n: number): Evidence {
  return evidence.type === 'duplicate-vote'
    ? voteChanges[which % voteChanges.length]!(evidence)
    : attackChanges[which % attackChanges.length]!(evidence, n)
}
