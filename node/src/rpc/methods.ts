// The methods of CometBFT's RPC that this node serves (rpc/core/routes.go). All but those that broadcast, and the one that
// moves a clock which may be moved, only read.

import {
  type Block,
  formatBase64,
  formatBlock,
  formatBlockId,
  formatHeader,
  formatSignedHeader,
  formatTime,
  formatValidator,
  isObject,
  noBlockId,
  parseEvidence,
  timeFromMilliseconds,
} from '@muniment/sdk'
import type { Clock } from '../clock.ts'
import type { StoredBlock } from '../engine/chain-store.ts'
import type { Engine } from '../engine/engine.ts'
import type { Promises } from '../engine/receipts.ts'
import { sha256 } from '../hasher.ts'
import type { Application } from '../ledger/application.ts'
import { rpcBlockMetasMax, rpcPageItemsMax } from '../limits.ts'
import {
  formatBlockMeta,
  formatBlockResults,
  formatQuery,
  formatStatus,
  formatTransaction,
  type Shape,
  upperHex,
} from './format.ts'
import type { Params, ParamTable } from './params.ts'
import { RpcError } from './rpc-error.ts'
import { blockSearchParams, searchBlocks, searchParams, searchTransactions } from './search.ts'

export type RpcContext = {
  readonly engine: Engine
  readonly application: Application
  /** The history as a log that witnesses follow. */
  readonly log?: RpcLog
  readonly clock?: Clock
  /** Takes transactions and promises them a place. */
  readonly promises?: Promises
  /** As status tells it: tcp://host:port. */
  readonly rpcAddress: () => string
}

export type RpcLog = {
  readonly origin: string
  /** The key that signs the log's checkpoints: `NAME+HEX8+BASE64` (c2sp.org/signed-note). */
  readonly key: string
  /** The newest checkpoint (c2sp.org/tlog-checkpoint) with its cosignatures. */
  readonly checkpoint: () => string
}

export type Method = {
  readonly params: ParamTable
  readonly answer: (context: RpcContext, params: Params) => Shape | Promise<Shape>
}

const defaultPageItems = 30
/** A century. */
const advanceSecondsMax = 3_155_760_000n

const atHeight = { height: 'integer' } as const

export const methods: Readonly<Record<string, Method>> = {
  health: { params: {}, answer: () => ({}) },
  status: { params: {}, answer: ({ engine, rpcAddress }) => formatStatus(engine, rpcAddress()) },
  advance_clock: { params: { seconds: 'integer' }, answer: advanceClock },
  genesis: { params: {}, answer: ({ engine }) => ({ genesis: engine.genesis.json }) },
  abci_info: { params: {}, answer: applicationInfo },
  abci_query: {
    params: { path: 'text', data: 'hexBytes', height: 'integer', prove: 'boolean' },
    answer: ({ application }, params) =>
      formatQuery(
        application.query({
          path: params.text('path'),
          key: params.bytes('data'),
          height: params.integer('height') ?? 0n,
          prove: params.boolean('prove'),
        }),
      ),
  },
  header: {
    params: atHeight,
    answer: (context, params) => {
      const stored = blockAt(context, params)
      return { header: stored ? formatHeader(stored.block.header) : null }
    },
  },
  header_by_hash: {
    params: { hash: 'hexBytes' },
    answer: (context, params) => {
      const stored = blockOf(context, params)
      return { header: stored ? formatHeader(stored.block.header) : null }
    },
  },
  block: { params: atHeight, answer: (context, params) => wholeBlock(blockAt(context, params)) },
  block_by_hash: { params: { hash: 'bytes' }, answer: (context, params) => wholeBlock(blockOf(context, params)) },
  block_results: { params: atHeight, answer: blockResults },
  blockchain: { params: { minHeight: 'integer', maxHeight: 'integer' }, answer: blockchain },
  commit: { params: atHeight, answer: commitAt },
  validators: { params: { height: 'integer', page: 'integer', per_page: 'integer' }, answer: validatorsAt },
  consensus_params: { params: atHeight, answer: consensusParams },
  tx: { params: { hash: 'bytes', prove: 'boolean' }, answer: transaction },
  tx_search: { params: searchParams, answer: searchTransactions },
  block_search: { params: blockSearchParams, answer: searchBlocks },
  history_log: { params: {}, answer: historyLog },
  broadcast_tx_sync: { params: { tx: 'bytes' }, answer: broadcast },
  muniment_receipt: { params: { tx: 'bytes' }, answer: promised },
  broadcast_evidence: { params: { evidence: 'json' }, answer: broadcastEvidence },
}

/** Only where the chain was begun with manual_clock, and the node was told so too. */
function advanceClock({ engine, clock }: RpcContext, params: Params): Shape {
  const seconds = params.integer('seconds') ?? 0n
  if (!clock?.advance) throw new RpcError('this chain takes its time from the machine')
  if (seconds < 1n || seconds > advanceSecondsMax) throw new RpcError(`seconds must be from 1 to ${advanceSecondsMax}`)
  const time = formatTime(timeFromMilliseconds(clock.advance(Number(seconds))))
  engine.beat()
  return { time }
}

/** CometBFT's own words: its light client tells the cases apart by them (light/provider/http). */
function heightOf({ engine }: RpcContext, params: Params): bigint {
  const newest = engine.newest().height
  const height = params.integer('height')
  if (height === undefined) return newest
  if (height <= 0n) throw new RpcError(`height must be greater than 0, but got ${height}`)
  if (height > newest) {
    throw new RpcError(`height ${height} must be less than or equal to the current blockchain height ${newest}`)
  }
  return height
}

