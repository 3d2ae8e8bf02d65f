// What the ledger says before anything is signed: the service, and whether a key may sign for its account on this page.

import {
  type AccountEntry,
  type AccountKey,
  accountEntry,
  accountKey,
  type Client,
  decodeServiceActs,
  equals,
  formatHex,
  type HeldKey,
  identityEntry,
  identityKey,
  isIdentityKey,
  type ServiceActs,
  serviceKey,
  type Timestamp,
  VerifyError,
} from '@muniment/sdk'
import type { KnownDelegation } from './delegations.ts'
import { SignError } from './error.ts'
import type { SigningKey } from './key.ts'

/** Nobody waits for a hint. */
const paceTimeoutMs = 1_500

export type Step = { readonly service: string; readonly transition: string }

/** What goes with a key that shall sign. */
export type Preparing = {
  readonly key: SigningKey
  readonly place: Place
  readonly signal: AbortSignal
  /** By which delegation one acts for another; left out: for oneself. */
  readonly acting?: KnownDelegation | undefined
}

/** Where a step may be signed, as the ledger says. */
export type Place = {
  readonly service: ServiceActs
  /** It is taken only from an identity page (security rule 3). */
  readonly isWeighty: boolean
  /** Whether this page is one of those. */
  readonly isHere: boolean
  /** The identity pages' origins; the first is where others send people. */
  readonly origins: readonly string[]
}

/** Rejects with SignError, `identity-none` where the step can be signed nowhere. */
export async function readPlace(client: Client, step: Step, signal: AbortSignal): Promise<Place> {
  const places = [serviceKey(client.crypto, step.service), identityKey(client.crypto)]
  const { values } = await reached(client.read(places, { signal }))
  if (!values[0]) throw new SignError('service-unknown', `the ledger has no service ${step.service}`)
  const service = serviceOf(values[0])
  const { transitions } = service
  if (!Object.hasOwn(transitions, step.transition))
    throw new SignError('service-unknown', `${step.service} has no step ${step.transition}`)
  const isWeighty = transitions[step.transition]!.sign === 'identity'
  const origins = values[1] ? identityEntry.decode(values[1]).origins : []
  if (isWeighty && origins.length === 0) throw new SignError('identity-none', 'the network names no identity page')
  return { service, isWeighty, isHere: origins.includes(location.origin), origins }
}

/** Whether the ledger takes this key's signature for the step. Rejects with SignError. */
export async function checkKey(client: Client, { place, key, signal }: Preparing): Promise<void> {
  const { values } = await reached(client.read([accountKey(client.crypto, key.account)], { signal }))
  const account = values[0] && accountEntry.decode(values[0])
  const held = account && heldKeyOf(account, key.signer.key)
  if (account && !held) throw new SignError('key-ended', `the account ${formatHex(key.account)} does not hold this key`)
  if (held?.passkey && !held.passkey.origins.includes(location.origin)) {
    const pages = held.passkey.origins.join(', ')
    throw new SignError('passkey-wrong-site', `the account lets this passkey sign on ${pages}`)
  }
  // An account's first passkey belongs to the page that it first signs on.
  const isCapable = held ? isIdentityKey(held, place.origins) : key.method === 'passkey' && place.isHere
  if (place.isWeighty && !isCapable) throw new SignError('key-light', 'the key was not registered for what weighs')
}

/** About when a block will be made, by the pace of those before it; undefined where no node soon proves that. */
export function expectedTime(client: Client, height: bigint, signal: AbortSignal): Promise<Timestamp | undefined> {
  const late = new Promise<undefined>(resolve => setTimeout(resolve, paceTimeoutMs))
  const told = client.expectedTime(height, { signal }).catch(error => {
    if (!(error instanceof VerifyError)) throw error
  })
  return Promise.race([told.then(time => time ?? undefined), late])
}

function serviceOf(value: Uint8Array): ServiceActs {
  try {
    return decodeServiceActs(value)
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
