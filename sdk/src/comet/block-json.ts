// Whole blocks and evidence in the JSON of CometBFT's RPC, both ways round: `block` answers them, `broadcast_evidence` takes
// a piece of evidence. What was parsed is within limits, and believed by nobody.

import { equals, formatBase64 } from '../bytes.ts'
import { check, VerifyError } from '../errors.ts'
import { blockBytesMax, blockTransactionsMax, signatureBytesMax, validatorsMax } from '../limits.ts'
import { formatTime } from '../time.ts'
import type { Block } from './block.ts'
import type { DuplicateVoteEvidence, Evidence, LightClientAttackEvidence, SignedVote } from './evidence.ts'
import {
  base64Of,
  hexOf,
  int64Of,
  integerOf,
  type JsonObject,
  listOf,
  member,
  objectOf,
  stringOf,
  timeOf,
  upperHex,
} from './json.ts'
import type { LightBlock } from './light-block.ts'
import {
  formatBlockId,
  formatCommit,
  formatHeader,
  formatSignedHeader,
  formatValidator,
  noCommit,
  parseBlockId,
  parseCommit,
  parseHeader,
  parseSignedHeader,
  parseValidator,
} from './rpc-json.ts'
import { type Validator, type ValidatorSet, validator } from './validator-set.ts'

const int32 = { min: 0, max: 2 ** 31 - 1 }

/** `block` of the RPC's `block`. */
export function parseBlock(value: unknown): Block {
  const object = objectOf(value, 'block')
  const data = objectOf(member(object, 'data'), 'data')
  const evidence = objectOf(member(object, 'evidence'), 'evidence')
  const lastCommit = member(object, 'last_commit')
  return {
    header: parseHeader(member(object, 'header')),
    txs: listOf(member(data, 'txs'), 'txs', blockTransactionsMax).map(tx => base64Of(tx, 'tx', blockBytesMax)),
    evidence: listOf(member(evidence, 'evidence'), 'evidence', validatorsMax).map(parseEvidence),
    lastCommit: lastCommit === null || lastCommit === undefined ? noCommit : parseCommit(lastCommit),
  }
}

export function formatBlock(block: Block): JsonObject {
  return {
    header: formatHeader(block.header),
    data: { txs: block.txs.map(formatBase64) },
    evidence: { evidence: block.evidence.map(formatEvidence) },
    last_commit: formatCommit(block.lastCommit),
  }
}

const duplicateVoteName = 'tendermint/DuplicateVoteEvidence'
const lightClientAttackName = 'tendermint/LightClientAttackEvidence'

/** One piece of evidence. Throws `format-unknown` for a kind that there was not in v0.40. */
export function parseEvidence(value: unknown): Evidence {
  const object = objectOf(value, 'evidence')
  const type = stringOf(member(object, 'type'), 'evidence.type')
  const fields = objectOf(member(object, 'value'), 'evidence.value')
  if (type === duplicateVoteName) return parseDuplicateVote(fields)
  if (type === lightClientAttackName) return parseLightClientAttack(fields)
  throw new VerifyError('format-unknown', 'unknown kind of evidence', { actual: type.slice(0, 64) })
}

/** What `broadcast_evidence` takes as `evidence`, and what stands in the blocks that `block` answers. */
export function formatEvidence(evidence: Evidence): JsonObject {
  return evidence.type === 'duplicate-vote'
    ? { type: duplicateVoteName, value: formatDuplicateVote(evidence) }
    : { type: lightClientAttackName, value: formatLightClientAttack(evidence) }
}

function parseDuplicateVote(object: JsonObject): DuplicateVoteEvidence {
  return {
    type: 'duplicate-vote',
    voteA: parseVote(member(object, 'vote_a')),
    voteB: parseVote(member(object, 'vote_b')),
    totalVotingPower: int64Of(named(object, 'TotalVotingPower'), 'TotalVotingPower'),
    validatorPower: int64Of(named(object, 'ValidatorPower'), 'ValidatorPower'),
    timestamp: timeOf(named(object, 'Timestamp'), 'Timestamp'),
  }
}

function formatDuplicateVote(evidence: DuplicateVoteEvidence): JsonObject {
  return {
    vote_a: formatVote(evidence.voteA),
    vote_b: formatVote(evidence.voteB),
    TotalVotingPower: String(evidence.totalVotingPower),
    ValidatorPower: String(evidence.validatorPower),
    Timestamp: formatTime(evidence.timestamp),
  }
}

