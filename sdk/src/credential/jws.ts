// JSON Web Signature, compact form (RFC 7515), as far as credentials use it: EdDSA (RFC 8037) and ES256 (RFC 7518).

import { concat, decodeUtf8, encodeUtf8, formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { withLowS } from '../crypto/encoding.ts'
import { check } from '../errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, parseJson, textMember } from '../json.ts'
import { type AccountKey, Algorithm } from '../ledger/entries.ts'
import { checkKey } from '../tx/transaction.ts'

export type Jws = {
  /** The compact text itself: hashes are over what was sent. */
  readonly text: string
  readonly header: JsonObject
  readonly payload: JsonObject
  /** What is signed: `header.payload`, ASCII. */
  readonly signingInput: Uint8Array
  readonly signature: Uint8Array
}

/** Throws VerifyError; the signature is not checked yet. */
export function parseJws(text: string): Jws {
  const parts = text.split('.')
  check(parts.length === 3, 'malformed', 'a JWS has three parts', { actual: parts.length })
  const [header, payload] = parts.slice(0, 2).map(part => {
    const json = parseJson(decodeUtf8(parseBase64Url(part)))
    check(isObject(json), 'malformed', 'a part of the JWS is not an object')
    return json
  })
  return {
    text,
    header: header!,
    payload: payload!,
    signingInput: encodeUtf8(`${parts[0]}.${parts[1]}`),
    signature: parseBase64Url(parts[2]!),
  }
}

export function formatSigningInput(header: string, payload: string): string {
  return `${formatBase64Url(encodeUtf8(header))}.${formatBase64Url(encodeUtf8(payload))}`
}

export function algorithmName(key: AccountKey): 'EdDSA' | 'ES256' {
  return key.algorithm === Algorithm.ed25519 ? 'EdDSA' : 'ES256'
}

/**
 * Whether the signature verifies under the key and the header names the key's algorithm. A header that calls an extension
 * critical is refused, since none is understood here (RFC 7515, 4.1.11).
 */
export async function verifyJws(jws: Jws, key: AccountKey, crypto: Crypto): Promise<boolean> {
  if (jws.header.alg !== algorithmName(key) || jws.signature.length !== 64 || jws.header.crit !== undefined)
    return false
  const signed = { publicKey: key.bytes, message: jws.signingInput }
  if (key.algorithm === Algorithm.ed25519) {
    return (await crypto.verifyEd25519([{ ...signed, signature: jws.signature }])).length === 0
  }
  // JOSE leaves the sign of s free (RFC 7518, 3.4); our own check takes the lower of the two.
  return (await crypto.verifyP256([{ ...signed, signature: withLowS(jws.signature) }])).length === 0
}

/** RFC 7517: an OKP key of the curve Ed25519, or an EC key of P-256; private members are refused. */
export function parseJwk(json: Json | undefined): AccountKey {
  check(isObject(json), 'malformed', 'a JWK is an object')
  checkMembers(json, ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg', 'key_ops'])
  const kind = `${textMember(json, 'kty')} ${textMember(json, 'crv')}`
  const x = parseBase64Url(textMember(json, 'x'))
  check(x.length === 32, 'malformed', 'a coordinate has 32 bytes')
  if (kind === 'OKP Ed25519') return { algorithm: Algorithm.ed25519, bytes: x }
  check(kind === 'EC P-256', 'malformed', 'unknown kind of key', { actual: kind.slice(0, 40) })
  const y = parseBase64Url(textMember(json, 'y'))
  check(y.length === 32, 'malformed', 'a coordinate has 32 bytes')
  check(isOnP256(numberOf(x), numberOf(y)), 'malformed', 'not a point of the curve')
  return { algorithm: Algorithm.p256, bytes: concat(new Uint8Array([2 + (y[31]! & 1)]), x) }
}

/** The public JWK of an Ed25519 key; P-256 needs the second coordinate, which the caller has. */
export function formatJwk(key: AccountKey, y?: Uint8Array): JsonObject {
  checkKey(key)
  if (key.algorithm === Algorithm.ed25519) return { kty: 'OKP', crv: 'Ed25519', x: formatBase64Url(key.bytes) }
  check(y?.length === 32, 'malformed', 'a P-256 JWK needs both coordinates')
  return { kty: 'EC', crv: 'P-256', x: formatBase64Url(key.bytes.subarray(1)), y: formatBase64Url(y) }
}

const p256Prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const p256B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** y² = x³ - 3x + b (FIPS 186-5; SP 800-186, 3.2.1.3), both within the field: one key has one JWK. */
function isOnP256(x: bigint, y: bigint): boolean {
  return x < p256Prime && y < p256Prime && (y * y - (x * x * x - 3n * x + p256B)) % p256Prime === 0n
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
