// A witness over HTTP, with the status codes of c2sp.org/tlog-witness. Which blocks are verified is said by the test; a real
// chain is followed in test/witness.test.ts.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  type CheckpointNote,
  encodeUtf8,
  formatCheckpointNote,
  type Header,
  loadCrypto,
  type NoteKey,
  NoteKeyType,
  parseCheckpointNote,
  parseNoteSignatures,
  type Trusted,
  timeFromMilliseconds,
  VerifyError,
  type VerifyErrorCode,
  verifyCosignatures,
} from '@muniment/sdk'
import type { HistoryLog } from '../cosign/log.ts'
import { sha256 } from '../hasher.ts'
import { addCheckpointBytesMax } from '../limits.ts'
import { noteSignerOf } from '../note-key.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { type Disk, memoryDatabase, newDisk } from '../storage/memory.ts'
import { type Cosigner, createCosigner } from './cosigner.ts'
import { openEvidenceFolder } from './evidence.ts'
import { formatAddCheckpoint } from './request.ts'
import { startWitnessServer } from './server.ts'
import { readWitnessState } from './state.ts'
import { testLog } from './test-log.ts'

const crypto = await loadCrypto()
const nowMs = Date.parse('2026-11-23T07:00:00Z')
const signer = noteSignerOf(sha256(encodeUtf8('witness')))
const key: NoteKey = { name: 'witness.example', type: NoteKeyType.cosignature, key: signer.publicKey }
const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing) await close()
})

type Plan = {
  readonly database?: Database
  /** Seconds by which the block's time is ahead of the witness's clock. */
  readonly skew?: () => number
  readonly confirm?: (size: bigint) => void
  readonly logKeys?: readonly NoteKey[]
}

type TestWitness = {
  readonly url: string
  readonly database: Database
  readonly cosigner: Cosigner
  readonly evidence: () => readonly Readonly<Record<string, string>>[]
  readonly warnings: readonly string[]
  readonly failures: readonly unknown[]
}

async function startTestWitness(log: HistoryLog, plan: Plan = {}): Promise<TestWitness> {
  const database = plan.database ?? memoryDatabase(newDisk())
  const folder = mkdtempSync(join(tmpdir(), 'muniment-cosigner-'))
  const evidence = await openEvidenceFolder(folder)
  const warnings: string[] = []
  const failures: unknown[] = []
  const cosigner = createCosigner({
    origin: log.origin,
    key,
    signer,
    database,
    follower: {
      async confirm({ size }) {
        plan.confirm?.(size)
        return headerOf(size - 1n, plan.skew?.() ?? 0)
      },
      evidence: async () => [{ found: 'two headers' }],
    },
    logKeys: async () => plan.logKeys ?? [log.key],
    evidence,
    crypto,
    now: () => nowMs,
    onWarning: sentence => warnings.push(sentence),
  })
  const server = await startWitnessServer({
    cosigner,
    status: () => cosigner.status(),
    host: '127.0.0.1',
    port: 0,
    onFailure: error => failures.push(error),
  })
  closing.push(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const files = (): readonly Readonly<Record<string, string>>[] =>
    evidence.names().map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  return { url: server.url, database, cosigner, evidence: files, warnings, failures }
}

function headerOf(height: bigint, skew: number): Trusted<Header> {
  const hash = new Uint8Array(32)
  const header = {
    version: { block: 11n, app: 1n },
    chainId: 'test-log',
    height,
    time: timeFromMilliseconds(nowMs + skew * 1_000),
    lastBlockId: { hash, partSetHeader: { total: 1, hash } },
    ...{ lastCommitHash: hash, dataHash: hash, validatorsHash: hash, nextValidatorsHash: hash, consensusHash: hash },
    ...{ appHash: hash, lastResultsHash: hash, evidenceHash: hash, proposerAddress: new Uint8Array(20) },
  }
  return header as Header as Trusted<Header>
}

type Told = { readonly status: number; readonly type: string; readonly text: string }

async function post(url: string, body: string | Uint8Array): Promise<Told> {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as string })
  return { status: response.status, type: response.headers.get('content-type')!, text: await response.text() }
}

/** As the log itself would ask: from the size that the witness knows. */
function push(url: string, log: HistoryLog, from: bigint, size: bigint): Promise<Told> {
  const proof = from > 0n && from <= size ? log.consistency(from, size) : []
  return post(url, formatAddCheckpoint({ oldSize: from, proof, note: log.note(size) }))
}

async function assertCosigned({ status, text }: Told, note: CheckpointNote): Promise<void> {
  assert.equal(status, 200, text)
  const signatures = parseNoteSignatures(text)
  const cosigned = parseCheckpointNote(
    formatCheckpointNote({ ...note, signatures: [...note.signatures, ...signatures] }),
  )
  const counted = await verifyCosignatures(cosigned, { keys: [{ name: 'The witness', key: key.key }] }, crypto)
  assert.deepEqual(
    counted.map(({ time }) => time),
    [BigInt(nowMs / 1_000)],
  )
}

