// `npm run bench -- tree`: the state tree as it grows. At each size it takes blocks of 2,000 transactions, each with one new record
// and two changed entries (an account's nonce, a counter), as durable batches, while another thread makes and signs the load of
// the next block, as clients would. A block a second is what 2,000 transactions a second need. LEAVES names the sizes.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { loadCrypto } from '@muniment/sdk'
import { sha256 } from '../node/src/hasher.ts'
import { type Database, openDatabase, type Write } from '../node/src/storage/database.ts'
import { keySpace } from '../node/src/storage/keys.ts'
import { openTree, type Tree } from '../node/src/tree/tree.ts'
import { quantile } from './crypto/statistics.ts'
import type { Outcome, Row } from './run.ts'

const sizesMeant = [0, 1_000_000, 5_000_000]
const sizes = process.env.LEAVES?.split(',').map(Number) ?? sizesMeant
const blocks = 60
const transactionsPerBlock = 2_000
const fillBatch = 10_000
/** As records have them on the ledger: a commitment, who issued it, dates and a status. */
const recordBytes = 180
/** With its key, as the tree stores it. */
const storedBytes = 4 + 32 + recordBytes
const accounts = 100_000
const readsMax = 2_000

export async function measureTree(): Promise<Outcome> {
  if (sizes.some(size => !Number.isInteger(size) || size < 0))
    throw new Error('LEAVES are numbers, with commas between them')
  const folder = mkdtempSync(join(tmpdir(), 'muniment-tree-'))
  const load = startLoad()
  const crypto = await loadCrypto()
  const rows: Row[] = []
  try {
    const database = await openDatabase(folder)
    const tree = await openTree(database, { hasher: crypto })
    const grown: Grown = { database, tree, records: 0, samples: [] }
    await commit(grown, [recordOf(grown.records++)])
    for (const size of sizes) {
      const fillMs = await grow(grown, size)
      rows.push({
        leaves: size,
        ...(await measure(grown)),
        'filled, leaves/s': fillMs === 0 ? '' : Math.round((size / fillMs) * 1_000),
        'disk, MB': Math.round(diskBytes(folder) / 1e6),
        'bytes a leaf': size === 0 ? '' : Math.round(diskBytes(folder) / size),
      })
      console.log(rows.at(-1))
    }
    await database.close()
  } finally {
    await load.terminate()
    rmSync(folder, { recursive: true })
  }
  return {
    rows,
    notes: [
      `Blocks of ${transactionsPerBlock} transactions, a new record of ${recordBytes} bytes and two changed entries each, durable, ${blocks} at each size; a second thread signs all the while.`,
    ],
    isWhole: sizes === sizesMeant,
  }
}

type Grown = { readonly database: Database; readonly tree: Tree; records: number; readonly samples: Sample[] }

/** A record's key, and the one under which the database has its value. */
type Sample = { readonly key: Uint8Array; readonly stored: Uint8Array }
const recordsPerSample = 200

/** Answers how long the filling took, milliseconds. */
async function grow(grown: Grown, size: number): Promise<number> {
  const began = performance.now()
  const before = grown.records
  while (grown.records < size) {
    const count = Math.min(fillBatch, size - grown.records)
    await commit(
      grown,
      Array.from({ length: count }, () => recordOf(grown.records++)),
    )
  }
  return grown.records === before ? 0 : performance.now() - began
}

