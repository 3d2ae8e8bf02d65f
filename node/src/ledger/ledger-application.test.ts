import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  addSeconds,
  encodeUtf8,
  existenceRoot,
  loadCrypto,
  merkleLeafHash,
  parseTime,
  timeToMilliseconds,
  verifyConsistency,
  verifyInclusion,
} from '@muniment/sdk'
import { keyValueKernel } from '../../../test/key-value-kernel.ts'
import { sha256 } from '../hasher.ts'
import type { HomeError } from '../home-error.ts'
import type { Write } from '../storage/database.ts'
import { type Disk, memoryDatabase, newDisk } from '../storage/memory.ts'
import type { FinalizeAnswer, InitChainRequest } from './application.ts'
import type { Kernel } from './kernel.ts'
import { createLedgerApplication, type LedgerApplication } from './ledger-application.ts'

const crypto = await loadCrypto()
const genesisTime = parseTime('2026-11-01T00:00:00Z')

const genesis: InitChainRequest = {
  chainId: 'test-ledger',
  time: genesisTime,
  initialHeight: 1n,
  blockBytesMax: 1_000_000n,
  blockGasMax: -1n,
  validators: [{ publicKey: sha256(Uint8Array.of(1)), power: 10n }],
  appState: encodeUtf8('{"a": "1"}'),
}

async function started(disk: Disk = newDisk(), kernel: Kernel = keyValueKernel): Promise<LedgerApplication> {
  const now = () => timeToMilliseconds(genesisTime)
  const application = await createLedgerApplication(memoryDatabase(disk), kernel, { crypto, now })
  await application.initChain(genesis)
  return application
}

const txs = (...texts: readonly string[]): Uint8Array[] => texts.map(encodeUtf8)

const proposerAddress = new Uint8Array(20)

async function block(
  application: LedgerApplication,
  transactions: readonly Uint8Array[],
  engineWrites: readonly Write[] = [],
): Promise<FinalizeAnswer> {
  const height = application.info().height + 1n
  const time = addSeconds(genesisTime, height)
  const answer = await application.finalizeBlock({
    misbehavior: [],
    proposerAddress,
    hash: sha256(Uint8Array.of(Number(height))),
    height,
    time,
    transactions,
  })
  await application.commit(engineWrites)
  return answer
}

function provenValue(application: LedgerApplication, key: string): string {
  const answer = application.query({ path: '/store/state/key', key: encodeUtf8(key), height: 0n, prove: true })
  assert.equal(answer.code, 0)
  return new TextDecoder().decode(answer.value)
}

