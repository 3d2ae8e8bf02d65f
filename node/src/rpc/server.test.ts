import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import {
  commitmentProof,
  encodeUtf8,
  formatBase64,
  formatHex,
  formatPublicKey,
  parseBase64,
  parseBlock,
  parseHeader,
  parseSignedHeader,
  parseValidator,
} from '@muniment/sdk'
import WebSocket from 'ws'
import { createRpcProvider } from '../../../sdk/src/rpc/provider.ts'
import { testProviderCompliance } from '../../../test/compliance/provider.ts'
import { reached, startTestChain, testGenesis, testKey } from '../../../test/test-chain.ts'
import { readVector, vectorsSkip } from '../../../test/vectors.ts'
import type { Engine } from '../engine/engine.ts'
import { sha256 } from '../hasher.ts'
import type { HomeError } from '../home-error.ts'
import type { Application } from '../ledger/application.ts'
import { httpBodyBytesMax } from '../limits.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { type Rpc, startRpc } from './server.ts'

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON.
type Json = any

type Served = { engine: Engine; application: Application; rpc: Rpc }

const big = `big=${'x'.repeat(30_000)}`

async function serve(options: Partial<Parameters<typeof startRpc>[0]> = {}): Promise<Served> {
  const { engine, application } = await startTestChain(memoryDatabase(newDisk()), { heartbeatMs: 600_000 })
  for (const text of ['a=1', 'b=2', big]) {
    await engine.submit(encodeUtf8(text))
    await reached(engine, engine.newest().height + 2n)
  }
  const rpc = await startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [], ...options })
  return { engine, application, rpc }
}

async function stop({ engine, rpc }: Served): Promise<void> {
  await rpc.close()
  await engine.stop()
}

