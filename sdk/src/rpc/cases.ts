// A person's cases, and a case's steps, found by a node's index and proved by nothing of it: a case by its entry in the state, a step by
// its transaction under a verified header and by its result under the next one. An index can only leave something out. Of one case that
// is seen, by the steps that its entry counts; of a person's cases it never is.

import { equals, formatBase64Url, formatHex, parseBase64Url } from '../bytes.ts'
import { resultsHash } from '../comet/block.ts'
import {
  base64Of,
  hexOf,
  int64Of,
  integerOf,
  type JsonObject,
  listOf,
  member,
  objectOf,
  stringOf,
} from '../comet/json.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { type CaseEntry, caseEntry } from '../ledger/cases.ts'
import { caseKey } from '../ledger/keys.ts'
import type { SyncOptions } from '../light/client.ts'
import {
  blockBytesMax,
  blockTransactionsMax,
  foundCasesMax,
  foundEventsMax,
  foundPagesMax,
  foundPerPageMax,
} from '../limits.ts'
import { decodeTransaction } from '../tx/transaction.ts'
import type { VerifiedRpc } from './verified.ts'

export type CaseQuestion = {
  /** Over a chain of ours: made with `spec: smtSpec`. */
  readonly rpc: VerifiedRpc
  readonly hasher: Hasher
  readonly options?: SyncOptions
}

export type FoundCase = {
  readonly id: Uint8Array
  /** As it stands after the block `height`: proved. */
  readonly entry: CaseEntry
  readonly height: bigint
}

export type CasesOf = {
  readonly cases: readonly FoundCase[]
  /** What the index named and was not so. */
  readonly refused: number
  /** Nobody can prove that there is no further one: a party of a case has no leaf of his own. Ask several nodes. */
  readonly isComplete: false
}

export type ProvedStep = {
  readonly step: string
  readonly height: bigint
  readonly index: number
  /** Its bytes, for who decodes them (`decodeTransaction`). */
  readonly transaction: Uint8Array
}

export type StepsOf = FoundCase & {
  /** Signed ones, in the order in which they were taken; each is proved. */
  readonly steps: readonly ProvedStep[]
  /** What clocks and other services took, and when the last time: proved by the entry. */
  readonly unsigned: readonly { readonly step: string; readonly times: number; readonly height: bigint }[]
  /** Signed steps that the entry counts, and whose transactions were not found. */
  readonly missing: readonly { readonly step: string; readonly times: number }[]
  readonly refused: number
  /** Whether every signed step was found. */
  readonly isComplete: boolean
}

type Named = { readonly hash: Uint8Array; readonly ids: readonly Uint8Array[]; readonly refused: number }

/** Cases that name the account (32 bytes) as a party. Rejects with VerifyError where the node does not answer, or proves nothing. */
export async function casesOf(account: Uint8Array, question: CaseQuestion): Promise<CasesOf> {
  const named = await search(question, `case.party='${formatBase64Url(account)}'`)
  const ids = new Map(named.flatMap(({ ids }) => ids.map(id => [formatHex(id), id] as const)))
  check(ids.size <= foundCasesMax, 'oversized', 'too many cases for one answer', { expected: foundCasesMax })
  const cases: FoundCase[] = []
  let refused = named.reduce((sum, each) => sum + each.refused, 0)
  for (const id of ids.values()) {
    const found = await readCase(question, id)
    if (found?.entry.parties.some(party => equals(party.account, account))) cases.push(found)
    // A transaction may move a case of another person too, by a link.
    else if (!found) refused += 1
  }
  return { cases, refused, isComplete: false }
}

/** Steps of the case (its id, 32 bytes); undefined where it is proved that there is no such case. Rejects with VerifyError. */
export async function stepsOf(id: Uint8Array, question: CaseQuestion): Promise<StepsOf | undefined> {
  const found = await readCase(question, id)
  if (!found) return undefined
  const named = await search(question, `case.id='${formatBase64Url(id)}'`)
  const hashes = new Map(named.map(({ hash }) => [formatHex(hash), hash]))
  const results = new Map<bigint, Promise<readonly Result[]>>()
  const steps: ProvedStep[] = []
  let refused = named.reduce((sum, each) => sum + each.refused, 0) + named.length - hashes.size
  for (const hash of hashes.values()) {
    const step = await unlessFalse(() => proveStep({ question, found, results }, hash))
    if (step === 'another') continue
    if (step) steps.push(step)
    else refused += 1
  }
  steps.sort((left, right) =>
    left.height === right.height ? left.index - right.index : left.height < right.height ? -1 : 1,
  )
  const { acts } = found.entry
  const missing = acts.flatMap(({ step, times, accounts }) => {
    const left = accounts.length === 0 ? 0 : times - steps.filter(each => each.step === step).length
    return left > 0 ? [{ step, times: left }] : []
  })
  const unsigned = acts.flatMap(({ step, times, height, accounts }) =>
    accounts.length === 0 ? [{ step, times, height }] : [],
  )
  return { ...found, steps, unsigned, missing, refused, isComplete: missing.length === 0 }
}

