// Whoever works a chain out anew finds what its signers did beside the rules: every header here is signed as it should be.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeUtf8, genesisFileHash, isObject, loadCrypto, type TrustRoot, timeFromMilliseconds } from '@muniment/sdk'
import { reached, startTestChain, testGenesis, testKey } from '../../../test/test-chain.ts'
import { nodeHasher, sha256 } from '../hasher.ts'
import type { Application } from '../ledger/application.ts'
import { createKernel } from '../ledger/apply.ts'
import type { Kernel } from '../ledger/kernel.ts'
import type { LedgerApplication } from '../ledger/ledger-application.ts'
import { caseCountry } from '../ledger/test-cases.ts'
import { createLocalProvider } from '../local-provider.ts'
import { startRpc } from '../rpc/server.ts'

import { memoryDatabase, newDisk } from '../storage/memory.ts'
import { type Replay, replayChain } from './replay.ts'

const crypto = await loadCrypto()
const closing: (() => Promise<void>)[] = [async () => crypto.close()]
const folder = mkdtempSync(join(tmpdir(), 'muniment-replay-test-'))
after(async () => {
  for (const close of closing.reverse()) await close()
  rmSync(folder, { recursive: true })
})

const honest = createKernel(nodeHasher)

type Chain = { readonly node: string; readonly root: TrustRoot }

/** A chain of our ledger whose engine keeps other rules from some height on. */
async function startChain(
  blocks: bigint,
  lies: {
    readonly timeMs?: number
    readonly kernel?: Kernel
    readonly wrap?: (application: Application) => Application
  } = {},
): Promise<Chain> {
  const database = memoryDatabase(newDisk())
  const { timeMs = Date.now(), ...engineOptions } = lies
  const appState = caseCountry(nodeHasher, [['x-desk', 'clerk', ['a clerk']]], [])
  const genesis = testGenesis({ timeMs, appState })
  const { engine, application } = await startTestChain(database, { kernel: honest, ...engineOptions, genesis })
  await reached(engine, blocks)
  await engine.stop()
  const provider = createLocalProvider({
    engine,
    application: application as LedgerApplication,
    witnessedHead: () => undefined,
  })
  const rpc = await startRpc({ engine, application, provider, host: '127.0.0.1', port: 0, corsOrigins: [] })
  closing.push(rpc.close)
  const root: TrustRoot = {
    ...{ chainId: genesis.chainId, genesisHash: genesisFileHash(genesis.json, nodeHasher) },
    ...{ checkpointKeys: { k: 1, keys: [sha256()] }, witnesses: { k: 0, keys: [] } },
    ...{ trustLevel: { numerator: 2n, denominator: 3n }, trustingPeriodSeconds: 86_400 },
  }
  return { node: rpc.url, root }
}

function replay(chain: Chain, more: Partial<Parameters<typeof replayChain>[0]> = {}): Promise<Replay> {
  return replayChain({ ...chain, crypto, now: () => timeFromMilliseconds(Date.now()), ...more })
}

async function contradictionOf(chain: Chain): Promise<string> {
  const outcome = await replay(chain)
  assert.equal(outcome.kind, 'contradicts')
  if (outcome.kind !== 'contradicts') return ''
  assert.ok(isObject(outcome.evidence))
  return `${String(outcome.evidence.kind)}: ${outcome.sentence}`
}

const atHeight7: Kernel['tick'] = (view, block) => [
  ...honest.tick(view, block),
  ...(block.height === 7n ? [{ key: sha256(encodeUtf8('a title')), value: encodeUtf8('another owner') }] : []),
]

test('an honest chain follows from its genesis file by the rules, and it says how much was worked out', async () => {
  const progress: bigint[] = []
  const outcome = await replay(await startChain(12n), { onProgress: height => progress.push(height) })
  assert.equal(outcome.kind, 'follows')
  if (outcome.kind !== 'follows') return
  const { height } = outcome.head.header
  assert.equal(outcome.blocks, height - 1n)
  assert.deepEqual(
    progress,
    Array.from({ length: Number(height) - 1 }, (_, i) => BigInt(i + 1)),
  )
})

test('a signed block that changes an entry without any transaction is found, and named', async () => {
  const chain = await startChain(12n, { kernel: { ...honest, tick: atHeight7 } })
  assert.equal(
    await contradictionOf(chain),
    'rules: Block 8 is signed, and its state does not follow from block 7 by the rules.',
  )
})

test('so is a first block that begins with more than the genesis file says', async () => {
  const more = { key: sha256(encodeUtf8('an office')), value: encodeUtf8('a friend') }
  const genesis: Kernel['genesis'] = (appState, block) => [...honest.genesis(appState, block), more]
  const chain = await startChain(3n, { kernel: { ...honest, genesis } })
  assert.match(await contradictionOf(chain), /^beginning: Block 1 begins with another state than the genesis file says/)
})

test('so are validators that come from nowhere', async () => {
  const wrap = (application: Application): Application => ({
    ...application,
    finalizeBlock: async request => ({
      ...(await application.finalizeBlock(request)),
      validatorUpdates: request.height === 4n ? [{ publicKey: testKey('two').publicKey.bytes, power: 1n }] : [],
    }),
  })
  const sentence = await contradictionOf(await startChain(9n, { wrap }))
  assert.match(sentence, /^rules: Block 5 is signed, and its validators do not follow from block 4/)
})

test('a folder that keeps the state goes on from there; one of another chain is refused', async () => {
  const work = join(folder, 'work')
  const chain = await startChain(8n)
  const stop = new AbortController()
  const onProgress = (height: bigint): void => {
    if (height === 3n) stop.abort(new Error('enough'))
  }
  await assert.rejects(replay(chain, { folder: work, onProgress, signal: stop.signal }), /enough/)
  const rest = await replay(chain, { folder: work })
  assert.equal(rest.kind === 'follows' && rest.blocks, rest.kind === 'follows' && rest.head.header.height - 4n)
  const again = await replay(chain, { folder: work })
  assert.equal(again.kind === 'follows' && again.blocks, 0n)
  await assert.rejects(replay(await startChain(3n), { folder: work }), { code: 'home-other-chain' })
})

test('what a folder has from a chain that went another way is a contradiction, also where nothing new is worked out', async () => {
  const work = join(folder, 'forked')
  const timeMs = Date.now()
  const chain = await startChain(9n, { timeMs })
  const liar = await startChain(40n, { timeMs, kernel: { ...honest, tick: atHeight7 } })
  const before = await replay(chain, { folder: work })
  assert.equal(before.kind, 'follows')
  const next = before.kind === 'follows' ? before.head.header.height : 0n
  const outcome = await replay(liar, { folder: work })
  const sentence = `Block ${next} begins with another state than the blocks before it gave.`
  assert.equal(outcome.kind === 'contradicts' && outcome.sentence, sentence)
  const shorter = await startChain(2n, { timeMs })
  await assert.rejects(replay(shorter, { folder: work }), /The folder has come further/)
})

test('without a folder nothing is left behind', async () => {
  const before = readdirSync(tmpdir()).filter(name => name.startsWith('muniment-replay-'))
  await replay(await startChain(3n))
  const after = readdirSync(tmpdir()).filter(name => name.startsWith('muniment-replay-'))
  assert.deepEqual(after, before)
})
