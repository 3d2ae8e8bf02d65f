// What weighs, on a page that may not let people sign it (security rule 3): the request that the identity page is handed, and the answer
// that the ledger proves. Nobody's word is taken for it, neither the other window's nor its opener's. Loaded when it is needed.

import {
  type Client,
  comparisonCode,
  equals,
  formatRecordLink,
  formatSigningRequest,
  isRequestOpen,
  type Localized,
  parseCredential,
  parseIssuer,
  type RequestEntry,
  recordEntry,
  recordKey,
  requestEntry,
  requestedDocument,
  requestHash,
  requestKey,
  type ServiceActs,
  type SigningRequest,
  VerifyError,
} from '@muniment/sdk'
import type { Qr } from '@muniment/sdk/qr'
import { qrOfText } from '../qr-link.ts'
import type { Asked } from './course.ts'
import { SignError } from './error.ts'
import { declaredFields } from './flow.ts'
import { type Place, reached } from './ledger.ts'
import { readRequest } from './opened.ts'
import { otherSigners } from './other-signers.ts'

/** Something that was sent to the identity page. */
export type Sent = {
  readonly client: Client
  readonly service: ServiceActs
  readonly transitionLabel: Localized
  /** Undefined for a proposal of several signers, which the page itself does not follow. */
  readonly request: SigningRequest | undefined
  /** For comparing two devices; empty for a proposal. */
  readonly code: string
  /** `https://id.example`, from the ledger. */
  readonly origin: string
  readonly address: string
  /** Undefined where the address is too long for one. */
  readonly qr: Qr | undefined
}

const identityPath = '/identity'
const pollMs = 1_500

/** Throws SignError where a form is not complete, or a text cannot be read. */
export async function sendElsewhere(client: Client, asked: Asked, place: Place): Promise<Sent> {
  const { service, origins } = place
  const origin = origins[0]!
  const request = asked.opened === undefined ? newRequest(client, asked) : readRequest(client, asked.opened)
  const text = request ? formatSigningRequest(request) : asked.opened!.slice(asked.opened!.indexOf('#') + 1)
  const address = new URL(identityPath, origin)
  address.hash = text
  const step = request?.transition
  return {
    client,
    service,
    transitionLabel: step === undefined ? service.title : service.transitions[step]!.label,
    request,
    code: request ? comparisonCode(requestHash(client.crypto, request)) : '',
    origin,
    address: address.href,
    qr: qrOfText(address.href),
  }
}

/** Resolves with the fragment of the record's link when the ledger proves an answer. Rejects with SignError. */
export async function followRequest(sent: Sent, signal: AbortSignal): Promise<string> {
  const { client, request } = sent
  const { crypto: hasher } = client
  const place = requestKey(hasher, requestHash(hasher, request!))
  for (;;) {
    // A node that is silent for a while is asked again: the person is busy elsewhere.
    const state = await client.read([place], { signal }).catch(ignoreUnproven)
    signal.throwIfAborted()
    if (state?.values[0]) return linkOf(sent, requestEntry.decode(state.values[0]), signal)
    if (!isRequestOpen(request!, client.now().seconds)) throw new SignError('request-expired', 'nobody answered it')
    await new Promise(resolve => setTimeout(resolve, pollMs))
    signal.throwIfAborted()
  }
}

/** The document is made here once more: only one that says just what was asked for has the seal that the ledger holds. */
async function linkOf({ client, service, request }: Sent, answer: RequestEntry, signal: AbortSignal): Promise<string> {
  const { crypto: hasher, root } = client
  const { values, header } = await reached(client.read([answer.record], { signal }))
  const record = values[0] && recordEntry.decode(values[0])
  if (!record) throw new SignError('request-differs', 'the ledger proves no such record')
  const issuer = parseIssuer(record.issuer)
  const others = answer.signers.slice(1)
  const isAsked =
    record.service === service.id &&
    answer.transition === request!.transition &&
    others.length === request!.others.length &&
    others.every((account, index) => equals(account, request!.others[index]!))
  if (!isAsked || issuer.kind !== 'account')
    throw new SignError('request-differs', 'another step was taken, or by others')
  const { document } = await requestedDocument(request!, { hasher, type: service.type!, account: issuer.account })
  const key = recordKey(hasher, record.issuer, parseCredential(document, hasher).commitment)
  if (!equals(key, answer.record)) throw new SignError('request-differs', 'the ledger holds another document’s seal')
  return formatRecordLink({ chainId: root.chainId, key, height: header.height, document })
}

function newRequest(client: Client, { request: asked }: Asked): SigningRequest {
  const { service, transition } = asked!
  return {
    chainId: client.root.chainId,
    service,
    transition,
    fields: declaredFields(asked!),
    others: otherSigners(asked!, undefined),
    secret: crypto.getRandomValues(new Uint8Array(32)),
    issuedAt: client.now().seconds,
  }
}

function ignoreUnproven(error: unknown): undefined {
  if (!(error instanceof VerifyError)) throw error
}
