import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { addSeconds, compareTime, encodeUtf8, formatHex, loadCrypto, timeToMilliseconds } from '@muniment/sdk'
import {
  changingValidators,
  fullBlocks,
  reached,
  startTestChain,
  testGenesis,
  testKey,
} from '../../../test/test-chain.ts'
import { verifyChain } from '../../../test/verify-chain.ts'
import type { HomeError, HomeErrorCode } from '../home-error.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { type Disk, memoryDatabase, newDisk } from '../storage/memory.ts'
import type { DecidedBlock } from './chain-store.ts'
import type { Engine } from './engine.ts'

const crypto = await loadCrypto()
const folders: string[] = []
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-engine-'))
  folders.push(folder)
  return folder
}

/** A clock that a test moves. */
function testClock(): { now: () => number; ms: number } {
  const clock = { ms: Date.parse('2026-11-20T10:00:00Z'), now: () => clock.ms }
  return clock
}

const hasCode =
  (code: HomeErrorCode) =>
  (error: unknown): boolean => {
    assert.equal((error as HomeError).code, code)
    assert.match((error as HomeError).message, /^[^\n]+\.$/)
    return true
  }

async function submitAll(engine: Engine, texts: readonly string[]): Promise<void> {
  for (const text of texts) assert.equal((await engine.submit(encodeUtf8(text))).code, 0)
}

describe('embedded engine', () => {
  test('makes a chain that verifies from its genesis, with every transaction in it once', async () => {
    const { engine } = await startTestChain(memoryDatabase(newDisk()))
    const texts = Array.from({ length: 100 }, (_, i) => `key ${i}=value ${i}`)
    await submitAll(engine, texts)
    await reached(engine, 8n)
    await engine.stop()
    const blocks = fullBlocks(engine)
    await verifyChain('test-chain', blocks, crypto)
    const found = blocks.flatMap(({ block }) => block.txs.map(transaction => new TextDecoder().decode(transaction)))
    assert.deepEqual(found, texts)
    const place = engine.chain.transaction(crypto.sha256(encodeUtf8('key 50=value 50')))!
    assert.deepEqual(engine.chain.block(place.height)!.block.txs[place.index], encodeUtf8('key 50=value 50'))
  })

  test('a block of several parts is made and verifies', async () => {
    const { engine } = await startTestChain(memoryDatabase(newDisk()), { blockIntervalMs: 50 })
    await reached(engine, 1n)
    await submitAll(
      engine,
      Array.from({ length: 10 }, (_, i) => `big ${i}=${'x'.repeat(30_000)}`),
    )
    await reached(engine, engine.newest().height + 2n)
    await engine.stop()
    const blocks = fullBlocks(engine)
    await verifyChain('test-chain', blocks, crypto)
    assert.ok(Math.max(...blocks.map(({ blockId }) => blockId.partSetHeader.total)) >= 4)
  })

  test('the block after a change of the state comes at once, and its header proves the change', async () => {
    const { engine, application } = await startTestChain(memoryDatabase(newDisk()), { heartbeatMs: 600_000 })
    await reached(engine, 1n)
    await submitAll(engine, ['a=1'])
    await reached(engine, 3n)
    const answer = application.query({ path: '/store/state/key', key: encodeUtf8('a'), height: 0n, prove: true })
    assert.deepEqual(answer.value, encodeUtf8('1'))
    await new Promise(resolve => setTimeout(resolve, 100))
    assert.equal(engine.newest().height, 3n)
    await engine.stop()
  })

  test('a restart goes on with the same chain', async () => {
    const disk = newDisk()
    const genesis = testGenesis()
    for (let run = 1; run <= 4; run++) {
      const { engine } = await startTestChain(memoryDatabase(disk), { genesis })
      const from = engine.newest().height
      await submitAll(engine, [`run ${run}=yes`])
      await reached(engine, from + 3n)
      await engine.stop()
      assert.ok(fullBlocks(engine).length >= run * 3)
      await verifyChain('test-chain', fullBlocks(engine), crypto)
    }
  })

  test('what is refused is not in a block, and says why', async () => {
    const { engine } = await startTestChain(memoryDatabase(newDisk()))
    const refusals = ['refused=1', 'unsound=1', '=', 'x'.repeat(40_000)]
    for (const text of refusals) {
      const { code, log } = await engine.submit(encodeUtf8(text))
      assert.notEqual(code, 0)
      assert.notEqual(log, '')
    }
    await reached(engine, 2n)
    await engine.stop()
    assert.ok(fullBlocks(engine).every(({ block }) => block.txs.length === 0))
    assert.equal(engine.status().rejectedTransactions, refusals.length)
  })

  test('the same transaction offered ten times at once is taken once', async () => {
    const { engine } = await startTestChain(memoryDatabase(newDisk()))
    const answers = await Promise.all(Array.from({ length: 10 }, () => engine.submit(encodeUtf8('once:a=1'))))
    assert.deepEqual(
      answers.map(({ code }) => code),
      new Array(10).fill(0),
    )
    await reached(engine, engine.newest().height + 3n)
    await engine.stop()
    assert.equal(fullBlocks(engine).flatMap(({ block }) => block.txs).length, 1)
  })

  test('under load nothing that was taken is lost between the pool and the blocks', async () => {
    const { engine } = await startTestChain(memoryDatabase(newDisk()), { blockIntervalMs: 1 })
    const texts = Array.from({ length: 400 }, (_, i) => `once:${i}=${i}`)
    for (const text of texts) {
      assert.equal((await engine.submit(encodeUtf8(text))).code, 0)
      if (text.endsWith('7')) await new Promise(resolve => setImmediate(resolve))
    }
    while (engine.status().poolTransactions > 0) await reached(engine, engine.newest().height + 1n)
    await engine.stop()
    const found = fullBlocks(engine).flatMap(({ block }) => block.txs.map(tx => new TextDecoder().decode(tx)))
    assert.deepEqual(found.toSorted(), texts.toSorted())
  })
})

