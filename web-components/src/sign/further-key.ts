// One more key for an account. Loaded with the account's keys.

import { type AccountKey, formatBase64Url, type JsonObject } from '@muniment/sdk'
import type { Account } from './account.ts'
import { SignError } from './error.ts'
import { isUsable, makeKey, type SignMethod, type StoredKey, signerOf } from './key.ts'
import type { PasskeyRequest } from './passkey.ts'
import { withKeys } from './store.ts'

export type FurtherKey = {
  /** Of `parties.addKey`. */
  readonly args: JsonObject
  readonly bytes: Uint8Array
  /** Once the ledger has it. */
  readonly keep: () => Promise<void>
}

/** One more key for an account, from a click. Rejects with SignError. */
export async function furtherKey(method: SignMethod, request: PasskeyRequest, account: Account): Promise<FurtherKey> {
  const { client } = request
  const { key: own, isCapable } = account
  if (method === 'device') {
    const { key, keep } = await makeKeyFor(client.root.chainId, own.account)
    // Made on the identity page, it can do there what the passkey can.
    const named = { algorithm: key.algorithm, key: formatBase64Url(key.bytes), ...(isCapable && { identity: true }) }
    return { args: named, bytes: key.bytes, keep }
  }
  const { keepPasskey, makePasskeyFor } = await import('./passkey.ts')
  const made = await makePasskeyFor(request, own.account)
  const { algorithm, bytes } = made.key
  return {
    args: { algorithm, key: formatBase64Url(bytes), rpId: made.rpId, origins: [location.origin] },
    bytes,
    // The passkey that signs here already goes on doing so.
    keep: async () => {
      if (own.method !== 'passkey') await keepPasskey(client, made)
    },
  }
}

/**
 * Another key for an account, which this browser keeps once the ledger has it. Rejects with SignError `key-elsewhere` where it keeps
 * one already, which would be lost.
 */
async function makeKeyFor(
  chainId: string,
  account: Uint8Array,
): Promise<{ readonly key: AccountKey; readonly keep: () => Promise<void> }> {
  const held = await withKeys(database => database.get('keys', chainId)).catch(() => undefined)
  if (isUsable(held)) throw new SignError('key-elsewhere', 'this browser keeps a key of this network already')
  try {
    const made: StoredKey = { ...(await makeKey()), account }
    return {
      key: signerOf(made).key,
      keep: () => withKeys(async database => void (await database.put('keys', made, chainId))),
    }
  } catch (error) {
    throw new SignError('no-key', error instanceof Error ? error.message : String(error))
  }
}
