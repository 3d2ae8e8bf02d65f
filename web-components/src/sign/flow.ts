// From a declaration to its record: prepare, sign, hand in, wait for the proof, and check it like anybody. Loaded when
// someone begins to sign.

import {
  type AccountKey,
  type Client,
  formatBase64Url,
  formatIssuer,
  formatRecordLink,
  issueCredential,
  type JsonObject,
  limits,
  type Proposal,
  parseCredential,
  ResultCode,
  recordKey,
  type ServiceActs,
  type Timestamp,
  type Verdict,
  type VerdictCode,
  VerifyError,
} from '@muniment/sdk'
import { visibleText } from '../text.ts'
import type { Watched } from './account.ts'
import type { KnownDelegation } from './delegations.ts'
import { SignError } from './error.ts'
import { makeDocumentKey, type SigningKey } from './key.ts'
import { expectedTime, type Preparing, reached } from './ledger.ts'
import { type AskedFor, declaredLengthMax, formatKey, type Review, readReview } from './review.ts'

/** What the page asks to be signed: a declaration's content, for a service that lets anyone issue a record of his own. */
export type SignRequest = {
  /** `citizen.declaration@1` */
  readonly service: string
  readonly transition: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
  /** Who signs it too, where the step takes more than one: their accounts, hexadecimal. */
  readonly others?: readonly string[]
}

export type Prepared = {
  readonly client: Client
  /** Its body is what is signed, and what is shown was read from it. */
  readonly proposal: Proposal
  readonly review: Review
  readonly key: SigningKey
  /** Of this signer, in the body's list. */
  readonly place: number
  /** The record's key in the state. */
  readonly recordKey: Uint8Array
  /** Others brought it here to be signed, so how it stands with them is looked up first. */
  readonly isProposed: boolean
  /** Another page's request, which the act answers. */
  readonly asked: { readonly code: string; readonly view: typeof import('./render-elsewhere.ts') } | undefined
  /** Where there are others for whom it could be done. */
  readonly acting?: {
    readonly choices: readonly KnownDelegation[]
    readonly chosen: KnownDelegation | undefined
    readonly choose: (choice: KnownDelegation | undefined) => Promise<Prepared>
    readonly view: typeof import('./render-acting.ts')
  }
  /** Where it seals no document: what it says, and where the ledger shows that it was done. */
  readonly act?: {
    readonly args: JsonObject
    readonly watched: Watched
    readonly view: typeof import('./render-act.ts')
  }
  /** When the last block in which it can stand is expected; undefined where nothing tells. */
  readonly deadline: Timestamp | undefined
}

const declaredFieldsMax = 32

/** Amber while the network has no witnesses: every other step passed. */
const recordedCodes: readonly VerdictCode[] = ['current', 'single-operator']

/** Rejects with SignError, or with the signal's reason. */
export async function prepareDeclaration(client: Client, request: SignRequest, given: Preparing): Promise<Prepared> {
  const { crypto: hasher, root } = client
  const { key, place } = given
  const fields = declaredFields(request)
  const others = request.others?.length ? (await import('./other-signers.ts')).otherSigners(request, key.account) : []
  const documentSigner = 'sign' in key.signer ? key.signer : await makeDocumentKey()
  const documentKey = 'sign' in key.signer ? undefined : documentSigner.key
  const issuer = formatIssuer({ kind: 'account', chainId: root.chainId, account: principalOf(given) })
  const content = { issuer, type: place.service.type!, issuedAt: Number(client.now().seconds), fields }
  const seed = crypto.getRandomValues(new Uint8Array(16))
  const document = await issueCredential(content, { signer: documentSigner, seed, hasher })
  const { service, transition } = request
  const asked = { service, transition, fields }
  return prepareDocument(client, { ...given, document, documentKey, asked, others, request: undefined })
}

/** An act that seals a document, and what of both will be shown. Rejects with SignError, or with the signal's reason. */
export async function prepareDocument(
  client: Client,
  given: Preparing & {
    readonly document: string
    readonly documentKey: AccountKey | undefined
    readonly asked: AskedFor
    readonly others: readonly Uint8Array[]
    /** The hash of the request that is answered. */
    readonly request: Uint8Array | undefined
  },
): Promise<Prepared> {
  const { crypto: hasher, root } = client
  const { chainId } = root
  const { key, place, signal, acting, document, documentKey, asked, others, request } = given
  const { service } = place
  const { commitment } = parseCredential(document, hasher)
  const args = {
    commitment: formatBase64Url(commitment),
    ...(documentKey && { documentKey: formatKey(documentKey) }),
    ...(request && { request: formatBase64Url(request) }),
  }
  const role = roleOf(service, { transition: asked.transition, persons: 1 + others.length })
  const accounts = [key.account, ...others]
  const act = {
    service: service.id,
    transition: asked.transition,
    args,
    signers: accounts.map((account, index) => ({
      account,
      role,
      ...(index === 0 && acting && { mandate: acting.id }),
    })),
  }
  // Others need time to answer.
  const validForBlocks = others.length > 0 ? limits.validUntilBlocksMax : limits.validForBlocks
  const body = await reached(client.prepare({ ...act, validForBlocks }, { signal }))
  signal.throwIfAborted()
  const against = {
    hasher,
    chainId,
    service,
    signers: accounts,
    document,
    documentKey,
    requestHash: request,
    request: asked,
    acting,
  }
  const review = readReview(body, against)
  const issuer = formatIssuer({ kind: 'account', chainId, account: principalOf(given) })
  return {
    client,
    proposal: { body, document, answers: [] },
    review,
    key,
    place: 0,
    recordKey: recordKey(hasher, issuer, commitment),
    isProposed: false,
    asked: undefined,
    deadline: await expectedTime(client, review.validUntil, signal),
  }
}