test('it cosigns each tree that continues the one before, and the newest again', async () => {
  const log = await testLog(20)
  const { url, database } = await startTestWitness(log)
  await assertCosigned(await push(url, log, 0n, 3n), log.note(3n))
  await assertCosigned(await push(url, log, 3n, 4n), log.note(4n))
  await assertCosigned(await push(url, log, 4n, 4n), log.note(4n))
  await assertCosigned(await push(url, log, 4n, 20n), log.note(20n))
  const state = readWitnessState(database)!
  assert.deepEqual([state.size, state.height, state.root], [20n, 19n, log.root(20n)])
  assert.equal(state.note, formatCheckpointNote(log.note(20n)))
})

test('another log is 404, another key 403, an old size above the new one 400, nonsense 400', async () => {
  const log = await testLog(9)
  const { url, database } = await startTestWitness(log)
  const request = { oldSize: 0n, proof: [], note: log.note(9n) }
  const ask = async (change: Partial<CheckpointNote>): Promise<number> =>
    (await post(url, formatAddCheckpoint({ ...request, note: { ...request.note, ...change } }))).status
  assert.equal(await ask({ origin: 'muniment/history/1/other' }), 404)
  assert.equal(await ask({ root: log.root(8n) }), 403)
  assert.equal(await ask({ extensions: ['not signed'] }), 403)
  assert.equal((await push(url, log, 10n, 9n)).status, 400)
  assert.equal((await post(url, 'old 0\n\nnonsense\n')).status, 400)
  assert.equal((await post(url, Uint8Array.of(0xff, 0xfe))).status, 400)
  assert.equal((await post(url, '')).status, 400)
  assert.equal(readWitnessState(database), undefined)
})

test('an old size that is not the known one is 409, and says the known one', async () => {
  const log = await testLog(9)
  const { url } = await startTestWitness(log)
  const first = await push(url, log, 2n, 9n)
  assert.deepEqual(first, { status: 409, type: 'text/x.tlog.size', text: '0\n' })
  await push(url, log, 0n, 5n)
  for (const from of [0n, 3n, 4n, 6n])
    assert.deepEqual(await push(url, log, from, 9n), { status: 409, type: 'text/x.tlog.size', text: '5\n' })
  // Never down: not with a proof, and not as if it were the first time.
  assert.equal((await push(url, log, 5n, 4n)).status, 400)
  assert.equal((await push(url, log, 0n, 4n)).status, 409)
})

test('a proof that does not hold is 422, and both trees are kept', async () => {
  const log = await testLog(12)
  const fork = await testLog(12, 6)
  const { url, database, evidence, warnings } = await startTestWitness(log)
  assert.equal(
    (await post(url, formatAddCheckpoint({ oldSize: 0n, proof: [log.root(1n)], note: log.note(8n) }))).status,
    422,
  )
  await push(url, log, 0n, 8n)
  assert.equal((await post(url, formatAddCheckpoint({ oldSize: 8n, proof: [], note: log.note(12n) }))).status, 422)
  assert.equal((await push(url, fork, 8n, 12n)).status, 422)
  assert.equal(readWitnessState(database)!.size, 8n)
  const kept = evidence()
  assert.deepEqual(
    kept.map(({ kind }) => kind),
    ['unproven', 'unproven'],
  )
  for (const each of kept) assert.equal(each.known, formatCheckpointNote(log.note(8n)))
  assert.ok(kept.some(({ offered }) => offered === formatCheckpointNote(fork.note(12n))))
  assert.equal(warnings.length, 2)
  // The true log goes on.
  assert.equal((await push(url, log, 8n, 12n)).status, 200)
})

test('two trees of one size are 409 and evidence against the log, kept once', async () => {
  const log = await testLog(9)
  const fork = await testLog(9, 8)
  const { url, evidence, warnings } = await startTestWitness(log)
  await push(url, log, 0n, 9n)
  for (let times = 0; times < 3; times++)
    assert.deepEqual(await push(url, fork, 9n, 9n), { status: 409, type: 'text/x.tlog.size', text: '9\n' })
  assert.equal(evidence().length, 1)
  const [{ kind, known, offered }] = evidence() as [Readonly<Record<string, string>>]
  assert.equal(kind, 'conflict')
  assert.deepEqual([known, offered], [log.note(9n), fork.note(9n)].map(formatCheckpointNote))
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, /two trees of one size.*evidence\/conflict-/)
})

test('what a stranger signs is never evidence', async () => {
  const log = await testLog(9)
  const fork = await testLog(9, 8)
  const { url, evidence } = await startTestWitness(log)
  await push(url, log, 0n, 9n)
  const stranger = noteSignerOf(sha256(encodeUtf8('stranger')))
  const note = fork.note(9n)
  const signatures = note.signatures.map(each => ({ ...each, signature: stranger.sign(encodeUtf8('anything')) }))
  const body = formatAddCheckpoint({ oldSize: 9n, proof: [], note: { ...note, signatures } })
  assert.equal((await post(url, body)).status, 403)
  assert.deepEqual(evidence(), [])
})

