// The rules by which a block follows from the chain before it (CometBFT v0.40: state/state.go, state/validation.go): pure.

import {
  addNanos,
  assert,
  type Block,
  type BlockId,
  BlockIdFlag,
  block as blockMessage,
  blockProtocol,
  type Commit,
  type CommitSignature,
  commitHash,
  compareTime,
  dataHash,
  type Evidence,
  empty,
  equals,
  evidenceHash,
  evidence as evidenceMessage,
  type Header,
  headerHash,
  limits,
  noCommit,
  partSetHeaderOf,
  protobuf,
  sortedValidatorSet,
  type Timestamp,
  totalVotingPower,
  type ValidatorSet,
  validatorAddress,
  validatorsHash,
  zeroTime,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import type { ValidatorUpdate } from '../ledger/application.ts'

/** What the next header says of the chain so far. */
export type ChainState = {
  readonly chainId: string
  readonly appVersion: bigint
  readonly consensusHash: Uint8Array
  /** Of the newest block; 0 before the first. */
  readonly height: bigint
  /** Of the newest block, or of the genesis. */
  readonly time: Timestamp
  readonly blockId: BlockId
  /** Of the newest block, the next one and the one after that. */
  readonly lastValidators: ValidatorSet
  readonly validators: ValidatorSet
  readonly nextValidators: ValidatorSet
  /** After the newest block. */
  readonly appHash: Uint8Array
  readonly lastResultsHash: Uint8Array
}

export type Proposal = { readonly block: Block; readonly encoded: Uint8Array; readonly blockId: BlockId }

/** Time of the next block: the genesis time at height 1, else the weighted median of the last commit. */
export function nextBlockTime(state: ChainState, lastCommit: Commit): Timestamp {
  return state.height === 0n ? state.time : medianTime(lastCommit, state.lastValidators)
}

/** The weighted median of the votes for the block (types/time/time.go; nil and absent votes are left out since v0.40). */
export function medianTime(commit: Commit, validators: ValidatorSet): Timestamp {
  const votes = commit.signatures.flatMap((vote, i) =>
    vote.blockIdFlag === BlockIdFlag.commit
      ? [{ time: vote.timestamp, power: validators.validators[i]!.votingPower }]
      : [],
  )
  votes.sort((a, b) => compareTime(a.time, b.time))
  let left = votes.reduce((sum, vote) => sum + vote.power, 0n) / 2n
  for (const { time, power } of votes) {
    if (left <= power) return time
    left -= power
  }
  assert(false, 'a commit has votes')
}

/** A vote's own time: this clock's, but at least one millisecond after the block (consensus/state.go, voteTime). */
export function voteTime(now: Timestamp, blockTime: Timestamp): Timestamp {
  const earliest = addNanos(blockTime, 1_000_000n)
  return compareTime(now, earliest) > 0 ? now : earliest
}

export function makeProposal(
  state: ChainState,
  content: {
    readonly txs: readonly Uint8Array[]
    readonly evidence: readonly Evidence[]
    readonly lastCommit: Commit
    readonly proposerAddress: Uint8Array
  },
): Proposal {
  const { txs, evidence, lastCommit, proposerAddress } = content
  const header: Header = {
    version: { block: blockProtocol, app: state.appVersion },
    chainId: state.chainId,
    height: state.height + 1n,
    time: nextBlockTime(state, lastCommit),
    lastBlockId: state.blockId,
    lastCommitHash: commitHash(lastCommit, nodeHasher),
    dataHash: dataHash(txs, nodeHasher),
    validatorsHash: validatorsHash(state.validators, nodeHasher),
    nextValidatorsHash: validatorsHash(state.nextValidators, nodeHasher),
    consensusHash: state.consensusHash,
    appHash: state.appHash,
    lastResultsHash: state.lastResultsHash,
    evidenceHash: evidenceHash(evidence, nodeHasher),
    proposerAddress,
  }
  const block = { header, txs, evidence, lastCommit }
  const encoded = blockMessage.encode(block)
  const blockId = { hash: headerHash(header, nodeHasher), partSetHeader: partSetHeaderOf(encoded, nodeHasher) }
  return { block, encoded, blockId }
}

export type Vote = { readonly timestamp: Timestamp; readonly signature: Uint8Array }

/** A commit in the order of the set; `voteOf` gives a member's vote, or undefined for who is absent. */
export function makeCommit(
  of: { readonly height: bigint; readonly blockId: BlockId; readonly validators: ValidatorSet },
  voteOf: (address: Uint8Array) => Vote | undefined,
): Commit {
  if (of.height === 0n) return noCommit
  const signatures = of.validators.validators.map((member): CommitSignature => {
    const vote = voteOf(member.address)
    if (!vote) {
      return { blockIdFlag: BlockIdFlag.absent, validatorAddress: empty, timestamp: zeroTime, signature: empty }
    }
    const { timestamp, signature } = vote
    return { blockIdFlag: BlockIdFlag.commit, validatorAddress: member.address, timestamp, signature }
  })
  return { height: of.height, round: 0, blockId: of.blockId, signatures }
}

/** Whether members with these addresses have more than two thirds of the power. */
export function haveTwoThirds(set: ValidatorSet, addresses: readonly Uint8Array[]): boolean {
  const members = set.validators.filter(member => addresses.some(address => equals(address, member.address)))
  return totalVotingPower({ ...set, validators: members }) * 3n > totalVotingPower(set) * 2n
}

/** The set after an application's updates: a new power for each key, 0 takes the member out. */
export function updateValidators(set: ValidatorSet, updates: readonly ValidatorUpdate[]): ValidatorSet {
  if (updates.length === 0) return set
  const changed = updates.map(({ publicKey, power }) => {
    const key = { type: 'ed25519', bytes: publicKey } as const
    return { address: validatorAddress(key, nodeHasher), publicKey: key, votingPower: power, proposerPriority: 0n }
  })
  const stay = set.validators.filter(member => !changed.some(change => equals(change.address, member.address)))
  const next = sortedValidatorSet([...stay, ...changed.filter(change => change.votingPower > 0n)])
  assert(next.validators.length > 0, 'a chain has a validator')
  assert(totalVotingPower(next) <= limits.totalVotingPowerMax, 'the voting power stays within CometBFT’s bound')
  return next
}

/** Bytes left for transactions: the block's bound without header, evidence, last commit and framing (types.MaxDataBytes, rounded up). */
export function transactionBytesLeft(
  blockBytesMax: bigint,
  validatorCount: number,
  evidence: readonly Evidence[],
): number {
  const framing = 2_048
  const bytesPerSignature = 128
  return Number(blockBytesMax) - framing - bytesPerSignature * validatorCount - evidenceBytes(evidence)
}

const evidenceList = protobuf.message<{ readonly evidence: readonly Evidence[] }>({
  evidence: protobuf.repeated(1, evidenceMessage, limits.validatorsMax),
})

/** What evidence takes in a block (types/evidence.go, EvidenceList.ByteSize). */
export function evidenceBytes(evidence: readonly Evidence[]): number {
  return evidenceList.encode({ evidence }).length
}
