// A full node: store, ledger, engine, RPC and WebRTC, joined here and nowhere else.

import { readFileSync } from 'node:fs'
import {
  formatCheckpointNote,
  formatNoteKey,
  genesisFileHash,
  limits,
  loadCrypto,
  parseBase64Url,
  secondsBetween,
  timeFromMilliseconds,
  VerifyError,
  type WitnessedHead,
} from '@muniment/sdk'
import { type Clock, isManualChain, openManualClock, systemClock } from './clock.ts'
import { directPortOf, homeOf, type NodeConfig } from './config.ts'
import { askWitnesses, type Cosigning, createCosigning } from './cosign/cosigning.ts'
import { createHistoryLog, type HistoryLog } from './cosign/log.ts'
import { createWitnessClient } from './cosign/witness-client.ts'
import { type Engine, startEngine } from './engine/engine.ts'
import { type Genesis, parseGenesis } from './engine/genesis.ts'
import { createPromises } from './engine/receipts.ts'
import { loadValidatorKey, secretsOf } from './engine/validator-key.ts'
import { nodeHasher } from './hasher.ts'
import { HomeError, systemError } from './home-error.ts'
import { createKernel } from './ledger/apply.ts'
import { createLedgerApplication } from './ledger/ledger-application.ts'
import { witnessSkewSecondsMax } from './limits.ts'
import { createLocalProvider } from './local-provider.ts'
import { createListener } from './net/listener.ts'
import { loadNoteKey } from './note-key.ts'
import { startRpc } from './rpc/server.ts'
import { type Database, openDatabase } from './storage/database.ts'

export type Node = {
  readonly engine: Engine
  /** `http://host:port`, or `https://host:port` */
  readonly rpc: string
  /** WebRTC multiaddresses. */
  readonly addresses: readonly string[]
  /**
   * The newest head with at least so many cosignatures of witnesses; without a number the one that has most of them, among
   * those of the last seconds. Undefined where there is none.
   */
  readonly witnessedHead: (cosignaturesMin?: number) => WitnessedHead | undefined
  readonly stop: () => Promise<void>
}

/**
 * Throws HomeError, one sentence for the operator. `onFailure` is told when the node must stop by itself, `onWarning` what it
 * can live with.
 */
export async function startNode(
  config: NodeConfig,
  onFailure: (error: unknown) => void,
  onWarning: (sentence: string) => void = () => {},
): Promise<Node> {
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
    const [kernel, crypto] = [createKernel(nodeHasher), await loadCrypto()]
    const clock = clockOf(config, genesis)
    const given = { crypto, now: clock.now, secrets: secretsOf([signer]) }
    const application = await createLedgerApplication(database, kernel, given)
    const log = await openLog(home.logKey, genesis, database)
    const clients = (config.witnesses ?? []).map(url => createWitnessClient(url, log))
    const { height, appHash } = application.info()
    await askWitnesses(clients, { log, size: appHash.length > 0 ? height + 1n : 0n, onWarning })
    const engine = await startEngine({
      database,
      application,
      genesis,
      crypto,
      signers: [signer],
      sender: kernel.sender,
      signStateFile: home.signState,
      sealFile: home.seal,
      now: clock.now,
      ...(config.blockIntervalMs === undefined ? {} : { blockIntervalMs: config.blockIntervalMs }),
      onFailure,
    })
    opened.push(() => engine.stop())
    await firstBlocks(engine)
    const { lightBlock } = engine.chain
    const saved = { file: home.witnessedHead, size: engine.newest().height + 1n }
    const cosigning = await createCosigning({ log, clients, lightBlock, ...saved, onWarning, onFailure })
    opened.push(() => cosigning.close())
    const provider = createLocalProvider({
      engine,
      application,
      witnessedHead: () => cosigning.witnessedHead(),
      checkpoint: () => readCheckpointFile(config.checkpoint),
    })
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
      log: {
        origin: log.origin,
        key: formatNoteKey(log.key, nodeHasher),
        checkpoint: () => formatCheckpointNote(cosigning.note() ?? log.note(engine.newest().height + 1n)),
      },
      host: config.host,
      port: config.rpcPort,
      corsOrigins: config.corsOrigins,
      tls: config.tls,
      clock,
      promises: await createPromises({ database, engine, application, signer }),
      onWarning,
      connections: listener.connections,
    })
    opened.push(() => rpc.close())
    const unsubscribe = publishHeads(engine, cosigning, clock)
    opened.push(async () => unsubscribe())
    return { engine, rpc: rpc.url, addresses: listener.addresses(), witnessedHead: cosigning.witnessedHead, stop }
  } catch (error) {
    await stop().catch(() => {})
    throw systemError(error, config.home) ?? error
  }
}

function clockOf({ clock = 'system', home }: NodeConfig, genesis: Genesis): Clock {
  if (clock === 'system') return systemClock
  if (isManualChain(genesis.json)) return openManualClock(homeOf(home).clock)
  throw new HomeError('home-other-chain', 'This chain was not begun with manual_clock: its time is the machine’s.')
}

async function openLog(keyFile: string, genesis: Genesis, database: Database): Promise<HistoryLog> {
  // What a genesis file may leave out counts as what it stands for.
  const json = { initial_height: '1', app_state: {}, ...genesis.json }
  const chain = { chainId: genesis.chainId, genesisHash: genesisFileHash(json, nodeHasher) }
  return createHistoryLog({ database, chain, signer: await loadNoteKey(keyFile) })
}

/** Every block from now on, and the newest, where witnesses will still take it: they ask this node's RPC for it. */
function publishHeads(engine: Engine, cosigning: Cosigning, clock: Clock): () => void {
  const publish = (): void => cosigning.published(engine.newest().height + 1n)
  const ageSeconds = secondsBetween(engine.newest().time, timeFromMilliseconds(clock.now()))
  if (engine.newest().height > 0n && Math.abs(ageSeconds) < witnessSkewSecondsMax) publish()
  return engine.subscribe(publish)
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

/** Undefined where there is none, or where what is there is none: a node hands on what it was given, and believes nothing. */
function readCheckpointFile(path: string | undefined): Uint8Array | undefined {
  if (path === undefined) return undefined
  try {
    const signed = parseBase64Url(readFileSync(path, 'utf8').trim())
    return signed.length <= limits.signedCheckpointBytesMax ? signed : undefined
  } catch {
    return undefined
  }
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
