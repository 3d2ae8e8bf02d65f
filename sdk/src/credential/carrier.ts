// The form of a credential that fits a QR code: CBOR (RFC 8949) of what can't be worked out from the rest. The text is made from
// it again byte for byte, so that both forms have one commitment and one signature. A credential whose fields are all shown
// is carried with the seed of its salts; one with fields kept back, with the salts of those shown and the digests of the others.

import { decode, encode } from 'cborg'
import { concat, equals, formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { carrierBytesMax, jsonDepthMax } from '../limits.ts'
import {
  type CredentialContent,
  credentialInput,
  discloseField,
  joinCredential,
  parseCredential,
  sealFields,
} from './credential.ts'
import { disclosureDigest } from './sd-jwt.ts'

/** version, algorithm, issuer, type, times (absent: null), the holder's key (32 bytes of Ed25519, 64 of P-256, or null), the
 * signature; then a seed and all fields, or a salt, what is shown, and the digests of what is not. */
type Whole = readonly [...Common, seed: Uint8Array, fields: Value]
type Part = readonly [...Common, salt: Uint8Array, shown: Value, digests: Value]
type Common = readonly [
  version: 1,
  algorithm: 'EdDSA' | 'ES256',
  issuer: string,
  type: string,
  issuedAt: number,
  notBefore: number | null,
  expires: number | null,
  holder: Uint8Array | null,
  signature: Uint8Array,
]
/** What CBOR gives: maps as Map, so that no name of a field can reach a prototype. */
type Value = null | boolean | number | string | Uint8Array | readonly Value[] | Map<Value, Value>

const commonLength = 9
const strict = {
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
} as const

/**
 * `text`: SD-JWT without key binding. With the seed it was issued with, 16 bytes, all fields must be shown. Throws VerifyError
 * `format-unknown` for a credential that isn't made as ours are, to the letter.
 */
export function encodeCarrier(text: string, hasher: Hasher, seed?: Uint8Array): Uint8Array {
  const { document, issuerName, type, issuedAt, notBefore, expires } = parseCredential(text, hasher)
  const { header, payload, signature } = document.jwt
  const common = [
    1,
    header.alg as string,
    issuerName,
    type,
    issuedAt,
    notBefore ?? null,
    expires ?? null,
    holderBytes(payload.cnf),
    signature,
  ]
  const shown = document.disclosures.map(({ salt, name, value }) => {
    check(name !== undefined, 'format-unknown', 'an element of a list is disclosed alone')
    return [parseBase64Url(salt), name, toCbor(value, 0)] as const
  })
  const digests = (payload._sd as readonly string[]).filter(
    digest => !document.disclosures.some(disclosure => disclosure.digest === digest),
  )
  const rest = seed
    ? [seed, new Map(shown.map(([, name, value]) => [name, value]))]
    : [parseBase64Url(payload.anc as string), shown, digests.map(parseBase64Url)]
  const carrier = encode([...common, ...rest])
  const same = carrier.length <= carrierBytesMax && decodeCarrier(carrier, hasher) === text
  check(same, 'format-unknown', 'the document has no short form')
  return carrier
}

/** The text of the credential. Throws VerifyError; whether it is one that may be believed is for `parseCredential` and the ledger. */
export function decodeCarrier(carrier: Uint8Array, hasher: Hasher): string {
  check(carrier.length <= carrierBytesMax, 'oversized', 'the short form of a document is too long')
  const items = decodeCbor(carrier)
  check(Array.isArray(items) && items.length > commonLength, 'malformed', 'not the short form of a document')
  check(items[0] === 1, 'format-unknown', 'a short form of a later version')
  return items.length === commonLength + 2 ? wholeText(items, hasher) : partText(items, hasher)
}

function wholeText(items: readonly Value[], hasher: Hasher): string {
  const [, , , , , , , , , seed, fields] = items as unknown as Whole
  check(seed instanceof Uint8Array && seed.length === 16, 'malformed', 'a seed has 16 bytes')
  check(fields instanceof Map, 'malformed', 'the fields are missing')
  const { salt, disclosures } = sealFields(toJson(fields, 0) as JsonObject, seed)
  return textOf(items, { salt, disclosures, digests: disclosures.map(text => disclosureDigest(text, hasher)) })
}

function partText(items: readonly Value[], hasher: Hasher): string {
  check(items.length === commonLength + 3, 'malformed', 'not the short form of a document')
  const [, , , , , , , , , salt, shown, hidden] = items as unknown as Part
  check(salt instanceof Uint8Array, 'malformed', 'the salt is missing')
  check(Array.isArray(shown) && Array.isArray(hidden), 'malformed', 'the disclosures are missing')
  const disclosures = (shown as readonly Value[]).map(item => {
    check(Array.isArray(item) && item.length === 3, 'malformed', 'a disclosure has three parts')
    const [own, name, value] = item as readonly Value[]
    check(own instanceof Uint8Array && typeof name === 'string', 'malformed', 'a disclosure has a salt and a name')
    return discloseField(own, name, toJson(value!, 0))
  })
  const digests = (hidden as readonly Value[]).map(digest => {
    check(digest instanceof Uint8Array && digest.length === 32, 'malformed', 'a digest has 32 bytes')
    return formatBase64Url(digest)
  })
  const own = disclosures.map(text => disclosureDigest(text, hasher))
  return textOf(items, { salt, disclosures, digests: [...own, ...digests] })
}

function textOf(
  items: readonly Value[],
  given: {
    readonly salt: Uint8Array
    readonly disclosures: readonly string[]
    readonly digests: readonly string[]
  },
): string {
  const [, algorithm, issuer, type, issuedAt, notBefore, expires, holder, signature] = items as unknown as Common
  check(algorithm === 'EdDSA' || algorithm === 'ES256', 'format-unknown', 'unknown signature algorithm')
  check(typeof issuer === 'string' && typeof type === 'string', 'malformed', 'issuer and type are texts')
  for (const time of [issuedAt, notBefore ?? 0, expires ?? 0])
    check(Number.isSafeInteger(time) && time >= 0, 'malformed', 'a time is a whole number of seconds')
  check(signature instanceof Uint8Array && signature.length === 64, 'malformed', 'a signature has 64 bytes')
  const content: Omit<CredentialContent, 'fields'> = {
    issuer,
    type,
    issuedAt,
    ...(notBefore === null ? {} : { notBefore }),
    ...(expires === null ? {} : { expires }),
    ...(holder === null ? {} : { holder: holderJwk(holder) }),
  }
  const input = credentialInput({ ...content, algorithm, salt: given.salt, digests: given.digests })
  return joinCredential({ input, signature, disclosures: given.disclosures })
}

function holderBytes(confirmation: Json | undefined): Uint8Array | null {
  if (!isObject(confirmation) || !isObject(confirmation.jwk)) return null
  const { x, y } = confirmation.jwk
  const coordinates = [x, y].filter(part => typeof part === 'string').map(parseBase64Url)
  return concat(...coordinates)
}

function holderJwk(holder: unknown): JsonObject {
  check(holder instanceof Uint8Array && (holder.length === 32 || holder.length === 64), 'malformed', 'not a key')
  const x = formatBase64Url(holder.subarray(0, 32))
  if (holder.length === 32) return { kty: 'OKP', crv: 'Ed25519', x }
  return { kty: 'EC', crv: 'P-256', x, y: formatBase64Url(holder.subarray(32)) }
}

function decodeCbor(bytes: Uint8Array): Value {
  let value: Value
  try {
    value = decode(bytes, strict)
    // One value has one spelling: whatever encodes otherwise again was not made as the standard's core says (RFC 8949, 4.2.1).
    if (equals(encode(value), bytes)) return value
  } catch {
    // Of many kinds: bad bytes, tags, depth beyond the stack.
  }
  throw new VerifyError('malformed', 'not CBOR in its one spelling')
}

function toCbor(value: Json, depth: number): Value {
  check(depth <= jsonDepthMax, 'oversized', 'a field is nested too deeply')
  if (Array.isArray(value)) return value.map(item => toCbor(item, depth + 1))
  if (!isObject(value)) return value as Value
  return new Map(Object.entries(value).map(([name, item]) => [name, toCbor(item, depth + 1)]))
}

function toJson(value: Value, depth: number): Json {
  check(depth <= jsonDepthMax, 'oversized', 'a field is nested too deeply')
  check(!(value instanceof Uint8Array), 'malformed', 'bytes where text belongs')
  if (Array.isArray(value)) return (value as readonly Value[]).map(item => toJson(item, depth + 1))
  if (!(value instanceof Map)) return value as Json
  const object: Record<string, Json> = {}
  for (const [name, item] of value as Map<Value, Value>) {
    check(typeof name === 'string' && name !== '__proto__', 'malformed', 'a field has no name')
    object[name] = toJson(item, depth + 1)
  }
  return object
}