describe('embedded engine, what is durable', () => {
  test('nobody hears of a block before it is synced', async () => {
    const events: string[] = []
    const database = await openDatabase(await temporaryFolder(), { onSync: () => events.push('sync') })
    const { engine } = await startTestChain(database)
    engine.subscribe(({ block }) => events.push(`block ${block.header.height}`))
    await submitAll(engine, ['a=1', 'b=2'])
    await reached(engine, 5n)
    await engine.stop()
    const first = events.indexOf('block 1')
    assert.deepEqual(
      events.slice(first - 1, first + 7),
      [1, 2, 3, 4].flatMap(height => ['sync', `block ${height}`]),
    )
    await database.close()
  })

  test('block, commit, state and sign state are one batch', async () => {
    const batches: string[][] = []
    const disk = newDisk()
    const below = memoryDatabase(disk)
    const database: Database = {
      ...below,
      write: writes => {
        batches.push(writes.map(({ key }) => formatHex(key.subarray(0, 1))))
        return below.write(writes)
      },
    }
    const { engine } = await startTestChain(database)
    await reached(engine, 2n)
    await engine.stop()
    for (const batch of batches.slice(2)) {
      for (const space of ['01', '02', '03', '04', '05', '07', '12', '20']) assert.ok(batch.includes(space), space)
    }
    assert.equal(batches.length, 2 + Number(engine.newest().height))
  })

  test('after a fault at any write the chain goes on and verifies, and every block that was told stands', async () => {
    const genesis = testGenesis()
    let toldCount = 0
    for (let atWrite = 1; atWrite <= 8; atWrite++) {
      for (const leaves of ['old', 'new'] as const) {
        const disk: Disk = newDisk()
        const told: DecidedBlock[] = []
        const failure = new Promise<unknown>((resolve, reject) => {
          startTestChain(memoryDatabase(disk, { fault: { atWrite, leaves } }), { genesis, onFailure: resolve }).then(
            async ({ engine }) => {
              engine.subscribe(decided => told.push(decided))
              await submitAll(engine, ['a=1'])
            },
            resolve,
          )
          setTimeout(() => reject(new Error('the fault did not come')), 5_000).unref()
        })
        hasCode('disk-full')(await failure)
        const { engine } = await startTestChain(memoryDatabase(disk), { genesis })
        await reached(engine, engine.newest().height + 2n)
        await engine.stop()
        await verifyChain('test-chain', fullBlocks(engine), crypto)
        for (const { block, blockId } of told) {
          assert.deepEqual(engine.chain.block(block.header.height)?.blockId, blockId)
        }
        toldCount += told.length
      }
    }
    assert.equal(toldCount, 2 * (0 + 0 + 0 + 1 + 2 + 3 + 4 + 5))
  })

  test('a store that lost its newest blocks, or an old backup, is refused', async () => {
    const signStateFile = join(await temporaryFolder(), 'priv_validator_state.json')
    const genesis = testGenesis()
    const disk = newDisk()
    const first = await startTestChain(memoryDatabase(disk), { genesis, signStateFile })
    await reached(first.engine, 3n)
    await first.engine.stop()
    const backup: Disk = new Map(disk)
    const second = await startTestChain(memoryDatabase(disk), { genesis, signStateFile })
    await reached(second.engine, second.engine.newest().height + 2n)
    await second.engine.stop()
    const state = JSON.parse(await readFile(signStateFile, 'utf8'))
    assert.deepEqual(Object.keys(state), ['height', 'round', 'step', 'signature', 'signbytes'])
    assert.equal(state.height, String(second.engine.newest().height))
    await assert.rejects(startTestChain(memoryDatabase(backup), { genesis, signStateFile }), hasCode('blocks-lost'))
    await writeFile(signStateFile, 'nonsense')
    await assert.rejects(startTestChain(memoryDatabase(disk), { genesis, signStateFile }), hasCode('file-malformed'))
  })

  test('a log on the disk that was cut or damaged behind LevelDB’s back is noticed', async () => {
    const genesis = testGenesis()
    const damages: Record<string, (bytes: Uint8Array) => Uint8Array> = {
      cut: bytes => bytes.subarray(0, Math.floor(bytes.length * 0.7)),
      'damaged in the middle': bytes => bytes.map((byte, i) => (i === Math.floor(bytes.length / 2) ? byte ^ 1 : byte)),
    }
    for (const [name, damage] of Object.entries(damages)) {
      const folder = await temporaryFolder()
      const signStateFile = join(folder, 'priv_validator_state.json')
      const first = await openDatabase(join(folder, 'data'))
      const { engine } = await startTestChain(first, { genesis, signStateFile })
      await reached(engine, 12n)
      await engine.stop()
      await first.close()
      const log = (await readdir(join(folder, 'data'))).find(file => file.endsWith('.log'))!
      const path = join(folder, 'data', log)
      await writeFile(path, damage(await readFile(path)))
      const second = await openDatabase(join(folder, 'data'))
      await assert.rejects(startTestChain(second, { genesis, signStateFile }), hasCode('blocks-lost'), name)
      await second.close()
    }
  })

  test('an application that lost blocks is brought up to the store, one ahead of it is refused', async () => {
    const genesis = testGenesis()
    const engineDisk = newDisk()
    const applicationDisk = newDisk()
    // Two stores, as with an application of another process: each keeps what is its own.
    const apart = async (application: Disk, chain: Disk): Promise<Engine> => {
      const { engine } = await startTestChain(memoryDatabase(application), {
        genesis,
        database: memoryDatabase(chain),
        wrap: ledger => ({
          ...ledger,
          commit: async writes => {
            await memoryDatabase(chain).write(writes)
            await ledger.commit([])
          },
        }),
      })
      return engine
    }
    const first = await apart(applicationDisk, engineDisk)
    const old: Disk = new Map(applicationDisk)
    const oldChain: Disk = new Map(engineDisk)
    await submitAll(first, ['a=1', 'b=2'])
    await reached(first, 4n)
    await first.stop()
    const second = await apart(old, engineDisk)
    await reached(second, first.newest().height + 1n)
    await second.stop()
    await verifyChain('test-chain', fullBlocks(second), crypto)
    await assert.rejects(apart(applicationDisk, oldChain), hasCode('home-corrupt'))
  })

  test('a damaged block is said to be damage', async () => {
    const genesis = testGenesis()
    const disk = newDisk()
    const { engine } = await startTestChain(memoryDatabase(disk), { genesis })
    await reached(engine, 3n)
    await engine.stop()
    let refused = 0
    for (const [name, entry] of disk) {
      if (![1, 2, 3].includes(entry.key[0]!)) continue
      const last = entry.key.length === 9 && entry.key[8] === Number(engine.newest().height)
      if (!last) continue
      disk.set(name, { key: entry.key, value: entry.value.subarray(0, entry.value.length - 1) })
      await assert.rejects(startTestChain(memoryDatabase(disk), { genesis }), hasCode('home-corrupt'))
      disk.set(name, entry)
      refused += 1
    }
    assert.equal(refused, 3)
  })
})