describe('rpc', () => {
  let served: Served
  before(async () => {
    served = await serve()
  })
  after(() => stop(served))

  async function get(path: string): Promise<Json> {
    const response = await fetch(`${served.rpc.url}/${path}`)
    return { status: response.status, ...((await response.json()) as object) }
  }

  async function post(body: unknown): Promise<Json> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(served.rpc.url, { method: 'POST', body: text })
    const answer = await response.text()
    return answer === '' ? undefined : JSON.parse(answer)
  }

  const call = async (method: string, params: unknown = {}): Promise<Json> =>
    (await post({ jsonrpc: '2.0', id: 1, method, params })).result

  test('status says plainly that one embedded signer makes the blocks', async () => {
    const { height } = served.engine.newest()
    const { result } = await get('status')
    assert.equal(result.node_info.moniker, 'embedded, 1 signer')
    assert.match(result.node_info.other.engine, /no Byzantine agreement/)
    assert.equal(result.node_info.network, 'test-chain')
    assert.ok(BigInt(result.sync_info.latest_block_height) >= height)
    assert.deepEqual(result.validator_info.pub_key, formatPublicKey(testKey('one').publicKey))
  })

  test('header, block, commit and validators are read again by the sdk as they were made', async () => {
    for (let height = 1n; height <= served.engine.newest().height; height++) {
      const stored = served.engine.chain.block(height)!
      assert.deepEqual(parseHeader((await get(`header?height=${height}`)).result.header), stored.block.header)
      assert.deepEqual(parseBlock((await get(`block?height=${height}`)).result.block), stored.block)
      const commit = (await call('commit', { height: String(height) })).signed_header
      assert.deepEqual(parseSignedHeader(commit).commit, served.engine.chain.commit(height))
      const validators = (await call('validators', [String(height)])).validators.map(parseValidator)
      assert.deepEqual(validators, served.engine.chain.validators(height)!.validators)
    }
  })

  test('without a height the newest block is meant, quoted heights are heights', async () => {
    const newest = String(served.engine.newest().height)
    assert.equal((await get('header')).result.header.height, newest)
    assert.equal((await get(`block?height="${newest}"`)).result.block.header.height, newest)
    assert.equal((await get('commit')).result.canonical, false)
    assert.equal((await get('commit?height=1')).result.canonical, true)
  })

  test('heights that are not there are refused in CometBFT’s words', async () => {
    const ahead = await get('commit?height=900')
    assert.equal(ahead.status, 500)
    assert.equal(ahead.error.code, -32603)
    assert.match(ahead.error.data, /^height 900 must be less than or equal to the current blockchain height \d+$/)
    assert.match((await get('block?height=0')).error.data, /greater than 0/)
    assert.equal((await get('block?height=x')).error.code, -32602)
  })

  test('a state key is answered with the proofs that the sdk expects', async () => {
    const key = encodeUtf8('a')
    const { response } = (await get(`abci_query?path="/store/state/key"&data=0x${formatHex(key)}&prove=true`)).result
    assert.deepEqual(parseBase64(response.value), encodeUtf8('1'))
    assert.deepEqual(
      response.proofOps.ops.map((op: Json) => op.type),
      ['ics23:smt', 'ics23:simple'],
    )
    const proof = commitmentProof.decode(parseBase64(response.proofOps.ops[0].data))
    assert.deepEqual(proof.exist?.key, key)
    const absent = await call('abci_query', {
      path: '/store/state/key',
      data: formatHex(encodeUtf8('none')),
      prove: true,
    })
    assert.equal(absent.response.value, null)
    assert.ok(commitmentProof.decode(parseBase64(absent.response.proofOps.ops[0].data)).nonexist)
    assert.equal((await call('abci_query', { path: '/other', data: 'AA' })).response.code, 1)
  })

  test('a transaction is found by its hash, with a proof under the data hash', async () => {
    const hash = sha256(encodeUtf8('b=2'))
    const { result } = await get(`tx?hash=0x${formatHex(hash)}&prove=true`)
    assert.equal(result.hash, formatHex(hash).toUpperCase())
    const { block } = served.engine.chain.block(BigInt(result.height))!
    assert.deepEqual(block.txs[result.index], encodeUtf8('b=2'))
    assert.deepEqual(result.proof.root_hash, formatHex(block.header.dataHash).toUpperCase())
    assert.equal((await call('tx', { hash: formatBase64(hash) })).height, result.height)
    assert.match((await get(`tx?hash=0x${'00'.repeat(32)}`)).error.data, /not found/)
  })

  test('a transaction is taken by GET, quoted or in hexadecimal, and by POST', async () => {
    const before = served.engine.newest().height
    const quoted = await get(`broadcast_tx_sync?tx=${encodeURIComponent('"c=3"')}`)
    assert.equal(quoted.result.code, 0)
    assert.equal(quoted.result.hash, formatHex(sha256(encodeUtf8('c=3'))).toUpperCase())
    assert.equal((await get(`broadcast_tx_sync?tx=0x${formatHex(encodeUtf8('d=4'))}`)).result.code, 0)
    assert.equal((await call('broadcast_tx_sync', { tx: formatBase64(encodeUtf8('e=5')) })).code, 0)
    assert.notEqual((await call('broadcast_tx_sync', { tx: formatBase64(encodeUtf8('refused=1')) })).code, 0)
    assert.equal((await get('broadcast_tx_sync')).status, 500)
    await reached(served.engine, before + 2n)
  })

  test('block_results, blockchain, consensus_params, genesis, abci_info and health answer', async () => {
    const height = (await get(`tx?hash=0x${formatHex(sha256(encodeUtf8('a=1')))}`)).result.height
    const results = (await get(`block_results?height=${height}`)).result
    assert.equal(results.txs_results[0].code, 0)
    const chain = (await get('blockchain?minHeight=1&maxHeight=3')).result
    assert.deepEqual(
      chain.block_metas.map((meta: Json) => meta.header.height),
      ['3', '2', '1'],
    )
    assert.equal((await get('consensus_params?height=1')).result.consensus_params.block.max_gas, '-1')
    assert.deepEqual((await get('genesis')).result.genesis, served.engine.genesis.json)
    assert.equal((await get('abci_info')).result.response.last_block_height, String(served.engine.newest().height))
    assert.deepEqual((await get('health')).result, {})
    const { hash } = served.engine.chain.block(2n)!.blockId
    assert.equal((await get(`block_by_hash?hash=0x${formatHex(hash)}`)).result.block.header.height, '2')
    assert.equal((await get(`header_by_hash?hash=0x${formatHex(hash)}`)).result.header.height, '2')
    assert.equal((await get(`block_by_hash?hash=0x${'00'.repeat(32)}`)).result.block, null)
  })

  test('a batch is answered in its order, a notification not at all', async () => {
    const answers = await post([
      { jsonrpc: '2.0', id: 'x', method: 'health' },
      { jsonrpc: '2.0', method: 'health' },
      { jsonrpc: '2.0', id: 7, method: 'no_such' },
      'nonsense',
      { jsonrpc: '2.0', id: 8, method: 'block', params: { height: true } },
    ])
    assert.deepEqual(
      answers.map((answer: Json) => [answer.id, answer.error?.code ?? 'fine']),
      [
        ['x', 'fine'],
        [7, -32601],
        [null, -32600],
        [8, -32602],
      ],
    )
    assert.equal(await post({ jsonrpc: '2.0', method: 'health' }), undefined)
    assert.equal((await post('{')).error.code, -32700)
    assert.equal((await post([])).error.code, -32600)
    assert.equal((await post(new Array(101).fill({}))).error.code, -32600)
    assert.equal((await post({ jsonrpc: '2.0', id: 1, method: '__proto__' })).error.code, -32601)
    assert.equal((await post({ jsonrpc: '2.0', id: 1, method: 'constructor' })).error.code, -32601)
  })

  test('no answer carries a stack, whatever is asked', async () => {
    const paths = ['block?height=%22', 'tx?hash=0xzz', 'tx?hash="', 'abci_query?data=0x1', '%00', 'block?height=1e3']
    for (const path of paths) {
      const text = await (await fetch(`${served.rpc.url}/${path}`)).text()
      assert.doesNotMatch(text, /\n\s+at |file:\/\//)
    }
  })

  test('JSON-RPC is posted to / and nowhere else', async () => {
    const response = await fetch(`${served.rpc.url}/broadcast_tx_sync`, { method: 'POST', body: '{}' })
    assert.equal(response.status, 405)
    assert.equal((await fetch(`${served.rpc.url}/nowhere`)).status, 404)
    const head = await fetch(`${served.rpc.url}/status`, { method: 'HEAD' })
    assert.equal(head.status, 200)
    assert.equal(await head.text(), '')
    assert.match(await (await fetch(served.rpc.url)).text(), /\/broadcast_tx_sync\?tx=_/)
  })

  test('a body that is too long is refused', async () => {
    const response = await fetch(served.rpc.url, { method: 'POST', body: 'x'.repeat(httpBodyBytesMax + 1) })
    assert.equal(response.status, 413)
  })

  test('health and metrics are there for those who watch the node', async () => {
    const health = await fetch(`${served.rpc.url}/healthz`)
    assert.equal(health.status, 200)
    assert.equal(((await health.json()) as Json).status, 'ok')
    const metrics = await (await fetch(`${served.rpc.url}/metrics`)).text()
    assert.match(metrics, new RegExp(`^muniment_height ${served.engine.newest().height}$`, 'm'))
    for (const name of ['pool_transactions', 'block_interval_seconds', 'transactions_total', 'rejected_total']) {
      assert.match(metrics, new RegExp(`^muniment_${name} [\\d.e+-]+$`, 'm'))
    }
  })

  test('the websocket answers the same calls', async () => {
    const socket = new WebSocket(`${served.rpc.url.replace('http', 'ws')}/websocket`)
    await new Promise(resolve => socket.once('open', resolve))
    const answers: Json[] = []
    const both = new Promise<void>(resolve =>
      socket.on('message', data => {
        answers.push(JSON.parse(String(data)))
        if (answers.length === 2) resolve()
      }),
    )
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'health' }))
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'subscribe', params: { query: '' } }))
    await both
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        [1, undefined],
        [2, -32601],
      ],
    )
    socket.close()
  })

  test('a port in use is one sentence', async () => {
    const { port } = new URL(served.rpc.url)
    const { engine, application } = served
    const again = { engine, application, host: '127.0.0.1', port: Number(port), corsOrigins: [] }
    await assert.rejects(startRpc(again), (error: HomeError) => {
      assert.equal(error.code, 'port-in-use')
      assert.match(error.message, new RegExp(`^Port ${port} .*\\.$`))
      return true
    })
  })
})

