// A lost account, from a device that has none of its keys: a new key, the guardians who name it, the delay, and the end
// (docs/decisions/recovery.md). What is under way is kept by this browser; how it stands, the ledger says.

import {
  type AccountEntry,
  type AccountKey,
  accountEntry,
  accountId,
  accountKey,
  type Client,
  compareTime,
  equals,
  formatBase64Url,
  formatHex,
  formatProposal,
  identityEntry,
  identityKey,
  type JsonObject,
  limits,
  type Timestamp,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import type { SigningKey, SignMethod } from './key.ts'
import { reached } from './ledger.ts'
import type { PasskeyRequest } from './passkey.ts'
import { withKeys } from './store.ts'

/** A recovery that somebody begins, or has begun here. */
export type Lost = {
  readonly client: Client
  readonly account: Uint8Array
  readonly entry: AccountEntry
  /** `https://id.example`, where guardians sign; undefined where the network names no page. */
  readonly origin: string | undefined
  /** Undefined before the new key was made. */
  readonly begun: Begun | undefined
}

export type Begun = {
  readonly account: Uint8Array
  readonly method: SignMethod
  readonly key: AccountKey
  /** Of the operation: the account and the new key. */
  readonly args: JsonObject
  /** What the guardians are asked; empty where only an office can help. */
  readonly proposal: string
}

export type RecoveryState =
  /** The ledger has not heard of it; or somebody else's key is named; or the delay runs, is over, or all is done. */
  'unheard' | 'other' | 'running' | 'ready' | 'done'

/** How a recovery with this key stands at a time. */
export function recoveryState({ keys, recovery }: AccountEntry, key: AccountKey, now: Timestamp): RecoveryState {
  const isOwn = (other: AccountKey): boolean => other.algorithm === key.algorithm && equals(other.bytes, key.bytes)
  if (keys.some(held => held.endedHeight === 0n && isOwn(held.key))) return 'done'
  if (!recovery) return 'unheard'
  if (!isOwn(recovery.key)) return 'other'
  return compareTime(now, recovery.readyTime) < 0 ? 'running' : 'ready'
}

/** Rejects with SignError `account-unknown`. */
export async function findLost(client: Client, account: Uint8Array, signal: AbortSignal): Promise<Lost> {
  const { values } = await reached(
    client.read([accountKey(client.crypto, account), identityKey(client.crypto)], { signal }),
  )
  if (!values[0]) throw new SignError('account-unknown', `there is no account ${formatHex(account)}`)
  const entry = accountEntry.decode(values[0])
  const origin = values[1] && identityEntry.decode(values[1]).origins[0]
  const kept = await readBegun(client)
  return { client, account, entry, origin, begun: kept && equals(kept.account, account) ? kept : undefined }
}

/** The account whose recovery this browser has begun. */
export async function begunAccount(client: Client): Promise<Uint8Array | undefined> {
  return (await readBegun(client))?.account
}

/** Makes the new key, from a click, and what its guardians are asked to sign. Rejects with SignError. */
export async function beginRecovery(
  lost: Lost,
  given: { readonly method: SignMethod; readonly guardians: readonly Uint8Array[]; readonly request: PasskeyRequest },
): Promise<Lost> {
  const { client, account } = lost
  const { guardians, method, request } = given
  const { key, args: keyArgs } = await newKey(method, request, account)
  const args = { account: formatBase64Url(account), ...keyArgs }
  const proposal = guardians.length === 0 ? '' : await proposalFor(client, { guardians, args, signal: request.signal })
  const begun: Begun = { account, method, key, args, proposal }
  await withKeys(async database => void (await database.put('keys', begun, nameOf(client)))).catch(error => {
    throw new SignError('no-key', error instanceof Error ? error.message : String(error))
  })
  return { ...lost, begun }
}

/** The new key, signing as the account that it would be by itself, as the end of a recovery wants it. Rejects with SignError. */
export async function recoveringKey({ client, begun }: Lost, request: PasskeyRequest): Promise<SigningKey> {
  const own = accountId(client.crypto, begun!.key)
  if (begun!.method === 'device') {
    const { openRecoveryKey } = await import('./recovery-keys.ts')
    return { ...(await openRecoveryKey(client.root.chainId)), account: own }
  }
  const { passkeySigningKey } = await import('./passkey.ts')
  const { loadRecoveryPasskey } = await import('./recovery-keys.ts')
  return { ...passkeySigningKey(await loadRecoveryPasskey(request), request, false), account: own }
}

/** From now on the new key is the one that this browser signs with. */
export async function adoptKey({ client, account, begun }: Lost, request: PasskeyRequest): Promise<void> {
  if (begun!.method === 'device')
    await (await import('./recovery-keys.ts')).adoptRecoveryKey(client.root.chainId, account)
  else await (await import('./recovery-keys.ts')).adoptRecoveryPasskey(request)
  await giveUp(client)
}

export async function giveUp(client: Client): Promise<void> {
  await withKeys(database => database.delete('keys', nameOf(client))).catch(() => undefined)
}

async function newKey(
  method: SignMethod,
  request: PasskeyRequest,
  account: Uint8Array,
): Promise<{ readonly key: AccountKey; readonly args: JsonObject }> {
  if (method === 'device') {
    const { makeRecoveryKey } = await import('./recovery-keys.ts')
    const key = await makeRecoveryKey(request.client.root.chainId)
    return { key, args: { ...formatted(key), identity: true } }
  }
  const { makeRecoveryPasskey } = await import('./recovery-keys.ts')
  const { key, rpId } = await makeRecoveryPasskey(request, account)
  return { key, args: { ...formatted(key), rpId, origins: [location.origin] } }
}

function formatted({ algorithm, bytes }: AccountKey): JsonObject {
  return { algorithm, key: formatBase64Url(bytes) }
}

async function proposalFor(
  client: Client,
  given: { readonly guardians: readonly Uint8Array[]; readonly args: JsonObject; readonly signal: AbortSignal },
): Promise<string> {
  const signers = given.guardians.map(account => ({ account, role: 'holder' }))
  const act = { service: 'state.parties@1', transition: 'recover', args: given.args, signers }
  const validForBlocks = limits.validUntilBlocksMax
  const body = await reached(client.prepare({ ...act, validForBlocks }, { signal: given.signal }))
  return formatProposal({ body, document: '', answers: [] })
}

/** What does not have this shape was not begun here. */
async function readBegun(client: Client): Promise<Begun | undefined> {
  const stored: unknown = await withKeys(database => database.get('keys', nameOf(client))).catch(() => undefined)
  if (typeof stored !== 'object' || stored === null) return undefined
  const { account, key, args, proposal, method } = stored as Partial<Begun>
  const fits =
    account instanceof Uint8Array &&
    account.length === 32 &&
    key?.bytes instanceof Uint8Array &&
    typeof args === 'object' &&
    typeof proposal === 'string' &&
    (method === 'passkey' || method === 'device')
  return fits ? (stored as Begun) : undefined
}

function nameOf({ root }: Client): string {
  return `recovery ${root.chainId}`
}
