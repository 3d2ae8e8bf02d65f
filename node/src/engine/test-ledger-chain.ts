// A chain of real blocks over the real ledger, in memory: several validators in one process, a clock that a test may move, and people who
// open cases.

import assert from 'node:assert/strict'
import {
  accountEntry,
  accountKey,
  type CaseEntry,
  type Crypto,
  caseEntry,
  caseId,
  caseKey,
  encodeUtf8,
  type JsonObject,
  prepareBody,
  ResultCode,
  signBody,
  timeFromMilliseconds,
  transactionId,
} from '@muniment/sdk'
import { testKey } from '../../../test/test-chain.ts'
import type { Application } from '../ledger/application.ts'
import { createKernel } from '../ledger/apply.ts'
import { genesisMandateId } from '../ledger/genesis.ts'
import { createLedgerApplication, type LedgerApplication } from '../ledger/ledger-application.ts'
import { personOf } from '../scenario/country.ts'
import type { Database } from '../storage/database.ts'
import { type Disk, memoryDatabase, newDisk } from '../storage/memory.ts'
import { type Engine, startEngine } from './engine.ts'
import { formatGenesis, type Genesis, parseGenesis } from './genesis.ts'
import { secretsOf } from './validator-key.ts'

const ledgerChainId = 'test-ledger-chain'

export type LedgerChain = {
  readonly crypto: Crypto
  readonly genesis: Genesis
  readonly genesisHash: Uint8Array
  readonly engine: Engine
  readonly application: LedgerApplication
  readonly disk: Disk
  readonly database: Database
  /** The clock goes on by so many seconds. */
  readonly pass: (seconds: number) => void
}

export type LedgerChainPlan = {
  readonly crypto: Crypto
  readonly appState: JsonObject
  /** Names of validators; `one` alone where nothing is said. */
  readonly members?: readonly string[]
  /** Those that leave their turns at chance out. */
  readonly silent?: readonly string[]
  readonly heartbeatMs?: number
  /** The chain goes on from what another process left behind. */
  readonly from?: Pick<LedgerChain, 'disk' | 'genesis'>
  /** What the engine is given instead. */
  readonly wrap?: (application: LedgerApplication) => Application
}

export async function startLedgerChain(plan: LedgerChainPlan): Promise<LedgerChain> {
  const { crypto, appState, members = ['one'], silent = [], heartbeatMs = 30_000, wrap = each => each } = plan
  const { disk, genesis } = plan.from ?? { disk: newDisk(), genesis: genesisOf(members, appState) }
  const honest = secretsOf(members.filter(name => !silent.includes(name)).map(testKey))
  let aheadMs = 0
  const now = (): number => Date.now() + aheadMs
  let genesisHash = new Uint8Array(32)
  const database = memoryDatabase(disk)
  const application = await createLedgerApplication(database, createKernel(crypto), {
    crypto,
    now,
    secrets: (proposer, hash) => {
      genesisHash = new Uint8Array(hash)
      return honest(proposer, hash)
    },
  })
  const engine = await startEngine({
    ...{ database, application: wrap(application), genesis, crypto, signers: members.map(testKey) },
    ...{ blockIntervalMs: 5, heartbeatMs, now },
  })
  // Who binds himself to nothing gives his block no reason to be made at once.
  await until(() => engine.newest().height > (silent.length > 0 ? 1n : BigInt(members.length)))
  const pass = (seconds: number): void => {
    aheadMs += seconds * 1_000
    engine.beat()
  }
  return { crypto, genesis, genesisHash, engine, application, disk, database, pass }
}

function genesisOf(members: readonly string[], appState: JsonObject): Genesis {
  const text = formatGenesis({
    ...{ chainId: ledgerChainId, time: timeFromMilliseconds(Date.now()), appVersion: 1n, appState },
    validators: members.map(name => ({ name, power: 10n, publicKey: testKey(name).publicKey.bytes })),
  })
  return parseGenesis(encodeUtf8(text))
}

/** Soon: fails long before a heartbeat of half a minute. */
export async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 5_000
  while (!isSo()) {
    assert.ok(performance.now() < end, 'long before the heartbeat')
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** The value under the newest header. */
export function readState({ application }: LedgerChain, key: Uint8Array): Uint8Array | undefined {
  const { value } = application.query({ path: '/store/state/key', key, height: 0n, prove: false })
  return value.length > 0 ? value : undefined
}

export function readCase(chain: LedgerChain, id: Uint8Array): CaseEntry | undefined {
  const value = readState(chain, caseKey(chain.crypto, id))
  return value && caseEntry.decode(value)
}

export type LedgerAct = {
  readonly service: string
  readonly transition: string
  readonly args: JsonObject
  readonly by: readonly { readonly name: string; readonly role: string; readonly office?: string }[]
  readonly afterNonce?: bigint
  readonly validForBlocks?: number
}

export type Signed = { readonly transaction: Uint8Array; readonly body: Uint8Array; readonly case: Uint8Array }

export async function signAct(chain: LedgerChain, act: LedgerAct): Promise<Signed> {
  const { crypto, genesisHash, engine } = chain
  const { service, transition, args, by, afterNonce = 0n, validForBlocks = 1_000 } = act
  const people = by.map(({ name }) => personOf(crypto, name))
  const body = prepareBody(
    {
      ...{ service, transition, args, validForBlocks, afterNonce },
      signers: by.map(({ role, office }, place) => ({
        ...{ account: people[place]!.account, role },
        ...(office ? { mandate: mandateOf(chain, office, by[place]!.name) } : {}),
      })),
    },
    {
      chainId: ledgerChainId,
      height: engine.newest().height,
      accounts: people.map(({ account }) => {
        const value = readState(chain, accountKey(crypto, account))
        return value && accountEntry.decode(value)
      }),
      random: () => 0,
    },
  )
  const signers = people.map(({ signer }) => signer)
  const transaction = await signBody(body, { signers, genesisHash, hasher: crypto })
  return { transaction, body, case: caseId(crypto, transactionId(crypto, body)) }
}

/** The id of a mandate that the genesis file gives to a person of the scenarios' country. */
export function mandateOf({ crypto, genesisHash }: LedgerChain, office: string, name: string): Uint8Array {
  return genesisMandateId(crypto, { office, key: personOf(crypto, name).signer.key, genesisHash })
}

/** Handed in, and in a block whose state can be read. */
export async function submitAct(chain: LedgerChain, act: LedgerAct): Promise<Signed> {
  const signed = await signAct(chain, act)
  const { code, log } = await chain.engine.submit(signed.transaction)
  assert.equal(code, ResultCode.ok, log)
  const hash = chain.crypto.sha256(signed.transaction)
  const { engine } = chain
  await until(() => {
    const place = engine.chain.transaction(hash)
    return place !== undefined && place.height < engine.newest().height
  })
  return signed
}
