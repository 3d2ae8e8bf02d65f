// Every write of a short chain on real files meets every fault once; then the node starts again with what is there.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { encodeUtf8, loadCrypto } from '@muniment/sdk'
import { smtSpec, tendermintSpec } from '../../../sdk/src/ics23/spec.ts'
import { verifyMembership, verifyNonMembership } from '../../../sdk/src/ics23/verify.ts'
import { fullBlocks, reached, startTestChain, type TestChain, testGenesis } from '../../../test/test-chain.ts'
import { verifyChain } from '../../../test/verify-chain.ts'
import type { DecidedBlock } from '../engine/chain-store.ts'
import type { Genesis } from '../engine/genesis.ts'
import type { HomeError } from '../home-error.ts'
import { type Database, openDatabase } from './database.ts'
import { type FileFault, openFaultyDatabase } from './faulty.ts'

const crypto = await loadCrypto()
const blocks = 10
/** The genesis of the application and that of the engine, then one for each block. */
const writesBeforeBlocks = 2

const faults: Readonly<Record<string, Omit<FileFault, 'atWrite'>>> = {
  'that fails': { kind: 'fails' },
  'that is on the disk when the process ends before it knows': { kind: 'unheard' },
  'whose record is missing from the log': { kind: 'cut', soundShare: 0 },
  'half of which is missing from the log': { kind: 'cut', soundShare: 0.5 },
  'whose last bytes are missing from the log': { kind: 'cut', soundShare: 0.999 },
  'that is other bytes in the log': { kind: 'garbled', soundShare: 0.01 },
  'whose last tenth is other bytes in the log': { kind: 'garbled', soundShare: 0.9 },
  'that takes long': { kind: 'delayed', delayMs: 30 },
}

/** New keys, keys that change, and keys that go again. */
function transactionsOf(height: number): readonly string[] {
  return [`once:${height}=here`, `counter=${height}`, `row ${height % 3}=${height % 2 === 0 ? '' : height}`]
}

/** Runs until the fault, or until so many blocks are there; answers those that the engine told of. */
async function runChain(
  database: Database,
  options: Parameters<typeof startTestChain>[1],
): Promise<readonly DecidedBlock[]> {
  const told: DecidedBlock[] = []
  let durable = 0
  const counting: Database = {
    ...database,
    write: async writes => {
      await database.write(writes)
      durable += 1
    },
  }
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<unknown>(resolve => {
    fail = resolve
  })
  const running = startTestChain(counting, { ...options, onFailure: fail }).then(async ({ engine }) => {
    engine.subscribe(decided => {
      told.push(decided)
      assert.ok(durable >= writesBeforeBlocks + told.length, 'a block is told when it is on the disk, not before')
    })
    for (let height = 1; height <= blocks; height++) {
      for (const text of transactionsOf(height)) await engine.submit(encodeUtf8(text))
      await reached(engine, BigInt(height))
    }
    await engine.stop()
  })
  const error = await Promise.race([
    running.then(
      () => undefined,
      found => found,
    ),
    failed,
  ])
  if (error !== undefined) assert.equal((error as HomeError).code, 'disk-full')
  return told
}

/** Answers how many blocks were told before the fault. */
async function runAndRestart(folder: string, fault: FileFault, genesis: Genesis): Promise<number> {
  const data = join(folder, 'data')
  const options = { genesis, signStateFile: join(folder, 'priv_validator_state.json') }
  const faulty = await openFaultyDatabase(data, fault)
  const told = await runChain(faulty, options)
  await faulty.close()
  const database = await openDatabase(data)
  const chain = await startTestChain(database, options)
  const { engine } = chain
  const found = engine.newest().height
  assert.equal((await engine.submit(encodeUtf8('after=the restart'))).code, 0)
  await reached(engine, found + 3n)
  await engine.stop()
  await verifyChain('test-chain', fullBlocks(engine), crypto)
  for (const { block, blockId } of told) {
    assert.deepEqual(engine.chain.block(block.header.height)?.blockId, blockId)
  }
  assertState(chain)
  await database.close()
  return told.length
}

/** What all blocks did is what the newest provable state has, down to the app hash in the header. */
function assertState({ engine, application }: TestChain): void {
  const expected = new Map<string, string>([['first', 'value']])
  for (const { block } of fullBlocks(engine).slice(0, -1)) {
    for (const transaction of block.txs) {
      const [key, value] = new TextDecoder().decode(transaction).split('=', 2)
      expected.set(key!, value!)
    }
  }
  assert.equal(expected.get('after'), 'the restart')
  for (const [text, value] of expected) {
    const key = encodeUtf8(text)
    const answer = application.query({ path: '/store/state/key', key, height: 0n, prove: true })
    assert.equal(new TextDecoder().decode(answer.value), value, text)
    const { state, store } = answer.proof!
    const inState = { spec: smtSpec, root: store.value, proof: state, key }
    const proved =
      value === ''
        ? verifyNonMembership(inState, crypto)
        : verifyMembership({ ...inState, value: answer.value }, crypto)
    assert.equal(proved.kind, 'verified', text)
    const { appHash } = engine.chain.block(answer.height + 1n)!.block.header
    const proof = { exist: store, nonexist: undefined }
    const inApp = { spec: tendermintSpec, root: appHash, proof, key: store.key, value: store.value }
    assert.equal(verifyMembership(inApp, crypto).kind, 'verified')
  }
}

describe('one write', { concurrency: 4 }, () => {
  for (const [name, fault] of Object.entries(faults)) {
    test(`${name}: whichever it is, what was told stands, and the chain goes on by itself`, async t => {
      const folder = await mkdtemp(join(tmpdir(), 'muniment-faulty-'))
      t.after(() => rm(folder, { recursive: true, force: true }))
      const genesis = testGenesis()
      const told: number[] = []
      for (let atWrite = 1; atWrite <= writesBeforeBlocks + blocks; atWrite++) {
        told.push(await runAndRestart(join(folder, String(atWrite)), { ...fault, atWrite }, genesis))
      }
      if (fault.kind === 'delayed') assert.ok(told.every(count => count >= blocks))
      else assert.deepEqual(told, [0, 0, ...Array.from({ length: blocks }, (_, i) => i)])
    })
  }
})
