// The embedded engine: one process that makes CometBFT-format blocks. Its signatures prove authorship and order, not
// agreement between parties. One block at a time: proposal, application, signature, one durable batch, and only then
// does anybody hear of it.

import {
  type BlockId,
  type Commit,
  type Crypto,
  check,
  type Evidence,
  equals,
  formatHex,
  limits,
  noCommit,
  ResultCode,
  secondsBetween,
  type Timestamp,
  timeFromMilliseconds,
} from '@muniment/sdk'
import type { Application, FinalizeAnswer, TransactionResult } from '../ledger/application.ts'
import { poolTransactionsMax } from '../limits.ts'
import type { Database } from '../storage/database.ts'
import { transactionName } from '../transaction-name.ts'
import { chainStateWrite } from './chain-state.ts'
import { blockWrites, type Chain, chainOf, type DecidedBlock } from './chain-store.ts'
import { type EvidencePool, openEvidencePool } from './evidence-pool.ts'
import type { Genesis } from './genesis.ts'
import { newPool, type Pool } from './pool.ts'
import {
  type ChainState,
  makeCommit,
  makeProposal,
  nextBlockTime,
  type Proposal,
  transactionBytesLeft,
  updateValidators,
  voteTime,
} from './propose.ts'
import { recover } from './recover.ts'
import { finalizeRequest, lastResultsHash } from './requests.ts'
import { readSignState, type SignState, saveSignStateFile, signPrecommit, signStateWrite } from './sign-state.ts'
import type { ValidatorKey } from './validator-key.ts'

export type EngineOptions = {
  readonly database: Database
  readonly application: Application
  readonly genesis: Genesis
  /** Checks the signatures of evidence. */
  readonly crypto: Crypto
  /** One; more only on chains whose id begins with `test-`. Together they have more than two thirds of the power. */
  readonly signers: readonly ValidatorKey[]
  /** The pool's bound for one sender needs to know who sent a transaction. */
  readonly sender?: (transaction: Uint8Array) => string | undefined
  /** CometBFT's priv_validator_state.json, kept beside the store. */
  readonly signStateFile?: string
  /** Where this file exists, the chain was taken over by another engine. */
  readonly sealFile?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Blocks with transactions are at least so far apart. */
  readonly blockIntervalMs?: number
  /** An idle chain makes a block so often. */
  readonly heartbeatMs?: number
  /** Told once, when the engine had to stop: a full disk, a damaged store. */
  readonly onFailure?: (error: unknown) => void
}

type EngineStatus = {
  readonly poolTransactions: number
  readonly poolBytes: number
  /** Pieces of evidence that wait for a block. */
  readonly poolEvidence: number
  /** Since the start. */
  readonly committedTransactions: number
  readonly rejectedTransactions: number
  /** Between the newest two blocks; 0 before there are two. */
  readonly blockIntervalMs: number
  /** Why no blocks are made at present, in one sentence. */
  readonly stalled: string | undefined
}

export type Engine = {
  readonly genesis: Genesis
  readonly chain: Chain
  /** After the newest durable block. */
  readonly newest: () => ChainState
  readonly signerAddress: Uint8Array
  readonly signerCount: number
  /** checkTx, and a place in the pool when its code is 0. */
  readonly submit: (transaction: Uint8Array) => Promise<TransactionResult>
  /**
   * Evidence for the next block; resolves with its id (CometBFT's hash of it) when it is on the disk, or stands in a block. Rejects
   * with VerifyError.
   */
  readonly report: (evidence: Evidence) => Promise<Uint8Array>
  /** Called after each block, when it is durable. Answers how to end it. */
  readonly subscribe: (listener: (decided: DecidedBlock) => void) => () => void
  readonly status: () => EngineStatus
  /** Makes the next block at once: the clock was told. */
  readonly beat: () => void
  /** Ends after the block in the making. */
  readonly stop: () => Promise<void>
}

const blockIntervalMsDefault = 200
const heartbeatMsDefault = 30_000
/** A vote older than this is signed again with the present time before the next block dates itself by it. */
const voteAgeSecondsMax = 5
/** Security rule 8: no block is dated further ahead of this clock. */
const clockBehindSecondsMax = 60
const stalledRetryMs = 1_000