test('a block that is not verified is 403, one that no node has yet 503; nothing is cosigned', async () => {
  const log = await testLog(9)
  let code: VerifyErrorCode = 'wrong-root'
  const { url, database, evidence } = await startTestWitness(log, {
    confirm: () => {
      throw new VerifyError(code, 'a reason')
    },
  })
  const cases = {
    'wrong-root': 403,
    'bad-signature': 403,
    expired: 403,
    unavailable: 503,
    'wrong-height': 503,
  } as const
  for (const [name, status] of Object.entries(cases)) {
    code = name as VerifyErrorCode
    const told = await push(url, log, 0n, 9n)
    assert.equal(told.status, status, name)
    assert.match(told.text, /a reason/)
  }
  assert.deepEqual(evidence(), [])
  code = 'conflicting-headers'
  assert.equal((await push(url, log, 0n, 9n)).status, 403)
  assert.deepEqual(
    evidence().map(({ kind }) => kind),
    ['headers'],
  )
  assert.equal(readWitnessState(database), undefined)
})

test('a block more than a minute away from its clock is refused, before or after', async () => {
  const log = await testLog(9)
  let skew = 0
  const { url } = await startTestWitness(log, { skew: () => skew })
  const statuses: number[] = []
  for (skew of [-61, 61, -60.5, 60.5, -3_600 * 96, -60, 60])
    statuses.push((await push(url, log, skew === 60 ? 9n : 0n, 9n)).status)
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 200, 200])
})

test('while no node has told the log’s key it says so, and takes nothing', async () => {
  const log = await testLog(9)
  const { url } = await startTestWitness(log, { logKeys: [] })
  const { status, text } = await push(url, log, 0n, 9n)
  assert.deepEqual([status, text], [503, 'no node has told the key of the log yet\n'])
})

test('of two that come at once and begin at one size, one is cosigned', async () => {
  const log = await testLog(30)
  const fork = await testLog(30, 9)
  const { url, database } = await startTestWitness(log)
  await push(url, log, 0n, 9n)
  const told = await Promise.all([push(url, log, 9n, 20n), push(url, fork, 9n, 21n), push(url, log, 9n, 22n)])
  assert.deepEqual(told.map(({ status }) => status).toSorted(), [200, 409, 409])
  const cosigned = told.findIndex(({ status }) => status === 200)
  assert.equal(readWitnessState(database)!.size, [20n, 21n, 22n][cosigned])
})

test('where the disk fails nothing is signed, and the witness stops', async () => {
  for (const leaves of ['old', 'new'] as const) {
    const disk: Disk = newDisk()
    const log = await testLog(9)
    const database = memoryDatabase(disk, { fault: { atWrite: 2, leaves } })
    const { url, failures } = await startTestWitness(log, { database })
    assert.equal((await push(url, log, 0n, 5n)).status, 200)
    const { status, text } = await push(url, log, 5n, 9n)
    assert.equal(status, 500)
    assert.ok(!text.includes('—'), text)
    assert.equal(failures.length, 1)
    // After a restart it is at the one tree or the other, and no third.
    const again = await startTestWitness(log, { database: memoryDatabase(disk) })
    const known = leaves === 'new' ? 9n : 5n
    assert.equal((await push(again.url, log, 0n, 9n)).text, `${known}\n`)
    assert.equal((await push(again.url, log, known, 9n)).status, 200)
  }
})

test('requests that are too long, of another kind or to another place are refused, and status is told', async () => {
  const log = await testLog(9)
  const { url } = await startTestWitness(log)
  assert.equal((await post(url, 'x'.repeat(addCheckpointBytesMax + 1))).status, 413)
  const statusOf = async (path: string, init: RequestInit = {}): Promise<number> =>
    (await fetch(`${url}${path}`, init)).status
  assert.equal(await statusOf('/add-checkpoint'), 405)
  assert.equal(await statusOf('/status', { method: 'POST', body: '' }), 405)
  assert.equal(await statusOf('/'), 404)
  assert.equal(await statusOf('/add-checkpoint/', { method: 'POST', body: '' }), 404)
  await push(url, log, 3n, 9n)
  const status = (await (await fetch(`${url}/status`)).json()) as { refused: number; lastRefusal: { status: number } }
  assert.equal(status.lastRefusal.status, 409)
})

test('a thousand requests at once cost no more than the queue takes', async () => {
  const log = await testLog(9)
  const folder = mkdtempSync(join(tmpdir(), 'muniment-cosigner-'))
  const database = await openDatabase(folder)
  const { cosigner } = await startTestWitness(log, { database })
  const body = encodeUtf8(formatAddCheckpoint({ oldSize: 0n, proof: [], note: log.note(9n) }))
  const told = await Promise.all(Array.from({ length: 1_000 }, () => cosigner.add(body)))
  const count = (wanted: number): number => told.filter(({ status }) => status === wanted).length
  assert.equal(count(200), 1)
  assert.equal(count(409) + count(503), 999)
  assert.ok(count(503) >= 900, `${count(503)}`)
  await database.close()
  rmSync(folder, { recursive: true })
})
