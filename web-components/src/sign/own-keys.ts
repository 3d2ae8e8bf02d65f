// The keys that this browser has or can get, of both kinds. Loaded when somebody begins to sign, or looks at his keys.

import { formatBase64Url, type JsonObject } from '@muniment/sdk'
import { findKey, makeKeyFor, openKey, type SigningKey, type SignMethod } from './key.ts'
import type { PasskeyRequest } from './passkey.ts'

/** The key of a method; undefined where a passkey is wanted and this browser knows none. Rejects with SignError. */
export async function heldKey(method: SignMethod, request: PasskeyRequest): Promise<SigningKey | undefined> {
  const { root, crypto } = request.client
  if (method === 'device') return openKey(root.chainId, crypto)
  const { loadPasskey, passkeySigningKey } = await import('./passkey.ts')
  const passkey = await loadPasskey(request)
  return passkey && passkeySigningKey(passkey, request, false)
}

/** Those that this browser has already, passkeys first. */
export async function localKeys(request: PasskeyRequest): Promise<readonly SigningKey[]> {
  const { root, crypto } = request.client
  const found = [await heldKey('passkey', request), await findKey(root.chainId, crypto)]
  return found.filter(key => key !== undefined)
}

/** A passkey made or found again, or this browser's key, from a click. Rejects with SignError. */
export type FirstKey = 'make-passkey' | 'find-passkey' | 'device'

export async function firstKey(way: FirstKey, request: PasskeyRequest): Promise<SigningKey> {
  const { root, crypto } = request.client
  if (way === 'device') return openKey(root.chainId, crypto)
  const { findPasskey, makePasskey, passkeySigningKey } = await import('./passkey.ts')
  const isNew = way === 'make-passkey'
  return passkeySigningKey(await (isNew ? makePasskey(request) : findPasskey(request)), request, isNew)
}

export type FurtherKey = {
  /** Of `parties.addKey`. */
  readonly args: JsonObject
  readonly bytes: Uint8Array
  /** Once the ledger has it. */
  readonly keep: () => Promise<void>
}

/** One more key for an account, from a click. Rejects with SignError. */
export async function furtherKey(method: SignMethod, request: PasskeyRequest, own: SigningKey): Promise<FurtherKey> {
  const { client } = request
  if (method === 'device') {
    const { key, keep } = await makeKeyFor(client.root.chainId, own.account)
    return { args: { algorithm: key.algorithm, key: formatBase64Url(key.bytes) }, bytes: key.bytes, keep }
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
