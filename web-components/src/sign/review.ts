// What will be signed, read back from the very bytes: pure, and strict about everything that would not be shown. Only what
// passes here can be confirmed.

import {
  type AccountKey,
  type Credential,
  check,
  checkKey,
  decodeArgs,
  decodeTransactionBody,
  empty,
  equals,
  formatBase64Url,
  formatHex,
  formatIssuer,
  formatJson,
  type Hasher,
  isObject,
  type JsonObject,
  type Localized,
  parseBase64Url,
  parseCredential,
  type ServiceActs,
  type TransactionBody,
  transactionId,
  VerifyError,
} from '@muniment/sdk'
import { visibleText } from '../text.ts'
import { SignError } from './error.ts'

export type Review = {
  /** Hexadecimal: the hash of the bytes, to compare with another device. */
  readonly transactionId: string
  readonly chainId: string
  readonly service: string
  readonly serviceTitle: Localized
  readonly transition: string
  readonly transitionLabel: Localized
  /** In their order, the first being the sender: accounts, hexadecimal. */
  readonly signers: readonly { readonly account: string; readonly role: string }[]
  readonly nonce: bigint
  readonly validUntil: bigint
  /** As the bytes say it, base64url. */
  readonly commitment: string
  /** The key that signed the document, as the bytes say it; undefined where it is the signer's own. */
  readonly documentKey: string | undefined
  /** In whose name the sender acts, hexadecimal; undefined: in his own. */
  readonly principal?: string
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly fields: readonly { readonly name: string; readonly label: Localized; readonly value: JsonObject[string] }[]
}

export type ReviewedAgainst = {
  readonly hasher: Hasher
  readonly chainId: string
  /** The ledger's own entry, read with its proof. */
  readonly service: ServiceActs
  /** By which delegation the first of them acts for another. */
  readonly acting?: { readonly id: Uint8Array; readonly entry: { readonly from: Uint8Array } } | undefined
  /** Who signs, in this order: accounts. */
  readonly signers: readonly Uint8Array[]
  /** The document whose commitment the bytes should hold. */
  readonly document: string
  /** The key that signed it, where that is not the sender's own; 'stated': somebody else made it, and the bytes name it. */
  readonly documentKey: AccountKey | undefined | 'stated'
  /** Of the request that the act answers; left out where the act may answer one that somebody else was asked. */
  readonly requestHash?: Uint8Array | undefined
  /** What the person asked for; undefined where somebody else did, whose document then may hold only what can be seen. */
  readonly request: AskedFor | undefined
}

export type AskedFor = { readonly service: string; readonly transition: string; readonly fields: JsonObject }

/** Everything of a field is shown before signing, so it is bounded. */
export const declaredLengthMax = 2_000

/** Throws SignError `bytes-differ` wherever the bytes say more, less or other than what is shown. */
export function readReview(body: Uint8Array, against: ReviewedAgainst): Review {
  try {
    return read(body, against)
  } catch (error) {
    if (error instanceof VerifyError) throw new SignError('bytes-differ', error.message)
    throw error
  }
}

function read(body: Uint8Array, against: ReviewedAgainst): Review {
  const { hasher, service, document } = against
  const decoded = decodeTransactionBody(body)
  checkBody(decoded, against)
  const args = decodeArgs(decoded.args)
  const documentKey = readDocumentKey(args, against)
  const credential = parseCredential(document, hasher)
  const commitment = parseBase64Url(String(args.commitment))
  check(equals(commitment, credential.commitment), 'wrong-hash', 'the bytes commit to another document')
  checkDocument(credential, against)
  const { request } = against
  const names = request ? Object.keys(request.fields) : service.fields.map(({ name }) => name)
  const transition = service.transitions[decoded.transition]!
  return {
    transactionId: formatHex(transactionId(hasher, body)),
    chainId: decoded.chainId,
    service: decoded.service,
    serviceTitle: service.title,
    transition: decoded.transition,
    transitionLabel: transition.label,
    signers: decoded.signers.map(({ account, role }) => ({ account: formatHex(account), role })),
    nonce: decoded.nonce,
    validUntil: decoded.validUntil,
    commitment: formatBase64Url(commitment),
    documentKey,
    ...(against.acting && { principal: formatHex(against.acting.entry.from) }),
    issuedAt: credential.issuedAt,
    // In the order of the form that was filled in, else of the service; that they are the document's own was checked.
    fields: names
      .filter(name => Object.hasOwn(credential.fields, name))
      .map(name => ({
        name,
        label: service.fields.find(field => field.name === name)!.label,
        value: credential.fields[name]!,
      })),
  }
}

