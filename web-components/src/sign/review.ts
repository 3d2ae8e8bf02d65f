// What will be signed, read back from the very bytes: pure, and strict about everything that would not be shown. Only what
// passes here can be confirmed.

import {
  type AccountKey,
  type Credential,
  check,
  decodeArgs,
  decodeTransactionBody,
  equals,
  formatBase64Url,
  formatHex,
  formatIssuer,
  formatJson,
  type Hasher,
  type JsonObject,
  type Localized,
  parseBase64Url,
  parseCredential,
  type Service,
  type TransactionBody,
  transactionId,
  VerifyError,
} from '@muniment/sdk'
import { SignError } from './error.ts'

export type Review = {
  /** Hexadecimal: the hash of the bytes, to compare with another device. */
  readonly transactionId: string
  readonly chainId: string
  readonly service: string
  readonly serviceTitle: Localized
  readonly transition: string
  readonly transitionLabel: Localized
  /** Hexadecimal. */
  readonly account: string
  readonly role: string
  readonly nonce: bigint
  readonly validUntil: bigint
  /** As the bytes say it, base64url. */
  readonly commitment: string
  /** The key that signed the document, as the bytes say it; undefined where it is the signer's own. */
  readonly documentKey: string | undefined
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly fields: readonly { readonly name: string; readonly label: Localized; readonly value: JsonObject[string] }[]
}

export type ReviewedAgainst = {
  readonly hasher: Hasher
  readonly chainId: string
  /** The ledger's own entry, read with its proof. */
  readonly service: Service
  /** Of the key that will sign. */
  readonly account: Uint8Array
  /** The document whose commitment the bytes should hold. */
  readonly document: string
  /** The key that signed it, where that is not the signer's own. */
  readonly documentKey: AccountKey | undefined
  /** What the person asked for. */
  readonly request: { readonly service: string; readonly transition: string; readonly fields: JsonObject }
}

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
  const { documentKey } = against
  const expected = documentKey ? 'commitment,documentKey' : 'commitment'
  check(Object.keys(args).join() === expected, 'malformed', 'the bytes hold other arguments than a commitment')
  const keyFits = !documentKey || formatJson(args.documentKey!) === formatJson(formatKey(documentKey))
  check(keyFits, 'malformed', 'the bytes name another key for the document')
  const credential = parseCredential(document, hasher)
  const commitment = parseBase64Url(String(args.commitment))
  check(equals(commitment, credential.commitment), 'wrong-hash', 'the bytes commit to another document')
  checkDocument(credential, against)
  const transition = service.transitions[decoded.transition]!
  return {
    transactionId: formatHex(transactionId(hasher, body)),
    chainId: decoded.chainId,
    service: decoded.service,
    serviceTitle: service.title,
    transition: decoded.transition,
    transitionLabel: transition.label,
    account: formatHex(decoded.signers[0]!.account),
    role: decoded.signers[0]!.role,
    nonce: decoded.nonce,
    validUntil: decoded.validUntil,
    commitment: formatBase64Url(commitment),
    documentKey: documentKey && formatHex(documentKey.bytes),
    issuedAt: credential.issuedAt,
    // In the order of the form that was filled in; that they are the document's own was checked.
    fields: Object.keys(against.request.fields).map(name => ({
      name,
      label: service.fields.find(field => field.name === name)!.label,
      value: credential.fields[name]!,
    })),
  }
}

/** A key as an act's arguments name it. */
export function formatKey({ algorithm, bytes }: AccountKey): JsonObject {
  return { algorithm, key: formatBase64Url(bytes) }
}

function checkBody(body: TransactionBody, { chainId, service, account, request }: ReviewedAgainst): void {
  check(body.chainId === chainId, 'wrong-chain', 'the bytes are for another network')
  check(
    body.service === request.service && service.id === request.service,
    'malformed',
    'the bytes name another service',
  )
  check(body.transition === request.transition, 'malformed', 'the bytes name another transition')
  check(Object.hasOwn(service.transitions, body.transition), 'malformed', 'the service has no such transition')
  check(body.ifState.length === 0 && body.sponsor.length === 0, 'malformed', 'the bytes hold what is not shown')
  const [signer, ...others] = body.signers
  check(signer && others.length === 0, 'malformed', 'others are to sign too')
  check(equals(signer.account, account) && signer.mandate.length === 0, 'malformed', 'the bytes name another signer')
  const { by } = service.transitions[body.transition]!
  check(by.includes(signer.role), 'malformed', 'the bytes name a role that may not do this')
}

function checkDocument(credential: Credential, { chainId, service, account, request }: ReviewedAgainst): void {
  const issuer = formatIssuer({ kind: 'account', chainId, account })
  check(credential.issuerName === issuer, 'issuer-mismatch', 'the document has another issuer')
  check(credential.type === service.type, 'malformed', 'the document has another type')
  check(credential.hiddenCount === 0, 'malformed', 'the document hides fields')
  const unseen = [credential.notBefore, credential.expires, credential.holderKey]
  check(
    unseen.every(value => value === undefined),
    'malformed',
    'the document holds what is not shown',
  )
  check(formatJson(credential.fields) === formatJson(request.fields), 'malformed', 'the document says something else')
  for (const name of Object.keys(credential.fields))
    check(
      service.fields.some(field => field.name === name),
      'malformed',
      'the service has no such field',
    )
}