describe('rpc, who may ask how much', () => {
  const limits = {
    connectionsPerAddressMax: 3,
    requestsConcurrentMax: 10,
    callsPerSecondMax: 0.001,
    callsBurstMax: 5,
    addressesMax: 10,
  }

  test('an address that asks too much is slowed down, in single calls, in batches, and by long answers', async () => {
    const served = await serve({ limits: { ...limits, callsBurstMax: 8 } })
    const batch = Array.from({ length: 6 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'health' }))
    const answers = (await (
      await fetch(served.rpc.url, { method: 'POST', body: JSON.stringify(batch) })
    ).json()) as Json[]
    assert.ok(answers.every(({ error }) => error === undefined))
    const height = served.engine.chain.transaction(sha256(encodeUtf8(big)))!.height
    assert.equal((await fetch(`${served.rpc.url}/block?height=${height}`)).status, 200)
    const refused = await fetch(`${served.rpc.url}/health`)
    assert.equal(refused.status, 429)
    assert.equal(refused.headers.get('retry-after'), '1')
    await stop(served)
  })

  test('an address has only so many connections', async () => {
    const served = await serve({ limits })
    const { port } = new URL(served.rpc.url)
    const sockets = Array.from({ length: 5 }, () => connect(Number(port), '127.0.0.1'))
    const closed = await Promise.all(
      sockets.map(
        socket =>
          new Promise<boolean>(resolve => {
            socket.once('close', () => resolve(true))
            socket.once('error', () => {})
            setTimeout(() => resolve(false), 300)
          }),
      ),
    )
    assert.equal(closed.filter(Boolean).length, 2)
    for (const socket of sockets) socket.destroy()
    await stop(served)
  })

  test('a body that trickles in takes no working place from others', async () => {
    const served = await serve({ limits: { ...limits, connectionsPerAddressMax: 50, requestsConcurrentMax: 1 } })
    const { port } = new URL(served.rpc.url)
    const slow = Array.from({ length: 4 }, () => {
      const request = httpRequest({ port: Number(port), method: 'POST', path: '/', headers: { 'Content-Length': 100 } })
      request.on('error', () => {})
      request.write('{')
      return request
    })
    await new Promise(resolve => setTimeout(resolve, 100))
    assert.equal((await fetch(`${served.rpc.url}/health`)).status, 200)
    for (const request of slow) request.destroy()
    await stop(served)
  })

  test('only pages of listed origins may read answers or open the websocket', async () => {
    const served = await serve({ corsOrigins: ['https://portal.example'] })
    const asked = async (origin: string): Promise<string | null> =>
      (await fetch(`${served.rpc.url}/status`, { headers: { origin } })).headers.get('access-control-allow-origin')
    assert.equal(await asked('https://portal.example'), 'https://portal.example')
    assert.equal(await asked('https://elsewhere.example'), null)
    const opened = (origin: string): Promise<boolean> =>
      new Promise(resolve => {
        const socket = new WebSocket(`${served.rpc.url.replace('http', 'ws')}/websocket`, { origin })
        socket.once('open', () => {
          socket.close()
          resolve(true)
        })
        socket.once('error', () => resolve(false))
      })
    assert.equal(await opened('https://portal.example'), true)
    assert.equal(await opened('https://elsewhere.example'), false)
    await stop(served)
  })

  test('a node that makes no blocks is unhealthy and says why', async () => {
    let ms = Date.now()
    const genesis = testGenesis({ timeMs: ms })
    const { engine, application } = await startTestChain(memoryDatabase(newDisk()), { genesis, now: () => ms })
    await reached(engine, 2n)
    ms -= 3_600_000
    const rpc = await startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [] })
    while (engine.status().stalled === undefined) await new Promise(resolve => setTimeout(resolve, 10))
    const health = await fetch(`${rpc.url}/healthz`)
    assert.equal(health.status, 503)
    assert.match(((await health.json()) as Json).reason, /clock/)
    await stop({ engine, application, rpc })
  })
})