function blockAt(context: RpcContext, params: Params): StoredBlock | undefined {
  return context.engine.chain.block(heightOf(context, params))
}

function blockOf({ engine }: RpcContext, params: Params): StoredBlock | undefined {
  const height = engine.chain.heightOf(params.bytes('hash'))
  // A block is there for the world only when the engine says that it is the newest or older.
  return height !== undefined && height <= engine.newest().height ? engine.chain.block(height) : undefined
}

function wholeBlock(stored: StoredBlock | undefined): Shape {
  const block: Block | undefined = stored?.block
  return { block_id: formatBlockId(stored?.blockId ?? noBlockId), block: block ? formatBlock(block) : null }
}

function applicationInfo({ application }: RpcContext): Shape {
  const { height, appHash, appVersion } = application.info()
  return {
    response: {
      data: 'muniment',
      version: '0.1.0',
      app_version: String(appVersion),
      last_block_height: String(height),
      last_block_app_hash: formatBase64(appHash),
    },
  }
}

function blockResults(context: RpcContext, params: Params): Shape {
  const height = heightOf(context, params)
  const results = context.engine.chain.results(height)
  if (!results) throw new RpcError(`could not find results for height #${height}`)
  return formatBlockResults(height, results)
}

/** At most 20, the newest first. */
function blockchain({ engine }: RpcContext, params: Params): Shape {
  const newest = engine.newest().height
  const [min, max] = [params.integer('minHeight') ?? 0n, params.integer('maxHeight') ?? 0n]
  if (min < 0n || max < 0n) throw new RpcError('heights must be non-negative')
  const to = max === 0n || max > newest ? newest : max
  const wanted = min === 0n ? 1n : min
  const lowest = to - BigInt(rpcBlockMetasMax) + 1n
  const from = wanted > lowest ? wanted : lowest
  if (from > to && newest > 0n) throw new RpcError(`min height ${from} can't be greater than max height ${to}`)
  const metas: Shape[] = []
  for (let height = to; height >= from && height > 0n; height--) {
    const stored = engine.chain.block(height)
    if (stored) metas.push(formatBlockMeta(stored))
  }
  return { last_height: String(newest), block_metas: metas }
}

function commitAt(context: RpcContext, params: Params): Shape {
  const height = heightOf(context, params)
  const { chain } = context.engine
  const [stored, commit] = [chain.block(height), chain.commit(height)]
  if (!stored || !commit) throw new RpcError('there is no block yet')
  const canonical = height < context.engine.newest().height
  return { signed_header: formatSignedHeader({ header: stored.block.header, commit }), canonical }
}

function validatorsAt(context: RpcContext, params: Params): Shape {
  const height = heightOf(context, params)
  const set = context.engine.chain.validators(height)
  if (!set) throw new RpcError(`could not find validator set for height #${height}`)
  const total = set.validators.length
  const asked = params.integer('per_page') ?? BigInt(defaultPageItems)
  const perPage = asked < 1n ? defaultPageItems : Math.min(Number(asked), rpcPageItemsMax)
  const pages = Math.max(1, Math.ceil(total / perPage))
  const page = Number(params.integer('page') ?? 1n)
  if (page < 1 || page > pages) throw new RpcError(`page should be within [1, ${pages}] range, given ${page}`)
  const members = set.validators.slice((page - 1) * perPage, page * perPage)
  return {
    block_height: String(height),
    validators: members.map(formatValidator),
    count: String(members.length),
    total: String(total),
  }
}

function consensusParams(context: RpcContext, params: Params): Shape {
  const given = context.engine.genesis.json.consensus_params
  return { block_height: String(heightOf(context, params)), consensus_params: isObject(given) ? given : {} }
}

function transaction({ engine }: RpcContext, params: Params): Shape {
  const hash = params.bytes('hash')
  const place = hash.length === 32 ? engine.chain.transaction(hash) : undefined
  const found = place && place.height <= engine.newest().height ? engine.chain.block(place.height) : undefined
  const result = place && engine.chain.results(place.height)?.results[place.index]
  if (!place || !found || !result) throw new RpcError(`tx (${upperHex(hash)}) not found`)
  return formatTransaction(found.block.txs, place, { result, isProved: params.boolean('prove') })
}

function historyLog({ log }: RpcContext): Shape {
  if (!log) throw new RpcError('this node has no key for its log')
  return { origin: log.origin, key: log.key, checkpoint: log.checkpoint() }
}

async function broadcast({ engine }: RpcContext, params: Params): Promise<Shape> {
  const tx = params.bytes('tx')
  if (tx.length === 0) throw new RpcError('tx is empty')
  const { code, data, log } = await engine.submit(tx)
  return { code, data: upperHex(data), log, codespace: '', hash: upperHex(sha256(tx)) }
}

/** As broadcast_tx_sync, with the validator's promise where it gives one (docs/protocol/receipts.md). */
async function promised({ promises }: RpcContext, params: Params): Promise<Shape> {
  const tx = params.bytes('tx')
  if (tx.length === 0) throw new RpcError('tx is empty')
  if (!promises) throw new RpcError('this node promises nothing')
  const { result, receipt } = await promises(tx)
  const { code, data, log } = result
  const hash = upperHex(sha256(tx))
  return { code, data: upperHex(data), log, codespace: '', hash, receipt: formatBase64(receipt ?? new Uint8Array(0)) }
}

/** As CometBFT answers it: the evidence's hash in base64 (rpc/core/evidence.go). */
async function broadcastEvidence({ engine }: RpcContext, params: Params): Promise<Shape> {
  const evidence = params.json('evidence')
  if (evidence === undefined) throw new RpcError('no evidence was provided')
  return { hash: formatBase64(await engine.report(parseEvidence(evidence))) }
}
