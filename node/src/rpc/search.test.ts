// tx_search and block_search: CometBFT's shapes over an index that is written with its block, made again by a replay, and bounded.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { encodeUtf8, loadCrypto, parseBase64 } from '@muniment/sdk'
import { keyValueKernel } from '../../../test/key-value-kernel.ts'
import { reached, startTestChain, type TestChain } from '../../../test/test-chain.ts'
import { initChainRequest } from '../engine/requests.ts'
import { sha256 } from '../hasher.ts'
import type { LedgerEvent } from '../ledger/application.ts'
import type { Kernel } from '../ledger/kernel.ts'
import { createLedgerApplication } from '../ledger/ledger-application.ts'
import { ledgerStateKey } from '../ledger/ledger-state.ts'
import type { Database } from '../storage/database.ts'
import { key, keySpace } from '../storage/keys.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { type Rpc, startRpc } from './server.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

function pairEvent(pair: string): LedgerEvent {
  const [name = '', value = ''] = pair.split('=')
  return {
    type: 'pair',
    attributes: [
      { key: 'name', value: name, index: true },
      { key: 'value', value, index: false },
      { key: 'of', value: 'everybody', index: true },
    ],
  }
}

/** Tells of each pair that is set, and of a clock in every block that has one to tell of. */
const tellingKernel: Kernel = {
  ...keyValueKernel,
  apply(view, transaction, context) {
    const { result, writes } = keyValueKernel.apply(view, transaction, context)
    const events = result.code === 0 ? [pairEvent(new TextDecoder().decode(transaction))] : []
    return { result: { ...result, events }, writes }
  },
  tick(_, { height }, told = () => {}) {
    if (height % 2n === 0n) told({ type: 'clock', attributes: [{ key: 'kind', value: 'even', index: true }] })
    return []
  },
}

const pairs = ['a=1', 'b=2', 'a=3', 'c=4', 'a=5']

type Served = TestChain & { readonly rpc: Rpc; readonly database: Database }

async function serve(database: Database, kernel: Kernel = tellingKernel): Promise<Served> {
  const chain = await startTestChain(database, { kernel, heartbeatMs: 600_000 })
  const rpc = await startRpc({ ...chain, host: '127.0.0.1', port: 0, corsOrigins: [] })
  return { ...chain, rpc, database }
}

async function stop({ rpc, engine }: Served): Promise<void> {
  await rpc.close()
  await engine.stop()
}

/** Stands in a block, whose state the next one proves. */
async function put({ engine }: Pick<Served, 'engine'>, text: string): Promise<void> {
  await engine.submit(encodeUtf8(text))
  const place = () => engine.chain.transaction(sha256(encodeUtf8(text)))
  while (!place()) await reached(engine, engine.newest().height + 1n)
  await reached(engine, place()!.height + 1n)
}

async function fill(served: Served): Promise<void> {
  for (const text of pairs) await put(served, text)
}

const ask =
  (served: () => Served) =>
  async (method: string, params: Json = {}): Promise<Json> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const answer = (await (await fetch(served().rpc.url, { method: 'POST', body })).json()) as Json
    return answer.error ?? answer.result
  }

const transactionsOf = ({ txs }: Json): readonly string[] =>
  txs.map((each: Json) => new TextDecoder().decode(parseBase64(each.tx)))