async function measure(grown: Grown): Promise<Row> {
  const stages: number[] = []
  const writes: number[] = []
  const whole: number[] = []
  for (let block = 0; block < blocks; block++) {
    const changes = Array.from({ length: transactionsPerBlock }, (_, place) => [
      recordOf(grown.records++),
      entryOf('account', Math.floor(Math.random() * accounts), `nonce ${block} ${place}`),
      entryOf('counter', place % 50, `count ${block} ${place}`),
    ]).flat()
    const timed = await commit(grown, changes)
    stages.push(timed.stageMs)
    writes.push(timed.writeMs)
    whole.push(timed.stageMs + timed.writeMs)
  }
  const { proofUs, valueUs, getUs } = readTimes(grown)
  const middle = quantile(whole, 0.5)
  return {
    'block, ms (p50)': Math.round(middle),
    p99: Math.round(quantile(whole, 0.99)),
    'of it tree': Math.round(quantile(stages, 0.5)),
    'and disk': Math.round(quantile(writes, 0.5)),
    'tx/s by the tree alone': Math.round((transactionsPerBlock / middle) * 1_000),
    'proof, µs': Math.round(proofUs),
    'value, µs': Math.round(valueUs),
    'plain get, µs': Number(getUs.toFixed(1)),
    'proof to get': Number((proofUs / getUs).toFixed(1)),
    'memory, MB': memoryOf('RssAnon'),
    'and of files mapped': memoryOf('RssFile'),
  }
}

async function commit(
  { tree, database, samples }: Grown,
  changes: readonly Write[],
): Promise<{ stageMs: number; writeMs: number }> {
  const began = performance.now()
  const staged = await tree.stage(changes)
  const stagedAt = performance.now()
  await database.write(staged.writes)
  tree.committed(staged)
  const done = performance.now()
  const stored = staged.writes.filter(
    ({ key, value }) => key[0] === keySpace.treeValue && value?.length === storedBytes,
  )
  for (let i = 0; i < stored.length; i += recordsPerSample) {
    const { key, value } = stored[i]!
    samples.push({ key: value!.slice(4, 36), stored: key.slice() })
  }
  return { stageMs: stagedAt - began, writeMs: done - stagedAt }
}

/** Medians of records chosen by chance, never the same twice: a proof, a value by the tree, and a plain get of what holds it. */
function readTimes({ tree, database, samples }: Grown): Readonly<Record<'proofUs' | 'valueUs' | 'getUs', number>> {
  const version = tree.newest()!
  const rounds = Math.min(readsMax, Math.floor(samples.length / 3))
  const chosen = samples.map(sample => ({ sample, rank: Math.random() })).sort((a, b) => a.rank - b.rank)
  const medianUs = (kind: number, read: (sample: Sample) => unknown): number =>
    quantile(
      chosen.slice(kind * rounds, (kind + 1) * rounds).map(({ sample }) => {
        const began = performance.now()
        read(sample)
        return (performance.now() - began) * 1_000
      }),
      0.5,
    )
  return {
    proofUs: medianUs(0, ({ key }) => tree.prove(key, version)),
    valueUs: medianUs(1, ({ key }) => tree.get(key, version)),
    getUs: medianUs(2, ({ stored }) => database.get(stored)),
  }
}

const encoder = new TextEncoder()

/** Bytes that no database can make smaller, as hashes are; each record takes others of them. */
const noise = randomBytes(1 << 20)

function recordOf(place: number): Write & { readonly value: Uint8Array } {
  const from = (place * 4_099) % (noise.length - recordBytes)
  return { key: sha256(encoder.encode(`record ${place}`)), value: noise.subarray(from, from + recordBytes) }
}

function entryOf(kind: string, place: number, text: string): Write {
  return { key: sha256(encoder.encode(`${kind} ${place}`)), value: sha256(encoder.encode(text)) }
}

/** Memory that is the process's own, or pages of files that the system takes back whenever it wants. */
function memoryOf(kind: 'RssAnon' | 'RssFile'): number {
  const found = new RegExp(`${kind}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))
  return Math.round((Number(found?.[1]) * 1_024) / 1e6)
}

function diskBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

/** Clients' work on the other core: it hashes and signs without end. */
function startLoad(): Worker {
  const code = `
    const { generateKeyPairSync, sign, randomBytes } = require('node:crypto')
    const { privateKey } = generateKeyPairSync('ed25519')
    setInterval(() => { for (let i = 0; i < 2000; i++) sign(null, randomBytes(300), privateKey) }, 1000)`
  return new Worker(code, { eval: true })
}
