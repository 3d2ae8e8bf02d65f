// What the ledger says before anything is signed: the service, and whether a key may sign for its account on this page.

import {
  type AccountEntry,
  type AccountKey,
  accountEntry,
  accountKey,
  type Client,
  decodeService,
  equals,
  formatHex,
  type HeldKey,
  type Service,
  serviceKey,
  VerifyError,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import type { SigningKey } from './key.ts'

/** The service, once the ledger has said that the key may sign. Rejects with SignError. */
export async function readForSigning(
  client: Client,
  { service, key, signal }: { readonly service: string; readonly key: SigningKey; readonly signal: AbortSignal },
): Promise<Service> {
  const places = [serviceKey(client.crypto, service), accountKey(client.crypto, key.account)]
  const { values } = await reached(client.read(places, { signal }))
  const account = values[1] && accountEntry.decode(values[1])
  const held = account && heldKeyOf(account, key.signer.key)
  if (account && !held) throw new SignError('key-ended', `the account ${formatHex(key.account)} does not hold this key`)
  if (held?.passkey && !held.passkey.origins.includes(location.origin)) {
    const pages = held.passkey.origins.join(', ')
    throw new SignError('passkey-wrong-site', `the account lets this passkey sign on ${pages}`)
  }
  if (!values[0]) throw new SignError('service-unknown', `the ledger has no service ${service}`)
  try {
    return decodeService(values[0])
  } catch (error) {
    throw new SignError('service-unknown', error instanceof Error ? error.message : String(error))
  }
}

/** The account's key while it holds it. */
export function heldKeyOf({ keys }: AccountEntry, key: AccountKey): HeldKey | undefined {
  return keys.find(held => held.endedHeight === 0n && sameKey(held.key, key))
}

function sameKey(left: AccountKey, right: AccountKey): boolean {
  return left.algorithm === right.algorithm && equals(left.bytes, right.bytes)
}

/** What a node could not prove is told as `unreachable`. */
export async function reached<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('unreachable', `${error.code}: ${error.message}`)
    throw error
  }
}
