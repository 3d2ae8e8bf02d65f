// A node that is killed under load, again and again. What counts is what the world outside saw: blocks that RPC served,
// and the transactions in them.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { encodeUtf8, formatBase64, formatHex, loadCrypto } from '@muniment/sdk'
import { fullBlocks, reached, startTestChain, testGenesis } from '../../../test/test-chain.ts'
import { verifyChain } from '../../../test/verify-chain.ts'
import { sha256 } from '../hasher.ts'
import { openDatabase } from '../storage/database.ts'

const kills = 20
const script = fileURLToPath(new URL('../../../test/kill-node.ts', import.meta.url))

/** What was served before a kill: it must stand for ever. */
type Seen = {
  /** Upper-case hexadecimal by height. */
  readonly blocks: Map<string, string>
  /** base64 */
  readonly transactions: Set<string>
}

function startNode(folder: string, timeMs: number): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--conditions=source', script, folder, String(timeMs)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.stdout.once('data', chunk => resolve({ child, url: String(chunk).trim() }))
    child.once('close', () => reject(new Error(`the node ended by itself: ${errors}`)))
  })
}

async function call(url: string, method: string, params: object): Promise<Record<string, never>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(url, { method: 'POST', body })
  const { result, error } = (await response.json()) as { result?: Record<string, never>; error?: unknown }
  if (!result) throw new Error(JSON.stringify(error))
  return result
}

/** Offers transactions and reads blocks until the node is gone. */
async function load(url: string, run: number, seen: Seen): Promise<void> {
  let alive = true
  const ended = (): void => {
    alive = false
  }
  const offering = async (worker: number): Promise<void> => {
    for (let i = 0; alive; i++) {
      const tx = formatBase64(encodeUtf8(`once:${run}.${worker}.${i}=${'x'.repeat((i * 131) % 2_000)}`))
      await call(url, 'broadcast_tx_sync', { tx }).catch(ended)
    }
  }
  const reading = async (): Promise<void> => {
    while (alive) {
      await call(url, 'block', {}).then(answer => note(answer, seen), ended)
    }
  }
  await Promise.all([offering(1), offering(2), offering(3), reading(), reading()])
}

function note(answer: Record<string, never>, seen: Seen): void {
  const { block_id: blockId, block } = answer as unknown as {
    block_id: { hash: string }
    block: { header: { height: string }; data: { txs: string[] } } | null
  }
  if (!block) return
  const { height } = block.header
  assert.equal(seen.blocks.get(height) ?? blockId.hash, blockId.hash, `two blocks were served at height ${height}`)
  seen.blocks.set(height, blockId.hash)
  for (const tx of block.data.txs) seen.transactions.add(tx)
}

test(`${kills} times kill -9 under load: no served block or transaction is lost, and the chain verifies`, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-kill-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const timeMs = Date.now()
  const seen: Seen = { blocks: new Map(), transactions: new Set() }
  for (let run = 0; run < kills; run++) {
    const { child, url } = await startNode(folder, timeMs)
    const gone = new Promise(resolve => child.once('close', resolve))
    const loading = load(url, run, seen)
    await new Promise(resolve => setTimeout(resolve, 40 + ((run * 97) % 300)))
    child.kill('SIGKILL')
    await Promise.all([gone, loading])
  }
  const database = await openDatabase(join(folder, 'data'))
  const { engine } = await startTestChain(database, {
    genesis: testGenesis({ timeMs }),
    signStateFile: join(folder, 'priv_validator_state.json'),
  })
  await reached(engine, engine.newest().height + 1n)
  await engine.stop()
  const blocks = fullBlocks(engine)
  await verifyChain('test-chain', blocks, await loadCrypto())
  for (const [height, hash] of seen.blocks) {
    assert.equal(formatHex(engine.chain.block(BigInt(height))!.blockId.hash).toUpperCase(), hash)
  }
  const kept = new Set(blocks.flatMap(({ block }) => block.txs.map(formatBase64)))
  const lost = [...seen.transactions].filter(tx => !kept.has(tx))
  assert.deepEqual(lost, [])
  const twice = blocks.flatMap(({ block }) => block.txs).length - kept.size
  assert.equal(twice, 0)
  for (const tx of seen.transactions) {
    assert.ok(engine.chain.transaction(sha256(Buffer.from(tx, 'base64'))), 'the index finds it')
  }
  t.diagnostic(
    `${blocks.length} blocks, ${seen.blocks.size} served, ${seen.transactions.size} transactions acknowledged`,
  )
  assert.ok(seen.transactions.size > 100)
  await database.close()
})
