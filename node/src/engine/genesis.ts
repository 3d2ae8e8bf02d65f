// The genesis file in CometBFT's shape (types/genesis.go).

import {
  check,
  decodeUtf8,
  encodeCanonicalJson,
  equals,
  formatHex,
  formatPublicKey,
  formatTime,
  isObject,
  type Json,
  type JsonObject,
  limits,
  parseHex,
  parseJson,
  parsePublicKey,
  parseTime,
  sortedValidatorSet,
  type Timestamp,
  textMember,
  totalVotingPower,
  type ValidatorSet,
  validatorAddress,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { blockBytesMin } from '../limits.ts'

export type Genesis = {
  readonly chainId: string
  readonly time: Timestamp
  /** Version of the rules at the first block; the application's own version must be the same. */
  readonly appVersion: bigint
  readonly blockBytesMax: bigint
  readonly blockGasMax: bigint
  readonly validators: ValidatorSet
  /** ConsensusParams.Evidence. */
  readonly evidence: EvidenceParams
  /** `app_state` in canonical JSON. */
  readonly appState: Uint8Array
  /** The whole file, for the RPC's `genesis` and `consensus_params`. */
  readonly json: JsonObject
}

export type EvidenceParams = {
  /** Of all evidence in one block; 0: a block carries none. */
  readonly bytesMax: bigint
  /** Evidence is too old when it is older than both. */
  readonly maxAgeBlocks: bigint
  readonly maxAgeNs: bigint
}

/** Throws VerifyError for a file that this node can't start a chain from. */
export function parseGenesis(text: Uint8Array): Genesis {
  const json = parseJson(decodeUtf8(text), limits.genesisMembersMax)
  check(isObject(json), 'malformed', 'the genesis file must be a JSON object')
  const chainId = textMember(json, 'chain_id')
  check(chainId.length > 0 && chainId.length <= limits.chainIdLengthMax, 'malformed', 'chain_id is empty or too long')
  check((json.initial_height ?? '1') === '1', 'malformed', 'initial_height must be "1"')
  check((json.app_hash ?? '') === '', 'malformed', 'app_hash must be empty: it follows from app_state')
  const params = objectMember(json, 'consensus_params')
  const block = objectMember(params, 'block')
  const blockBytesMax = wholeNumber(block, 'max_bytes')
  const fits = blockBytesMax >= BigInt(blockBytesMin) && blockBytesMax <= BigInt(limits.blockBytesMax)
  check(fits, 'malformed', `block.max_bytes must be from ${blockBytesMin} to ${limits.blockBytesMax}`)
  return {
    chainId,
    time: parseTime(textMember(json, 'genesis_time')),
    appVersion: wholeNumber(objectMember(params, 'version'), 'app'),
    blockBytesMax,
    blockGasMax: wholeNumber(block, 'max_gas'),
    evidence: evidenceParams(params, blockBytesMax),
    validators: genesisValidators(json.validators),
    appState: encodeCanonicalJson(objectMember(json, 'app_state')),
    json,
  }
}

export type GenesisPlan = {
  readonly chainId: string
  readonly time: Timestamp
  readonly appVersion: bigint
  readonly blockBytesMax?: number
  readonly validators: readonly { readonly name: string; readonly publicKey: Uint8Array; readonly power: bigint }[]
  readonly appState: JsonObject
}

/** The text of a genesis file, as `parseGenesis` and CometBFT read it. */
export function formatGenesis(plan: GenesisPlan): string {
  const blockBytesMax = plan.blockBytesMax ?? 1024 * 1024
  const validators = plan.validators.map(({ name, publicKey, power }) => {
    const key = { type: 'ed25519', bytes: publicKey } as const
    const address = formatHex(validatorAddress(key, nodeHasher)).toUpperCase()
    return { address, pub_key: formatPublicKey(key), power: String(power), name }
  })
  const json = {
    genesis_time: formatTime(plan.time),
    chain_id: plan.chainId,
    initial_height: '1',
    consensus_params: {
      block: { max_bytes: String(blockBytesMax), max_gas: '-1' },
      evidence: formatEvidenceParams(blockBytesMax),
      validator: { pub_key_types: ['ed25519'] },
      version: { app: String(plan.appVersion) },
      abci: { vote_extensions_enable_height: '0' },
      authority: { authority: '' },
    },
    validators,
    app_hash: '',
    app_state: plan.appState,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

/** As long as a client may still be deceived by what was signed: the longest trusting period (security rule 9). */
function formatEvidenceParams(blockBytesMax: number): JsonObject {
  const seconds = limits.trustingPeriodSecondsMax
  return {
    max_age_num_blocks: '100000',
    max_age_duration: String(BigInt(seconds) * 1_000_000_000n),
    max_bytes: String(Math.floor(blockBytesMax / 4)),
  }
}

/** A file without them takes no evidence. CometBFT's own bounds: types/params.go, ValidateBasic. */
function evidenceParams(params: JsonObject, blockBytesMax: bigint): EvidenceParams {
  if (params.evidence === undefined) return { bytesMax: 0n, maxAgeBlocks: 0n, maxAgeNs: 0n }
  const given = objectMember(params, 'evidence')
  const bytesMax = wholeNumber(given, 'max_bytes')
  const maxAgeBlocks = wholeNumber(given, 'max_age_num_blocks')
  const maxAgeNs = wholeNumber(given, 'max_age_duration')
  check(bytesMax >= 0n && bytesMax <= blockBytesMax, 'malformed', 'evidence.max_bytes must fit into a block')
  check(maxAgeBlocks > 0n && maxAgeNs > 0n, 'malformed', 'the ages of evidence must be above 0')
  return { bytesMax, maxAgeBlocks, maxAgeNs }
}

function genesisValidators(value: Json | undefined): ValidatorSet {
  check(Array.isArray(value) && value.length > 0, 'malformed', 'validators must be a list with somebody in it')
  check(value.length <= limits.validatorsMax, 'oversized', 'too many validators')
  const members = value.map((item: Json) => {
    check(isObject(item), 'malformed', 'a validator is an object')
    const publicKey = parsePublicKey(item.pub_key)
    const address = validatorAddress(publicKey, nodeHasher)
    const stated = item.address ?? ''
    const agrees = stated === '' || (typeof stated === 'string' && equals(parseHex(stated), address))
    check(agrees, 'malformed', 'a validator’s address does not follow from its key')
    const votingPower = wholeNumber(item, 'power')
    check(votingPower > 0n, 'malformed', 'a validator has power')
    return { address, publicKey, votingPower, proposerPriority: 0n }
  })
  const distinct = new Set(members.map(member => formatHex(member.address))).size === members.length
  check(distinct, 'malformed', 'a validator stands twice')
  const set = sortedValidatorSet(members)
  check(totalVotingPower(set) <= limits.totalVotingPowerMax, 'malformed', 'the validators have too much power')
  return set
}

function objectMember(object: JsonObject, name: string): JsonObject {
  const value = object[name] ?? {}
  check(isObject(value), 'malformed', `${name} must be an object`)
  return value
}

/** A 64-bit number, which CometBFT writes as a string. */
function wholeNumber(object: JsonObject, name: string): bigint {
  const value = object[name]
  const text = typeof value === 'number' ? String(value) : value
  check(typeof text === 'string' && /^-?\d{1,18}$/.test(text), 'malformed', `${name} must be a whole number`)
  return BigInt(text)
}
