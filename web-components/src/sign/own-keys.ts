// The keys that this browser has or can get, of both kinds. Loaded when somebody begins to sign, or looks at his keys.

import { openKey, type SigningKey, type SignMethod } from './key.ts'
import type { PasskeyRequest } from './passkey.ts'

/** The key of a method; undefined where a passkey is wanted and this browser knows none. Rejects with SignError. */
export async function heldKey(method: SignMethod, request: PasskeyRequest): Promise<SigningKey | undefined> {
  const { root, crypto } = request.client
  if (method === 'device') return openKey(root.chainId, crypto)
  const { loadPasskey, passkeySigningKey } = await import('./passkey.ts')
  const passkey = await loadPasskey(request)
  return passkey && passkeySigningKey(passkey, request, false)
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
