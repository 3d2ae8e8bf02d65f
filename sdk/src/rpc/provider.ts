// A Provider over the RPC of any CometBFT node, v0.34 to v0.40, and of our own nodes, which serve the same shapes.

import { encodeUtf8, equals, formatBase64, formatHex } from '../bytes.ts'
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
} from '../comet/json.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { parseSignedHeader, parseValidator } from '../comet/rpc-json.ts'
import { sortedValidatorSet, type Validator } from '../comet/validator-set.ts'
import { assert, check } from '../errors.ts'
import { type CommitmentProof, commitmentProof, type ExistenceProof } from '../ics23/proof.ts'
import { type StateAnswer, storeNames } from '../ics23/state.ts'
import {
  chainIdLengthMax,
  lightBlocksPerRequestMax,
  rpcCallsAtOnceMax,
  rpcLogLengthMax,
  stateKeyBytesMax,
  stateKeysPerQueryMax,
  stateProofBytesMax,
  validatorPagesMax,
  validatorsMax,
  validatorsPerPage,
} from '../limits.ts'
import type { Provider, ProviderOptions, ProviderStatus, SubmitAnswer } from '../provider.ts'
import { callRpc, type Fetch, type Params, type Transport } from './transport.ts'

export type RpcProviderOptions = {
  readonly fetch?: Fetch
  /** How questions are asked; POST when left out. GET spares a page the preflight request to another origin. */
  readonly method?: 'GET' | 'POST'
}

/** `url` is the root of the RPC, absolute or of the page. Nothing is asked until the first call. */
export function createRpcProvider(url: string, options: RpcProviderOptions = {}): Provider {
  const absolute = new URL(url, globalThis.location?.href).href
  const transport: Transport = {
    base: absolute.endsWith('/') ? absolute : `${absolute}/`,
    fetch: options.fetch ?? ((address, init) => fetch(address, init)),
    method: options.method ?? 'POST',
  }
  const ask: Ask = (name, params, asked = {}) => callRpc(transport, { name, params, signal: asked.signal })
  return {
    kind: 'rpc',
    label: absolute,
    status: asked => readStatus(ask, asked),
    lightBlocks: (range, asked) => readLightBlocks(ask, range, asked),
    state: (query, asked) => readState(ask, query, asked),
    // Always by POST: an address has no room for a transaction.
    submit: (transaction, asked) => submit({ ...transport, method: 'POST' }, transaction, asked),
    close: async () => undefined,
  }
}

type Ask = (name: string, params: Params, options?: ProviderOptions) => Promise<JsonObject>

async function readStatus(ask: Ask, options?: ProviderOptions): Promise<ProviderStatus> {
  const status = await ask('status', {}, options)
  const sync = objectOf(member(status, 'sync_info'), 'sync_info')
  const chainId = stringOf(member(objectOf(member(status, 'node_info'), 'node_info'), 'network'), 'network')
  check(chainId.length <= chainIdLengthMax, 'oversized', 'the chain id is too long')
  return {
    chainId,
    latestHeight: int64Of(member(sync, 'latest_block_height'), 'latest_block_height'),
    earliestHeight: int64Of(member(sync, 'earliest_block_height'), 'earliest_block_height'),
  }
}

async function readLightBlocks(
  ask: Ask,
  range: { readonly from: bigint; readonly to: bigint } | 'latest',
  options?: ProviderOptions,
): Promise<readonly LightBlock[]> {
  if (range === 'latest') return [await readLightBlock(ask, undefined, options)]
  const { from, to } = range
  assert(from > 0n && from <= to && to - from < BigInt(lightBlocksPerRequestMax), 'a range of few heights')
  const blocks: LightBlock[] = []
  for (let start = from; start <= to; start += BigInt(rpcCallsAtOnceMax)) {
    const heights = Array.from({ length: rpcCallsAtOnceMax }, (_, i) => start + BigInt(i)).filter(
      height => height <= to,
    )
    blocks.push(...(await Promise.all(heights.map(height => readLightBlock(ask, height, options)))))
  }
  return blocks
}

async function readLightBlock(ask: Ask, height: bigint | undefined, options?: ProviderOptions): Promise<LightBlock> {
  const answer = await ask('commit', height === undefined ? {} : { height: String(height) }, options)
  const { header, commit } = parseSignedHeader(member(answer, 'signed_header'))
  check(height === undefined || header.height === height, 'wrong-height', 'the answer is of another height', {
    expected: height,
    actual: header.height,
  })
  const validators = await readValidators(ask, header.height, options)
  return { header, commit, validatorSet: sortedValidatorSet(validators) }
}

