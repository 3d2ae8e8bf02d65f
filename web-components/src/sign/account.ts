// An account and its keys: read with proof, changed by acts that are shown from their bytes first. Loaded when somebody looks at
// his keys.

import {
  type AccountEntry,
  accountEntry,
  accountKey,
  type Client,
  decodeArgs,
  decodeService,
  decodeTransactionBody,
  equals,
  formatJson,
  type JsonObject,
  type Localized,
  limits,
  serviceKey,
  VerifyError,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import type { SigningKey } from './key.ts'
import { heldKeyOf, reached } from './ledger.ts'

const partiesService = 'state.parties@1'
const pollMs = 500

/** The account's entry, undefined before its first act. Rejects with SignError `key-ended` where the key is no longer its. */
export async function readAccount(
  client: Client,
  key: SigningKey,
  signal: AbortSignal,
): Promise<AccountEntry | undefined> {
  const { values } = await reached(client.read([accountKey(client.crypto, key.account)], { signal }))
  if (!values[0]) return undefined
  const entry = accountEntry.decode(values[0])
  if (!heldKeyOf(entry, key.signer.key)) throw new SignError('key-ended', 'the account does not hold this key')
  return entry
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
  readonly validUntil: bigint
  /** Whether the account's entry shows that it was done. */
  readonly isDone: (entry: AccountEntry) => boolean
}

/** An act on one's own account, as it will be signed. Rejects with SignError. */
export async function prepareAct(
  client: Client,
  given: Pick<AccountAct, 'key' | 'isDone'> & {
    readonly transition: string
    readonly args: JsonObject
    readonly signal: AbortSignal
  },
): Promise<AccountAct> {
  const { key, transition, args, signal, isDone } = given
  const { values } = await reached(client.read([serviceKey(client.crypto, partiesService)], { signal }))
  if (!values[0]) throw new SignError('service-unknown', `the ledger has no service ${partiesService}`)
  const service = decodeService(values[0])
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
    validUntil: decoded.validUntil,
    isDone,
  }
}

/** Signs those bytes and hands them in; resolves when the ledger proves that it was done. */
export async function performAct(act: AccountAct, signal: AbortSignal, whenSigned: () => void): Promise<AccountEntry> {
  const { client, key } = act
  const transaction = await client.sign(act.body, [key.signer]).catch(error => {
    throw error instanceof VerifyError ? new SignError('passkey-unverified', error.message) : error
  })
  signal.throwIfAborted()
  whenSigned()
  const { code, log } = await reached(client.submit(transaction, { signal }))
  if (code !== 0) throw new SignError('refused', `code ${code}: ${log.slice(0, 200)}`)
  const until = Date.now() + limits.inclusionTimeoutMs
  for (;;) {
    const { values } = await reached(client.read([accountKey(client.crypto, key.account)], { signal }))
    const entry = values[0] && accountEntry.decode(values[0])
    if (entry && act.isDone(entry)) return entry
    if (Date.now() > until) throw new SignError('not-included', 'the ledger did not prove it in time')
    await new Promise(resolve => setTimeout(resolve, pollMs))
    signal.throwIfAborted()
  }
}
