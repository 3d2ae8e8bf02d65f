// A Provider over the RPC of any CometBFT node, v0.34 to v0.40, and of our own nodes, which serve the same shapes.

import { encodeUtf8, equals, formatBase64, formatHex } from '../bytes.ts'
import { isReportable } from '../comet/evidence.ts'
import type { Header } from '../comet/header.ts'
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
import { sortedValidatorSet, type Validator, type ValidatorSet } from '../comet/validator-set.ts'
import { assert, check, VerifyError } from '../errors.ts'
import { type CommitmentProof, commitmentProof, type ExistenceProof } from '../ics23/proof.ts'
import type { QueryAnswer } from '../ics23/state.ts'
import {
  knownSetsMax,
  lightBlocksPerRequestMax,
  rpcCallsAtOnceMax,
  rpcLogLengthMax,
  stateKeyBytesMax,
  stateKeysPerQueryMax,
  stateProofBytesMax,
  storeNameLengthMax,
  storesPerQueryMax,
  validatorPagesMax,
  validatorsMax,
  validatorsPerPage,
} from '../limits.ts'
import type { Provider, ProviderOptions, StateQuestion, SubmitAnswer } from '../provider.ts'
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
  // Always by POST: an address has no room for a transaction.
  const posted: Transport = { ...transport, method: 'POST' }
  const ask: Ask = (name, params, asked = {}) => callRpc(transport, { name, params, signal: asked.signal })
  const sets = createSetReader(ask)
  const readBlock = (height: bigint | undefined, asked?: ProviderOptions): Promise<LightBlock> =>
    readLightBlock(ask, height, { sets, options: asked })
  return {
    kind: 'rpc',
    label: absolute,
    lightBlock: (height, asked) => readBlock(height === 'latest' ? undefined : height, asked),
    lightBlocks: (from, to, asked) => readLightBlocks(from, to, height => readBlock(height, asked)),
    validatorSet: async hash => sets.known(hash),
    query: (questions, height, asked) => readState(ask, { questions, height }, asked),
    submit: (transaction, asked) => submit(posted, transaction, asked),
    async reportEvidence(evidence, { signal } = {}) {
      check(isReportable(evidence), 'refused', 'evidence that accuses nobody would stop the node')
      // Hardly anybody ever sends any.
      const { formatEvidence } = await import('../comet/block-json.ts')
      await callRpc(posted, { name: 'broadcast_evidence', params: { evidence: formatEvidence(evidence) }, signal })
    },
    history: notServed,
    witnessedHead: notServed,
    checkpoint: notServed,
    close: async () => undefined,
  }
}

/** CometBFT's RPC has no place for what only our own nodes know: see node-provider.ts. */
async function notServed(): Promise<never> {
  throw new VerifyError('unavailable', 'this server speaks only the RPC of CometBFT')
}

type Ask = (name: string, params: Params, options?: ProviderOptions) => Promise<JsonObject>

async function readLightBlocks(
  from: bigint,
  to: bigint,
  read: (height: bigint) => Promise<LightBlock>,
): Promise<readonly LightBlock[]> {
  assert(from > 0n && from <= to && to - from < BigInt(lightBlocksPerRequestMax), 'a range of few heights')
  const blocks: LightBlock[] = []
  for (let start = from; start <= to; start += BigInt(rpcCallsAtOnceMax)) {
    const heights = Array.from({ length: rpcCallsAtOnceMax }, (_, i) => start + BigInt(i)).filter(
      height => height <= to,
    )
    blocks.push(...(await Promise.all(heights.map(read))))
  }
  return blocks
}

async function readLightBlock(
  ask: Ask,
  height: bigint | undefined,
  { sets, options }: { readonly sets: SetReader; readonly options: ProviderOptions | undefined },
): Promise<LightBlock> {
  check(height === undefined || height > 0n, 'wrong-height', 'heights begin at 1', { actual: height })
  const answer = await ask('commit', height === undefined ? {} : { height: String(height) }, options)
  const { header, commit } = parseSignedHeader(member(answer, 'signed_header'))
  check(height === undefined || header.height === height, 'wrong-height', 'the answer is of another height', {
    expected: height,
    actual: header.height,
  })
  return { header, commit, validatorSet: await sets.read(header, options) }
}

