// `npm run bench -- ledger`: the embedded engine with durable commits under mixed transactions of the ten services, on an empty state
// and on one with many records. LEDGER_SECONDS and LEDGER_RECORDS (with commas) make a rehearsal. The transactions are made before.

import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Crypto, encodeUtf8, genesisFileHash, loadCrypto, ResultCode } from '@muniment/sdk'
import { homeOf } from '../node/src/config.ts'
import { type Engine, startEngine } from '../node/src/engine/engine.ts'
import { parseGenesis } from '../node/src/engine/genesis.ts'
import { loadValidatorKey } from '../node/src/engine/validator-key.ts'
import { nodeHasher, sha256 } from '../node/src/hasher.ts'
import { initHome } from '../node/src/init.ts'
import { createKernel } from '../node/src/ledger/apply.ts'
import type { Kernel } from '../node/src/ledger/kernel.ts'
import { createLedgerApplication, type LedgerApplication } from '../node/src/ledger/ledger-application.ts'
import { readTold } from '../node/src/scenario/told.ts'
import { type Database, openDatabase, type Write } from '../node/src/storage/database.ts'
import { quantile } from './crypto/statistics.ts'
import { makeLoad, transactionsPerRound } from './ledger-load.ts'
import type { Outcome } from './run.ts'

const secondsMeant = 600
const recordsMeant = '0,1000000'
const seconds = Number(process.env.LEDGER_SECONDS ?? secondsMeant)
const records = (process.env.LEDGER_RECORDS ?? recordsMeant).split(',').map(Number)
const chainId = 'test-bench'
/** More than the ledger will take. */
const transactionsPerSecondMax = 5_000
const waitingMax = 2_000
const fillPerBlock = 20_000
const recordBytes = 180
const proofs = 2_000

export async function measureLedger(): Promise<Outcome> {
  const crypto = await loadCrypto()
  const rows: Record<string, string | number>[] = []
  for (const count of records) {
    rows.push(await measureAt(count, crypto))
    console.log(rows.at(-1))
  }
  await crypto.close()
  const [empty] = rows
  for (const row of rows.slice(1))
    row['of the empty state’s'] = `${Math.round((Number(row['tx/s']) / Number(empty!['tx/s'])) * 100)} %`
  return {
    rows,
    notes: [
      `Mixed transactions of ten services (${transactionsPerRound} in a round of ${seconds} s at most), every block one durable batch.`,
    ],
    isWhole: seconds === secondsMeant && process.env.LEDGER_RECORDS === undefined,
  }
}

