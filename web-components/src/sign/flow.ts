// From a declaration to its record: prepare, sign, hand in, wait for the proof, and check it like anybody. Loaded when
// someone begins to sign.

import {
  type Client,
  formatBase64Url,
  formatHex,
  formatIssuer,
  formatRecordLink,
  issueCredential,
  limits,
  type Proposal,
  parseCredential,
  parseHex,
  recordKey,
  type Service,
  type Verdict,
  type VerdictCode,
  VerifyError,
} from '@muniment/sdk'
import { visibleText } from '../text.ts'
import { SignError } from './error.ts'
import { makeDocumentKey, type SigningKey } from './key.ts'
import { reached, readForSigning } from './ledger.ts'
import { declaredLengthMax, formatKey, type Review, readReview } from './review.ts'

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
}

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
  const others = otherSigners(request, account)
  const service = await readForSigning(client, { service: request.service, key, signal })
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
  const accounts = [account, ...others]
  const { service: name, transition } = request
  const act = { service: name, transition, args, signers: accounts.map(each => ({ account: each, role })) }
  // Others need time to answer.
  const validForBlocks = others.length > 0 ? limits.validUntilBlocksMax : limits.validForBlocks
  const body = await reached(client.prepare({ ...act, validForBlocks }, { signal }))
  signal.throwIfAborted()
  const asked = { service: name, transition, fields }
  const against = { hasher, chainId, service, signers: accounts, document, documentKey, request: asked }
  const review = readReview(body, against)
  const proposal = { body, document, answers: [] }
  return { client, proposal, review, key, place: 0, recordKey: recordKey(hasher, issuer, commitment) }
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
export function linkOf({ client, recordKey: key, proposal }: Prepared, height = 0n): string {
  return formatRecordLink({ chainId: client.root.chainId, key, height, document: proposal.document })
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

/** The role in which anyone may take the step. What needs an office is not signed here. */
function roleOf(service: Service, request: SignRequest): string {
  const transition = Object.hasOwn(service.transitions, request.transition)
    ? service.transitions[request.transition]
    : undefined
  const role = transition?.by.find(name => service.roles[name] === 'anyone')
  const persons = 1 + (request.others?.length ?? 0)
  if (transition && persons < transition.persons)
    throw new SignError('signers-missing', `this step takes ${transition.persons} persons`)
  if (role === undefined || transition?.operation !== 'records.issue' || !service.type) {
    throw new SignError(
      'service-unknown',
      `${request.transition} of ${request.service} is not a declaration of one’s own`,
    )
  }
  return role
}

/** The other signers' accounts: each another person's, and each once. */
function otherSigners({ others = [] }: SignRequest, own: Uint8Array): readonly Uint8Array[] {
  const ownText = formatHex(own)
  const texts = others.map(text => text.trim().toLowerCase())
  for (const text of texts) {
    if (!/^[0-9a-f]{64}$/.test(text)) throw new SignError('signer-unknown', 'not the id of an account')
    if (text === ownText) throw new SignError('signer-self', 'the other signer is oneself')
  }
  if (new Set(texts).size < texts.length || texts.length >= limits.signersMax)
    throw new SignError('signer-unknown', 'an account stands twice, or there are too many')
  return texts.map(parseHex)
}
