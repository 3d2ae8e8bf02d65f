// `npm run bench -- ledger`: the embedded engine with durable commits under mixed transactions of the ten services, on an empty state
// and on some with many records. LEDGER_SECONDS and LEDGER_RECORDS (with commas) make a rehearsal. The transactions are made before.

import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Crypto,
  commitmentProof,
  encodeUtf8,
  existenceProof,
  genesisFileHash,
  loadCrypto,
  ResultCode,
} from '@muniment/sdk'
import { homeOf } from '../node/src/config.ts'
import { type Engine, startEngine } from '../node/src/engine/engine.ts'
import { parseGenesis } from '../node/src/engine/genesis.ts'
import { loadValidatorKey } from '../node/src/engine/validator-key.ts'
import { nodeHasher, sha256 } from '../node/src/hasher.ts'
import { initHome } from '../node/src/init.ts'
import { createKernel } from '../node/src/ledger/apply.ts'
import type { Kernel } from '../node/src/ledger/kernel.ts'
import { createLedgerApplication, type LedgerApplication } from '../node/src/ledger/ledger-application.ts'
import { readFolder, readStories } from '../node/src/scenario/stories.ts'
import { type Database, openDatabase, type Write } from '../node/src/storage/database.ts'
import { keySpace } from '../node/src/storage/keys.ts'
import { quantile } from './crypto/statistics.ts'
import { makeLoad, transactionsPerRound } from './ledger-load.ts'
import type { Outcome } from './run.ts'

/** Ten minutes where the bar says so, and one on both sides of it. */
const meant: Plan = [
  { records: 0, seconds: 60 },
  { records: 1_000_000, seconds: 600 },
  { records: 5_000_000, seconds: 60 },
]
const chainId = 'test-bench'
/** More than the ledger will take. */
const transactionsPerSecondMax = 3_600
const waitingMax = 2_000
const fillPerBlock = 20_000
const recordBytes = 180
const proofs = 2_000
const valuesPerSample = 100
/** The plan's figures for 40 million people (the services' design, 12). */
const plannedTransactions = 492e6
const plannedBodyBytes = 600
const plannedRecordBytes = 300

type Plan = readonly { readonly records: number; readonly seconds: number }[]

function planned(): Plan {
  const { LEDGER_SECONDS, LEDGER_RECORDS } = process.env
  if (LEDGER_SECONDS === undefined && LEDGER_RECORDS === undefined) return meant
  const seconds = Number(LEDGER_SECONDS ?? 60)
  return (LEDGER_RECORDS ?? '0,1000000').split(',').map(records => ({ records: Number(records), seconds }))
}

export async function measureLedger(plan: Plan = planned()): Promise<Outcome> {
  const crypto = await loadCrypto()
  const begun = mkdtempSync(join(tmpdir(), 'muniment-ledger-bench-'))
  const rows: Record<string, string | number>[] = []
  try {
    const longest = Math.max(...plan.map(({ seconds }) => seconds))
    const load = await prepare(begun, { crypto, count: longest * transactionsPerSecondMax })
    console.log(`${load.count} transactions made, ${load.bytes} B each`)
    for (const { records, seconds } of plan) {
      rows.push({ ...(await measureAt(records, { begun, load, crypto, seconds })), 'body, B': load.bytes })
      console.log(rows.at(-1))
    }
  } finally {
    rmSync(begun, { recursive: true })
  }
  await crypto.close()
  const [empty] = rows
  for (const row of rows.slice(1))
    row['of the empty state’s'] = `${Math.round((Number(row['tx/s']) / Number(empty!['tx/s'])) * 100)} %`
  return {
    rows,
    notes: [
      `Mixed transactions of ten services (${transactionsPerRound} in a round), every block one durable batch.`,
      `Planned for 40 million people: 492 million transactions a year of ${plannedBodyBytes} B, records of ${plannedRecordBytes} B.`,
    ],
    isWhole: plan === meant,
  }
}

type Load = { readonly file: string; readonly count: number; readonly bytes: number }

/** A home, and transactions for the chain that begins in it: the same for each number of records. */
async function prepare(
  folder: string,
  { crypto, count: countMax }: { readonly crypto: Crypto; readonly count: number },
): Promise<Load> {
  const stories = readStories(readFolder(fileURLToPath(new URL('../services', import.meta.url))), crypto)
  const home = join(folder, 'home')
  await initHome(home, { chainId, appState: stories.country, now: Date.now() - 60_000 })
  const genesis = parseGenesis(readFileSync(homeOf(home).genesis))
  const genesisHash = genesisFileHash(genesis.json, crypto)
  const file = join(folder, 'load')
  const count = await writeLoad(file, countMax, write =>
    makeLoad(stories, { crypto, chainId, genesisHash, nowMs: Date.now() }, write),
  )
  return { file, count, bytes: Math.round(statSync(file).size / count) - 4 }
}