describe('what a node finds', () => {
  let served: Served
  const call = ask(() => served)
  before(async () => {
    served = await serve(memoryDatabase(newDisk()))
    await fill(served)
  })
  after(() => stop(served))

  test('transactions are found by an attribute, in the order of their blocks, with a proof where one is asked for', async () => {
    const found = await call('tx_search', { query: "pair.name='a'", prove: true })
    assert.deepEqual(transactionsOf(found), ['a=1', 'a=3', 'a=5'])
    assert.equal(found.total_count, '3')
    const [first] = found.txs
    // The same, in every member, as `tx` answers for it.
    assert.deepEqual(first, await call('tx', { hash: Buffer.from(first.hash, 'hex').toString('base64'), prove: true }))
    assert.deepEqual(first.tx_result.events, [
      {
        type: 'pair',
        attributes: [
          { key: 'name', value: 'a', index: true },
          { key: 'value', value: '1', index: false },
          { key: 'of', value: 'everybody', index: true },
        ],
      },
    ])
    const results = await call('block_results', { height: first.height })
    assert.deepEqual(results.txs_results[0], first.tx_result)
  })

  test('by GET too, as CometBFT’s own tools ask', async () => {
    const query = encodeURIComponent(`"pair.name='b'"`)
    const answer = (await (await fetch(`${served.rpc.url}/tx_search?query=${query}&prove=false`)).json()) as Json
    assert.deepEqual(transactionsOf(answer.result), ['b=2'])
  })

  test('pages and orders, with CometBFT’s words for a page that is not there', async () => {
    const all = { query: "pair.of='everybody'", per_page: '2' }
    assert.deepEqual(transactionsOf(await call('tx_search', all)), ['a=1', 'b=2'])
    assert.deepEqual(transactionsOf(await call('tx_search', { ...all, page: '3' })), ['a=5'])
    assert.deepEqual(transactionsOf(await call('tx_search', { ...all, order_by: 'desc' })), ['a=5', 'c=4'])
    assert.equal((await call('tx_search', { ...all, page: '3' })).total_count, '5')
    assert.match((await call('tx_search', { ...all, page: '4' })).data, /page should be within \[1, 3\] range, given 4/)
    assert.match((await call('tx_search', { ...all, order_by: 'up' })).data, /order_by to be either/)
  })

  test('heights narrow a search, at both ends', async () => {
    const heights = (await call('tx_search', { query: "pair.name='a'" })).txs.map((each: Json) => each.height)
    const [one, two, three] = heights
    const found = async (range: string) =>
      transactionsOf(await call('tx_search', { query: `pair.name='a' AND ${range}` }))
    assert.deepEqual(await found(`tx.height >= ${two}`), ['a=3', 'a=5'])
    assert.deepEqual(await found(`tx.height > ${two}`), ['a=5'])
    assert.deepEqual(await found(`tx.height > ${one} AND tx.height <= ${two}`), ['a=3'])
    assert.deepEqual(await found(`tx.height < ${three}`), ['a=1', 'a=3'])
    assert.deepEqual(await found(`tx.height = ${three}`), ['a=5'])
    assert.deepEqual(await found(`tx.height > ${three}`), [])
  })

  test('what nobody may search for, and what has none, is not found', async () => {
    for (const query of ["pair.value='1'", "pair.name='z'", "clock.kind='even'"])
      assert.deepEqual(await call('tx_search', { query }), { txs: [], total_count: '0' })
  })

  test('blocks are found by what their clocks did, the newest first', async () => {
    const { blocks, total_count } = await call('block_search', { query: "clock.kind='even'" })
    const heights = blocks.map((each: Json) => Number(each.block.header.height))
    assert.deepEqual(
      heights,
      heights.toSorted((left: number, right: number) => right - left),
    )
    assert.ok(heights.length > 1 && heights.every((height: number) => height % 2 === 0))
    assert.equal(total_count, String(heights.length))
    const own = await call('block', { height: String(heights[0]) })
    assert.deepEqual(blocks[0], own)
    const results = await call('block_results', { height: String(heights[0]) })
    assert.deepEqual(results.finalize_block_events, [
      { type: 'clock', attributes: [{ key: 'kind', value: 'even', index: true }] },
    ])
    const narrow = await call('block_search', { query: `clock.kind='even' AND block.height <= 2` })
    assert.equal(narrow.total_count, '1')
  })

  test('whatever is more than one equality and a range is refused by a sentence', async () => {
    const wrong = [
      '',
      'pair.name',
      "pair.name='a' AND pair.of='everybody'",
      "pair.name CONTAINS 'a'",
      'tx.height > 3',
      "pair.name='a' OR pair.name='b'",
      "pair.name='a' AND block.height > 1",
      "pair.name='a' AND tx.height > 1 AND tx.height < 5 AND tx.height = 3",
      `pair.name='${'a'.repeat(600)}'`,
    ]
    for (const query of wrong) assert.match((await call('tx_search', { query })).data, /failed to parse query/, query)
  })
})

