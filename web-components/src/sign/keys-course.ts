// What one does with one's keys, from one phase to the next. It draws nothing.

import { type AccountEntry, type Client, formatBase64Url, formatHex, type JsonObject } from '@muniment/sdk'
import { emit } from '../events.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { type Account, type AccountAct, performAct, prepareAct, readAccount, type Watched } from './account.ts'
import { SignError } from './error.ts'
import { loadErrorText } from './error-text.ts'
import { furtherKey } from './further-key.ts'
import type { SigningKey, SignMethod } from './key.ts'
import { localKeys } from './local-keys.ts'
import { type FirstKey, firstKey } from './own-keys.ts'
import type { PasskeyRequest } from './passkey.ts'
import { begunAccount, findLost, type Lost } from './recovery.ts'

export type KeysPhase =
  | { readonly name: 'idle' | 'opening' | 'asking' }
  | { readonly name: 'none'; readonly notice?: SignErrorCode }
  | { readonly name: 'which'; readonly client: Client; readonly keys: readonly SigningKey[] }
  | { readonly name: 'account'; readonly account: Account; readonly notice?: SignErrorCode; readonly isDone?: boolean }
  | { readonly name: 'lost'; readonly lost: Lost; readonly notice?: SignErrorCode }
  | { readonly name: 'review' | 'signing' | 'waiting'; readonly from: Standing; readonly change: Change }

/** Where a person comes back to. */
export type Standing = KeysPhase & { readonly name: 'account' | 'lost' }

/** An act, and what happens once the ledger has it. */
export type Change = { readonly act: AccountAct; readonly then: (attempt: KeysAttempt) => Promise<void> }

export type KeysAttempt = {
  readonly element: HTMLElement
  readonly signal: AbortSignal
  readonly rpId: string
  /** Of which the page lets people delegate steps. */
  readonly services: readonly string[]
  readonly connect: () => Promise<Client>
  readonly enter: (phase: KeysPhase) => void
}

/** Finds the account of a key that this browser has. */
export async function findAccount(attempt: KeysAttempt): Promise<void> {
  const client = await attempt.connect()
  const keys = await localKeys(requestOf(attempt, client))
  const accounts = new Set(keys.map(key => formatHex(key.account)))
  // Whoever has begun to recover an account wants to see how that stands.
  const lost = keys.length === 0 ? await begunAccount(client) : undefined
  if (lost) attempt.enter({ name: 'lost', lost: await findLost(client, lost, attempt.signal) })
  else if (keys.length === 0) attempt.enter({ name: 'none' })
  else if (accounts.size > 1) attempt.enter({ name: 'which', client, keys })
  else await openAccount(attempt, client, keys[0]!)
}

export async function openAccount(
  attempt: KeysAttempt,
  client: Client,
  key: SigningKey,
  rest: { readonly isDone?: boolean } = {},
): Promise<void> {
  const account = await readAccount(client, key, attempt)
  attempt.enter({ name: 'account', account, ...rest })
}

/** A first key, from a click. */
export async function beginKey(attempt: KeysAttempt, way: FirstKey): Promise<void> {
  const client = await attempt.connect()
  await openAccount(attempt, client, await firstKey(way, requestOf(attempt, client)))
}

export type AskedAct = {
  readonly transition: string
  readonly args: JsonObject
  /** Where the ledger shows that it was done; the account's own entry where this is left out. */
  readonly watched?: (body: Uint8Array) => Watched
  readonly isDone?: (entry: AccountEntry) => boolean
  /** What this browser keeps of it then. */
  readonly keep?: (body: Uint8Array) => Promise<void>
}

/** Shows an act before it is signed. `make` may ask an authenticator, so it is called from a click. */
export async function reviewAct(attempt: KeysAttempt, account: Account, make: () => Promise<AskedAct>): Promise<void> {
  const { client, key } = account
  attempt.enter({ name: 'asking' })
  const { keep, ...asked } = await make()
  const act = await prepareAct(client, { ...asked, key, signal: attempt.signal })
  const then = async (later: KeysAttempt): Promise<void> => {
    await keep?.(act.body)
    await openAccount(later, client, key, { isDone: true })
  }
  attempt.enter({ name: 'review', from: { name: 'account', account }, change: { act, then } })
}

export async function performChange(attempt: KeysAttempt, from: Standing, change: Change): Promise<void> {
  attempt.enter({ name: 'signing', from, change })
  await performAct(change.act, attempt.signal, () => attempt.enter({ name: 'waiting', from, change }))
  await change.then(attempt)
}

/** One more key for the account. */
export async function makeKey(attempt: KeysAttempt, account: Account, method: SignMethod): Promise<AskedAct> {
  const { args, bytes, keep } = await furtherKey(method, requestOf(attempt, account.client), account)
  return { transition: 'addKey', args, isDone: entry => holdsKey(entry, bytes), keep }
}

/** Whatever goes wrong is shown where the person was. */
export async function guard(attempt: KeysAttempt, run: () => Promise<void>, from?: Standing): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (attempt.signal.aborted) return
    const notice = error instanceof SignError ? error.code : 'unexpected'
    await loadErrorText(notice)
    attempt.enter(from ? { ...from, notice } : { name: 'none', notice })
    const message = error instanceof Error ? error.message : String(error)
    emit(attempt.element, 'muniment-error', { detail: { code: notice, message } })
  }
}

export function requestOf({ rpId, signal }: KeysAttempt, client: Client): PasskeyRequest {
  return { client, rpId, signal }
}

export function textOf(bytes: Uint8Array): string {
  return formatBase64Url(bytes)
}

/** The account signs with it. */
export function holdsKey({ keys }: AccountEntry, bytes: Uint8Array): boolean {
  return keys.some(held => held.endedHeight === 0n && textOf(held.key.bytes) === textOf(bytes))
}