describe('rpc, shapes', { skip: vectorsSkip }, () => {
  /** Every member that CometBFT has is there with the same kind of value; events and members of our own do not count. */
  function assertShape(ours: Json, theirs: Json, at: string): void {
    if (theirs === null || ours === null) return
    assert.equal(typeof ours, typeof theirs, at)
    assert.equal(Array.isArray(ours), Array.isArray(theirs), at)
    if (Array.isArray(theirs)) {
      if (ours.length > 0 && theirs.length > 0) assertShape(ours[0], theirs[0], `${at}[0]`)
    } else if (typeof theirs === 'object') {
      for (const name of Object.keys(theirs)) {
        assert.ok(name in ours, `${at}.${name} is missing`)
        assertShape(ours[name], theirs[name], `${at}.${name}`)
      }
    }
  }

  test('are those of a real CometBFT v0.40 network', async () => {
    const served = await serve()
    const get = async (path: string): Promise<Json> =>
      ((await (await fetch(`${served.rpc.url}/${path}`)).json()) as Json).result
    const real = readVector('comet/four-validators.json')
    const height = served.engine.chain.transaction(sha256(encodeUtf8('a=1')))!.height
    assertShape(await get('status'), real.status, 'status')
    assertShape((await get('genesis')).genesis, real.genesis.genesis, 'genesis')
    let compared = 0
    for (const at of Object.values<Json>(real.heights)) {
      for (const [name, theirs] of Object.entries(at)) {
        assertShape(await get(`${name}?height=${height}`), theirs, name)
        compared += 1
      }
    }
    assert.equal(compared, 59 * 6)
    await stop(served)
  })

  test('are those of CometBFT v0.38 for queries, transactions and lists of blocks', async () => {
    const served = await serve()
    const get = async (path: string): Promise<Json> =>
      ((await (await fetch(`${served.rpc.url}/${path}`)).json()) as Json).result
    const real = (name: string): Json => readVector(`chains/kvstore-rpc/v0_38_${name}.json`).result
    const query = await get(`abci_query?path="/store/state/key"&data=0x${formatHex(encodeUtf8('a'))}`)
    assertShape(query, real('abci_query_with_existing_key'), 'abci_query')
    assertShape(await get('blockchain'), real('blockchain_from_1_to_10'), 'blockchain')
    const found = await get(`tx?hash=0x${formatHex(sha256(encodeUtf8('a=1')))}&prove=true`)
    assertShape(found, real('tx_search_with_prove').txs[0], 'tx')
    await stop(served)
  })
})

for (const method of ['GET', 'POST'] as const) {
  let served: Served
  after(() => stop(served))
  testProviderCompliance(`our own RPC by ${method}`, async () => {
    served ??= await serve()
    return {
      provider: createRpcProvider(served.rpc.url, { method }),
      chainId: 'test-chain',
      latestHeight: served.engine.newest().height,
      present: { key: encodeUtf8('first'), value: encodeUtf8('value') },
      absent: encodeUtf8('nobody’s title'),
      transaction: encodeUtf8('offered=yes'),
    }
  })
}