async function readValidators(ask: Ask, height: bigint, options?: ProviderOptions): Promise<readonly Validator[]> {
  const validators: Validator[] = []
  for (let page = 1; page <= validatorPagesMax; page++) {
    const params = { height: String(height), page: String(page), per_page: String(validatorsPerPage) }
    const answer = await ask('validators', params, options)
    const total = int64Of(member(answer, 'total'), 'total')
    check(total <= BigInt(validatorsMax), 'oversized', 'too many validators', {
      expected: validatorsMax,
      actual: total,
    })
    const added = listOf(member(answer, 'validators'), 'validators', validatorsPerPage).map(parseValidator)
    validators.push(...added)
    if (BigInt(validators.length) >= total) break
    check(added.length > 0, 'malformed', 'an empty page of validators')
  }
  check(validators.length <= validatorsMax, 'oversized', 'too many validators')
  return validators
}

async function readState(
  ask: Ask,
  query: { readonly keys: readonly Uint8Array[]; readonly height?: bigint },
  options?: ProviderOptions,
): Promise<StateAnswer> {
  assert(query.keys.length > 0 && query.keys.length <= stateKeysPerQueryMax, 'one to a few keys')
  const height = query.height ?? (await readStatus(ask, options)).latestHeight - 1n
  check(height > 0n, 'unavailable', 'no header commits to a state yet')
  const answers = await Promise.all(query.keys.map(key => readKey(ask, { key, height }, options)))
  return { height, store: answers[0]!.store, proofs: answers.map(({ proof }) => proof) }
}

async function readKey(
  ask: Ask,
  { key, height }: { readonly key: Uint8Array; readonly height: bigint },
  options?: ProviderOptions,
): Promise<{ readonly store: ExistenceProof; readonly proof: CommitmentProof }> {
  const params = { path: `/store/${storeNames.state}/key`, data: formatHex(key), height: String(height), prove: true }
  const response = objectOf(member(await ask('abci_query', params, options), 'response'), 'response')
  const code = codeOf(response)
  check(code === 0, 'unavailable', 'the ledger did not answer the query', { actual: `${code} ${logOf(response)}` })
  const answered = int64Of(member(response, 'height'), 'height')
  check(answered === height, 'wrong-height', 'the answer is of another height', { expected: height, actual: answered })
  const proofOps = objectOf(member(response, 'proofOps') ?? member(response, 'proof_ops'), 'proofOps')
  const ops = listOf(member(proofOps, 'ops'), 'ops', 2)
  const [proof, store] = [
    proofOf(ops[0], 'ics23:smt', key),
    proofOf(ops[1], 'ics23:simple', encodeUtf8(storeNames.state)),
  ]
  check(store.exist, 'malformed', 'a store is proved by its existence')
  return { store: store.exist, proof }
}

function proofOf(value: unknown, type: string, key: Uint8Array): CommitmentProof {
  const op = objectOf(value, 'proof op')
  const named = stringOf(member(op, 'type'), 'type')
  check(named === type, 'format-unknown', 'unknown proof op', { expected: type, actual: named.slice(0, 40) })
  const opKey = base64Of(member(op, 'key'), 'key', stateKeyBytesMax)
  check(equals(opKey, key), 'wrong-key', 'the proof op is of another key')
  return commitmentProof.decode(base64Of(member(op, 'data'), 'data', stateProofBytesMax))
}

async function submit(
  transport: Transport,
  transaction: Uint8Array,
  options: ProviderOptions = {},
): Promise<SubmitAnswer> {
  const params = { tx: formatBase64(transaction) }
  const answer = await callRpc(transport, { name: 'broadcast_tx_sync', params, signal: options.signal })
  // The hash is not used; an answer without one is not an answer to this question.
  hexOf(stringOf(member(answer, 'hash'), 'hash'), 'hash', 32)
  return { code: codeOf(answer), log: logOf(answer) }
}

function codeOf(response: JsonObject): number {
  return integerOf(member(response, 'code') ?? 0, 'code', { min: 0, max: 2 ** 32 - 1 })
}

function logOf(response: JsonObject): string {
  return stringOf(member(response, 'log') ?? '', 'log').slice(0, rpcLogLengthMax)
}
