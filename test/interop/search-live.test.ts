// tx_search and block_search of our node beside those of a real CometBFT v0.40.0: the same members, of the same kinds, the same words.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { encodeUtf8, formatBase64 } from '@muniment/sdk'
import { sha256 } from '../../node/src/hasher.ts'
import type { Kernel } from '../../node/src/ledger/kernel.ts'
import { type Rpc, startRpc } from '../../node/src/rpc/server.ts'
import { memoryDatabase, newDisk } from '../../node/src/storage/memory.ts'
import { keyValueKernel } from '../key-value-kernel.ts'
import { reached, startTestChain, type TestChain } from '../test-chain.ts'
import { type Answer, type CometNode, startCometNode } from './cometbft.ts'
import { goSkip } from './go.ts'

/** Tells what CometBFT's kvstore tells. */
const kernel: Kernel = {
  ...keyValueKernel,
  apply(view, transaction, context) {
    const { result, writes } = keyValueKernel.apply(view, transaction, context)
    const [name = ''] = new TextDecoder().decode(transaction).split('=')
    const attributes = [
      { key: 'key', value: name, index: true },
      { key: 'noindex_key', value: 'index is working', index: false },
    ]
    return { result: { ...result, events: [{ type: 'app', attributes }] }, writes }
  },
}

let comet: CometNode
let chain: TestChain
let rpc: Rpc

before(async () => {
  if (goSkip) return
  comet = await startCometNode()
  await comet.reached(1n)
  chain = await startTestChain(memoryDatabase(newDisk()), { kernel, heartbeatMs: 600_000 })
  rpc = await startRpc({ ...chain, host: '127.0.0.1', port: 0, corsOrigins: [] })
  for (const text of ['name=one', 'other=two']) {
    await comet.call('broadcast_tx_commit', { tx: formatBase64(encodeUtf8(text)) })
    await chain.engine.submit(encodeUtf8(text))
    const isIn = () => chain.engine.chain.transaction(sha256(encodeUtf8(text))) !== undefined
    while (!isIn()) await reached(chain.engine, chain.engine.newest().height + 1n)
  }
  // Its index is written a moment after the block.
  await comet.reached(BigInt((await comet.call('status')).sync_info.latest_block_height) + 2n)
})
after(async () => {
  if (goSkip) return
  await comet.stop()
  await rpc.close()
  await chain.engine.stop()
})

async function ours(method: string, params: object): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = (await (await fetch(rpc.url, { method: 'POST', body })).json()) as Answer
  if (answer.error) throw new Error(JSON.stringify(answer.error))
  return answer.result
}

/** Members and kinds; of a list its first item. */
function shapeOf(value: Answer): Answer {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => [name, shapeOf(member)]),
  )
}

/** What an application need not tell. */
function withoutOwn(found: Answer): Answer {
  const txs = found.txs.map((each: Answer) => {
    const { data: _, log: __, gas_wanted: ___, ...result } = each.tx_result
    return { ...each, tx_result: result }
  })
  return { ...found, txs }
}

test('what is found has CometBFT’s members, with a proof and without', { skip: goSkip }, async () => {
  for (const prove of [true, false]) {
    const params = { query: "app.key='name'", prove, page: '1', per_page: '10', order_by: 'asc' }
    const [theirs, own] = [await comet.call('tx_search', params), await ours('tx_search', params)]
    assert.equal(theirs.total_count, '1')
    assert.equal(own.total_count, '1')
    assert.deepEqual(shapeOf(withoutOwn(own)), shapeOf(withoutOwn(theirs)))
    const hash = Buffer.from(own.txs[0].hash, 'hex').toString('base64')
    const [theirTx, ownTx] = [await comet.call('tx', { hash, prove }), await ours('tx', { hash, prove })]
    assert.deepEqual(shapeOf(withoutOwn({ txs: [ownTx] })), shapeOf(withoutOwn({ txs: [theirTx] })))
    assert.equal(own.txs[0].tx, theirs.txs[0].tx)
    assert.equal(own.txs[0].hash, theirs.txs[0].hash)
  }
})

test('nothing found, and blocks by nothing, look alike', { skip: goSkip }, async () => {
  const nothing = { query: "app.key='nobody'", page: '1' }
  assert.deepEqual(await ours('tx_search', nothing), await comet.call('tx_search', nothing))
  const blocks = { query: "clock.kind='none'", page: '1' }
  assert.deepEqual(await ours('block_search', blocks), await comet.call('block_search', blocks))
})

test('a page that is not there, and an order that is none, are refused in the same words', {
  skip: goSkip,
}, async () => {
  for (const wrong of [{ page: '9' }, { order_by: 'up' }]) {
    const params = { query: "app.key='name'", page: '1', per_page: '1', ...wrong }
    const sentences = await Promise.all(
      [comet.call, ours].map(call =>
        call('tx_search', params).then(
          () => 'answered',
          error => /page should be within \[1, 1\] range|expected order_by to be either/.exec(String(error))?.[0],
        ),
      ),
    )
    assert.ok(sentences[0] !== undefined && sentences[0] !== 'answered')
    assert.equal(sentences[0], sentences[1])
  }
})
