// The node as a Provider, in its own process and over WebRTC: both keep what every Provider promises.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createNodeProvider, encodeUtf8, type Provider } from '@muniment/sdk'
import { createPeers } from '@muniment/sdk/p2p'
import { testProviderCompliance } from '../../../test/compliance/provider.ts'
import { reached, startTestChain } from '../../../test/test-chain.ts'
import type { Engine } from '../engine/engine.ts'
import type { Application } from '../ledger/application.ts'
import type { LedgerApplication } from '../ledger/ledger-application.ts'
import { createLocalProvider } from '../local-provider.ts'
import { startRpc } from '../rpc/server.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { createListener } from './listener.ts'

type Chain = { readonly engine: Engine; readonly application: Application; readonly local: Provider }

let chain: Promise<Chain> | undefined
after(async () => (await chain)?.engine.stop())

async function startChain(): Promise<Chain> {
  const { engine, application } = await startTestChain(memoryDatabase(newDisk()), { heartbeatMs: 600_000 })
  for (const text of ['a=1', 'b=2', 'c=3']) {
    await engine.submit(encodeUtf8(text))
    await reached(engine, engine.newest().height + 2n)
  }
  return {
    engine,
    application,
    local: createLocalProvider({
      engine,
      application: application as LedgerApplication,
      witnessedHead: () => undefined,
    }),
  }
}

type Made = { provider: Provider; close?: () => Promise<void>; tellsTime?: boolean }

async function served(provider: (chain: Chain) => Promise<Made>) {
  chain ??= startChain()
  const made = await chain
  return {
    tellsTime: true,
    ...(await provider(made)),
    chainId: 'test-chain',
    latestHeight: made.engine.newest().height,
    present: { key: encodeUtf8('first'), value: encodeUtf8('value') },
    absent: encodeUtf8('nobody’s title'),
    transaction: encodeUtf8('offered=yes'),
  }
}

testProviderCompliance('the node itself', () => served(async ({ local }) => ({ provider: local })))

testProviderCompliance('a node over WebRTC', () =>
  served(async ({ local }) => {
    const home = mkdtempSync(join(tmpdir(), 'muniment-net-'))
    const files = { keyFile: join(home, 'peer-key'), certificateFile: join(home, 'certificate.json') }
    const listener = await createListener({ provider: local, host: '127.0.0.1', port: 0, directPort: 0, ...files })
    const peers = await createPeers()
    return {
      provider: await peers.connect(listener.addresses()[0]!),
      async close() {
        await peers.close()
        await listener.close()
        rmSync(home, { recursive: true })
      },
    }
  }),
)

testProviderCompliance('a node over HTTP', () =>
  served(async ({ engine, application, local }) => {
    const rpc = await startRpc({ engine, application, provider: local, host: '127.0.0.1', port: 0, corsOrigins: [] })
    return { provider: createNodeProvider(rpc.url), close: rpc.close }
  }),
)

testProviderCompliance('a server that knows only CometBFT’s RPC', () =>
  served(async ({ engine, application }) => {
    const rpc = await startRpc({ engine, application, host: '127.0.0.1', port: 0, corsOrigins: [] })
    return { provider: createNodeProvider(rpc.url), close: rpc.close, tellsTime: false }
  }),
)
