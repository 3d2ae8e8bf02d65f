// A node whose program was changed, for tests of censorship: it takes transactions, promises them a place, and leaves out what it was told to.

import assert from 'node:assert/strict'
import {
  type Crypto,
  decodeReceipt,
  decodeTransaction,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  type JsonObject,
  judgeReceipt,
  type LightBlock,
  limits,
  loadCrypto,
  ResultCode,
  type Trusted,
  type UnmetReceiptsEntry,
  unmetReceiptsEntry,
  unmetReceiptsKey,
} from '@muniment/sdk'
import { testKey } from '../../../test/test-chain.ts'
import type { TransactionResult } from '../ledger/application.ts'
import { personOf } from '../scenario/country.ts'
import { createPromises, type PromisedResult } from './receipts.ts'
import {
  type LedgerAct,
  type LedgerChain,
  type LedgerChainPlan,
  readState,
  type Signed,
  signAct,
  startLedgerChain,
  until,
} from './test-ledger-chain.ts'

export const crypto: Crypto = await loadCrypto()

const label = { en: 'Example' }
const basis = [{ eli: '/eli/example/1', from: '2026-01-01' }]
const services: readonly JsonObject[] = [
  {
    ...{ service: 'x.permit@1', title: label, sector: 'example', basis },
    roles: { owner: { party: 'any' }, clerk: { offices: ['desk'], post: 'clerk' } },
    states: { open: { waits: 'clerk', label }, done: { final: true, frees: true, label } },
    transitions: {
      open: { label, to: 'open', by: ['owner'], unique: ['site'] },
      add: { label, from: ['open'], by: ['owner'] },
      close: { label, from: ['open'], to: 'done', by: ['owner', 'clerk'] },
    },
  },
  {
    ...{ service: 'x.parties@1', title: label },
    roles: { boss: { offices: ['top'], post: 'boss' }, holder: { anyone: true } },
    transitions: {
      dismiss: { label, by: ['boss'], do: 'parties.dismiss', sign: 'identity' },
      cancel: { label, by: ['holder'], do: 'parties.cancel' },
    },
  },
  {
    ...{ service: 'x.receipts@1', title: label },
    roles: { holder: { anyone: true } },
    transitions: { report: { label, by: ['holder'], do: 'receipts.report' } },
  },
]
const mandate = (office: string, post: string, name: string): JsonObject => ({
  ...{ office, post, algorithm: 1 },
  key: formatBase64Url(personOf(crypto, name).signer.key.bytes),
})
const appState: JsonObject = {
  offices: [
    { office: 'top', names: { en: 'Example ministry' } },
    { office: 'desk', names: { en: 'Example desk' }, parent: 'top' },
  ],
  mandates: [mandate('top', 'boss', 'boss'), mandate('desk', 'clerk', 'clerk')],
  services: [...services],
}

export type Censored = LedgerChain & {
  /** By transactions' hashes: those that are left out of every block. */
  readonly censored: Set<string>
  readonly promise: (transaction: Uint8Array) => Promise<PromisedResult>
}

/** A node whose program was changed: it takes transactions, promises, and leaves out what it was told to. */
export async function startCensor(from?: LedgerChainPlan['from']): Promise<Censored> {
  const censored = new Set<string>()
  const chain = await startLedgerChain({
    ...{ crypto, appState, ...(from && { from }) },
    wrap: application => ({
      ...application,
      prepareProposal: request => {
        const kept = request.transactions.filter(each => !censored.has(formatHex(crypto.sha256(each))))
        return application.prepareProposal({ ...request, transactions: kept })
      },
    }),
  })
  const promise = await createPromises({ ...chain, signer: testKey('one') })
  return { ...chain, censored, promise }
}

const tagOf = (name: string): string => formatBase64Url(crypto.sha256(encodeUtf8(name)))
export const opening = (name: string, site = name): LedgerAct => ({
  ...{ service: 'x.permit@1', transition: 'open', args: { tags: { site: tagOf(site) } } },
  by: [{ name, role: 'owner' }],
})
export const step = (transition: string, id: Uint8Array, by: LedgerAct['by'][number]): LedgerAct => ({
  ...{ service: 'x.permit@1', transition, args: { case: formatBase64Url(id) } },
  by: [by],
})
export const clerk = { name: 'clerk', role: 'clerk', office: 'desk' }

/** Promised a place, and left out. */
export async function censor(
  chain: Censored,
  act: LedgerAct,
): Promise<{ readonly signed: Signed; readonly receipt: Uint8Array }> {
  const signed = await signAct(chain, act)
  chain.censored.add(formatHex(crypto.sha256(signed.transaction)))
  const { result, receipt } = await chain.promise(signed.transaction)
  assert.equal(result.code, ResultCode.ok, result.log)
  assert.ok(receipt)
  // By now the node has forgotten it, and does not let others wait behind it.
  await until(() => chain.engine.status().poolTransactions === 0)
  return { signed, receipt }
}

/** The promise is over: enough time and enough blocks. */
export async function letPass(chain: LedgerChain, blocks: number = limits.receiptBlocks + 2): Promise<void> {
  chain.pass(limits.receiptSeconds + 60)
  for (let made = 0; made < blocks; made++) {
    const { height } = chain.engine.newest()
    chain.engine.beat()
    await until(() => chain.engine.newest().height > height)
  }
}

export async function report(
  chain: LedgerChain,
  given: { readonly transaction: Uint8Array; readonly receipt: Uint8Array },
  by = 'a witness',
): Promise<TransactionResult> {
  const { transaction, receipt } = given
  const signed = await signAct(chain, {
    ...{ service: 'x.receipts@1', transition: 'report', afterNonce: decodeTransaction(transaction).body.nonce },
    args: { transaction: formatBase64Url(transaction), receipt: formatBase64Url(receipt) },
    by: [{ name: by, role: 'holder' }],
  })
  const result = await chain.engine.submit(signed.transaction)
  if (result.code !== ResultCode.ok) return result
  const { height } = chain.engine.newest()
  await until(() => chain.engine.newest().height > height + 1n)
  return result
}

export function unmetOf(chain: LedgerChain): UnmetReceiptsEntry | undefined {
  const value = readState(chain, unmetReceiptsKey(crypto, testKey('one').publicKey.bytes))
  return value && unmetReceiptsEntry.decode(value)
}

export function judge(
  chain: LedgerChain,
  receipt: Uint8Array,
  transaction: Uint8Array,
): ReturnType<typeof judgeReceipt> {
  const { engine } = chain
  const { height } = engine.newest()
  const header = engine.chain.block(height)!.block.header as Trusted<LightBlock['header']>
  const read = async (keys: readonly Uint8Array[]) => ({ header, values: keys.map(key => readState(chain, key)) })
  return judgeReceipt(decodeReceipt(receipt), transaction, { read, hasher: crypto })
}

export function headOf(chain: LedgerChain, receipt: Uint8Array): Trusted<LightBlock> {
  return chain.engine.chain.lightBlock(decodeReceipt(receipt).height) as Trusted<LightBlock>
}
