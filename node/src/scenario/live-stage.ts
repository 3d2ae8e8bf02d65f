// A stage on a running node: the real engine, disk and RPC, on a chain whose clock is told. Whatever a scenario reads is proven by the
// light client under a verified header; when the clock has jumped further than the client may trust its last header, a new checkpoint
// is signed for it, as a network's bodies do.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Client,
  type Crypto,
  createClient,
  createNodeProvider,
  equals,
  genesisFileHash,
  type JsonObject,
  ResultCode,
  type SignedCheckpoint,
  signCheckpoint,
  type Timestamp,
  type TrustRoot,
  timeFromMilliseconds,
} from '@muniment/sdk'
import { proposeCheckpoint } from '../checkpoint.ts'
import { homeOf } from '../config.ts'
import type { DecidedBlock } from '../engine/chain-store.ts'
import { parseGenesis } from '../engine/genesis.ts'
import { initHome } from '../init.ts'
import type { TransactionResult } from '../ledger/application.ts'
import { type Node, startNode } from '../node.ts'
import { personOf } from './country.ts'
import type { Stage } from './play.ts'

export type LiveStage = Stage & {
  /** Where its node answers, and what it is verified by. */
  readonly rpc: string
  readonly root: TrustRoot
  /** Of a moment ago, where the clock has jumped. */
  readonly checkpoint: () => SignedCheckpoint
  /** No more blocks; what is there is still served. */
  readonly rest: () => Promise<void>
  readonly stop: () => Promise<void>
}

const chainId = 'test-scenario'
const trustingPeriodDays = 14
/** Beyond it the client begins from a new checkpoint. */
const jumpSecondsMax = 5 * 86_400
/** A block looks at so many clocks and no more. */
const blocksToCatchUp = 3
const blockIntervalMs = 1

export async function createLiveStage(appState: JsonObject, crypto: Crypto): Promise<LiveStage> {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-scenario-'))
  await initHome(folder, { chainId, appState: { ...appState, manual_clock: true }, now: Date.now() })
  const node = await startNode(
    { home: folder, host: '127.0.0.1', rpcPort: 0, p2pPort: 0, corsOrigins: [], clock: 'manual', blockIntervalMs },
    error => {
      throw error
    },
  )
  const { signer } = personOf(crypto, 'signer of checkpoints')
  const genesis = parseGenesis(readFileSync(homeOf(folder).genesis))
  const genesisHash = genesisFileHash(genesis.json, crypto)
  const root: TrustRoot = {
    chainId,
    genesisHash,
    checkpointKeys: { k: 1, keys: [signer.key.bytes] },
    witnesses: { k: 0, keys: [] },
    trustLevel: { numerator: 2n, denominator: 3n },
    trustingPeriodSeconds: trustingPeriodDays * 86_400,
  }
  let aheadSeconds = 0
  let sequence = 0n
  let checkpoint: SignedCheckpoint
  const now = (): Timestamp => timeFromMilliseconds(Date.now() + aheadSeconds * 1_000)

  async function begin(): Promise<Client> {
    sequence += 1n
    const view = { root, provider: createNodeProvider(node.rpc), ground: { genesis }, now: now() }
    const proposed = await proposeCheckpoint(view, { days: trustingPeriodDays }, crypto)
    checkpoint = await signCheckpoint({ ...proposed, sequence }, [signer])
    return createClient({ root, network: { chainId, checkpoint, peers: [], rpc: [node.rpc] }, crypto, now })
  }

  let client = await begin()

  async function advance(seconds: number): Promise<void> {
    await fetch(`${node.rpc}/advance_clock?seconds=${seconds}`)
    aheadSeconds += seconds
    for (let blocks = 0; blocks < blocksToCatchUp; blocks++) await nextBlock(node)
    if (seconds <= jumpSecondsMax) return
    await client.close()
    client = await begin()
  }

  return {
    rpc: node.rpc,
    root,
    checkpoint: () => checkpoint,
    rest: () => node.engine.stop(),
    hasher: crypto,
    chainId,
    genesisHash,
    // The chain's own time is a little behind the clock: a block is dated by the votes for the one before it.
    now: () => node.engine.newest().time,
    height: () => node.engine.newest().height,
    submit: transaction => submitAndWait(node, client, transaction),
    settle: () => nextBlock(node),
    advance,
    async read(keys) {
      await client.sync()
      return (await client.read(keys)).values
    },
    async stop() {
      await client.close()
      await node.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Refused by the node, or decided in a block, after which the next one proves what it did. */
async function submitAndWait(node: Node, client: Client, transaction: Uint8Array): Promise<TransactionResult> {
  const decided = decision(node, transaction)
  const { code, log } = await client.submit(transaction)
  if (code !== ResultCode.ok) {
    decided.forget()
    return { code, log, data: new Uint8Array(0) }
  }
  const { result, height } = await decided.found
  while (node.engine.newest().height <= height) await nextBlock(node)
  return result
}

type Found = { readonly result: TransactionResult; readonly height: bigint }

function decision(
  node: Node,
  transaction: Uint8Array,
): { readonly found: Promise<Found>; readonly forget: () => void } {
  let forget = (): void => {}
  const found = new Promise<Found>(resolve => {
    forget = node.engine.subscribe(({ block, results }: DecidedBlock) => {
      const place = block.txs.findIndex(each => equals(each, transaction))
      if (place < 0) return
      forget()
      resolve({ result: results.results[place]!, height: block.header.height })
    })
  })
  return { found, forget }
}

function nextBlock(node: Node): Promise<void> {
  return new Promise(resolve => {
    const end = node.engine.subscribe(() => {
      end()
      resolve()
    })
    node.engine.beat()
  })
}
