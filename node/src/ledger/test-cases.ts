// A ledger in memory for tests of cases: the real kernel, a clock that is told, and offices whose people are numbered. Signatures are
// left out, which the kernel checks apart from everything else (kernel.verify).

import assert from 'node:assert/strict'
import {
  Algorithm,
  accountEntry,
  accountId,
  accountKey,
  type CaseEntry,
  caseEntry,
  caseKey,
  encodeArgs,
  encodeTransaction,
  encodeTransactionBody,
  encodeUtf8,
  formatBase64Url,
  formatHex,
  type Hasher,
  type JsonObject,
  SignatureScheme,
} from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { TransactionResult } from './application.ts'
import { createKernel } from './apply.ts'
import { genesisMandateId } from './genesis.ts'
import type { BlockContext, KernelChance, View } from './kernel.ts'

const nothing = new Uint8Array(0)
const chainId = 'test-cases'

export type CaseSigner = { readonly name: string; readonly role: string; readonly office?: string }

export type CaseLedger = {
  readonly view: View
  readonly values: ReadonlyMap<string, Uint8Array>
  readonly block: () => BlockContext
  /** Time passes, and a block is made whose clocks are looked at. */
  readonly advance: (seconds: number) => void
  /** The transaction itself, for who changes it or sends it elsewhere. */
  readonly transaction: (
    service: string,
    step: string,
    given: { args: JsonObject; by: readonly CaseSigner[] },
  ) => Uint8Array
  /** In a block of its own, five seconds later. Keys of what was written, and how often the state was asked. */
  readonly apply: (
    transaction: Uint8Array,
  ) => TransactionResult & { readonly written: readonly string[]; readonly read: number }
  readonly act: (
    service: string,
    step: string,
    given: { args: JsonObject; by: readonly CaseSigner[] },
  ) => ReturnType<CaseLedger['apply']>
  readonly caseOf: (id: Uint8Array) => CaseEntry
  /** What became of what the newest block's proposer gave to chance. */
  readonly begun: () => TransactionResult | undefined
  readonly account: (name: string) => Uint8Array
  readonly mandate: (office: string, name: string) => Uint8Array
}

/** Thirty-two bytes of a name, in base64url. */
export function hashOf(hasher: Hasher, name: string): string {
  return formatBase64Url(hasher.sha256(encodeUtf8(name)))
}

function keyOf(hasher: Hasher, name: string): Uint8Array {
  return hasher.sha256(encodeUtf8(`test key of ${name}`))
}

/** `posts`: office, post and names of those who hold it. */
export function caseCountry(
  hasher: Hasher,
  posts: readonly (readonly [office: string, post: string, names: readonly string[]])[],
  services: readonly JsonObject[],
): JsonObject {
  const types = services.flatMap(({ type }) => (typeof type === 'string' ? [type] : []))
  return {
    offices: [...new Set(posts.map(([office]) => office))].map(office => ({ office, names: { en: office }, types })),
    mandates: posts.flatMap(([office, post, names]) =>
      names.map(name => ({ office, post, algorithm: 1, key: formatBase64Url(keyOf(hasher, name)) })),
    ),
    services: [...services],
  }
}

/** Who makes the blocks: four validators, say, that do with their turns what a test wants. */
export type Turns = {
  readonly validators: readonly Uint8Array[]
  /** What the proposer of a block gives to chance; `honest` is what the rules ask of it. */
  readonly give: (turn: { readonly place: number; readonly honest: Uint8Array | undefined }) => Uint8Array | undefined
}

const oneHonest: Turns = { validators: [], give: ({ honest }) => honest }

export function createCaseLedger(hasher: Hasher, appState: JsonObject, turns: Turns = oneHonest): CaseLedger {
  const kernel = createKernel(hasher)
  const genesisHash = hasher.sha256(encodeUtf8(`genesis of ${chainId}`))
  const values = new Map<string, Uint8Array>()
  let height = 1n
  let seconds = 1_767_225_600n
  let begun: ReturnType<KernelChance['begin']> | undefined
  let read = 0
  const count = Math.max(1, turns.validators.length)
  const place = (): number => Number(height) % count
  const proposer = (): Uint8Array => new Uint8Array(20).fill(1 + place())
  const secretOf = (turn: bigint): Uint8Array => hasher.sha256(encodeUtf8(`secret ${turn} of ${place()}`))
  const view: View = {
    get: key => {
      read += 1
      return values.get(formatHex(key))
    },
  }
  const block = (): BlockContext => ({
    chainId,
    genesisHash,
    height,
    time: { seconds, nanos: 0 },
    proposer: proposer(),
  })
  const keyName = (name: string) => ({ algorithm: Algorithm.ed25519, bytes: keyOf(hasher, name) })
  const account = (name: string): Uint8Array => accountId(hasher, keyName(name))
  const mandate = (office: string, name: string): Uint8Array =>
    genesisMandateId(hasher, { office, key: keyName(name), genesisHash })
  const validators = turns.validators.map(publicKey => ({ publicKey, power: 1n }))
  write(kernel.genesis(encodeArgs(appState), { ...block(), validators }))

  const transaction: CaseLedger['transaction'] = (service, step, { args, by }) => {
    const held = view.get(accountKey(hasher, account(by[0]!.name)))
    const body = encodeTransactionBody({
      ...{ chainId, service, transition: step, args: encodeArgs(args), ifState: nothing, sponsor: nothing },
      nonce: (held ? accountEntry.decode(held).nonceFloor : 0n) + 1n,
      validUntil: height + 100n,
      signers: by.map(({ name, role, office }) => ({
        ...{ account: account(name), role, nonce: 0n },
        mandate: office === undefined ? nothing : mandate(office, name),
      })),
    })
    const unsigned = { scheme: SignatureScheme.plain, authenticatorData: nothing, clientData: nothing }
    const signatures = by.map(({ name }) => ({ key: keyName(name), signature: new Uint8Array(64), ...unsigned }))
    return encodeTransaction({ body, signatures })
  }

  const endBlock = (passed: number): void => {
    height += 1n
    seconds += BigInt(passed)
    beginBlock()
  }

  function beginBlock(): void {
    const { propose, begin } = kernel.chance!
    const own = turns.give({ place: place(), honest: propose(view, block(), secretOf) })
    begun = begin(view, own, block())
    write(begun.writes)
    write(kernel.tick(view, block()))
  }

  function write(writes: readonly Write[]): void {
    for (const { key, value } of writes) {
      if (value) values.set(formatHex(key), value)
      else values.delete(formatHex(key))
    }
  }
  beginBlock()

  const apply: CaseLedger['apply'] = encoded => {
    read = 0
    const { result, writes } = kernel.apply(view, encoded, block())
    const answer = { ...result, written: writes.map(({ key }) => formatHex(key)), read }
    for (const { key, value } of writes) {
      assert.ok(value && value.length > 0 && value.length <= 64 * 1024 && key.length === 32)
      values.set(formatHex(key), value)
    }
    endBlock(5)
    return answer
  }

  return {
    ...{ view, values, block, transaction, apply, account, mandate },
    begun: () => begun?.result,
    advance: endBlock,
    act: (service, step, given) => apply(transaction(service, step, given)),
    caseOf: id => caseEntry.decode(values.get(formatHex(caseKey(hasher, id)))!),
  }
}
