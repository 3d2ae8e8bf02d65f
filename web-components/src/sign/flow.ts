// From a declaration to its record: prepare, sign, hand in, wait for the proof, and check it like anybody. Loaded when
// someone begins to sign.

import {
  type AccountKey,
  accountEntry,
  accountKey,
  type Client,
  decodeService,
  equals,
  formatBase64Url,
  formatIssuer,
  formatRecordLink,
  issueCredential,
  parseCredential,
  recordKey,
  type Service,
  serviceKey,
  type Verdict,
  type VerdictCode,
  VerifyError,
} from '@muniment/sdk'
import { visibleText } from '../text.ts'
import { SignError } from './error.ts'
import { makeDocumentKey, type SigningKey } from './key.ts'
import { formatKey, type Review, readReview } from './review.ts'

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
  readonly key: SigningKey
  readonly document: string
  /** The record's key in the state. */
  readonly recordKey: Uint8Array
}

/** Everything of a field is shown before signing, so it is bounded. */
export const declaredLengthMax = 2_000
const declaredFieldsMax = 32

/** Amber while the network has no witnesses: every other step passed. */
const recordedCodes: readonly VerdictCode[] = ['current', 'single-operator']

/** Rejects with SignError, or with the signal's reason. */
export async function prepareDeclaration(
  client: Client,
  request: SignRequest,
  { key, signal }: { readonly key: SigningKey; readonly signal: AbortSignal },
): Promise<Prepared> {
  const { crypto: hasher, root } = client
  const { chainId } = root
  const fields = declaredFields(request)
  const { account } = key
  const service = await readLedger(client, { name: request.service, key, signal })
  const role = roleOf(service, request)
  const documentSigner = 'sign' in key.signer ? key.signer : await makeDocumentKey()
  const documentKey = 'sign' in key.signer ? undefined : documentSigner.key
  const issuer = formatIssuer({ kind: 'account', chainId, account })
  const content = { issuer, type: service.type!, issuedAt: Number(client.now().seconds), fields }
  const seed = crypto.getRandomValues(new Uint8Array(16))
  const document = await issueCredential(content, { signer: documentSigner, seed, hasher })
  const { commitment } = parseCredential(document, hasher)
  const named = documentKey && { documentKey: formatKey(documentKey) }
  const args = { commitment: formatBase64Url(commitment), ...named }
  const signers = [{ account, role }]
  const body = await reached(
    client.prepare({ service: request.service, transition: request.transition, args, signers }, { signal }),
  )
  signal.throwIfAborted()
  const asked = { service: request.service, transition: request.transition, fields }
  const review = readReview(body, { hasher, chainId, service, account, document, documentKey, request: asked })
  return { client, body, review, key, document, recordKey: recordKey(hasher, issuer, commitment) }
}

/** Signs just those bytes. Rejects with SignError where a passkey's answer is not what the ledger takes. */
export async function signPrepared({ client, body, key }: Prepared): Promise<Uint8Array> {
  try {
    return await client.sign(body, [key.signer])
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('passkey-unverified', error.message)
    throw error
  }
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
    const { header } = await prepared.client.waitFor(prepared.recordKey, { signal })
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
export function linkOf({ client, recordKey: key, document }: Prepared, height = 0n): string {
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

/** The service, once the ledger has said that the key may sign for its account on this page. */
async function readLedger(
  client: Client,
  { name, key, signal }: { readonly name: string; readonly key: SigningKey; readonly signal: AbortSignal },
): Promise<Service> {
  const { account, signer } = key
  const places = [serviceKey(client.crypto, name), accountKey(client.crypto, account)]
  const { values } = await reached(client.read(places, { signal }))
  const held = values[1] && accountEntry.decode(values[1]).keys.find(each => sameKey(each.key, signer.key))
  if (values[1] && held?.endedHeight !== 0n)
    throw new SignError('key-ended', 'the account does not hold this key, or no more')
  if (held?.passkey && !held.passkey.origins.includes(location.origin))
    throw new SignError(
      'passkey-wrong-site',
      `the account lets this passkey sign on ${held.passkey.origins.join(', ')}`,
    )
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

function sameKey(left: AccountKey, right: AccountKey): boolean {
  return left.algorithm === right.algorithm && equals(left.bytes, right.bytes)
}

async function reached<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('unreachable', `${error.code}: ${error.message}`)
    throw error
  }
}