/** Parts that change while the engine lives. */
type Running = {
  readonly options: EngineOptions
  readonly now: () => Timestamp
  readonly chain: Chain
  readonly pool: Pool
  readonly evidence: EvidencePool
  readonly listeners: Set<(decided: DecidedBlock) => void>
  readonly submitting: Map<string, Promise<TransactionResult>>
  readonly signStates: Map<string, SignState | undefined>
  state: ChainState
  seenCommit: Commit
  /** The newest block changed the state, and no header proves it yet. */
  proofDue: boolean
  /** Of the process's own steady clock. */
  lastBlockMs: number
  lastFullBlockMs: number
  blockIntervalMs: number
  committedTransactions: number
  rejectedTransactions: number
  stalled: string | undefined
  stopped: boolean
  making: Promise<void> | undefined
  timer: NodeJS.Timeout | undefined
}

/** Recovers the home and starts to make blocks. Throws HomeError. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const state = await recover(options)
  const chain = chainOf(options.database)
  const clock = options.now ?? Date.now
  const evidence = await openEvidencePool({
    database: options.database,
    chain,
    params: options.genesis.evidence,
    crypto: options.crypto,
    newest: () => running.state,
    onAdded: () => schedule(running),
  })
  const running: Running = {
    evidence,
    options,
    now: () => timeFromMilliseconds(clock()),
    chain,
    pool: newPool(),
    listeners: new Set(),
    submitting: new Map(),
    signStates: new Map(options.signers.map(each => [formatHex(each.address), readSignState(options.database, each)])),
    state,
    seenCommit: chain.commit(state.height) ?? noCommit,
    // After a start nobody knows how long ago the newest block was made: the next one comes at once.
    proofDue: true,
    lastBlockMs: Number.NEGATIVE_INFINITY,
    lastFullBlockMs: Number.NEGATIVE_INFINITY,
    blockIntervalMs: 0,
    committedTransactions: 0,
    rejectedTransactions: 0,
    stalled: undefined,
    stopped: false,
    making: undefined,
    timer: undefined,
  }
  expectNext(running)
  schedule(running)
  return {
    genesis: options.genesis,
    chain,
    newest: () => running.state,
    signerAddress: options.signers[0]!.address,
    signerCount: options.signers.length,
    submit: transaction => submit(running, transaction),
    report: reported => report(running, reported),
    subscribe(listener) {
      running.listeners.add(listener)
      return () => running.listeners.delete(listener)
    },
    status: () => ({
      poolTransactions: running.pool.count(),
      poolBytes: running.pool.bytes(),
      poolEvidence: running.evidence.count(),
      committedTransactions: running.committedTransactions,
      rejectedTransactions: running.rejectedTransactions,
      blockIntervalMs: running.blockIntervalMs,
      stalled: running.stalled,
    }),
    beat() {
      running.proofDue = true
      schedule(running)
    },
    async stop() {
      running.stopped = true
      clearTimeout(running.timer)
      await running.making
    },
  }
}

function schedule(running: Running): void {
  if (running.stopped || running.making) return
  clearTimeout(running.timer)
  running.timer = setTimeout(() => run(running), Math.max(0, dueMs(running) - performance.now()))
}

function dueMs(running: Running): number {
  if (running.stalled !== undefined) return performance.now() + stalledRetryMs
  if (running.proofDue) return 0
  if (running.pool.count() > 0 || running.evidence.reap().length > 0) return fullBlockDueMs(running)
  return running.lastBlockMs + (running.options.heartbeatMs ?? heartbeatMsDefault)
}

function fullBlockDueMs(running: Running): number {
  return running.lastFullBlockMs + (running.options.blockIntervalMs ?? blockIntervalMsDefault)
}

function run(running: Running): void {
  running.making = makeBlock(running)
    .catch(error => {
      running.stopped = true
      running.stalled = 'The engine has stopped after an error.'
      running.options.onFailure?.(error)
    })
    .finally(() => {
      running.making = undefined
      schedule(running)
    })
}

async function makeBlock(running: Running): Promise<void> {
  const { application, signers } = running.options
  const now = running.now()
  running.stalled = clockBehind(running, now)
  if (running.stalled !== undefined) return
  const signStates = new Map(running.signStates)
  const lastCommit = freshCommit(running, signStates, now)
  const proposal = await propose(running, lastCommit)
  if (!proposal) return
  const { block, blockId } = proposal
  const { height, time } = block.header
  const answer = await application.finalizeBlock(finalizeRequest(block, blockId.hash))
  const of = { height, blockId, validators: running.state.validators }
  const timestamp = voteTime(running.now(), time)
  const seenCommit = makeCommit(of, address => {
    const signer = signers.find(each => equals(each.address, address))
    return signer && vote(running, signStates, { signer, height, blockId, timestamp })
  })
  await commitBlock(running, { proposal, answer, seenCommit, signStates })
}

/** One sentence when the chain's newest time lies too far ahead of this machine's clock. */
function clockBehind({ state }: Running, now: Timestamp): string | undefined {
  const seconds = secondsBetween(now, state.time)
  // The first block has the genesis file's time, whatever the clock says.
  if (state.height === 0n || seconds <= clockBehindSecondsMax) return undefined
  return `This machine's clock is ${seconds} seconds behind the newest block; set it right.`
}

