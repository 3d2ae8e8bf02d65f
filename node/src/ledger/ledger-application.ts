// The ledger as an Application: the kernel's rules over the state tree and the block history. The verbs that make blocks
// are called one after another (the engine sees to that); checkTx and query may come at any time between them.

import {
  assert,
  type Crypto,
  check,
  compareTime,
  consensusParamsHash,
  decodeUtf8,
  encodeCanonicalJson,
  equals,
  formatHex,
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
import { appHash, proveStore, type StoreRoots } from '../tree/app-hash.ts'
import { appendHistory, historyConsistency, historyInclusion, historyRoot } from '../tree/history.ts'
import { openTree, type Staged, type Tree, type TreeOptions } from '../tree/tree.ts'
import type {
  Application,
  FinalizeAnswer,
  FinalizeRequest,
  InitChainRequest,
  ProposalRequest,
  QueryAnswer,
  QueryRequest,
  TransactionResult,
} from './application.ts'
import type { BlockContext, Kernel } from './kernel.ts'
import { encodeLedgerState, type LedgerState, ledgerStateKey, readLedgerState } from './ledger-state.ts'
import { newOverlay, type Overlay } from './overlay.ts'
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
}

export type LedgerOptions = {
  readonly crypto: Crypto
  readonly tree?: TreeOptions
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
  /** The newest committed state, and over it what the pool's transactions would do. */
  readonly committedView: RememberingView
  readonly pool: Overlay
  /** What that overlay holds, by the hash of the transaction, so that asking twice does not count twice. */
  readonly pooled: Map<string, TransactionResult>
  state: LedgerState | undefined
  /** The newest proposal, worked out. */
  executed: Executed | undefined
  finalized:
    | {
        readonly next: LedgerState
        readonly staged: Staged
        readonly writes: readonly Write[]
        readonly changed: readonly Write[]
      }
    | undefined
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
    committedView,
    pool: newOverlay(committedView),
    pooled: new Map(),
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
    checkTx: transaction => checkTx(ledger, transaction),
    prepareProposal: request => prepareProposal(ledger, request),
    processProposal: request => processProposal(ledger, request),
    finalizeBlock: request => finalizeBlock(ledger, request),
    commit: engineWrites => commit(ledger, engineWrites),
    query: request => query(ledger, request),
    state: (keys, height) => stateAnswer(ledger, keys, height),
    history: query => historyAnswer(ledger, query),
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
  const context = { chainId, genesisHash: hash, height: request.initialHeight, time }
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
  const name = formatHex(nodeHasher.sha256(transaction))
  const before = ledger.pooled.get(name)
  if (before) return before
  const { result, writes } = ledger.kernel.apply(ledger.pool, transaction, nextContext(ledger))
  if (result.code !== ResultCode.ok) return result
  ledger.pool.add(writes)
  ledger.pooled.set(name, result)
  return result
}

/** Takes transactions in their order as long as they fit, and leaves out those that would fail. */
async function prepareProposal(ledger: Ledger, request: ProposalRequest): Promise<readonly Uint8Array[]> {
  const context = { ...nextContext(ledger), height: request.height, time: request.time }
  const unsound = await ledger.verify(request.transactions, context)
  const overlay = newOverlay(ledger.committedView)
  overlay.add(ledger.kernel.tick(overlay, context))
  const taken: Uint8Array[] = []
  const results: TransactionResult[] = []
  let bytesLeft = request.bytesMax
  for (const [i, transaction] of request.transactions.entries()) {
    const size = encodedSize(transaction)
    if (unsound[i] || transaction.length > limits.transactionBytesMax || size > bytesLeft) continue
    const { result, writes } = ledger.kernel.apply(overlay, transaction, context)
    if (result.code !== ResultCode.ok) continue
    overlay.add(writes)
    bytesLeft -= size
    taken.push(transaction)
    results.push(result)
  }
  ledger.executed = { height: request.height, time: request.time, transactions: taken, results, overlay }
  return taken
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
  const prepared = await prepareProposal(ledger, request)
  return prepared.length === request.transactions.length
}

async function finalizeBlock(ledger: Ledger, request: FinalizeRequest): Promise<FinalizeAnswer> {
  const before = committedState(ledger)
  assert(request.height === before.height + 1n, 'blocks are finalized in their order')
  const context = { ...nextContext(ledger), time: request.time }
  const known = request.misbehavior.length === 0 ? executedAlready(ledger, request) : undefined
  const { results, overlay } = known ?? (await execute(ledger, request, context))
  const changed = overlay.writes()
  const staged = await ledger.tree.stage(changed)
  const history = appendHistory(ledger.database, request.height, request.hash)
  const roots = { state: staged.root, history: historyRoot(ledger.database, request.height + 1n, history) }
  const next = { ...before, height: request.height, time: request.time, appHash: appHash(roots) }
  ledger.finalized = { next, staged, writes: history, changed }
  return { results, validatorUpdates: [], appHash: next.appHash, stateChanged: staged.changed }
}

type Executed = Pick<FinalizeRequest, 'height' | 'time' | 'transactions'> & {
  readonly results: readonly TransactionResult[]
  readonly overlay: Overlay
}

/** What whoever proposes a block worked out a moment ago: the same transactions over the same state do the same. */
function executedAlready({ executed }: Ledger, block: Omit<Executed, 'results' | 'overlay'>): Executed | undefined {
  if (executed?.height !== block.height || compareTime(executed.time, block.time) !== 0) return undefined
  const { transactions } = executed
  const isSame = transactions.length === block.transactions.length
  return isSame && transactions.every((each, i) => equals(each, block.transactions[i]!)) ? executed : undefined
}

async function execute(
  ledger: Ledger,
  { transactions, misbehavior }: FinalizeRequest,
  context: BlockContext,
): Promise<Pick<Executed, 'results' | 'overlay'>> {
  const unsound = await ledger.verify(transactions, context)
  const overlay = newOverlay(ledger.committedView)
  overlay.add(ledger.kernel.misbehave(overlay, misbehavior, context))
  overlay.add(ledger.kernel.tick(overlay, context))
  const results = transactions.map((transaction, i) => {
    if (unsound[i]) return unsound[i]
    const { result, writes } = ledger.kernel.apply(overlay, transaction, context)
    overlay.add(writes)
    return result
  })
  return { results, overlay }
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
  ledger.pool.clear()
  ledger.pooled.clear()
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
