// CometBFT's tx_search and block_search (rpc/core/tx.go, blocks.go) over the index of events, for one equality and a range of heights:
// `case.id='…' AND tx.height >= 5`. What it finds proves nothing; a transaction has its proof, and a case its entry in the state.

import { formatBlock, formatBlockId } from '@muniment/sdk'
import type { EventPlace } from '../engine/event-index.ts'
import { rpcFoundBlocksMax, rpcFoundTransactionsMax, searchTextLengthMax } from '../limits.ts'
import { formatTransaction, type Shape } from './format.ts'
import type { RpcContext } from './methods.ts'
import type { Params, ParamTable } from './params.ts'
import { RpcError } from './rpc-error.ts'

export const searchParams: ParamTable = {
  query: 'text',
  prove: 'boolean',
  page: 'integer',
  per_page: 'integer',
  order_by: 'text',
}
export const blockSearchParams: ParamTable = { query: 'text', page: 'integer', per_page: 'integer', order_by: 'text' }

const defaultPageItems = 30
const heightMax = (1n << 63n) - 1n
const equalityPattern = /^([A-Za-z][\w.-]{0,127})\s*=\s*'([^']{1,256})'$/
const heightPattern = /^(tx|block)\.height\s*(=|>=|<=|>|<)\s*(\d{1,18})$/
/** The attribute, and one condition for either end of the range. */
const conditionsMax = 3

type Query = { readonly name: string; readonly value: string; readonly from: bigint; readonly to: bigint }

/** Ascending where nothing else is asked. */
export async function searchTransactions(context: RpcContext, params: Params): Promise<Shape> {
  const { chain } = context.engine
  const isProved = params.boolean('prove')
  const places = await placesOf(context, parseQuery(params.text('query'), 'tx'))
  const found = places.flatMap(({ height, index }) => (index === undefined ? [] : [{ height, index }]))
  const { page, total } = pageOf(found, params, { order: 'asc', itemsMax: rpcFoundTransactionsMax })
  const txs = page.flatMap(({ height, index }) => {
    const [stored, result] = [chain.block(height), chain.results(height)?.results[index]]
    return stored && result ? [formatTransaction(stored.block.txs, { height, index }, { result, isProved })] : []
  })
  return { txs, total_count: total }
}

/** Blocks whose clocks did something; the newest first where nothing else is asked. */
export async function searchBlocks(context: RpcContext, params: Params): Promise<Shape> {
  const { chain } = context.engine
  const places = await placesOf(context, parseQuery(params.text('query'), 'block'))
  const found = places.filter(({ index }) => index === undefined)
  const { page, total } = pageOf(found, params, { order: 'desc', itemsMax: rpcFoundBlocksMax })
  const blocks = page.flatMap(({ height }) => {
    const stored = chain.block(height)
    return stored ? [{ block_id: formatBlockId(stored.blockId), block: formatBlock(stored.block) }] : []
  })
  return { blocks, total_count: total }
}

async function placesOf({ engine }: RpcContext, query: Query): Promise<readonly EventPlace[]> {
  const newest = engine.newest().height
  const found = await engine.chain.search({ ...query, to: min(query.to, newest) })
  if (!found) throw new RpcError(`too many matches: ask for fewer heights, as in "... AND tx.height >= ${newest}"`)
  return found
}

/** Throws RpcError for whatever is more than one equality and a range of heights. */
function parseQuery(text: string, kind: 'tx' | 'block'): Query {
  const wrong = (why: string): RpcError => new RpcError(`failed to parse query: ${why}`)
  if (text.length > searchTextLengthMax) throw wrong('it is too long')
  const conditions = text.trim().split(/\s+AND\s+/)
  if (conditions.length > conditionsMax) throw wrong('it has too many conditions')
  let [from, to] = [1n, heightMax]
  let attribute: { readonly name: string; readonly value: string } | undefined
  for (const condition of conditions) {
    const [, of, operator, digits = ''] = heightPattern.exec(condition) ?? []
    if (of !== undefined) {
      if (of !== kind) throw wrong(`heights here are ${kind}.height`)
      const height = BigInt(digits)
      if (operator !== '<=' && operator !== '<') from = max(from, operator === '>' ? height + 1n : height)
      if (operator !== '>=' && operator !== '>') to = min(to, operator === '<' ? height - 1n : height)
      continue
    }
    const [, name, value] = equalityPattern.exec(condition) ?? []
    if (name === undefined || value === undefined || attribute)
      throw wrong(`this node finds one attribute, as in "case.id='…' AND ${kind}.height >= 1"`)
    attribute = { name, value }
  }
  if (!attribute) throw wrong('it names no attribute')
  return { ...attribute, from, to }
}

const max = (left: bigint, right: bigint): bigint => (left > right ? left : right)
const min = (left: bigint, right: bigint): bigint => (left < right ? left : right)

/** As CometBFT's validatePage and validatePerPage (rpc/core/env.go). */
function pageOf<T>(
  found: readonly T[],
  params: Params,
  { order, itemsMax }: { readonly order: 'asc' | 'desc'; readonly itemsMax: number },
): { readonly page: readonly T[]; readonly total: string } {
  const asked = params.text('order_by') || order
  if (asked !== 'asc' && asked !== 'desc') throw new RpcError('expected order_by to be either `asc` or `desc` or empty')
  const sorted = asked === 'asc' ? found : found.toReversed()
  const wanted = params.integer('per_page') ?? BigInt(defaultPageItems)
  const perPage = Math.min(wanted < 1n ? defaultPageItems : Number(min(wanted, BigInt(itemsMax))), itemsMax)
  const pages = Math.max(1, Math.ceil(found.length / perPage))
  const page = Number(params.integer('page') ?? 1n)
  if (page < 1 || page > pages) throw new RpcError(`page should be within [1, ${pages}] range, given ${page}`)
  return { page: sorted.slice((page - 1) * perPage, page * perPage), total: String(found.length) }
}
