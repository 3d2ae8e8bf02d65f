// The new key of a lost account, of both kinds: kept beside the one in use until the account has it.

import type { AccountKey, Client } from '@muniment/sdk'
import { SignError } from './error.ts'
import { isUsable, makeKey, type SigningKey, signerOf } from './key.ts'
import { isPasskey, keepPasskey, makePasskeyFor, type Passkey, type PasskeyRequest } from './passkey.ts'
import { withKeys } from './store.ts'

/** The new key of a lost account, kept beside the browser's own until the account has it. Rejects with SignError. */
export async function makeRecoveryKey(chainId: string): Promise<AccountKey> {
  try {
    const made = await makeKey()
    await withKeys(async database => void (await database.put('keys', made, recoveryName(chainId))))
    return signerOf(made).key
  } catch (error) {
    throw new SignError('no-key', error instanceof Error ? error.message : String(error))
  }
}

/** Rejects with SignError `no-key` where this browser has lost it too. */
export async function openRecoveryKey(chainId: string): Promise<Omit<SigningKey, 'account'>> {
  const held = await withKeys(database => database.get('keys', recoveryName(chainId))).catch(() => undefined)
  if (!isUsable(held)) throw new SignError('no-key', 'the new key is no longer kept here')
  return { method: 'device', signer: signerOf(held), isNew: false }
}

/** From now on the browser's own; one that it had before, of another account, is given up for it. */
export async function adoptRecoveryKey(chainId: string, account: Uint8Array): Promise<void> {
  await withKeys(async database => {
    const held = await database.get('keys', recoveryName(chainId))
    if (!isUsable(held)) return
    await database.put('keys', { ...held, account }, chainId)
    await database.delete('keys', recoveryName(chainId))
  })
}

function recoveryName(chainId: string): string {
  return `recovery key ${chainId}`
}

/** The new passkey of a lost account, kept beside the one in use until the account has it. Rejects with SignError. */
export async function makeRecoveryPasskey(request: PasskeyRequest, account: Uint8Array): Promise<Passkey> {
  const made = await makePasskeyFor(request, account)
  await withKeys(async database => void (await database.put('keys', made, passkeyName(request.client))))
  return made
}

/** Rejects with SignError `no-key` where this browser has lost it. */
export async function loadRecoveryPasskey({ client }: PasskeyRequest): Promise<Passkey> {
  const stored = await withKeys(database => database.get('keys', passkeyName(client))).catch(() => undefined)
  if (!isPasskey(stored)) throw new SignError('no-key', 'the new passkey is no longer known here')
  return stored
}

/** From now on the one that is used here. */
export async function adoptRecoveryPasskey(request: PasskeyRequest): Promise<void> {
  await keepPasskey(request.client, await loadRecoveryPasskey(request))
  await withKeys(database => database.delete('keys', passkeyName(request.client))).catch(() => undefined)
}

function passkeyName({ root }: Client): string {
  return `recovery passkey ${root.chainId}`
}
