// A full node: store, ledger, engine, RPC and WebRTC, joined here and nowhere else.

import { readFileSync } from 'node:fs'
import { loadCrypto, VerifyError } from '@muniment/sdk'
import { directPortOf, homeOf, type NodeConfig } from './config.ts'
import { type Engine, startEngine } from './engine/engine.ts'
import { parseGenesis } from './engine/genesis.ts'
import { loadValidatorKey } from './engine/validator-key.ts'
import { nodeHasher } from './hasher.ts'
import { HomeError, systemError } from './home-error.ts'
import { createKernel } from './ledger/apply.ts'
import { createLedgerApplication } from './ledger/ledger-application.ts'
import { createLocalProvider } from './local-provider.ts'
import { createListener } from './net/listener.ts'
import { startRpc } from './rpc/server.ts'
import { openDatabase } from './storage/database.ts'

export type Node = {
  readonly engine: Engine
  /** `http://host:port` */
  readonly rpc: string
  /** WebRTC multiaddresses. */
  readonly addresses: readonly string[]
  readonly stop: () => Promise<void>
}

/** Throws HomeError, one sentence for the operator. `onFailure` is told when the node must stop by itself. */
export async function startNode(config: NodeConfig, onFailure: (error: unknown) => void): Promise<Node> {
  const home = homeOf(config.home)
  const opened: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const genesis = readGenesis(home.genesis)
    const signer = await loadValidatorKey(home.validatorKey)
    const database = await openDatabase(home.data)
    opened.push(() => database.close())
    const kernel = createKernel(nodeHasher)
    const application = await createLedgerApplication(database, kernel, { crypto: await loadCrypto() })
    const engine = await startEngine({
      database,
      application,
      genesis,
      signers: [signer],
      sender: kernel.sender,
      signStateFile: home.signState,
      sealFile: home.seal,
      onFailure,
    })
    opened.push(() => engine.stop())
    await firstBlocks(engine)
    const provider = createLocalProvider({ engine, application, witnessedHead: () => undefined })
    const listener = await createListener({
      provider,
      host: config.host,
      port: config.p2pPort,
      directPort: directPortOf(config),
      keyFile: home.peerKey,
      certificateFile: home.certificate,
    })
    opened.push(() => listener.close())
    const rpc = await startRpc({
      engine,
      application,
      provider,
      host: config.host,
      port: config.rpcPort,
      corsOrigins: config.corsOrigins,
      connections: listener.connections,
    })
    opened.push(() => rpc.close())
    return { engine, rpc: rpc.url, addresses: listener.addresses(), stop }
  } catch (error) {
    await stop().catch(() => {})
    throw systemError(error, config.home) ?? error
  }
}

/** A new chain proves its state from the second block on; both are made at once. */
function firstBlocks(engine: Engine): Promise<void> {
  if (engine.newest().height > 1n) return Promise.resolve()
  return new Promise(resolve => {
    const unsubscribe = engine.subscribe(() => {
      if (engine.newest().height < 2n) return
      unsubscribe()
      resolve()
    })
  })
}

function readGenesis(path: string): ReturnType<typeof parseGenesis> {
  try {
    return parseGenesis(readFileSync(path))
  } catch (error) {
    if (error instanceof VerifyError) {
      throw new HomeError('file-malformed', `The genesis file ${path} can’t be used: ${error.message}.`, error)
    }
    if ((error as { code?: string }).code === 'ENOENT') {
      throw new HomeError('file-malformed', `There is no genesis file at ${path}; make a home first.`, error)
    }
    throw systemError(error, path) ?? error
  }
}
