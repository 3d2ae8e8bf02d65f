// A network that names a server and a peer by WebRTC: while the server proves what it is asked for, nobody pays for WebRTC; and
// no server can keep an answer back by lying, by silence or by being behind.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { addSeconds, type Bundle, createBundleProvider, createClient, type Provider, type Verdict } from '@muniment/sdk'
import { type RpcOptions, startRpc } from '../../node/src/rpc/server.ts'
import { crypto, makeFixture } from '../mutation/fixture.ts'

const fixture = await makeFixture()
const { bundle, link, root, now } = fixture
const closing: (() => unknown)[] = []
after(async () => {
  for (const close of closing) await close()
})

async function serverOf(provider: Provider): Promise<string> {
  // Nothing is asked here by CometBFT's RPC, which alone would need an engine and a ledger.
  const server = await startRpc({ provider, host: '127.0.0.1', port: 0, corsOrigins: [] } as unknown as RpcOptions)
  closing.push(() => server.close())
  return server.url
}

/** It takes every question and answers none. */
async function silentServer(): Promise<string> {
  const server = createServer(() => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Asked = { readonly rpc: string; readonly peer?: Provider; readonly clock?: number }

async function check({
  rpc,
  peer = createBundleProvider(bundle),
  clock = 0,
}: Asked): Promise<{ verdict: Verdict; loads: number }> {
  let loads = 0
  const client = await createClient({
    root,
    network: { ...fixture.network, peers: ['/node/peer'], rpc: [rpc] },
    crypto,
    now: () => addSeconds(now, clock),
    peers: async () => {
      loads++
      return { connect: async () => peer, close: async () => undefined }
    },
  })
  try {
    return { verdict: await client.verifyRecord(link), loads }
  } finally {
    await client.close()
  }
}

const without = (change: Partial<Bundle>): Provider => createBundleProvider({ ...bundle, ...change })

test('where a server proves the record, WebRTC is not even loaded', async () => {
  const { verdict, loads } = await check({ rpc: await serverOf(createBundleProvider(bundle)) })
  assert.deepEqual([verdict.code, loads], ['current', 0])
  assert.match(verdict.sources[0]!, /^http:/)
})

test('a server that is gone, is silent, lies, or keeps the proof back gives way to the peer', async () => {
  const servers = {
    gone: 'http://127.0.0.1:9',
    silent: await silentServer(),
    'without a proof': await serverOf(without({ states: [] })),
    'with another record’s proof': await serverOf(
      without({
        states: bundle.states.map(state => ({
          ...state,
          answer: { ...state.answer, proofs: [...state.answer.proofs].reverse() },
        })),
      }),
    ),
    'without the newest block': await serverOf(without({ blocks: bundle.blocks.slice(0, -1) })),
  }
  for (const [name, rpc] of Object.entries(servers)) {
    const { verdict, loads } = await check({ rpc })
    assert.deepEqual([name, verdict.code, loads], [name, 'current', 1])
  }
})

test('a server whose newest block is too old is not the last that is asked', async () => {
  const { verdict, loads } = await check({ rpc: await serverOf(createBundleProvider(bundle)), clock: 6 * 60 })
  assert.deepEqual([verdict.code, loads], ['older-proof', 1])
})
