// A node that is killed again and again while the services of a country are at work on it. What counts is what the world outside saw:
// blocks that RPC served, and the transactions in them. KILLS and KILL_SEED as `npm run soak` gives them.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  encodeUtf8,
  formatBase64,
  formatHex,
  genesisFileHash,
  loadCrypto,
  timeFromMilliseconds,
  transactionHash,
} from '@muniment/sdk'
import { makeLoad } from '../bench/ledger-load.ts'
import { replayChain } from '../node/src/audit/replay.ts'
import { homeOf } from '../node/src/config.ts'
import { parseGenesis } from '../node/src/engine/genesis.ts'
import { initHome } from '../node/src/init.ts'
import { startNode } from '../node/src/node.ts'
import { readFolder, readStories } from '../node/src/scenario/stories.ts'
import { randomOf } from './mutation/mutate.ts'
import { fullBlocks, reached } from './test-chain.ts'
import { verifyChain } from './verify-chain.ts'

const kills = Number(process.env.KILLS ?? 10)
const seed = Number(process.env.KILL_SEED ?? 20_261_124)
const chainId = 'test-killed'
const transactionsPerSecond = 500
const blockIntervalMs = 200
/** A kill falls anywhere within so many intervals after the first block of a run. */
const intervals = 3
const script = fileURLToPath(new URL('kill-ledger.ts', import.meta.url))
const crypto = await loadCrypto()
const folder = mkdtempSync(join(tmpdir(), 'muniment-kill-'))
after(() => {
  crypto.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What was served before a kill: it must stand for ever. */
type Seen = {
  /** Upper-case hexadecimal by height. */
  readonly blocks: Map<string, string>
  /** base64 */
  readonly transactions: Set<string>
}

type Running = { readonly child: ChildProcess; readonly url: string; readonly gone: Promise<unknown> }

function startChild(): Promise<Running> {
  const child = spawn(process.execPath, ['--conditions=source', script, folder, String(blockIntervalMs)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const gone = new Promise(resolve => child.once('close', resolve))
  return new Promise((resolve, reject) => {
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.stdout.once('data', chunk => resolve({ child, url: String(chunk).trim(), gone }))
    child.once('close', () => reject(new Error(`the node ended by itself: ${errors}`)))
  })
}

async function call(url: string, method: string, params: object): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', body })
  const { result, error } = (await response.json()) as { result?: Record<string, unknown>; error?: unknown }
  if (!result) throw new Error(JSON.stringify(error))
  return result
}

/** Hands in what is in no block yet, in its order and at its pace, until the node is gone. */
async function offer(url: string, load: readonly string[], seen: Seen): Promise<void> {
  const began = performance.now()
  const waiting = load.filter(tx => !seen.transactions.has(tx))
  const sending = new Set<Promise<unknown>>()
  let isGone = false
  for (const [i, tx] of waiting.entries()) {
    const ahead = i * (1_000 / transactionsPerSecond) - (performance.now() - began)
    if (ahead > 0) await new Promise(resolve => setTimeout(resolve, ahead))
    if (isGone) return
    const sent: Promise<unknown> = call(url, 'broadcast_tx_sync', { tx })
      .catch(() => {
        isGone = true
      })
      .finally(() => sending.delete(sent))
    sending.add(sent)
    if (sending.size > 20) await Promise.race(sending)
  }
}

/** Every block, as soon as it is served; `onBlock` at the first new one. */
async function watch(url: string, seen: Seen, onBlock: () => void): Promise<void> {
  let height = seen.blocks.size + 1
  for (let isGone = false; !isGone; ) {
    const answer = await call(url, 'block', { height: String(height) }).catch(error => {
      isGone = !/height/.test(String(error))
      return undefined
    })
    if (answer && note(answer, seen)) {
      height += 1
      onBlock()
    } else if (!isGone) await new Promise(resolve => setTimeout(resolve, 10))
  }
}

function note(answer: Record<string, unknown>, seen: Seen): boolean {
  const { block_id: blockId, block } = answer as {
    block_id: { hash: string }
    block: { header: { height: string }; data: { txs: string[] } } | null
  }
  if (!block) return false
  const { height } = block.header
  assert.equal(seen.blocks.get(height) ?? blockId.hash, blockId.hash, `two blocks were served at height ${height}`)
  seen.blocks.set(height, blockId.hash)
  for (const tx of block.data.txs) seen.transactions.add(tx)
  return true
}

test(`${kills} times kill -9 with ten services at work: nothing served is lost, and the state follows from the blocks`, async t => {
  const stories = readStories(readFolder(fileURLToPath(new URL('../services', import.meta.url))), crypto)
  await initHome(folder, { chainId, appState: stories.country, now: Date.now() - 60_000 })
  const genesis = parseGenesis(readFileSync(homeOf(folder).genesis))
  const genesisHash = genesisFileHash(genesis.json, crypto)
  const load: string[] = []
  await makeLoad(stories, { crypto, chainId, genesisHash, nowMs: Date.now() }, transaction => {
    load.push(formatBase64(transaction))
    return load.length < (kills + 1) * transactionsPerSecond
  })
  const seen: Seen = { blocks: new Map(), transactions: new Set() }
  const random = randomOf(seed)
  for (let run = 0; run < kills; run++) {
    const { child, url, gone } = await startChild()
    let begun = (): void => {}
    const hasBegun = new Promise<void>(resolve => {
      begun = resolve
    })
    const [offering, watching] = [offer(url, load, seen), watch(url, seen, begun)]
    await hasBegun
    await new Promise(resolve => setTimeout(resolve, random(1_000_000) * 1e-6 * intervals * blockIntervalMs))
    child.kill('SIGKILL')
    await Promise.all([gone, offering, watching])
  }
  await judge(seen, genesisHash)
  t.diagnostic(`seed ${seed}: ${seen.blocks.size} blocks served, ${seen.transactions.size} transactions in them`)
  // Fewer than were offered: a kill comes soon, and the machine may be busy.
  assert.ok(seen.transactions.size > kills * 10)
})

async function judge(seen: Seen, genesisHash: Uint8Array): Promise<void> {
  const node = await startNode(
    { home: folder, host: '127.0.0.1', rpcPort: 0, p2pPort: 0, corsOrigins: [], blockIntervalMs },
    error => {
      throw error
    },
  )
  const { engine } = node
  await reached(engine, engine.newest().height + 2n)
  const blocks = fullBlocks(engine)
  await verifyChain(chainId, blocks, crypto)
  for (const [height, hash] of seen.blocks)
    assert.equal(formatHex(engine.chain.block(BigInt(height))!.blockId.hash).toUpperCase(), hash)
  const all = blocks.flatMap(({ block }) => block.txs.map(formatBase64))
  const kept = new Set(all)
  assert.deepEqual(
    [...seen.transactions].filter(tx => !kept.has(tx)),
    [],
  )
  assert.equal(all.length, kept.size, 'none was taken twice')
  for (const tx of seen.transactions)
    assert.ok(engine.chain.transaction(transactionHash(Buffer.from(tx, 'base64'), crypto)), 'the index finds it')
  const root = {
    ...{ chainId, genesisHash, checkpointKeys: { k: 1, keys: [crypto.sha256(encodeUtf8('nobody'))] } },
    ...{ witnesses: { k: 0, keys: [] }, trustLevel: { numerator: 2n, denominator: 3n } },
    trustingPeriodSeconds: 86_400,
  }
  const now = () => timeFromMilliseconds(Date.now())
  const replay = await replayChain({ root, node: node.rpc, crypto, now })
  assert.equal(replay.kind, 'follows', JSON.stringify(replay.kind === 'contradicts' && replay.sentence))
  await node.stop()
}