describe('embedded engine, time', () => {
  test('a chain that rested does not date its next block by the old vote', async () => {
    const clock = testClock()
    const genesis = testGenesis({ timeMs: clock.ms })
    const disk = newDisk()
    const first = await startTestChain(memoryDatabase(disk), { genesis, now: clock.now })
    await reached(first.engine, 2n)
    await first.engine.stop()
    const { height } = first.engine.newest()
    clock.ms += 4 * 86_400_000
    const second = await startTestChain(memoryDatabase(disk), { genesis, now: clock.now })
    await reached(second.engine, height + 2n)
    await second.engine.stop()
    const time = second.engine.chain.block(height + 1n)!.block.header.time
    assert.equal(timeToMilliseconds(time), clock.ms)
    await verifyChain('test-chain', fullBlocks(second.engine), crypto)
  })

  test('a clock that steps back a little slows nothing down, and time still goes forward', async () => {
    const clock = testClock()
    const genesis = testGenesis({ timeMs: clock.ms })
    const { engine } = await startTestChain(memoryDatabase(newDisk()), { genesis, now: clock.now })
    await reached(engine, 2n)
    clock.ms -= 30_000
    await reached(engine, engine.newest().height + 3n)
    await engine.stop()
    await verifyChain('test-chain', fullBlocks(engine), crypto)
  })

  test('a clock that steps back far stops the blocks and says so, until it is set right', async () => {
    const clock = testClock()
    const genesis = testGenesis({ timeMs: clock.ms })
    const { engine } = await startTestChain(memoryDatabase(newDisk()), { genesis, now: clock.now })
    await reached(engine, 2n)
    clock.ms -= 3_600_000
    await new Promise(resolve => setTimeout(resolve, 100))
    const stalledAt = engine.newest().height
    assert.match(engine.status().stalled ?? '', /clock is \d+ seconds behind/)
    clock.ms += 3_600_000
    await reached(engine, stalledAt + 1n)
    assert.equal(engine.status().stalled, undefined)
    await engine.stop()
  })

  test('the first block has the genesis time, however long ago that was', async () => {
    const clock = testClock()
    const genesis = testGenesis({ timeMs: clock.ms - 30 * 86_400_000 })
    const { engine } = await startTestChain(memoryDatabase(newDisk()), { genesis, now: clock.now })
    await reached(engine, 2n)
    await engine.stop()
    assert.equal(compareTime(engine.chain.block(1n)!.block.header.time, genesis.time), 0)
    assert.ok(compareTime(engine.chain.block(2n)!.block.header.time, addSeconds(genesis.time, 86_400)) > 0)
  })
})