function vote(
  running: Running,
  signStates: Map<string, SignState | undefined>,
  on: { signer: ValidatorKey; height: bigint; blockId: BlockId; timestamp: Timestamp },
): { timestamp: Timestamp; signature: Uint8Array } {
  const { signer, height, blockId, timestamp } = on
  const name = formatHex(signer.address)
  const before = signStates.get(name)
  const after = signPrecommit(signer, before, { chainId: running.state.chainId, height, blockId, timestamp })
  signStates.set(name, after)
  return { timestamp, signature: after.signature }
}

/**
 * The commit that the next block carries. A block is dated by the votes for the one before it: after a quiet half minute
 * or a night without power these are old, so the same block is voted for again with the present time.
 */
function freshCommit(running: Running, signStates: Map<string, SignState | undefined>, now: Timestamp): Commit {
  const { state, seenCommit, options } = running
  const present = seenCommit.signatures.filter(each => each.signature.length > 0)
  const isFresh = present.every(each => secondsBetween(each.timestamp, now) < voteAgeSecondsMax)
  if (state.height === 0n || isFresh) return seenCommit
  const timestamp = voteTime(now, state.time)
  const of = { height: state.height, blockId: state.blockId, validators: state.lastValidators }
  return makeCommit(of, address => {
    const signer = options.signers.find(each => equals(each.address, address))
    // Who no longer signs here keeps the vote that was seen.
    if (!signer) return present.find(each => equals(each.validatorAddress, address))
    return vote(running, signStates, { signer, height: of.height, blockId: of.blockId, timestamp })
  })
}

/** A block that our own processProposal accepts, or undefined, with the reason in `stalled`. */
async function propose(running: Running, lastCommit: Commit): Promise<Proposal | undefined> {
  const { state, pool, options } = running
  const { application } = options
  const mayBeFull = performance.now() >= fullBlockDueMs(running)
  // Evidence has its place before transactions do, and comes as soon as they do.
  const evidence = mayBeFull ? running.evidence.reap() : []
  const bytesMax = transactionBytesLeft(options.genesis.blockBytesMax, state.validators.validators.length, evidence)
  const offered = mayBeFull ? pool.reap(bytesMax) : []
  const proposerAddress = proposer(running)
  const { time } = makeProposal(state, { txs: [], evidence, lastCommit, proposerAddress }).block.header
  const request = { height: state.height + 1n, time, bytesMax, proposerAddress }
  const txs = await application.prepareProposal({ ...request, transactions: offered })
  // All that was offered fits: what is left out would fail, and does not wait any longer.
  const left = new Set(txs)
  const refused = offered.filter(transaction => !left.has(transaction))
  pool.remove(refused)
  running.rejectedTransactions += refused.length
  if (!(await application.processProposal({ ...request, transactions: txs }))) {
    running.stalled = 'The application refuses the next block: its time is too far from this clock.'
    return undefined
  }
  return makeProposal(state, { txs, evidence, lastCommit, proposerAddress })
}

/** Members that sign here take turns. */
function proposer({ state, options }: Running): Uint8Array {
  const members = state.validators.validators.filter(member =>
    options.signers.some(signer => equals(signer.address, member.address)),
  )
  return members[Number(state.height % BigInt(members.length))]!.address
}

type Made = {
  readonly proposal: Proposal
  readonly answer: FinalizeAnswer
  readonly seenCommit: Commit
  readonly signStates: Map<string, SignState | undefined>
}

