// A request to sign on another page (security rule 3): what a page that may not let people sign hands to the identity page, behind the
// # of a link or in a QR code. It carries values and never a text to be shown: whoever opens it draws the act from the ledger's
// service file. Its hash stands in the act, so the page that asked finds the answer in the ledger and needs nobody's word.

import { formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { decodeCanonicalJson, encodeCanonicalJson, type JsonObject } from '../json.ts'
import {
  chainIdLengthMax,
  serviceNameLengthMax,
  signersMax,
  signRequestAheadSecondsMax,
  signRequestBytesMax,
  signRequestSecondsMax,
  transitionNameLengthMax,
} from '../limits.ts'
import { bytes, type Message, message, repeatedBytes, string, uint64 } from '../protobuf.ts'
import { taggedHash } from '../tags.ts'

export type SigningRequest = {
  readonly chainId: string
  /** `citizen.declaration@1` */
  readonly service: string
  readonly transition: string
  /** What the document says. */
  readonly fields: JsonObject
  /** Who signs it too: accounts, 32 bytes each. */
  readonly others: readonly Uint8Array[]
  /** 32 random bytes, from which the document's salts and key come. No two requests have the same. */
  readonly secret: Uint8Array
  /** Seconds since 1970, of the page that asks; the document's date. */
  readonly issuedAt: bigint
}

type Encoded = Omit<SigningRequest, 'fields'> & { readonly fields: Uint8Array }

const signingRequest: Message<Encoded> = message({
  chainId: string(1, chainIdLengthMax),
  service: string(2, serviceNameLengthMax),
  transition: string(3, transitionNameLengthMax),
  fields: bytes(4, signRequestBytesMax),
  others: repeatedBytes(5, signersMax - 1, 32),
  secret: bytes(6, 32),
  issuedAt: uint64(7),
})

export function encodeSigningRequest(request: SigningRequest): Uint8Array {
  return signingRequest.encode({ ...request, fields: encodeCanonicalJson(request.fields) })
}

/** Throws VerifyError for anything but a request's one spelling. */
export function decodeSigningRequest(encoded: Uint8Array): SigningRequest {
  check(encoded.length <= signRequestBytesMax, 'oversized', 'a request to sign is too long')
  const value = signingRequest.decode(encoded)
  const fields = decodeCanonicalJson(value.fields)
  check(value.secret.length === 32, 'malformed', 'a request to sign has a secret of 32 bytes')
  check(
    value.others.every(account => account.length === 32),
    'malformed',
    'an account id has 32 bytes',
  )
  return { ...value, fields }
}

const textPrefix = 'r1/'

/** As it stands behind the # of a link, which no server is sent. */
export function formatSigningRequest(request: SigningRequest): string {
  return textPrefix + formatBase64Url(encodeSigningRequest(request))
}

/** The text, or a link that ends in it. Throws VerifyError, `format-unknown` for what is something else. */
export function parseSigningRequest(text: string): SigningRequest {
  check(text.length <= signRequestBytesMax * 2, 'oversized', 'a request to sign is too long')
  const trimmed = text.trim()
  const start = trimmed.indexOf('#') + 1
  check(trimmed.startsWith(textPrefix, start), 'format-unknown', 'not a request to sign')
  return decodeSigningRequest(parseBase64Url(trimmed.slice(start + textPrefix.length)))
}

/** What stands in the act, 32 bytes: nobody without the request learns from it what was asked. */
export function requestHash(hasher: Hasher, request: SigningRequest): Uint8Array {
  return taggedHash(hasher, 'muniment/request/1', encodeSigningRequest(request))
}

/** Whether it may be signed at a time, in seconds since 1970. */
export function isRequestOpen({ issuedAt }: SigningRequest, now: bigint): boolean {
  return issuedAt <= now + BigInt(signRequestAheadSecondsMax) && now < issuedAt + BigInt(signRequestSecondsMax)
}

/**
 * Sixteen digits of a request's hash (53 bits), for two devices to be compared by eye: whoever wants to put another request in the
 * place of one has an hour to find it.
 */
export function comparisonCode(hash: Uint8Array): string {
  const number = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0) % 10n ** 16n
  return String(number)
    .padStart(16, '0')
    .replace(/(.{4})(?=.)/g, '$1 ')
}

/** Of the request's secret, each for one use: 16 bytes for the document's salts, 32 for the key that signs it. */
export function requestSeeds(
  hasher: Hasher,
  { secret }: SigningRequest,
): { readonly salts: Uint8Array; readonly key: Uint8Array } {
  return {
    salts: taggedHash(hasher, 'muniment/request-salt/1', secret).slice(0, 16),
    key: taggedHash(hasher, 'muniment/request-key/1', secret),
  }
}