/** Validator sets, each read once: sets change seldom, and a header names its set by hash. */
type SetReader = {
  readonly read: (header: Header, options?: ProviderOptions) => Promise<ValidatorSet>
  /** Throws `unavailable`: CometBFT's RPC finds no set by its hash. */
  readonly known: (hash: Uint8Array) => ValidatorSet
}

function createSetReader(ask: Ask): SetReader {
  let kept: readonly { readonly hash: Uint8Array; readonly set: ValidatorSet }[] = []
  const find = (hash: Uint8Array): ValidatorSet | undefined => kept.find(each => equals(each.hash, hash))?.set
  return {
    async read({ validatorsHash: hash, height }, options) {
      const found = find(hash)
      if (found !== undefined) return found
      const set = sortedValidatorSet(await readValidators(ask, height, options))
      kept = [{ hash, set }, ...kept].slice(0, knownSetsMax)
      return set
    },
    known(hash) {
      const found = find(hash)
      check(found !== undefined, 'unavailable', 'this server finds no validator set by its hash')
      return found
    },
  }
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
  { questions, height: asked }: { readonly questions: readonly StateQuestion[]; readonly height: bigint | undefined },
  options?: ProviderOptions,
): Promise<QueryAnswer> {
  assert(questions.length > 0 && questions.length <= stateKeysPerQueryMax, 'one to a few keys')
  const height = asked ?? (await newestHeight(ask, options)) - 1n
  check(height > 0n, 'unavailable', 'no header commits to a state yet')
  const answers = await Promise.all(questions.map(question => readKey(ask, { ...question, height }, options)))
  const stores: ExistenceProof[] = []
  for (const { store } of answers) if (!stores.some(({ key }) => equals(key, store.key))) stores.push(store)
  check(stores.length <= storesPerQueryMax, 'limited', 'too many stores at once')
  return { height, stores, proofs: answers.map(({ proof }) => proof) }
}

async function newestHeight(ask: Ask, options?: ProviderOptions): Promise<bigint> {
  const sync = objectOf(member(await ask('status', {}, options), 'sync_info'), 'sync_info')
  return int64Of(member(sync, 'latest_block_height'), 'latest_block_height')
}

/** Trees of stores that the Cosmos SDK and our own ledger have; which of them it is the proof itself must show. */
const treeOps = ['ics23:smt', 'ics23:iavl']

async function readKey(
  ask: Ask,
  { store: name, key, height }: StateQuestion & { readonly height: bigint },
  options?: ProviderOptions,
): Promise<{ readonly store: ExistenceProof; readonly proof: CommitmentProof }> {
  assert(/^[a-zA-Z0-9_-]+$/.test(name) && name.length <= storeNameLengthMax, 'a store has a plain name')
  const params = { path: `/store/${name}/key`, data: formatHex(key), height: String(height), prove: true }
  const response = objectOf(member(await ask('abci_query', params, options), 'response'), 'response')
  const code = codeOf(response)
  check(code === 0, 'unavailable', 'the ledger did not answer the query', { actual: `${code} ${logOf(response)}` })
  const answered = int64Of(member(response, 'height'), 'height')
  check(answered === height, 'wrong-height', 'the answer is of another height', { expected: height, actual: answered })
  const proofOps = objectOf(member(response, 'proofOps') ?? member(response, 'proof_ops'), 'proofOps')
  const ops = listOf(member(proofOps, 'ops'), 'ops', 2)
  const proof = proofOf(ops[0], treeOps, key)
  const store = proofOf(ops[1], ['ics23:simple'], encodeUtf8(name))
  check(store.exist, 'malformed', 'a store is proved by its existence')
  return { store: store.exist, proof }
}

function proofOf(value: unknown, types: readonly string[], key: Uint8Array): CommitmentProof {
  const op = objectOf(value, 'proof op')
  const named = stringOf(member(op, 'type'), 'type')
  check(types.includes(named), 'format-unknown', 'unknown proof op', { expected: types, actual: named.slice(0, 40) })
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