async function measureAt(count: number, crypto: Crypto): Promise<Record<string, string | number>> {
  const folder = mkdtempSync(join(tmpdir(), 'muniment-ledger-bench-'))
  try {
    const told = readTold(fileURLToPath(new URL('../services', import.meta.url)), crypto)
    await initHome(folder, { chainId, appState: told.country, now: Date.now() - 60_000 })
    const home = homeOf(folder)
    const genesis = parseGenesis(await import('node:fs').then(({ readFileSync }) => readFileSync(home.genesis)))
    const genesisHash = genesisFileHash(genesis.json, crypto)
    const file = join(folder, 'load')
    const made = await writeLoad(file, write =>
      makeLoad(told, { crypto, chainId, genesisHash, nowMs: Date.now() }, write),
    )
    const database = await openDatabase(home.data)
    const kernel = fillingKernel(createKernel(nodeHasher), count)
    const application = await createLedgerApplication(database, kernel, { crypto })
    const signer = await loadValidatorKey(home.validatorKey)
    const engine = await startEngine({
      database,
      application,
      genesis,
      crypto,
      signers: [signer],
      sender: kernel.sender,
      blockIntervalMs: 200,
    })
    await filled(engine, count)
    const before = megabytes(home.data)
    const run = await drive(engine, file)
    const row = { records: count, made, ...run, ...measureReads(database, application, engine, run.recordKeys) }
    const bytes = ((megabytes(home.data) - before) * 1e6) / run.committed
    await engine.stop()
    await database.close()
    const { recordKeys: _, ...figures } = row
    return { ...figures, 'disk a tx, B': Math.round(bytes) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Length and bytes of each transaction, one behind the other. */
async function writeLoad(
  file: string,
  make: (take: (transaction: Uint8Array) => boolean) => Promise<void>,
): Promise<number> {
  const descriptor = openSync(file, 'w')
  let made = 0
  await make(transaction => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, transaction.length)
    writeSync(descriptor, length)
    writeSync(descriptor, transaction)
    made += 1
    return made < seconds * transactionsPerSecondMax
  })
  closeSync(descriptor)
  return made
}

function* readLoad(file: string): Generator<Uint8Array> {
  const descriptor = openSync(file, 'r')
  const head = new Uint8Array(4)
  while (readSync(descriptor, head, 0, 4, null) === 4) {
    const transaction = new Uint8Array(new DataView(head.buffer).getUint32(0))
    readSync(descriptor, transaction, 0, transaction.length, null)
    yield transaction
  }
  closeSync(descriptor)
}

/** The real kernel, whose first blocks also bring the records that are there before. */
function fillingKernel(kernel: Kernel, count: number): Kernel {
  return {
    ...kernel,
    tick(view, context) {
      const from = Number(context.height - 1n) * fillPerBlock
      const fill = Array.from({ length: Math.max(0, Math.min(fillPerBlock, count - from)) }, (_, i) => record(from + i))
      return [...kernel.tick(view, context), ...fill]
    },
  }
}

function record(place: number): Write {
  const key = sha256(encodeUtf8(`record ${place}`))
  const value = new Uint8Array(recordBytes)
  for (let at = 0, block = key; at < recordBytes; at += 32) {
    block = sha256(block)
    value.set(block.subarray(0, Math.min(32, recordBytes - at)), at)
  }
  return { key, value }
}

function filled(engine: Engine, count: number): Promise<void> {
  const height = BigInt(Math.ceil(count / fillPerBlock) + 2)
  return new Promise(resolve => {
    const end = engine.subscribe(() => {
      if (engine.newest().height >= height) {
        end()
        resolve()
      } else engine.beat()
    })
    engine.beat()
  })
}

type Run = {
  readonly 'tx/s': number
  readonly committed: number
  readonly 'block, ms (p50)': number
  readonly p99: number
  readonly recordKeys: readonly Uint8Array[]
}

/** As many as the node takes, with so many waiting at once. */
async function drive(engine: Engine, file: string): Promise<Run> {
  const load = readLoad(file)
  const intervals: number[] = []
  const recordKeys: Uint8Array[] = []
  const refused: string[] = []
  let next: IteratorResult<Uint8Array> | undefined
  let [committed, waiting] = [0, 0]
  let last = performance.now()
  const end = engine.subscribe(({ block, results }) => {
    if (block.txs.length === 0) return
    committed += block.txs.length
    waiting -= block.txs.length
    refused.push(...results.results.filter(({ code }) => code !== ResultCode.ok).map(({ log }) => log))
    if (recordKeys.length < proofs) recordKeys.push(...results.results.map(({ data }) => data))
    intervals.push(performance.now() - last)
    last = performance.now()
  })
  const began = performance.now()
  while (performance.now() - began < seconds * 1_000) {
    // So many at once, and then the engine has its turn.
    for (let count = 0; count < 100 && waiting < waitingMax; count++) {
      next ??= load.next()
      if (next.done) break
      const { code, log } = await engine.submit(next.value)
      // Who has too many waiting hands the same one in again.
      if (code === ResultCode.quota) break
      next = undefined
      if (code === ResultCode.ok) waiting += 1
      else refused.push(`${code} ${log}`)
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  const elapsed = (performance.now() - began) / 1_000
  end()
  if (refused.length > 0) throw new Error(`the load is not what the ledger takes: ${refused[0]}`)
  return {
    'tx/s': Math.round(committed / elapsed),
    committed,
    'block, ms (p50)': Math.round(quantile(intervals, 0.5)),
    p99: Math.round(quantile(intervals, 0.99)),
    recordKeys,
  }
}

function measureReads(
  _database: Database,
  application: LedgerApplication,
  engine: Engine,
  ids: readonly Uint8Array[],
): Record<string, number> {
  const keys = Array.from({ length: Math.min(proofs, ids.length) }, (_, i) => sha256(encodeUtf8(`record ${i}`)))
  const height = engine.newest().height - 1n
  const began = performance.now()
  for (const key of keys) application.state([key], height)
  const proof = (performance.now() - began) / keys.length
  return { 'proof, µs': Math.round(proof * 1_000), 'memory, MB': Math.round(process.memoryUsage().rss / 1e6) }
}

function megabytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / 1e6
}
