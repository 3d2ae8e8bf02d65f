// The ledger as an Application: the kernel's rules over the state tree and the block history. The verbs that make blocks
// are called one after another (the engine sees to that); checkTx and query may come at any time between them.

import {
  assert,
  type Crypto,
  check,
  consensusParamsHash,
  decodeUtf8,
  encodeCanonicalJson,
  equals,
  genesisHash,
  type HistoryAnswer,
  type HistoryQuery,
  isObject,
  limits,
  parseJson,
  ResultCode,
  type QueryAnswer as StateAnswer,
  sortedValidatorSet,
  timeToMilliseconds,
  validatorAddress,
  validatorsHash,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import type { Database, Write } from '../storage/database.ts'
import { transactionName } from '../transaction-name.ts'
import { appHash, proveStore, type StoreRoots } from '../tree/app-hash.ts'
import { appendHistory, historyConsistency, historyInclusion, historyRoot } from '../tree/history.ts'
import { openTree, type Staged, type Tree, type TreeOptions } from '../tree/tree.ts'
import type {
  Application,
  ComingBlock,
  FinalizeAnswer,
  FinalizeRequest,
  InitChainRequest,
  ProposalRequest,
  QueryAnswer,
  QueryRequest,
  TransactionResult,
} from './application.ts'
import type { BeaconSecrets } from './beacon.ts'
import { beginDraft, type Draft, holdsJust, isDraftOf, looseDraft, takeDecided, tryTransaction } from './draft.ts'
import type { BlockContext, Kernel } from './kernel.ts'
import { encodeLedgerState, type LedgerState, ledgerStateKey, readLedgerState } from './ledger-state.ts'
import { type RememberingView, rememberingView } from './values.ts'
import { rememberingVerify, type VerifyTransactions } from './verified.ts'

export type LedgerApplication = Application & {
  /** Values or absences of keys at one height, with proofs; undefined when that height is not kept. 0n as in query. */
  readonly state: (keys: readonly Uint8Array[], height: bigint) => StateAnswer | undefined
  /**
   * The log under the header of a height, also of the next one, which is not made yet: its log ends with the newest block.
   * Undefined where the state under the header is not kept, or leaf or older log are not in it.
   */
  readonly history: (query: HistoryQuery) => HistoryAnswer | undefined
  /**
   * Whether a transaction that the pool took is good under the newest committed state by itself, so that it may be promised a place; undefined
   * where it is not.
   */
  readonly standing: (transaction: Uint8Array) => TransactionStanding | undefined
}

type TransactionStanding = {
  readonly chain: Pick<BlockContext, 'chainId' | 'genesisHash'>
  /** Of its case, 0 where it has none. */
  readonly caseVersion: bigint
}

export type LedgerOptions = {
  readonly crypto: Crypto
  readonly tree?: TreeOptions
  /** Of a validator that proposes blocks here; undefined for others'. */
  readonly secrets?: (proposer: Uint8Array, genesisHash: Uint8Array) => BeaconSecrets | undefined
  /** Milliseconds since 1970; used by processProposal only. */
  readonly now?: () => number
}

/** Rises with every change of the rules that makes older software compute other results. */
export const appVersion = 1n
/** A proposal whose time is further away from this machine's clock is refused (security rule 2). */
const proposalDriftMsMax = 60_000
const verifiedCountMax = 20_000
const stateKeyPath = '/store/state/key'

type Ledger = {
  readonly database: Database
  readonly kernel: Kernel
  readonly tree: Tree
  readonly verify: VerifyTransactions
  readonly now: () => number
  readonly secrets: NonNullable<LedgerOptions['secrets']>
  /** The newest committed state, and over it what the pool's transactions would do. */
  readonly committedView: RememberingView
  pool: Pool | undefined
  /** Of the next block, where the engine knows it. */
  coming: ComingBlock | undefined
  state: LedgerState | undefined
  /** The newest proposal, worked out. */
  executed: Draft | undefined
  finalized:
    | {
        readonly next: LedgerState
        readonly staged: Staged
        readonly writes: readonly Write[]
        readonly changed: readonly Write[]
      }
    | undefined
}

/** What the pool's transactions would do, one after another. Worked out as the coming block is, it becomes that block. */
type Pool = {
  readonly draft: Draft
  /** By name, so that asking twice does not count twice. */
  readonly answers: Map<string, TransactionResult>
}

/** Throws HomeError home-corrupt when tree and ledger do not stand at one height. */
export async function createLedgerApplication(
  database: Database,
  kernel: Kernel,
  options: LedgerOptions,
): Promise<LedgerApplication> {
  const tree = await openTree(database, { hasher: options.crypto, ...options.tree })
  const state = readLedgerState(database)
  if (state?.height !== tree.newest()) {
    throw new HomeError('home-corrupt', 'The ledger and its state tree do not match; restore them from a backup.')
  }
  const committedView = rememberingView({ get: key => tree.get(key, tree.newest()!) })
  const ledger: Ledger = {
    database,
    kernel,
    tree,
    verify: rememberingVerify(kernel, options.crypto, verifiedCountMax),
    now: options.now ?? Date.now,
    secrets: options.secrets ?? (() => undefined),
    committedView,
    pool: undefined,
    coming: undefined,
    state,
    executed: undefined,
    finalized: undefined,
  }
  return {
    info: () => ({
      height: ledger.state?.height ?? 0n,
      appHash: ledger.state?.appHash ?? new Uint8Array(0),
      appVersion,
    }),
    initChain: request => initChain(ledger, request),
    expect(coming) {
      ledger.coming = coming
      ledger.pool = undefined
    },
    checkTx: transaction => checkTx(ledger, transaction),
    prepareProposal: request => prepareProposal(ledger, request),
    processProposal: request => processProposal(ledger, request),
    finalizeBlock: request => finalizeBlock(ledger, request),
    commit: engineWrites => commit(ledger, engineWrites),
    query: request => query(ledger, request),
    state: (keys, height) => stateAnswer(ledger, keys, height),
    history: query => historyAnswer(ledger, query),
    standing: transaction => standing(ledger, transaction),
  }
}

/** Writes the genesis state as version 0, once; asked again it answers the same, and refuses another genesis. */
async function initChain(ledger: Ledger, request: InitChainRequest): Promise<{ readonly appHash: Uint8Array }> {
  check(request.initialHeight === 1n, 'malformed', 'a chain of ours begins at height 1')
  const hash = requestGenesisHash(request)
  if (ledger.state) {
    if (equals(ledger.state.genesisHash, hash)) return { appHash: appHash(rootsAt(ledger, 0n)) }
    throw new HomeError('home-other-chain', 'This home belongs to a chain with another genesis file.')
  }
  const { chainId, time } = request
  const { validators } = request
  const context = { chainId, genesisHash: hash, height: request.initialHeight, time, validators }
  const staged = await ledger.tree.stage(ledger.kernel.genesis(request.appState, context))
  const history = appendHistory(ledger.database, 0n, hash)
  const roots = { state: staged.root, history: historyRoot(ledger.database, 1n, history) }
  const state: LedgerState = { chainId, genesisHash: hash, height: 0n, time, appHash: appHash(roots) }
  await ledger.database.write([...staged.writes, ...history, { key: ledgerStateKey, value: encodeLedgerState(state) }])
  ledger.tree.committed(staged)
  ledger.state = state
  return { appHash: state.appHash }
}

/** The genesis hash of what InitChain brings; app_state counts in its canonical form, however it was laid out. */
function requestGenesisHash(request: InitChainRequest): Uint8Array {
  const appState = parseJson(decodeUtf8(request.appState), limits.genesisMembersMax)
  check(isObject(appState), 'malformed', 'app_state must be an object')
  const validators = request.validators.map(({ publicKey, power }) => {
    const key = { type: 'ed25519', bytes: publicKey } as const
    const address = validatorAddress(key, nodeHasher)
    return { address, publicKey: key, votingPower: power, proposerPriority: 0n }
  })
  return genesisHash(nodeHasher, {
    chainId: request.chainId,
    time: request.time,
    initialHeight: request.initialHeight,
    validatorsHash: validatorsHash(sortedValidatorSet(validators), nodeHasher),
    consensusHash: consensusParamsHash({ maxBytes: request.blockBytesMax, maxGas: request.blockGasMax }, nodeHasher),
    appState: encodeCanonicalJson(appState),
  })
}

function committedState(ledger: Ledger): LedgerState {
  assert(ledger.state, 'the chain was initialised')
  return ledger.state
}

/** What a transaction of the next block is told, as far as it is known before that block is made. */
function nextContext(ledger: Ledger): BlockContext {
  const { chainId, genesisHash: hash, height, time } = committedState(ledger)
  return { chainId, genesisHash: hash, height: height + 1n, time }
}

async function checkTx(ledger: Ledger, transaction: Uint8Array): Promise<TransactionResult> {
  if (transaction.length > limits.transactionBytesMax) {
    return { code: ResultCode.malformed, log: 'the transaction is too long', data: new Uint8Array(0) }
  }
  const [unsound] = await ledger.verify([transaction], nextContext(ledger))
  if (unsound) return unsound
  const pool = ledger.pool ?? openPool(ledger)
  ledger.pool = pool
  const name = transactionName(transaction)
  const before = pool.answers.get(name)
  if (before) return before
  const result = tryTransaction(ledger.kernel, pool.draft, transaction)
  if (result.code === ResultCode.ok) pool.answers.set(name, result)
  return result
}

function openPool(ledger: Ledger): Pool {
  const { coming, executed, committedView, kernel } = ledger
  const answers = new Map<string, TransactionResult>()
  if (!coming) return { draft: looseDraft(executed?.overlay ?? committedView, nextContext(ledger)), answers }
  const context = blockContext(ledger, coming)
  return { draft: beginDraft(kernel, committedView, { context, own: ownOf(ledger, context) }), answers }
}

/** The pool's draft, where it is of the block that is proposed, and holds just what was offered. */
function pooledAs({ pool }: Ledger, { transactions, bytesMax, ...request }: ProposalRequest): Draft | undefined {
  if (!pool || !isDraftOf(pool.draft, request)) return undefined
  const tried = pool.draft.transactions.slice(pool.draft.transactions.length - pool.answers.size)
  const isJust = tried.length === transactions.length && tried.every((each, i) => each === transactions[i])
  const size = pool.draft.transactions.reduce((sum, each) => sum + encodedSize(each), 0)
  return isJust && size <= bytesMax ? pool.draft : undefined
}

function standing(ledger: Ledger, transaction: Uint8Array): TransactionStanding | undefined {
  const { kernel, committedView } = ledger
  const chain = nextContext(ledger)
  if (kernel.apply(committedView, transaction, chain).result.code !== ResultCode.ok) return undefined
  return { chain, caseVersion: kernel.caseVersion?.(committedView, transaction) ?? 0n }
}

/** Takes transactions in their order as long as they fit, and leaves out those that would fail; before them what the proposer owes to chance. */
async function prepareProposal(ledger: Ledger, request: ProposalRequest): Promise<readonly Uint8Array[]> {
  const pooled = pooledAs(ledger, request)
  if (!pooled) return prepare(ledger, request, ownOf(ledger, blockContext(ledger, request)))
  ledger.executed = pooled
  // Whoever asks before that block is made must not change it.
  ledger.pool = undefined
  ledger.coming = undefined
  return pooled.transactions
}

/** What the proposer gives to chance in its block, where draws wait for it. */
function ownOf({ kernel, secrets, committedView }: Ledger, context: BlockContext): Uint8Array | undefined {
  const own = context.proposer && secrets(context.proposer, context.genesisHash)
  return own && kernel.chance?.propose(committedView, context, own)
}

async function prepare(
  ledger: Ledger,
  request: ProposalRequest,
  own: Uint8Array | undefined,
): Promise<readonly Uint8Array[]> {
  const { kernel, committedView } = ledger
  const context = blockContext(ledger, request)
  const unsound = await ledger.verify(request.transactions, context)
  const draft = beginDraft(kernel, committedView, { context, own })
  let bytesLeft = request.bytesMax - draft.transactions.reduce((sum, each) => sum + encodedSize(each), 0)
  for (const [i, transaction] of request.transactions.entries()) {
    const size = encodedSize(transaction)
    if (unsound[i] || transaction.length > limits.transactionBytesMax || size > bytesLeft) continue
    if (tryTransaction(kernel, draft, transaction).code === ResultCode.ok) bytesLeft -= size
  }
  ledger.executed = draft
  return draft.transactions
}

function blockContext(ledger: Ledger, { height, time, proposerAddress }: ComingBlock): BlockContext {
  return { ...nextContext(ledger), height, time, proposer: proposerAddress }
}

/** What a block's proposer put first into it, and the rest. */
function splitOwn(
  { kernel }: Ledger,
  transactions: readonly Uint8Array[],
): { readonly own: Uint8Array | undefined; readonly others: readonly Uint8Array[] } {
  const [first] = transactions
  const isOwn = first !== undefined && kernel.chance?.isOwn(first) === true
  return isOwn ? { own: first, others: transactions.slice(1) } : { own: undefined, others: transactions }
}

/** What a transaction takes in a block: one byte of tag, its length, itself (types.ComputeProtoSizeForTxs). */
function encodedSize(transaction: Uint8Array): number {
  let size = transaction.length + 2
  for (let rest = transaction.length >> 7; rest > 0; rest >>= 7) size += 1
  return size
}

async function processProposal(ledger: Ledger, request: ProposalRequest): Promise<boolean> {
  // The first block has the genesis file's time, whatever the clock says (CometBFT, state/validation.go).
  const drift = request.height === 1n ? 0 : Math.abs(timeToMilliseconds(request.time) - ledger.now())
  if (drift > proposalDriftMsMax) return false
  if (executedAlready(ledger, request)) return true
  const { own, others } = splitOwn(ledger, request.transactions)
  const prepared = await prepare(ledger, { ...request, transactions: others }, own)
  return prepared.length === request.transactions.length
}

async function finalizeBlock(ledger: Ledger, request: FinalizeRequest): Promise<FinalizeAnswer> {
  const before = committedState(ledger)
  assert(request.height === before.height + 1n, 'blocks are finalized in their order')
  const known = request.misbehavior.length === 0 ? executedAlready(ledger, request) : undefined
  const { results, events, overlay } = known ?? (await execute(ledger, request))
  const changed = overlay.writes()
  const staged = await ledger.tree.stage(changed)
  const history = appendHistory(ledger.database, request.height, request.hash)
  const roots = { state: staged.root, history: historyRoot(ledger.database, request.height + 1n, history) }
  const next = { ...before, height: request.height, time: request.time, appHash: appHash(roots) }
  ledger.finalized = { next, staged, writes: history, changed }
  return { results, events, validatorUpdates: [], appHash: next.appHash, stateChanged: staged.changed }
}

/** What whoever proposes a block worked out a moment ago: the same transactions over the same state do the same. */
function executedAlready(
  { executed }: Ledger,
  block: ComingBlock & { readonly transactions: readonly Uint8Array[] },
): Draft | undefined {
  return executed && isDraftOf(executed, block) && holdsJust(executed, block.transactions) ? executed : undefined
}

async function execute(ledger: Ledger, request: FinalizeRequest): Promise<Draft> {
  const { kernel, committedView } = ledger
  const { own, others } = splitOwn(ledger, request.transactions)
  const context = blockContext(ledger, request)
  const unsound = await ledger.verify(others, context)
  const { misbehavior } = request
  const draft = beginDraft(kernel, committedView, { context, own, misbehavior, isDecided: true })
  for (const [i, transaction] of others.entries()) takeDecided(kernel, draft, { transaction, unsound: unsound[i] })
  return draft
}

async function commit(ledger: Ledger, engineWrites: readonly Write[]): Promise<void> {
  assert(ledger.finalized, 'a block was finalized')
  const { next, staged, writes, changed } = ledger.finalized
  const own = { key: ledgerStateKey, value: encodeLedgerState(next) }
  await ledger.database.write([...staged.writes, ...writes, own, ...engineWrites])
  ledger.tree.committed(staged)
  ledger.committedView.changed(changed)
  ledger.state = next
  ledger.finalized = undefined
  ledger.executed = undefined
  // The engine checks again what stays in its pool, which fills this anew.
  ledger.pool = undefined
  ledger.coming = undefined
}

/** The state of a height that a header commits to: 0 is the newest such. Undefined when it is not kept. */
function provableHeight(ledger: Ledger, height: bigint): bigint | undefined {
  const newest = (ledger.state?.height ?? 0n) - 1n
  const wanted = height === 0n ? newest : height
  return wanted >= 0n && wanted <= newest && ledger.tree.keeps(wanted) ? wanted : undefined
}

function rootsAt(ledger: Ledger, height: bigint): StoreRoots {
  return { state: ledger.tree.root(height), history: historyRoot(ledger.database, height + 1n) }
}

function stateAnswer(ledger: Ledger, keys: readonly Uint8Array[], height: bigint): StateAnswer | undefined {
  const at = provableHeight(ledger, height)
  if (at === undefined || keys.some(key => !isStateKey(key))) return undefined
  const store = proveStore('state', rootsAt(ledger, at))
  return { height: at, stores: [store], proofs: keys.map(key => ledger.tree.prove(key, at)) }
}

function historyAnswer(ledger: Ledger, { height, leaf, oldSize }: HistoryQuery): HistoryAnswer | undefined {
  if (height < 1n || !ledger.tree.keeps(height - 1n)) return undefined
  if (leaf !== undefined && (leaf < 0n || leaf >= height)) return undefined
  if (oldSize !== undefined && (oldSize < 1n || oldSize > height)) return undefined
  return {
    store: proveStore('history', rootsAt(ledger, height - 1n)),
    inclusion: leaf === undefined ? [] : historyInclusion(ledger.database, height, leaf),
    consistency: oldSize === undefined ? [] : historyConsistency(ledger.database, oldSize, height),
  }
}

function isStateKey(key: Uint8Array): boolean {
  return key.length > 0 && key.length <= limits.stateKeyBytesMax
}

function query(ledger: Ledger, request: QueryRequest): QueryAnswer {
  const refused = (code: number, log: string): QueryAnswer => ({
    code,
    log,
    key: request.key,
    value: new Uint8Array(0),
    height: request.height,
    proof: undefined,
  })
  if (request.path !== stateKeyPath) return refused(1, `unknown path; ask ${stateKeyPath}`)
  if (!isStateKey(request.key)) return refused(1, 'not a state key')
  const answer = stateAnswer(ledger, [request.key], request.height)
  const [state, store] = [answer?.proofs[0], answer?.stores[0]]
  if (!answer || !state || !store)
    return refused(2, 'the state of this height is not kept, or no header commits to it yet')
  const value = state.exist?.value ?? new Uint8Array(0)
  const log = value.length === 0 ? 'there is no such key' : ''
  const proof = request.prove ? { state, store } : undefined
  return { code: 0, log, key: request.key, value, height: answer.height, proof }
}