function parseVote(value: unknown): SignedVote {
  const object = objectOf(value, 'vote')
  return {
    type: integerOf(member(object, 'type'), 'type', int32),
    height: int64Of(member(object, 'height'), 'height'),
    round: integerOf(member(object, 'round'), 'round', int32),
    blockId: parseBlockId(member(object, 'block_id')),
    timestamp: timeOf(member(object, 'timestamp'), 'timestamp'),
    validatorAddress: hexOf(member(object, 'validator_address'), 'validator_address', 20),
    validatorIndex: integerOf(member(object, 'validator_index'), 'validator_index', int32),
    signature: base64Of(member(object, 'signature'), 'signature', signatureBytesMax),
    extension: base64Of(member(object, 'extension'), 'extension', blockBytesMax),
    extensionSignature: base64Of(member(object, 'extension_signature'), 'extension_signature', signatureBytesMax),
  }
}

function formatVote(vote: SignedVote): JsonObject {
  return {
    type: vote.type,
    height: String(vote.height),
    round: vote.round,
    block_id: formatBlockId(vote.blockId),
    timestamp: formatTime(vote.timestamp),
    validator_address: upperHex(vote.validatorAddress),
    validator_index: vote.validatorIndex,
    signature: bytesOrNull(vote.signature),
    extension: bytesOrNull(vote.extension),
    extension_signature: bytesOrNull(vote.extensionSignature),
  }
}

function bytesOrNull(bytes: Uint8Array): string | null {
  return bytes.length === 0 ? null : formatBase64(bytes)
}

function parseLightClientAttack(object: JsonObject): LightClientAttackEvidence {
  return {
    type: 'light-client-attack',
    conflictingBlock: parseConflictingBlock(named(object, 'ConflictingBlock')),
    commonHeight: int64Of(named(object, 'CommonHeight'), 'CommonHeight'),
    byzantineValidators: parseValidators(named(object, 'ByzantineValidators'), 'ByzantineValidators'),
    totalVotingPower: int64Of(named(object, 'TotalVotingPower'), 'TotalVotingPower'),
    timestamp: timeOf(named(object, 'Timestamp'), 'Timestamp'),
  }
}

function formatLightClientAttack(evidence: LightClientAttackEvidence): JsonObject {
  const { conflictingBlock, byzantineValidators } = evidence
  return {
    ConflictingBlock: {
      signed_header: formatSignedHeader(conflictingBlock),
      validator_set: formatValidatorSet(conflictingBlock.validatorSet),
    },
    CommonHeight: String(evidence.commonHeight),
    // As Go writes a list that is not there.
    ByzantineValidators: byzantineValidators.length === 0 ? null : byzantineValidators.map(formatValidator),
    TotalVotingPower: String(evidence.totalVotingPower),
    Timestamp: formatTime(evidence.timestamp),
  }
}

/** The set's order is kept as it stands, so that the evidence hashes as it did in its block. */
function parseConflictingBlock(value: unknown): LightBlock {
  const object = objectOf(value, 'ConflictingBlock')
  const set = objectOf(member(object, 'validator_set'), 'validator_set')
  const validators = parseValidators(member(set, 'validators'), 'validators')
  const proposer = parseValidator(member(set, 'proposer'))
  const found = validators.find(each => equals(each.address, proposer.address))
  const same = found !== undefined && equals(validator.encode(found), validator.encode(proposer))
  check(same, 'invalid-validator-set', 'the proposer is no member of the set')
  return {
    ...parseSignedHeader(member(object, 'signed_header')),
    validatorSet: { validators, proposer: proposer.address },
  }
}

function formatValidatorSet(set: ValidatorSet): JsonObject {
  const validators = set.validators.map(formatValidator)
  const proposer = upperHex(set.proposer)
  return { validators, proposer: validators.find(({ address }) => address === proposer) ?? null }
}

function parseValidators(value: unknown, name: string): readonly Validator[] {
  return listOf(value, name, validatorsMax).map(parseValidator)
}

/** A member by its name in Go, which has no other; some clients write it in snake case. */
function named(object: JsonObject, name: string): unknown {
  return member(object, name) ?? member(object, name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase())
}