describe('embedded engine, who may sign', () => {
  const members = ['one', 'two', 'three', 'four'].map(name => ({ name, power: 5n }))

  test('a test chain has several validators, some absent, and changes its set', async () => {
    const signers = ['one', 'two', 'three', 'five'].map(testKey)
    const wrap = changingValidators(height => {
      if (height === 2n) return [{ publicKey: testKey('five').publicKey.bytes, power: 7n }]
      if (height === 4n) return [{ publicKey: testKey('one').publicKey.bytes, power: 0n }]
      return []
    })
    const genesis = testGenesis({ members })
    const { engine } = await startTestChain(memoryDatabase(newDisk()), { genesis, signers, wrap })
    await reached(engine, 8n)
    await engine.stop()
    await verifyChain('test-chain', fullBlocks(engine), crypto)
    const sizes = [1n, 3n, 4n, 5n, 6n, 7n].map(height => engine.chain.validators(height)!.validators.length)
    assert.deepEqual(sizes, [4, 4, 5, 5, 4, 4])
  })

  test('several signers in one process are refused on any other chain', async () => {
    const genesis = testGenesis({ chainId: 'land-register', members })
    const signers = members.map(({ name }) => testKey(name))
    await assert.rejects(startTestChain(memoryDatabase(newDisk()), { genesis, signers }), hasCode('signer-refused'))
  })

  test('a key without a majority is refused', async () => {
    const genesis = testGenesis({ members })
    const database = memoryDatabase(newDisk())
    await assert.rejects(startTestChain(database, { genesis }), hasCode('signer-refused'))
  })

  test('a sealed home is refused', async () => {
    const sealFile = join(await temporaryFolder(), 'takeover-seal.json')
    const genesis = testGenesis()
    const disk = newDisk()
    const { engine } = await startTestChain(memoryDatabase(disk), { genesis, sealFile })
    await reached(engine, 1n)
    await engine.stop()
    await writeFile(sealFile, '{}')
    await assert.rejects(startTestChain(memoryDatabase(disk), { genesis, sealFile }), hasCode('home-sealed'))
  })

  test('a home of another chain is refused', async () => {
    const disk = newDisk()
    const { engine } = await startTestChain(memoryDatabase(disk))
    await engine.stop()
    const genesis = testGenesis({ chainId: 'test-other' })
    await assert.rejects(startTestChain(memoryDatabase(disk), { genesis }), hasCode('home-other-chain'))
  })
})
