// From a declaration to its record: prepare, sign, hand in, wait for the proof, and check it like anybody. Loaded when
// someone begins to sign.

import {
  accountId,
  type Client,
  decodeService,
  formatBase64Url,
  formatIssuer,
  formatRecordLink,
  issueCredential,
  parseCredential,
  recordKey,
  type Service,
  type Signer,
  serviceKey,
  type Verdict,
  type VerdictCode,
  VerifyError,
} from '@muniment/sdk'
import { visibleText } from '../text.ts'
import { SignError } from './error.ts'
import { openKey } from './key.ts'
import { type Review, readReview } from './review.ts'

/** What the page asks to be signed: a declaration's content, for a service that lets anyone issue a record of his own. */
export type SignRequest = {
  /** `citizen.declaration@1` */
  readonly service: string
  readonly transition: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

export type Prepared = {
  readonly client: Client
  /** The bytes that are signed; what is shown was read from them. */
  readonly body: Uint8Array
  readonly review: Review
  readonly isNewKey: boolean
  readonly signer: Signer
  readonly document: string
  /** The record's key in the state. */
  readonly key: Uint8Array
}

/** Everything of a field is shown before signing, so it is bounded. */
export const declaredLengthMax = 2_000
const declaredFieldsMax = 32

/** Amber while the network has no witnesses: every other step passed. */
const recordedCodes: readonly VerdictCode[] = ['current', 'single-operator']

/** Rejects with SignError, or with the signal's reason. */
export async function prepareDeclaration(client: Client, request: SignRequest, signal: AbortSignal): Promise<Prepared> {
  const { crypto: hasher, root } = client
  const { chainId } = root
  const fields = declaredFields(request)
  const service = await readService(client, request.service, signal)
  const role = roleOf(service, request)
  const { signer, isNew } = await openKey(chainId)
  const account = accountId(hasher, signer.key)
  const issuer = formatIssuer({ kind: 'account', chainId, account })
  const content = { issuer, type: service.type!, issuedAt: Number(client.now().seconds), fields }
  const seed = crypto.getRandomValues(new Uint8Array(16))
  const document = await issueCredential(content, { signer, seed, hasher })
  const { commitment } = parseCredential(document, hasher)
  const args = { commitment: formatBase64Url(commitment) }
  const signers = [{ account, role }]
  const body = await reached(
    client.prepare({ service: request.service, transition: request.transition, args, signers }, { signal }),
  )
  signal.throwIfAborted()
  const asked = { service: request.service, transition: request.transition, fields }
  const review = readReview(body, { hasher, chainId, service, account, document, request: asked })
  return { client, body, review, isNewKey: isNew, signer, document, key: recordKey(hasher, issuer, commitment) }
}

/** Signs just those bytes. */
export function signPrepared({ client, body, signer }: Prepared): Promise<Uint8Array> {
  return client.sign(body, [signer])
}

/** Hands the transaction in. A node that is silent may have taken it all the same: then only the proof tells. */
export async function handIn({ client }: Prepared, transaction: Uint8Array, signal: AbortSignal): Promise<void> {
  try {
    const { code, log } = await client.submit(transaction, { signal })
    if (code !== 0) throw new SignError('refused', `code ${code}: ${log.slice(0, 200)}`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof VerifyError)) throw error
  }
}

/** Resolves when the ledger proves that it holds the record; answers the fragment of its link. */
export async function waitForRecord(prepared: Prepared, signal: AbortSignal): Promise<string> {
  try {
    const { header } = await prepared.client.waitFor(prepared.key, { signal })
    return linkOf(prepared, header.height)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof VerifyError)) throw error
    throw new SignError('not-included', error.message)
  }
}

/** The check that anybody makes who is given the link. */
export async function verifyRecorded({ client }: Prepared, link: string, signal: AbortSignal): Promise<Verdict> {
  const verdict = await client.verifyRecord(link, { signal })
  if (!recordedCodes.includes(verdict.code)) {
    throw new SignError('not-verified', `${verdict.code}: ${verdict.evidence}`)
  }
  return verdict
}

/** Before the proof the height is not known; 0 only means that the link gives no hint. */
export function linkOf({ client, key, document }: Prepared, height = 0n): string {
  return formatRecordLink({ chainId: client.root.chainId, key, height, document })
}

function declaredFields({ fields }: SignRequest): SignRequest['fields'] {
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

async function readService(client: Client, name: string, signal: AbortSignal): Promise<Service> {
  const { values } = await reached(client.read([serviceKey(client.crypto, name)], { signal }))
  if (!values[0]) throw new SignError('service-unknown', `the ledger has no service ${name}`)
  try {
    return decodeService(values[0])
  } catch (error) {
    throw new SignError('service-unknown', error instanceof Error ? error.message : String(error))
  }
}

/** The role in which anyone may take the step. What needs an office is not signed here. */
function roleOf(service: Service, request: SignRequest): string {
  const transition = Object.hasOwn(service.transitions, request.transition)
    ? service.transitions[request.transition]
    : undefined
  const role = transition?.by.find(name => service.roles[name] === 'anyone')
  if (role === undefined || transition?.operation !== 'records.issue' || transition.persons !== 1 || !service.type) {
    throw new SignError(
      'service-unknown',
      `${request.transition} of ${request.service} is not a declaration of one’s own`,
    )
  }
  return role
}

async function reached<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('unreachable', `${error.code}: ${error.message}`)
    throw error
  }
}
