// The shapes in which CometBFT's RPC carries headers, commits and validators (light-client page, 2.6), both ways
// round: a light client parses them, our own node formats them. What was parsed is within limits, and believed by nobody.

import { formatBase64 } from '../bytes.ts'
import { check } from '../errors.ts'
import { appHashBytesMax, chainIdLengthMax, publicKeyBytesMax, signatureBytesMax, validatorsMax } from '../limits.ts'
import { formatTime } from '../time.ts'
import { type BlockId, noBlockId } from './block-id.ts'
import type { Commit, CommitSignature } from './commit.ts'
import type { Header } from './header.ts'
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
  uint64Of,
  upperHex,
} from './json.ts'
import type { LightBlock, SignedHeader } from './light-block.ts'
import { type KeyType, type PublicKey, publicKeyLengths, sortedValidatorSet, type Validator } from './validator-set.ts'

const int32 = { min: 0, max: 2 ** 31 - 1 }
const uint32 = { min: 0, max: 2 ** 32 - 1 }

/** The names under which amino JSON knows the key types. */
const keyNames: { readonly [K in KeyType]: string } = {
  ed25519: 'tendermint/PubKeyEd25519',
  secp256k1: 'tendermint/PubKeySecp256k1',
  bls12381: 'cometbft/PubKeyBls12_381',
  mldsa65: 'cometbft/PubKeyMlDsa65',
  secp256k1eth: 'tendermint/PubKeySecp256k1eth',
}
/** CometBFT v1 says so of what v0.40 calls by the name above. */
const secp256k1ethNameOfV1 = 'cometbft/PubKeySecp256k1eth'

/** null, as some test files have it at the first height, is no block id. */
export function parseBlockId(value: unknown): BlockId {
  if (value === null || value === undefined) return noBlockId
  const object = objectOf(value, 'block_id')
  const partsValue = member(object, 'parts') ?? member(object, 'part_set_header')
  const hash = hexOf(member(object, 'hash'), 'block_id.hash', 32)
  if (partsValue === null || partsValue === undefined) return { hash, partSetHeader: noBlockId.partSetHeader }
  const parts = objectOf(partsValue, 'block_id.parts')
  return {
    hash,
    partSetHeader: {
      total: integerOf(member(parts, 'total'), 'block_id.parts.total', uint32),
      hash: hexOf(member(parts, 'hash'), 'block_id.parts.hash', 32),
    },
  }
}

export function formatBlockId(id: BlockId): JsonObject {
  return { hash: upperHex(id.hash), parts: { total: id.partSetHeader.total, hash: upperHex(id.partSetHeader.hash) } }
}

export function parseHeader(value: unknown): Header {
  const object = objectOf(value, 'header')
  const version = objectOf(member(object, 'version'), 'version')
  const chainId = stringOf(member(object, 'chain_id'), 'chain_id')
  check(chainId.length <= chainIdLengthMax, 'oversized', 'the chain id is too long')
  const hash = (name: string): Uint8Array => hexOf(member(object, name), name, 32)
  return {
    version: { block: uint64Of(member(version, 'block'), 'block'), app: uint64Of(member(version, 'app'), 'app') },
    chainId,
    height: int64Of(member(object, 'height'), 'height'),
    time: timeOf(member(object, 'time'), 'time'),
    lastBlockId: parseBlockId(member(object, 'last_block_id')),
    lastCommitHash: hash('last_commit_hash'),
    dataHash: hash('data_hash'),
    validatorsHash: hash('validators_hash'),
    nextValidatorsHash: hash('next_validators_hash'),
    consensusHash: hash('consensus_hash'),
    appHash: hexOf(member(object, 'app_hash'), 'app_hash', appHashBytesMax),
    lastResultsHash: hash('last_results_hash'),
    evidenceHash: hash('evidence_hash'),
    proposerAddress: hexOf(member(object, 'proposer_address'), 'proposer_address', 20),
  }
}

export function formatHeader(header: Header): JsonObject {
  return {
    version: formatVersion(header.version),
    chain_id: header.chainId,
    height: String(header.height),
    time: formatTime(header.time),
    last_block_id: formatBlockId(header.lastBlockId),
    last_commit_hash: upperHex(header.lastCommitHash),
    data_hash: upperHex(header.dataHash),
    validators_hash: upperHex(header.validatorsHash),
    next_validators_hash: upperHex(header.nextValidatorsHash),
    consensus_hash: upperHex(header.consensusHash),
    app_hash: upperHex(header.appHash),
    last_results_hash: upperHex(header.lastResultsHash),
    evidence_hash: upperHex(header.evidenceHash),
    proposer_address: upperHex(header.proposerAddress),
  }
}

