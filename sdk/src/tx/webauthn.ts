// Signatures of passkeys (WebAuthn Level 3). An authenticator signs no bytes of ours: it signs its own data and the hash of what
// the browser says that it was asked. A ledger must read both in one way for ever, so nothing here parses JSON: the client data
// is compared with what a browser writes (5.8.1.2, the Limited Verification Algorithm).

import { concat, decodeUtf8, encodeUtf8, formatBase64Url, startsWith } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { withLowS } from '../crypto/encoding.ts'
import { check } from '../errors.ts'
import { originLengthMax } from '../limits.ts'

export type Assertion = {
  /** 37 bytes, and what extensions add (6.1). */
  readonly authenticatorData: Uint8Array
  /** UTF-8 of the client data's JSON (5.8.1). */
  readonly clientData: Uint8Array
}

export type ReadAssertion = {
  /** What the key signed. */
  readonly message: Uint8Array
  /** SHA-256 of the relying party's id, 32 bytes: for whom the authenticator keeps the key. */
  readonly rpIdHash: Uint8Array
  /** The page's, as the browser wrote it. */
  readonly origin: string
}

/** Bits of the flags (6.1). */
const Flag = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extended: 0x80,
}
const reservedFlags = 0x22
const rpIdHashLength = 32
const plainLength = 37

/** As browsers write them (WHATWG URL, serialisation of origins): ASCII, so that no character of it is ever escaped in JSON. */
const originPattern = /^https:\/\/[a-z0-9.-]{1,253}(?::[1-9][0-9]{0,4})?$|^http:\/\/localhost(?::[1-9][0-9]{0,4})?$/

/**
 * Reads an assertion over a challenge of 32 bytes. Throws VerifyError `malformed` where the person was not verified, where the
 * page was a frame of another's, or where either part says anything that it may not. Whether origin and relying party are the
 * key's own, and whether the signature is good, is for the caller.
 */
export function readAssertion(assertion: Assertion, challenge: Uint8Array, hasher: Hasher): ReadAssertion {
  const { authenticatorData, clientData } = assertion
  checkAuthenticatorData(authenticatorData)
  const origin = originOf(clientData, challenge)
  return {
    message: concat(authenticatorData, hasher.sha256(clientData)),
    rpIdHash: authenticatorData.slice(0, rpIdHashLength),
    origin,
  }
}

/**
 * An authenticator's ECDSA signature (6.5.5: ASN.1 DER of r and s, RFC 3279, 2.2.3) as r | s with a low s; 64 bytes. Throws
 * VerifyError `malformed` for any other spelling than DER's one.
 */
export function readEcdsaSignature(der: Uint8Array): Uint8Array {
  check(der[0] === 0x30 && der[1] === der.length - 2 && der.length <= 72, 'malformed', 'not a signature in DER')
  const r = readInteger(der.subarray(2))
  const s = readInteger(der.subarray(2 + r.size))
  check(2 + r.size + s.size === der.length, 'malformed', 'a signature in DER with a stray end')
  return withLowS(concat(r.bytes, s.bytes))
}

/** Whether a page of this origin can ask a passkey. */
export function isSigningOrigin(origin: string): boolean {
  return origin.length <= originLengthMax && originPattern.test(origin)
}

/** A positive INTEGER of at most 256 bits, in as few bytes as it takes. */
function readInteger(der: Uint8Array): { readonly bytes: Uint8Array; readonly size: number } {
  const length = der[1] ?? 0
  const value = der.subarray(2, 2 + length)
  check(der[0] === 0x02 && length >= 1 && value.length === length, 'malformed', 'not an integer in DER')
  const isPadded = value[0] === 0 && length > 1
  const isShortest = !isPadded || value[1]! >= 0x80
  check(value[0]! < 0x80 && isShortest, 'malformed', 'an integer in DER is negative or too long')
  const digits = isPadded ? value.subarray(1) : value
  check(digits.length <= 32, 'malformed', 'an integer of a signature is too large')
  return { bytes: concat(new Uint8Array(32 - digits.length), digits), size: 2 + length }
}

function checkAuthenticatorData(data: Uint8Array): void {
  check(data.length >= plainLength, 'malformed', 'authenticator data are too short', { actual: data.length })
  const flags = data[rpIdHashLength]!
  const has = (flag: number): boolean => (flags & flag) !== 0
  check(!has(reservedFlags), 'malformed', 'authenticator data have unknown flags', { actual: flags })
  check(has(Flag.userPresent) && has(Flag.userVerified), 'malformed', 'the authenticator did not verify the person')
  check(!has(Flag.backedUp) || has(Flag.backupEligible), 'malformed', 'a key is backed up that cannot be')
  check(!has(Flag.attested), 'malformed', 'an assertion brings no new key')
  check(has(Flag.extended) === data.length > plainLength, 'malformed', 'authenticator data have a stray end')
}

/** The origin, once all that a browser writes before and behind it is as it must be. */
function originOf(clientData: Uint8Array, challenge: Uint8Array): string {
  const head = encodeUtf8(`{"type":"webauthn.get","challenge":"${formatBase64Url(challenge)}","origin":"`)
  check(startsWith(clientData, head), 'malformed', 'the client data are not of this challenge')
  const quote = clientData.indexOf(0x22, head.length)
  const length = quote - head.length
  check(quote > 0 && length <= originLengthMax, 'malformed', 'the client data name no origin')
  const origin = decodeUtf8(clientData.subarray(head.length, quote))
  check(isSigningOrigin(origin), 'malformed', 'not an origin that may sign', { actual: origin.slice(0, 80) })
  const rest = clientData.subarray(quote)
  const tail = encodeUtf8('","crossOrigin":false')
  check(startsWith(rest, tail), 'malformed', 'the page that asked was a frame of another’s')
  // Browsers may add members behind these, and say so: none of them is read (5.8.1.2, step 10).
  const next = rest[tail.length]
  const ends = next === 0x7d && rest.length === tail.length + 1
  check(ends || next === 0x2c, 'malformed', 'the client data end in no known way')
  const framed = startsWith(rest.subarray(tail.length), encodeUtf8(',"topOrigin"'))
  check(!framed, 'malformed', 'the page that asked was a frame of another’s')
  return origin
}