/** As the bytes name it, hexadecimal; undefined where they name none. */
function readDocumentKey(
  args: JsonObject,
  { documentKey: expected, requestHash }: ReviewedAgainst,
): string | undefined {
  const { documentKey: named, request } = args
  const isStated = expected === 'stated'
  const hasOne = isStated ? named !== undefined : expected !== undefined
  const answers = isStated && requestHash === undefined ? request !== undefined : requestHash !== undefined
  const names = ['commitment', ...(hasOne ? ['documentKey'] : []), ...(answers ? ['request'] : [])]
  check(Object.keys(args).join() === names.join(), 'malformed', 'the bytes hold other arguments than a commitment')
  if (requestHash) check(request === formatBase64Url(requestHash), 'malformed', 'the bytes answer another request')
  if (!hasOne) return undefined
  check(isObject(named) && typeof named.key === 'string', 'malformed', 'the bytes name no key for the document')
  const key = parseBase64Url(named.key)
  const wanted = isStated ? { algorithm: Number(named.algorithm), bytes: key } : expected!
  checkKey(wanted)
  check(formatJson(named) === formatJson(formatKey(wanted)), 'malformed', 'the bytes name another key for the document')
  return formatHex(key)
}

/** A key as an act's arguments name it. */
export function formatKey({ algorithm, bytes }: AccountKey): JsonObject {
  return { algorithm, key: formatBase64Url(bytes) }
}

function checkBody(body: TransactionBody, { chainId, service, signers, request, acting }: ReviewedAgainst): void {
  check(body.chainId === chainId, 'wrong-chain', 'the bytes are for another network')
  const asked = request ?? body
  const isService = body.service === asked.service && service.id === asked.service
  check(isService, 'malformed', 'the bytes name another service')
  check(body.transition === asked.transition, 'malformed', 'the bytes name another transition')
  check(Object.hasOwn(service.transitions, body.transition), 'malformed', 'the service has no such transition')
  const { by, operation } = service.transitions[body.transition]!
  check(operation === 'records.issue', 'malformed', 'the bytes do something else than to issue a record')
  check(body.ifState.length === 0 && body.sponsor.length === 0, 'malformed', 'the bytes hold what is not shown')
  check(body.signers.length === signers.length, 'malformed', 'others are to sign')
  body.signers.forEach(({ account, role, mandate }, place) => {
    const named = place === 0 ? (acting?.id ?? empty) : empty
    const fits = equals(account, signers[place]!) && equals(mandate, named)
    check(fits, 'malformed', 'the bytes name another signer')
    check(by.includes(role), 'malformed', 'the bytes name a role that may not do this')
  })
}

function checkDocument(credential: Credential, { chainId, service, signers, request, acting }: ReviewedAgainst): void {
  const issuer = formatIssuer({ kind: 'account', chainId, account: acting?.entry.from ?? signers[0]! })
  check(credential.issuerName === issuer, 'issuer-mismatch', 'the document has another issuer')
  check(credential.type === service.type, 'malformed', 'the document has another type')
  check(credential.hiddenCount === 0, 'malformed', 'the document hides fields')
  const unseen = [credential.notBefore, credential.expires, credential.holderKey]
  const seesAll = unseen.every(value => value === undefined)
  check(seesAll, 'malformed', 'the document holds what is not shown')
  const { fields } = credential
  const isAsked = !request || formatJson(fields) === formatJson(request.fields)
  check(isAsked, 'malformed', 'the document says something else')
  for (const [name, value] of Object.entries(fields)) {
    const isKnown = service.fields.some(field => field.name === name)
    check(isKnown, 'malformed', 'the service has no such field')
    const plain = typeof value === 'string' ? visibleText(value) === value : value !== null && typeof value !== 'object'
    check(plain && String(value).length <= declaredLengthMax, 'malformed', 'a field holds what is not shown')
  }
}
