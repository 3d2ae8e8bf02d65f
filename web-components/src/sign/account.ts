// An account and its keys: read with proof, changed by acts that are shown from their bytes first. Loaded when somebody looks at
// his keys.

import {
  type AccountEntry,
  accountEntry,
  accountKey,
  type Client,
  decodeArgs,
  decodeServiceActs,
  decodeTransactionBody,
  equals,
  formatJson,
  identityEntry,
  identityKey,
  isIdentityKey,
  type JsonObject,
  type Localized,
  limits,
  parseBase64Url,
  type ServiceActs,
  serviceKey,
  type Timestamp,
  VerifyError,
} from '@muniment/sdk'
import { type KnownDelegation, readDelegations } from './delegations.ts'
import { SignError } from './error.ts'
import type { SigningKey } from './key.ts'
import { expectedTime, heldKeyOf, reached } from './ledger.ts'

const partiesService = 'state.parties@1'
const pollMs = 500

/** An account as the ledger proves it, and what this browser's key can do for it on this page. */
export type Account = {
  readonly client: Client
  readonly key: SigningKey
  /** Undefined before its first act. */
  readonly entry: AccountEntry | undefined
  /** Origins of the identity pages. */
  readonly origins: readonly string[]
  readonly delegations: readonly KnownDelegation[]
  /** Of which the page lets people delegate steps. */
  readonly services: readonly ServiceActs[]
  /** Weighty acts can be signed here, and now. */
  readonly isCapable: boolean
}

/** Rejects with SignError `key-ended` where the key is no longer the account's. */
export async function readAccount(
  client: Client,
  key: SigningKey,
  { signal, services: names }: { readonly signal: AbortSignal; readonly services: readonly string[] },
): Promise<Account> {
  const places = [
    accountKey(client.crypto, key.account),
    identityKey(client.crypto),
    ...names.map(name => serviceKey(client.crypto, name)),
  ]
  const { values } = await reached(client.read(places, { signal }))
  const entry = values[0] ? accountEntry.decode(values[0]) : undefined
  const held = entry && heldKeyOf(entry, key.signer.key)
  if (entry && !held) throw new SignError('key-ended', 'the account does not hold this key')
  const origins = values[1] ? identityEntry.decode(values[1]).origins : []
  const isHere = origins.includes(location.origin)
  const isCapable = isHere && (held ? isIdentityKey(held, origins) : key.method === 'passkey')
  const delegations = await readDelegations(client, key.account, signal)
  const services = values.slice(2).flatMap(value => (value ? [decodeServiceActs(value)] : []))
  return { client, key, entry, origins, delegations, services, isCapable }
}

export type AccountAct = {
  readonly client: Client
  readonly key: SigningKey
  /** What is signed, and what the following was read from. */
  readonly body: Uint8Array
  readonly serviceTitle: Localized
  readonly transitionLabel: Localized
  /** In their canonical order. */
  readonly args: JsonObject
  /** Accounts among them that the ledger proves it does not hold (yet): mistyped, or of people who never signed anything. */
  readonly unknown: readonly Uint8Array[]
  readonly validUntil: bigint
  readonly deadline: Timestamp | undefined
  readonly watched: Watched
}

/** Where the ledger shows that an act was done. */
export type Watched = {
  /** State key. */
  readonly key: Uint8Array
  readonly isDone: (value: Uint8Array) => boolean
}

/** An act on one's own account, as it will be signed. Rejects with SignError. */
export async function prepareAct(
  client: Client,
  given: Pick<AccountAct, 'key'> & {
    readonly transition: string
    readonly args: JsonObject
    readonly signal: AbortSignal
    /** By the body; the account's own entry where this is left out. */
    readonly watched?: (body: Uint8Array) => Watched
    readonly isDone?: (entry: AccountEntry) => boolean
  },
): Promise<AccountAct> {
  const { key, transition, args, signal, isDone = () => true } = given
  const ofAccount = (): Watched => ({
    key: accountKey(client.crypto, key.account),
    isDone: value => isDone(accountEntry.decode(value)),
  })
  const named = accountsIn(args)
  const places = [serviceKey(client.crypto, partiesService), ...named.map(each => accountKey(client.crypto, each))]
  const { values } = await reached(client.read(places, { signal }))
  if (!values[0]) throw new SignError('service-unknown', `the ledger has no service ${partiesService}`)
  const service = decodeServiceActs(values[0])
  const signers = [{ account: key.account, role: 'holder' }]
  const body = await reached(client.prepare({ service: partiesService, transition, args, signers }, { signal }))
  const decoded = decodeTransactionBody(body)
  const [signer, ...others] = decoded.signers
  const isAsked =
    decoded.chainId === client.root.chainId &&
    decoded.service === partiesService &&
    decoded.transition === transition &&
    decoded.sponsor.length + decoded.ifState.length + others.length + signer!.mandate.length === 0 &&
    equals(signer!.account, key.account) &&
    formatJson(decodeArgs(decoded.args)) === formatJson(args)
  if (!isAsked || !Object.hasOwn(service.transitions, transition))
    throw new SignError('bytes-differ', 'what was prepared is not what was asked for')
  return {
    client,
    key,
    body,
    serviceTitle: service.title,
    transitionLabel: service.transitions[transition]!.label,
    args: decodeArgs(decoded.args),
    unknown: named.filter((_, index) => !values[index + 1]),
    validUntil: decoded.validUntil,
    deadline: await expectedTime(client, decoded.validUntil, signal),
    watched: (given.watched ?? ofAccount)(body),
  }
}

/** Of the people whom an act trusts: guardians, and who acts for another. */
function accountsIn({ guardians, to }: JsonObject): readonly Uint8Array[] {
  return [guardians, to].flat().flatMap(each => (typeof each === 'string' ? [parseBase64Url(each)] : []))
}

/** Signs those bytes and hands them in; resolves when the ledger proves that it was done. */
export async function performAct(act: AccountAct, signal: AbortSignal, whenSigned: () => void): Promise<void> {
  const { client, key, watched } = act
  const transaction = await client.sign(act.body, [key.signer]).catch(error => {
    throw error instanceof VerifyError ? new SignError('passkey-unverified', error.message) : error
  })
  signal.throwIfAborted()
  whenSigned()
  const { code, log } = await reached(client.submit(transaction, { signal }))
  if (code !== 0) throw new SignError('refused', `code ${code}: ${log.slice(0, 200)}`)
  await watchFor(client, watched, signal)
}

/** Resolves when the ledger shows that it was done. Rejects with SignError `not-included`. */
export async function watchFor(client: Client, watched: Watched, signal: AbortSignal): Promise<void> {
  const until = Date.now() + limits.inclusionTimeoutMs
  for (;;) {
    const { values } = await reached(client.read([watched.key], { signal }))
    if (values[0] && watched.isDone(values[0])) return
    if (Date.now() > until) throw new SignError('not-included', 'the ledger did not prove it in time')
    await new Promise(resolve => setTimeout(resolve, pollMs))
    signal.throwIfAborted()
  }
}
