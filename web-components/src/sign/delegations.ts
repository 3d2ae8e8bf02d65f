// Delegations, of which the ledger has no list by account: a browser remembers those that were given or opened in it, and asks the ledger
// what became of them. Any script of the origin can write there, so an id is only something to ask for.

import {
  type Client,
  type DelegationEntry,
  delegationEntry,
  delegationKey,
  equals,
  formatHex,
  parseHex,
} from '@muniment/sdk'
import { reached } from './ledger.ts'
import { withKeys } from './store.ts'

export type KnownDelegation = { readonly id: Uint8Array; readonly entry: DelegationEntry }

/** As many as one question asks for. */
const rememberedMax = 16
const textPrefix = 'd1/'

/** The text behind the # of a link that tells somebody of a delegation. */
export function formatDelegation(id: Uint8Array): string {
  return textPrefix + formatHex(id)
}

/** Undefined for what tells of none. */
export function parseDelegation(text: string): Uint8Array | undefined {
  const match = /(?:^|#)d1\/([0-9a-f]{64})$/.exec(text.trim())
  return match ? parseHex(match[1]!) : undefined
}

/** The newest first; one that was there already comes to the front. */
export async function rememberDelegation({ root }: Client, id: Uint8Array): Promise<void> {
  const name = nameOf(root.chainId)
  await withKeys(async database => {
    const before = readIds(await database.get('keys', name))
    const ids = [formatHex(id), ...before.filter(each => each !== formatHex(id))].slice(0, rememberedMax)
    await database.put('keys', ids, name)
  }).catch(() => undefined)
}

/** Those remembered that the account gave or has, as the ledger holds them now. Rejects with SignError. */
export async function readDelegations(
  client: Client,
  account: Uint8Array,
  signal: AbortSignal,
): Promise<readonly KnownDelegation[]> {
  const stored = await withKeys(database => database.get('keys', nameOf(client.root.chainId))).catch(() => undefined)
  const ids = readIds(stored).map(parseHex)
  if (ids.length === 0) return []
  const { values } = await reached(
    client.read(
      ids.map(id => delegationKey(client.crypto, id)),
      { signal },
    ),
  )
  return ids.flatMap((id, index) => {
    const entry = values[index] && delegationEntry.decode(values[index])
    return entry && (equals(entry.from, account) || equals(entry.to, account)) ? [{ id, entry }] : []
  })
}

function readIds(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.every(each => typeof each === 'string' && /^[0-9a-f]{64}$/.test(each))
  return isList ? value.slice(0, rememberedMax) : []
}

function nameOf(chainId: string): string {
  return `delegations ${chainId}`
}