async function readCase({ rpc, hasher, options }: CaseQuestion, id: Uint8Array): Promise<FoundCase | undefined> {
  const { value, height } = await rpc.query({ store: 'state', key: caseKey(hasher, id) }, options)
  // The header above proves the state after the block below it.
  return value && { id, entry: caseEntry.decode(value), height: height - 1n }
}

/** Undefined where what the node says is proved to be false; whatever else goes wrong is thrown. */
async function unlessFalse<T>(prove: () => Promise<T>): Promise<T | undefined> {
  try {
    return await prove()
  } catch (error) {
    if (!(error instanceof VerifyError) || error.code === 'limited') throw error
    // What its index names, a node has to show: "not found" is its word for what it made up (CometBFT, rpc/core/tx.go).
    if (error.code === 'unavailable' && !error.actual?.includes('not found')) throw error
    return undefined
  }
}

type Result = { readonly code: number; readonly data: Uint8Array }

type Proving = {
  readonly question: CaseQuestion
  readonly found: FoundCase
  /** By height, each asked for once. */
  readonly results: Map<bigint, Promise<readonly Result[]>>
}

/** `another`: a step of another case that moved this one by a link, or one behind the state that was proved. Throws VerifyError. */
async function proveStep({ question, found, results }: Proving, hash: Uint8Array): Promise<ProvedStep | 'another'> {
  const { rpc, options } = question
  const { value } = await rpc.transaction(hash, options)
  const { transaction, height, index } = value
  if (height > found.height) return 'another'
  const { body } = decodeTransaction(transaction)
  const asked = results.get(height) ?? provedResults(question, height)
  results.set(height, asked)
  const result = (await asked)[index]
  check(result?.code === 0, 'refused', 'the transaction was refused')
  // The answer of every step is the id of its case.
  const isHere = body.service === found.entry.service && equals(result.data, found.id)
  return isHere ? { step: body.transition, height, index, transaction } : 'another'
}

/** Code and data of a block's transactions, as the next header commits to them. */
async function provedResults({ rpc, hasher, options }: CaseQuestion, height: bigint): Promise<readonly Result[]> {
  const { value: next } = await rpc.header(height + 1n, options)
  const told = (await rpc.unverified('block_results', { height: String(height) }, options)).unwrapUnverified()
  const results = listOf(member(told, 'txs_results') ?? [], 'txs_results', blockTransactionsMax).map(each => {
    const result = objectOf(each, 'result')
    return {
      code: integerOf(member(result, 'code') ?? 0, 'code', { min: 0, max: 2 ** 32 - 1 }),
      data: base64Of(member(result, 'data') ?? '', 'data', blockBytesMax),
      gasWanted: int64Of(member(result, 'gas_wanted') ?? '0', 'gas_wanted'),
      gasUsed: int64Of(member(result, 'gas_used') ?? '0', 'gas_used'),
    }
  })
  const isProved = equals(resultsHash(results, hasher), next.lastResultsHash)
  check(isProved, 'wrong-hash', 'the results are not those of the next header')
  return results
}

/** What the index names, page by page; nothing of it is believed. */
async function search({ rpc, options }: CaseQuestion, query: string): Promise<readonly Named[]> {
  const found: Named[] = []
  for (let page = 1; page <= foundPagesMax; page++) {
    const params = { query, page: String(page), per_page: String(foundPerPageMax), order_by: 'asc' }
    const answer = (await rpc.unverified('tx_search', params, options)).unwrapUnverified()
    const total = int64Of(member(answer, 'total_count'), 'total_count')
    const added = listOf(member(answer, 'txs') ?? [], 'txs', foundPerPageMax).map(namedIn)
    found.push(...added)
    if (added.length < foundPerPageMax || BigInt(found.length) >= total) return found
  }
  throw new VerifyError('oversized', 'more was found than one answer holds')
}

function namedIn(value: unknown): Named {
  const found = objectOf(value, 'tx')
  const result = objectOf(member(found, 'tx_result'), 'tx_result')
  const events = listOf(member(result, 'events') ?? [], 'events', foundEventsMax).map(each => objectOf(each, 'event'))
  const texts = events.filter(event => member(event, 'type') === 'case').flatMap(idsOf)
  const ids = texts.flatMap(readId)
  return { hash: hexOf(stringOf(member(found, 'hash'), 'hash'), 'hash', 32), ids, refused: texts.length - ids.length }
}

function idsOf(event: JsonObject): readonly unknown[] {
  const attributes = listOf(member(event, 'attributes') ?? [], 'attributes', foundEventsMax)
  return attributes.map(each => objectOf(each, 'attribute')).flatMap(each => (each.key === 'id' ? [each.value] : []))
}

function readId(value: unknown): readonly Uint8Array[] {
  try {
    const id = typeof value === 'string' ? parseBase64Url(value) : undefined
    return id?.length === 32 ? [id] : []
  } catch {
    return []
  }
}