/** In whose name it is done. */
export function principalOf({ key, acting }: Preparing): Uint8Array {
  return acting?.entry.from ?? key.account
}

/** What was signed, and the transaction when nobody else has to sign any more. */
export type Signed = { readonly prepared: Prepared; readonly transaction: Uint8Array | undefined }

/** Signs just those bytes. Rejects with SignError where a passkey's answer is not what the ledger takes. */
export async function signPrepared(prepared: Prepared): Promise<Signed> {
  const { client, proposal, key, review } = prepared
  try {
    if (review.signers.length === 1) return { prepared, transaction: await client.sign(proposal.body, [key.signer]) }
    const together = await import('./together.ts')
    const accepted = await together.acceptPrepared(prepared)
    return { prepared: accepted, transaction: together.transactionOf(accepted) }
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('passkey-unverified', error.message)
    throw error
  }
}

/** Hands the transaction in. A node that is silent may have taken it all the same: then only the proof tells. */
export async function handIn({ client, asked }: Prepared, transaction: Uint8Array, signal: AbortSignal): Promise<void> {
  try {
    const { code, log } = await client.submit(transaction, { signal })
    if (code === ResultCode.exists && asked) throw new SignError('request-answered', log.slice(0, 200))
    if (code !== 0) throw new SignError('refused', `code ${code}: ${log.slice(0, 200)}`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof VerifyError)) throw error
  }
}

/** Resolves when the ledger proves that it holds the record; answers the fragment of its link. */
export async function waitForRecord(prepared: Prepared, signal: AbortSignal): Promise<string> {
  try {
    const { header } = await prepared.client.waitFor(prepared.recordKey, { signal })
    return linkOf(prepared, header.height)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof VerifyError)) throw error
    throw new SignError('not-included', error.message)
  }
}

/** Resolves when the ledger shows that an act without a record was done. */
export async function waitForAct({ client, act }: Prepared, signal: AbortSignal): Promise<void> {
  const { watchFor } = await import('./account.ts')
  await watchFor(client, act!.watched, signal)
}

/** The check that anybody makes who is given the link. */
export async function verifyRecorded(client: Client, link: string, signal: AbortSignal): Promise<Verdict> {
  const verdict = await client.verifyRecord(link, { signal })
  if (!recordedCodes.includes(verdict.code)) {
    throw new SignError('not-verified', `${verdict.code}: ${verdict.evidence}`)
  }
  return verdict
}

/** Before the proof the height is not known; 0 only means that the link gives no hint. */
export function linkOf({ client, recordKey: key, proposal }: Prepared, height = 0n): string {
  return formatRecordLink({ chainId: client.root.chainId, key, height, document: proposal.document })
}

/** As they can be shown whole. Throws SignError. */
export function declaredFields({ fields }: SignRequest): SignRequest['fields'] {
  const entries = Object.entries(fields).map(([name, value]) => {
    const shown = typeof value === 'string' ? visibleText(value) : value
    if (shown === '') throw new SignError('incomplete', `the field ${name} is empty`)
    if (String(shown).length > declaredLengthMax) throw new SignError('too-long', `the field ${name} is too long`)
    return [name, shown] as const
  })
  if (entries.length === 0) throw new SignError('incomplete', 'there is no field')
  if (entries.length > declaredFieldsMax) throw new SignError('too-long', 'there are too many fields')
  return Object.fromEntries(entries)
}

/** The role in which anyone may take the step. What needs an office is not signed here. */
function roleOf(
  service: ServiceActs,
  { transition: name, persons }: { readonly transition: string; readonly persons: number },
): string {
  const transition = Object.hasOwn(service.transitions, name) ? service.transitions[name] : undefined
  const role = transition?.by.find(each => service.roles[each] === 'anyone')
  if (transition && persons < transition.persons)
    throw new SignError('signers-missing', `this step takes ${transition.persons} persons`)
  if (role === undefined || transition?.operation !== 'records.issue' || !service.type)
    throw new SignError('service-unknown', `${name} of ${service.id} is not a declaration of one’s own`)
  return role
}