function formatVersion(version: Header['version']): JsonObject {
  const block = version.block === 0n ? {} : { block: String(version.block) }
  return version.app === 0n ? block : { ...block, app: String(version.app) }
}

export function parseCommit(value: unknown): Commit {
  const object = objectOf(value, 'commit')
  return {
    height: int64Of(member(object, 'height'), 'height'),
    round: integerOf(member(object, 'round'), 'round', int32),
    blockId: parseBlockId(member(object, 'block_id')),
    signatures: listOf(member(object, 'signatures'), 'signatures', validatorsMax).map(parseCommitSignature),
  }
}

function parseCommitSignature(value: unknown): CommitSignature {
  const object = objectOf(value, 'signature')
  return {
    blockIdFlag: integerOf(member(object, 'block_id_flag'), 'block_id_flag', int32),
    validatorAddress: hexOf(member(object, 'validator_address'), 'validator_address', 20),
    timestamp: timeOf(member(object, 'timestamp'), 'timestamp'),
    signature: base64Of(member(object, 'signature'), 'signature', signatureBytesMax),
  }
}

export function formatCommit(commit: Commit): JsonObject {
  return {
    height: String(commit.height),
    round: commit.round,
    block_id: formatBlockId(commit.blockId),
    signatures: commit.signatures.map(signature => ({
      block_id_flag: signature.blockIdFlag,
      validator_address: upperHex(signature.validatorAddress),
      timestamp: formatTime(signature.timestamp),
      signature: signature.signature.length === 0 ? null : formatBase64(signature.signature),
    })),
  }
}

/** `signed_header` of the RPC's `commit`. */
export function parseSignedHeader(value: unknown): SignedHeader {
  const object = objectOf(value, 'signed_header')
  return { header: parseHeader(member(object, 'header')), commit: parseCommit(member(object, 'commit')) }
}

export function formatSignedHeader(signed: SignedHeader): JsonObject {
  return { header: formatHeader(signed.header), commit: formatCommit(signed.commit) }
}

/**
 * A light block from `signed_header` of the RPC's `commit` and `validators` of its `validators`, all pages of them. Throws
 * VerifyError and nothing else; what it answers is within limits and not believed yet.
 */
export function lightBlockFromRpcJson(value: unknown): LightBlock {
  const object = objectOf(value, 'light block')
  const { header, commit } = parseSignedHeader(member(object, 'signed_header'))
  const validators = listOf(member(object, 'validators'), 'validators', validatorsMax).map(parseValidator)
  return { header, commit, validatorSet: sortedValidatorSet(validators) }
}

/** Throws `format-unknown` for a key type that CometBFT v0.40 does not have. */
export function parsePublicKey(value: unknown): PublicKey {
  const object = objectOf(value, 'pub_key')
  const named = stringOf(member(object, 'type'), 'pub_key.type')
  const name = named === secp256k1ethNameOfV1 ? keyNames.secp256k1eth : named
  const type = (Object.keys(keyNames) as KeyType[]).find(candidate => keyNames[candidate] === name)
  check(type, 'format-unknown', 'unknown type of validator key', { actual: name.slice(0, 64) })
  const bytes = base64Of(member(object, 'value'), 'pub_key.value', publicKeyBytesMax)
  check(bytes.length === publicKeyLengths[type], 'malformed', 'a public key of the wrong length', {
    actual: bytes.length,
  })
  return { type, bytes }
}

export function formatPublicKey(key: PublicKey): JsonObject {
  return { type: keyNames[key.type], value: formatBase64(key.bytes) }
}

/** One of the RPC's `validators`, or of a genesis file, which says `power`. */
export function parseValidator(value: unknown): Validator {
  const object = objectOf(value, 'validator')
  const priority = member(object, 'proposer_priority')
  return {
    address: hexOf(member(object, 'address'), 'address', 20),
    publicKey: parsePublicKey(member(object, 'pub_key')),
    votingPower: int64Of(member(object, 'voting_power') ?? member(object, 'power'), 'voting_power'),
    proposerPriority: int64Of(priority === null ? undefined : priority, 'proposer_priority'),
  }
}

export function formatValidator(validator: Validator): JsonObject {
  return {
    address: upperHex(validator.address),
    pub_key: formatPublicKey(validator.publicKey),
    voting_power: String(validator.votingPower),
    proposer_priority: String(validator.proposerPriority),
  }
}

/** What stands in place of a last commit at the first height. */
export const noCommit: Commit = { height: 0n, round: 0, blockId: noBlockId, signatures: [] }