async function commitBlock(running: Running, { proposal, answer, seenCommit, signStates }: Made): Promise<void> {
  const { options, state: before } = running
  const { block, blockId } = proposal
  const state: ChainState = {
    ...before,
    height: block.header.height,
    time: block.header.time,
    blockId,
    lastValidators: before.validators,
    validators: before.nextValidators,
    nextValidators: updateValidators(before.nextValidators, answer.validatorUpdates),
    appHash: answer.appHash,
    lastResultsHash: lastResultsHash(answer),
  }
  const decided: DecidedBlock = { ...proposal, seenCommit, validators: before.validators, results: answer }
  const states = options.signers.flatMap(signer => {
    const signed = signStates.get(formatHex(signer.address))
    return signed ? [signStateWrite(signer, signed)] : []
  })
  const leaving = running.evidence.commit(block.evidence, state.height)
  await options.application.commit([...blockWrites(decided), ...states, ...leaving.writes, chainStateWrite(state)])
  await saveSignState(running, signStates)
  running.state = state
  running.seenCommit = seenCommit
  leaving.done()
  for (const [name, signed] of signStates) running.signStates.set(name, signed)
  publish(running, decided, answer)
  expectNext(running)
  await recheck(running)
}

/** As it will be, unless the votes have grown too old by then. */
function expectNext(running: Running): void {
  const { state, seenCommit, options } = running
  const time = nextBlockTime(state, seenCommit)
  options.application.expect({ height: state.height + 1n, time, proposerAddress: proposer(running) })
}

async function saveSignState({ options }: Running, signStates: Map<string, SignState | undefined>): Promise<void> {
  const [signed] = signStates.values()
  if (options.signStateFile !== undefined && signed) await saveSignStateFile(options.signStateFile, signed)
}

function publish(running: Running, decided: DecidedBlock, answer: FinalizeAnswer): void {
  const nowMs = performance.now()
  if (Number.isFinite(running.lastBlockMs)) running.blockIntervalMs = nowMs - running.lastBlockMs
  running.lastBlockMs = nowMs
  if (decided.block.txs.length + decided.block.evidence.length > 0) running.lastFullBlockMs = nowMs
  // The first block changed nothing, but only under the second can the genesis state be asked for by a height.
  running.proofDue = answer.stateChanged || running.state.height === 1n
  running.committedTransactions += decided.block.txs.length
  running.pool.remove(decided.block.txs)
  for (const listener of running.listeners) listener(decided)
}

/** What stays in the pool must still hold after the block. */
async function recheck({ pool, options }: Running): Promise<void> {
  for (const transaction of pool.all()) {
    const { code } = await options.application.checkTx(transaction)
    if (code !== ResultCode.ok) pool.remove([transaction])
  }
}

async function report(running: Running, evidence: Evidence): Promise<Uint8Array> {
  check(!running.stopped, 'unavailable', 'this node takes no evidence now')
  return running.evidence.report(evidence)
}

function submit(running: Running, transaction: Uint8Array): Promise<TransactionResult> {
  const name = transactionName(transaction)
  const under = running.submitting.get(name)
  if (under) return under
  if (running.submitting.size >= poolTransactionsMax)
    return Promise.resolve(reject(running, ResultCode.quota, 'too many transactions are handed in at once'))
  const submitted = admit(running, transaction).finally(() => running.submitting.delete(name))
  running.submitting.set(name, submitted)
  return submitted
}

async function admit(running: Running, transaction: Uint8Array): Promise<TransactionResult> {
  const { pool, options } = running
  // A block in the making would have it worked out twice.
  await running.making
  if (pool.has(transaction)) return answer(ResultCode.ok, 'waits for a block already')
  if (transaction.length > limits.transactionBytesMax) return reject(running, ResultCode.malformed, 'too long')
  if (running.stopped) return reject(running, ResultCode.quota, 'this node takes no transactions now')
  const sender = options.sender?.(transaction)
  const refusal = pool.refuses(transaction, sender)
  if (refusal !== undefined) return reject(running, ResultCode.quota, refusal)
  const result = await options.application.checkTx(transaction)
  if (result.code !== ResultCode.ok) {
    running.rejectedTransactions += 1
    return result
  }
  pool.add(transaction, sender)
  schedule(running)
  return result
}

function reject(running: Running, code: number, log: string): TransactionResult {
  running.rejectedTransactions += 1
  return answer(code, log)
}

function answer(code: number, log: string): TransactionResult {
  return { code, log, data: new Uint8Array(0) }
}