async function measureAt(
  count: number,
  {
    begun,
    load,
    crypto,
    seconds,
  }: { readonly begun: string; readonly load: Load; readonly crypto: Crypto; readonly seconds: number },
): Promise<Record<string, string | number>> {
  const folder = join(begun, String(count))
  try {
    cpSync(join(begun, 'home'), folder, { recursive: true })
    const home = homeOf(folder)
    const genesis = parseGenesis(readFileSync(home.genesis))
    const samples: Sample[] = []
    const database = sampling(await openDatabase(home.data), samples)
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
    const run = await drive(engine, load.file, seconds)
    const reads = measureReads(database, application, samples)
    const bytes = ((megabytes(home.data) - before) * 1e6) / run.committed
    await engine.stop()
    await database.close()
    return {
      records: count,
      ...run,
      ...reads,
      'disk a record, B': count > 0 ? Math.round((before * 1e6) / count) : '',
      'disk a tx, B': Math.round(bytes),
      'GB a year (planned 295)': Math.round((bytes * plannedTransactions) / 1e9),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Length and bytes of each transaction, one behind the other. */
async function writeLoad(
  file: string,
  countMax: number,
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
    return made < countMax
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
  readonly seconds: number
  readonly 'tx/s': number
  readonly committed: number
  readonly 'block, ms (p50)': number
  readonly p99: number
}

/** As many as the node takes, with so many waiting at once. */
async function drive(engine: Engine, file: string, seconds: number): Promise<Run> {
  const load = readLoad(file)
  const intervals: number[] = []
  const refused: string[] = []
  let next: IteratorResult<Uint8Array> | undefined
  let [committed, waiting] = [0, 0]
  let last = performance.now()
  const end = engine.subscribe(({ block, results }) => {
    if (block.txs.length === 0) return
    committed += block.txs.length
    waiting -= block.txs.length
    refused.push(...results.results.filter(({ code }) => code !== ResultCode.ok).map(({ log }) => log))
    intervals.push(performance.now() - last)
    last = performance.now()
  })
  const began = performance.now()
  while (performance.now() - began < seconds * 1_000 && !next?.done) {
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
    seconds: Math.round(elapsed),
    'tx/s': Math.round(committed / elapsed),
    committed,
    'block, ms (p50)': Math.round(quantile(intervals, 0.5)),
    p99: Math.round(quantile(intervals, 0.99)),
  }
}

/** A state key, and the one under which the store has its value. */
type Sample = { readonly key: Uint8Array; readonly stored: Uint8Array }

/** The store, of which one value in so many is remembered, so that it can be read again by itself. */
function sampling(database: Database, samples: Sample[]): Database {
  let seen = 0
  return {
    ...database,
    write(writes) {
      for (const { key, value } of writes) {
        if (key[0] !== keySpace.treeValue || !value || seen++ % valuesPerSample !== 0) continue
        samples.push({
          key: value.slice(4, 4 + new DataView(value.buffer, value.byteOffset).getUint32(0)),
          stored: key.slice(),
        })
      }
      return database.write(writes)
    },
  }
}

/** Values chosen by chance that still stand, none asked for twice: what a proof takes, beside a plain get of what holds the value. */
function measureReads(
  database: Database,
  application: LedgerApplication,
  samples: readonly Sample[],
): Record<string, number> {
  const ranked = samples.map(sample => ({ sample, rank: Math.random() })).sort((a, b) => a.rank - b.rank)
  const standing = ranked.slice(0, 2 * proofs).map(({ sample }) => sample)
  const [proven, plain] = [standing.slice(0, standing.length / 2), standing.slice(standing.length / 2)]
  const [proofTimes, getTimes, sizes]: [number[], number[], number[]] = [[], [], []]
  for (const { key } of proven) {
    const began = performance.now()
    const answer = application.state([key], 0n)
    proofTimes.push((performance.now() - began) * 1_000)
    const proof = answer?.proofs[0]
    if (!answer || !proof?.exist) continue
    const whole = commitmentProof.encode(proof).length + existenceProof.encode(answer.stores[0]!).length
    sizes.push(whole - proof.exist.value.length)
  }
  for (const { stored } of plain) {
    const began = performance.now()
    database.get(stored)
    getTimes.push((performance.now() - began) * 1_000)
  }
  const [proof, get] = [quantile(proofTimes, 0.5), quantile(getTimes, 0.5)]
  return {
    'proof, µs': Math.round(proof),
    'plain get, µs': Number(get.toFixed(1)),
    'proof to get': Number((proof / get).toFixed(1)),
    'proof, B (p50)': Math.round(quantile(sizes, 0.5)),
    largest: Math.max(...sizes),
    'memory, MB': Math.round(process.memoryUsage().rss / 1e6),
  }
}

function megabytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / 1e6
}
