// The tree of a note beside the block that it ends with: it must be the one that the block's own header commits to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  encodeUtf8,
  type Header,
  type HistoryAnswer,
  headerHash,
  type Trusted,
  timeFromMilliseconds,
  VerifyError,
} from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import type { Database } from '../storage/database.ts'
import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { appHash, proveStore } from '../tree/app-hash.ts'
import { appendHistory, historyInclusion, historyRoot } from '../tree/history.ts'
import { checkHeadTime, checkNotedHead, type NotedHead } from './judge.ts'

const state = sha256(encodeUtf8('state'))

async function logOf(leaves: readonly Uint8Array[]): Promise<Database> {
  const database = memoryDatabase(newDisk())
  for (const [index, leaf] of leaves.entries()) await database.write(appendHistory(database, BigInt(index), leaf))
  return database
}

function leavesOf(count: bigint, word: string): Uint8Array[] {
  return Array.from({ length: Number(count) }, (_, index) => sha256(encodeUtf8(`${word} ${index}`)))
}

/** A header at the height, which commits to the log of these leaves. */
function headerOver(height: bigint, history: Uint8Array): Trusted<Header> {
  const hash = sha256()
  const header: Header = {
    version: { block: 11n, app: 1n },
    chainId: 'test-judge',
    height,
    time: timeFromMilliseconds(0),
    lastBlockId: { hash, partSetHeader: { total: 1, hash } },
    ...{ lastCommitHash: hash, dataHash: hash, validatorsHash: hash, nextValidatorsHash: hash, consensusHash: hash },
    ...{ lastResultsHash: hash, evidenceHash: hash, proposerAddress: new Uint8Array(20) },
    appHash: appHash({ history, state }),
  }
  return header as Trusted<Header>
}

/** What a node answers that keeps the log of those leaves and the block behind them. `committed`: what the header commits to. */
async function headOf(height: bigint, leaves: readonly Uint8Array[], committed = leaves): Promise<NotedHead> {
  const history = historyRoot(await logOf(committed), height)
  const header = headerOver(height, history)
  const log = await logOf([...leaves, headerHash(header, nodeHasher)])
  const size = height + 1n
  const store = proveStore('history', { history, state })
  const answer: HistoryAnswer = { store, inclusion: [], consistency: [] }
  return {
    note: { size, root: historyRoot(log, size) },
    header,
    ending: { ...answer, inclusion: historyInclusion(log, size, height) },
    before: answer,
  }
}

test('the tree that the header commits to, and its hash behind it, of every length', async () => {
  for (let height = 1n; height <= 40n; height++)
    checkNotedHead(await headOf(height, leavesOf(height, 'leaf')), nodeHasher)
})

test('a tree that ends with the true block and has another past is refused', async () => {
  for (const height of [1n, 2n, 3n, 8n, 11n, 32n]) {
    const head = await headOf(height, leavesOf(height, 'forged'), leavesOf(height, 'leaf'))
    assert.throws(() => checkNotedHead(head, nodeHasher), {
      name: 'VerifyError',
      message: /commits to another history/,
    })
  }
})

test('any other size, root, leaf or proof is refused', async () => {
  const head = await headOf(11n, leavesOf(11n, 'leaf'))
  const other = await headOf(11n, leavesOf(11n, 'other'))
  const shorter = await headOf(10n, leavesOf(10n, 'leaf'))
  const wrong: readonly Partial<NotedHead>[] = [
    { note: { ...head.note, size: 11n } },
    { note: { ...head.note, size: 13n } },
    { note: { ...head.note, root: other.note.root } },
    { header: other.header },
    { header: shorter.header },
    { before: other.before },
    { before: shorter.before },
    { before: { ...head.before, store: { ...head.before.store, key: encodeUtf8('state') } } },
    { ending: other.ending },
    { ending: shorter.ending },
    { ending: { ...head.ending, inclusion: [] } },
    { ending: { ...head.ending, inclusion: head.ending.inclusion.toReversed() } },
  ]
  for (const [index, change] of wrong.entries())
    assert.throws(() => checkNotedHead({ ...head, ...change }, nodeHasher), VerifyError, `case ${index}`)
})

test('sixty seconds are near enough, and not a nanosecond more', () => {
  const now = { seconds: 1_000n, nanos: 500 }
  const check = (seconds: bigint, nanos: number) => (): void => checkHeadTime({ time: { seconds, nanos } }, now)
  check(1_000n, 500)()
  check(1_060n, 500)()
  check(940n, 500)()
  assert.throws(check(1_060n, 501), VerifyError)
  assert.throws(check(940n, 499), VerifyError)
})