/** The same blocks on another disk, without what the test takes away. */
async function copyWithout(database: Database, isGone: (key: Uint8Array) => boolean): Promise<Database> {
  const all = await database.entries({ from: Uint8Array.of(0), to: Uint8Array.of(255), countMax: 100_000 })
  const copy = memoryDatabase(newDisk())
  await copy.write(all.filter(each => !isGone(each.key)))
  return copy
}

const spaceOf = (bytes: Uint8Array): number => bytes[0]!
const indexedFrom = Buffer.from(key(keySpace.meta, encodeUtf8('indexed from')))

describe('an index that is gone, or never was', () => {
  test('is made again with the state, when that is worked out from the blocks', async () => {
    const first = await serve(memoryDatabase(newDisk()))
    await fill(first)
    await stop(first)
    const stateSpaces: readonly number[] = [
      ...[keySpace.treeNode, keySpace.treeValue, keySpace.treeRoot, keySpace.treeStale, keySpace.history],
      ...[keySpace.eventIndex, keySpace.results],
    ]
    const emptied = await copyWithout(
      first.database,
      each => stateSpaces.includes(spaceOf(each)) || Buffer.from(each).equals(Buffer.from(ledgerStateKey)),
    )
    const application = await createLedgerApplication(emptied, tellingKernel, { crypto })
    await application.initChain(initChainRequest(first.engine.genesis))
    const second = await startTestChain(emptied, {
      ...{ kernel: tellingKernel, heartbeatMs: 600_000, genesis: first.engine.genesis },
    })
    const rpc = await startRpc({ ...second, host: '127.0.0.1', port: 0, corsOrigins: [] })
    const served = { ...second, rpc, database: emptied }
    const call = ask(() => served)
    const found = await call('tx_search', { query: "pair.name='a'" })
    assert.deepEqual(transactionsOf(found), ['a=1', 'a=3', 'a=5'])
    assert.equal((await call('status')).node_info.other.tx_index_from, '1')
    await stop(served)
  })

  test('of blocks that an older version made nothing is found, and the node says from where on it knows', async () => {
    const first = await serve(memoryDatabase(newDisk()))
    await fill(first)
    const { height } = first.engine.newest()
    await stop(first)
    const older = await copyWithout(
      first.database,
      each => spaceOf(each) === keySpace.eventIndex || Buffer.from(each).equals(indexedFrom),
    )
    const chain = await startTestChain(older, {
      ...{ kernel: tellingKernel, heartbeatMs: 600_000, genesis: first.engine.genesis },
    })
    const rpc = await startRpc({ ...chain, host: '127.0.0.1', port: 0, corsOrigins: [] })
    const served = { ...chain, rpc, database: older }
    const call = ask(() => served)
    await put(served, 'a=6')
    assert.deepEqual(transactionsOf(await call('tx_search', { query: "pair.name='a'" })), ['a=6'])
    assert.equal((await call('status')).node_info.other.tx_index_from, String(height + 1n))
    await stop(served)
  })

  test('an attribute that everybody has is not read to its end', async () => {
    const served = await serve(memoryDatabase(newDisk()))
    await reached(served.engine, 1n)
    const hash = sha256(encodeUtf8('pair.of=everybody')).slice(0, 16)
    const at = (height: number): Uint8Array => {
      const place = new Uint8Array(12)
      new DataView(place.buffer).setBigUint64(0, BigInt(height))
      return key(keySpace.eventIndex, hash, place)
    }
    await served.database.write(
      Array.from({ length: 10_001 }, (_, place) => ({ key: at(place + 1), value: Uint8Array.of(1) })),
    )
    const { chain } = served.engine
    const asked = { name: 'pair.of', value: 'everybody', from: 1n, to: 20_000n }
    assert.equal(await chain.search(asked), undefined)
    assert.equal((await chain.search({ ...asked, to: 100n }))?.length, 100)
    await stop(served)
  })
})
