// A small chain of ours for tests: the key-value kernel under the embedded engine, in memory or on a disk.

import { type Engine, type EngineOptions, startEngine } from '../node/src/engine/engine.ts'
import { formatGenesis, type Genesis, parseGenesis } from '../node/src/engine/genesis.ts'
import { type ValidatorKey, validatorKeyOf } from '../node/src/engine/validator-key.ts'
import { sha256 } from '../node/src/hasher.ts'
import type { Application, ValidatorUpdate } from '../node/src/ledger/application.ts'
import type { Kernel } from '../node/src/ledger/kernel.ts'
import { createLedgerApplication } from '../node/src/ledger/ledger-application.ts'
import type { Database } from '../node/src/storage/database.ts'
import { encodeUtf8 } from '../sdk/src/bytes.ts'
import { loadCrypto } from '../sdk/src/crypto/load.ts'
import type { JsonObject } from '../sdk/src/json.ts'
import { timeFromMilliseconds } from '../sdk/src/time.ts'
import { keyValueKernel } from './key-value-kernel.ts'
import type { FullBlock } from './verify-chain.ts'

/** The same name always has the same key. */
export function testKey(name: string): ValidatorKey {
  return validatorKeyOf(sha256(encodeUtf8(`validator key of ${name}`)))
}

export function testGenesis(
  plan: {
    readonly chainId?: string
    readonly members?: readonly { readonly name: string; readonly power: bigint }[]
    readonly timeMs?: number
    readonly blockBytesMax?: number
    readonly appState?: JsonObject
  } = {},
): Genesis {
  const members = plan.members ?? [{ name: 'one', power: 10n }]
  const text = formatGenesis({
    chainId: plan.chainId ?? 'test-chain',
    time: timeFromMilliseconds(plan.timeMs ?? Date.now()),
    appVersion: 1n,
    ...(plan.blockBytesMax === undefined ? {} : { blockBytesMax: plan.blockBytesMax }),
    validators: members.map(({ name, power }) => ({ name, power, publicKey: testKey(name).publicKey.bytes })),
    appState: plan.appState ?? { first: 'value' },
  })
  return parseGenesis(encodeUtf8(text))
}

export type TestChain = { readonly engine: Engine; readonly application: Application }

export async function startTestChain(
  database: Database,
  options: Partial<EngineOptions> & {
    readonly kernel?: Kernel
    readonly wrap?: (application: Application) => Application
  } = {},
): Promise<TestChain> {
  const { kernel = keyValueKernel, wrap = application => application, ...engineOptions } = options
  const now = options.now === undefined ? {} : { now: options.now }
  const crypto = await loadCrypto()
  const ledger = await createLedgerApplication(database, kernel, { crypto, ...now })
  const application = wrap(ledger)
  const engine = await startEngine({
    database,
    application,
    genesis: testGenesis(),
    crypto,
    signers: [testKey('one')],
    blockIntervalMs: 5,
    heartbeatMs: 20,
    ...engineOptions,
  })
  return { engine, application }
}

/** An application that also changes the validators: the set of height h + 2 is what the block h asks for. */
export function changingValidators(
  updatesAt: (height: bigint) => readonly ValidatorUpdate[],
): (application: Application) => Application {
  return application => ({
    ...application,
    finalizeBlock: async request => ({
      ...(await application.finalizeBlock(request)),
      validatorUpdates: updatesAt(request.height),
    }),
  })
}

/** Resolves when the block of a height, or any later one, is durable. */
export function reached(engine: Engine, height: bigint): Promise<void> {
  return new Promise(resolve => {
    const end = engine.subscribe(() => check())
    function check(): void {
      if (engine.newest().height < height) return
      end()
      resolve()
    }
    check()
  })
}

/** All blocks, as test/verify-chain.ts wants them. */
export function fullBlocks(engine: Engine): FullBlock[] {
  const blocks: FullBlock[] = []
  for (let height = 1n; height <= engine.newest().height; height++) {
    const stored = engine.chain.block(height)!
    const { results, appHash } = engine.chain.results(height)!
    const commit = engine.chain.commit(height)!
    blocks.push({ ...stored, commit, validators: engine.chain.validators(height)!, results, appHash })
  }
  return blocks
}