describe('ledger application', () => {
  test('the genesis state is there at once, and initialising again changes nothing', async () => {
    const disk = newDisk()
    const application = await started(disk)
    const first = application.info()
    const again = await started(disk)
    assert.deepEqual(again.info(), first)
    assert.equal(first.height, 0n)
    assert.equal(first.appHash.length, 32)
  })

  test('a home with another genesis is refused', async () => {
    const disk = newDisk()
    await started(disk)
    const other = await createLedgerApplication(memoryDatabase(disk), keyValueKernel, { crypto })
    const refusal = (error: HomeError): boolean => error.code === 'home-other-chain'
    await assert.rejects(other.initChain({ ...genesis, appState: encodeUtf8('{"a": "2"}') }), refusal)
    await assert.rejects(other.initChain({ ...genesis, chainId: 'test-other' }), refusal)
    await other.initChain({ ...genesis, appState: encodeUtf8('{\n  "a": "1"\n}') })
  })

  test('what a block writes is provable once the next block commits to it', async () => {
    const application = await started()
    await block(application, txs('b=2'))
    assert.equal(provenValue(application, 'b'), '')
    await block(application, [])
    assert.equal(provenValue(application, 'b'), '2')
    assert.equal(provenValue(application, 'a'), '1')
    const ahead = application.query({ path: '/store/state/key', key: encodeUtf8('b'), height: 2n, prove: true })
    assert.equal(ahead.code, 2)
    assert.equal(application.query({ path: '/elsewhere', key: encodeUtf8('b'), height: 1n, prove: true }).code, 1)
  })

  test('an empty block changes the app hash, through the history, but not the state', async () => {
    const application = await started()
    const before = application.info().appHash
    const answer = await block(application, [])
    assert.equal(answer.stateChanged, false)
    assert.notDeepEqual(answer.appHash, before)
    assert.equal((await block(application, txs('c=3'))).stateChanged, true)
    assert.equal((await block(application, txs('c=3'))).stateChanged, false)
  })

  test('the app hash depends on the blocks alone, not on restarts or on what the pool was asked', async () => {
    const plan = [txs('a=2', 'b=3'), [], txs('b=', 'refused=1', 'unsound'), txs('c=4')]
    const straight = await started()
    const disk = newDisk()
    for (const transactions of plan) {
      const restarted = await started(disk)
      await restarted.checkTx(encodeUtf8('pool=1'))
      const expected = await block(straight, transactions)
      assert.deepEqual(await block(restarted, transactions), expected)
    }
  })

  test('checkTx sees what is in the pool before, and forgets it with the next block', async () => {
    const application = await started()
    assert.equal((await application.checkTx(encodeUtf8('once:x=1'))).code, 0)
    assert.equal((await application.checkTx(encodeUtf8('once:x=1'))).code, 0)
    assert.notEqual((await application.checkTx(encodeUtf8('once:x=2'))).code, 0)
    await block(application, [])
    assert.equal((await application.checkTx(encodeUtf8('once:x=2'))).code, 0)
    assert.notEqual((await application.checkTx(encodeUtf8('unsound'))).code, 0)
    assert.notEqual((await application.checkTx(new Uint8Array(100_000))).code, 0)
  })

  /** A block that an engine expects, whose transactions the pool has checked, and what the kernel was asked for it. */
  async function expected(
    change: { readonly seconds?: bigint; readonly offered?: readonly Uint8Array[]; readonly late?: Uint8Array } = {},
  ): Promise<{ readonly applied: number; readonly appHash: Uint8Array }> {
    let applied = 0
    const counting: Kernel = {
      ...keyValueKernel,
      // What a block writes depends on its time, as in the ledger.
      apply: (view, transaction, context) => {
        applied += 1
        const { result, writes } = keyValueKernel.apply(view, transaction, context)
        const stamp = { key: encodeUtf8('time'), value: encodeUtf8(String(context.time.seconds)) }
        return { result, writes: result.code === 0 ? [...writes, stamp] : writes }
      },
    }
    const application = await started(newDisk(), counting)
    const pooled = txs('a=2', 'once:x=1', 'once:x=2', 'b=3')
    application.expect({ height: 1n, time: addSeconds(genesisTime, 1n), proposerAddress })
    for (const transaction of pooled) await application.checkTx(transaction)
    const held = pooled.filter((_, i) => i !== 2)
    const request = { height: 1n, time: addSeconds(genesisTime, change.seconds ?? 1n), proposerAddress }
    const offered = change.offered ?? held
    const transactions = await application.prepareProposal({ ...request, bytesMax: 1_000, transactions: offered })
    assert.equal(await application.processProposal({ ...request, bytesMax: 1_000, transactions }), true)
    if (change.late) await application.checkTx(change.late)
    const answer = await application.finalizeBlock({ ...request, misbehavior: [], hash: sha256(), transactions })
    await application.commit([])
    // The same block, by a ledger that never saw the pool.
    const other = await started(newDisk(), counting)
    const alone = await other.finalizeBlock({ ...request, misbehavior: [], hash: sha256(), transactions })
    assert.deepEqual(answer, alone)
    return { applied: applied - transactions.length, appHash: answer.appHash }
  }

  test('what the pool worked out for the block that is coming is not worked out again', async () => {
    assert.equal((await expected()).applied, 4)
  })

  test('it is, where the block is dated otherwise, or holds other transactions', async () => {
    const later = await expected({ seconds: 2n })
    assert.equal(later.applied, 4 + 3)
    assert.equal((await expected({ offered: txs('b=3') })).applied, 4 + 1)
  })

  test('what comes in while the block is made does not get into it', async () => {
    const late = await expected({ late: encodeUtf8('c=4') })
    assert.deepEqual(late.appHash, (await expected()).appHash)
  })

  test('a proposal leaves out what fails and what does not fit, and is then accepted as it is', async () => {
    const application = await started()
    const request = { height: 1n, time: genesisTime, bytesMax: 24, proposerAddress }
    const offered = txs('once:x=1', 'once:x=2', 'unsound', 'refused=1', 'b=2', 'too long for this block')
    const prepared = await application.prepareProposal({ ...request, transactions: offered })
    assert.deepEqual(prepared, txs('once:x=1', 'b=2'))
    assert.equal(await application.processProposal({ ...request, transactions: prepared }), true)
    assert.equal(await application.processProposal({ ...request, transactions: offered }), false)
    assert.equal(await application.processProposal({ ...request, transactions: txs('once:x=1', 'once:x=2') }), false)
  })

  test('a proposal more than a minute away from this clock is refused', async () => {
    const application = await started()
    await block(application, [])
    const at = (seconds: number): Promise<boolean> =>
      application.processProposal({
        height: 2n,
        time: addSeconds(genesisTime, seconds),
        transactions: [],
        bytesMax: 100,
        proposerAddress,
      })
    assert.deepEqual(await Promise.all([at(-61), at(-60), at(60), at(61)]), [false, true, true, false])
  })

  test('the state of a block and the engine’s own writes are durable together, or not at all', async () => {
    const engineWrite = { key: Uint8Array.of(0, 99), value: Uint8Array.of(1) }
    for (const leaves of ['old', 'new'] as const) {
      const disk = newDisk()
      const database = memoryDatabase(disk, { fault: { atWrite: 2, leaves } })
      const application = await createLedgerApplication(database, keyValueKernel, { crypto })
      await application.initChain(genesis)
      await assert.rejects(
        block(application, txs('b=2'), [engineWrite]),
        (error: HomeError) => error.code === 'disk-full',
      )
      const after = memoryDatabase(disk)
      const restarted = await createLedgerApplication(after, keyValueKernel, { crypto })
      const kept = leaves === 'new'
      assert.equal(restarted.info().height, kept ? 1n : 0n)
      assert.equal(after.get(engineWrite.key) !== undefined, kept)
    }
  })

  test('many keys are proved at one height, with the store they are in', async () => {
    const application = await started()
    await block(application, txs('b=2'))
    await block(application, [])
    const answer = application.state(['a', 'b', 'absent'].map(encodeUtf8), 1n)
    assert.equal(answer?.height, 1n)
    assert.equal(answer?.stores.length, 1)
    assert.deepEqual(
      answer?.proofs.map(proof => proof.exist !== undefined),
      [true, true, false],
    )
    assert.equal(application.state([encodeUtf8('a')], 9n), undefined)
  })

  test('the history under each header has the hash of each block before it, and begins with each earlier one', async () => {
    const application = await started()
    const appHashes = [application.info().appHash]
    for (let height = 1; height <= 8; height++) appHashes.push((await block(application, txs(`a=${height}`))).appHash)
    const roots = new Map<bigint, Uint8Array>()
    // Also under the ninth header, which is not made yet.
    for (let height = 1n; height <= 9n; height++) {
      const { store } = application.history({ height })!
      assert.deepEqual(existenceRoot(store, crypto), appHashes[Number(height) - 1], `the header at ${height}`)
      roots.set(height, store.value)
      for (let leaf = 1n; leaf < height; leaf++) {
        const { inclusion: proof } = application.history({ height, leaf })!
        const leafHash = merkleLeafHash(sha256(Uint8Array.of(Number(leaf))), crypto)
        const inclusion = { leafHash, index: leaf, size: height, proof, root: store.value }
        assert.equal(verifyInclusion(inclusion, crypto).kind, 'verified')
      }
      for (let oldSize = 1n; oldSize <= height; oldSize++) {
        const { consistency: proof } = application.history({ height, oldSize })!
        const consistency = { oldSize, oldRoot: roots.get(oldSize)!, size: height, root: store.value, proof }
        assert.equal(verifyConsistency(consistency, crypto).kind, 'verified')
      }
    }
  })

  test('no history is answered of a header, a leaf or an older log that is not there', async () => {
    const application = await started()
    assert.equal(application.history({ height: 2n }), undefined)
    await block(application, [])
    await block(application, [])
    assert.ok(application.history({ height: 2n, leaf: 1n, oldSize: 2n }))
    for (const query of [{ leaf: -1n }, { leaf: 2n }, { oldSize: 0n }, { oldSize: 3n }, { height: 0n }, { height: 4n }])
      assert.equal(application.history({ height: 2n, ...query }), undefined, JSON.stringify(Object.keys(query)))
  })
})
