// The form of a credential that fits a QR code: what can't be worked out from the rest. The text is made from it again byte for
// byte, so that both forms have one commitment and one signature. A credential whose fields are all shown is carried with the
// seed of its salts; one with fields kept back, with the salts of those shown and the digests of the others.
// Keys, salts and the signature can't be compressed and would spoil the rest: they stand before it, which is CBOR (RFC 8949),
// deflated. docs/protocol/records.md, "The short form".

import { decode, encode } from 'cborg'
import { concat, equals, formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { deflateRaw, inflate } from '../deflate.ts'
import { check, VerifyError } from '../errors.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { carrierBytesMax, jsonDepthMax } from '../limits.ts'
import { parseCredential } from './credential.ts'
import { dictionary } from './dictionary.ts'
import { type CredentialContent, credentialInput, discloseField, joinCredential, sealFields } from './issue.ts'
import { disclosureDigest } from './sd-jwt.ts'

/** What CBOR gives: maps as Map, so that no name of a field can reach a prototype. */
type Value = null | boolean | number | string | Uint8Array | readonly Value[] | Map<Value, Value>

/** Whole: all fields as a map. Part: those shown as `[name, value]`, and how many are not. */
type Items = readonly [...Common, fields: Value] | readonly [...Common, shown: Value, hiddenCount: Value]
type Common = readonly [
  algorithm: Value,
  issuer: Value,
  type: Value,
  issuedAt: Value,
  notBefore: Value,
  expires: Value,
  curve: Value,
]

const version = 1
const commonLength = 7
const headLength = 3
const signatureLength = 64
const saltLength = 16
const digestLength = 32
/** COSE's numbers (RFC 9053, tables 1, 2 and 18). */
const algorithms = new Map<Value, 'EdDSA' | 'ES256'>([
  [-8, 'EdDSA'],
  [-7, 'ES256'],
])
const ed25519Curve = 6
const p256Curve = 1
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
 * `text`: SD-JWT without key binding. With the seed it was issued with, 16 bytes, all fields must be shown. Rejects with VerifyError
 * `format-unknown` for a credential that isn't made as ours are, to the letter.
 */
export async function encodeCarrier(text: string, hasher: Hasher, seed?: Uint8Array): Promise<Uint8Array> {
  const { document, issuerName, type, issuedAt, notBefore, expires } = parseCredential(text, hasher)
  const { header, payload, signature } = document.jwt
  const holder = holderBytes(payload.cnf)
  const common: Common = [
    [...algorithms.keys()].find(number => algorithms.get(number) === header.alg) ?? null,
    issuerName,
    type,
    issuedAt,
    notBefore ?? null,
    expires ?? null,
    holder.length === 0 ? null : holder.length === 32 ? ed25519Curve : p256Curve,
  ]
  const shown = document.disclosures.map(({ salt, name, value }) => {
    check(name !== undefined, 'format-unknown', 'an element of a list is disclosed alone')
    return { salt: parseBase64Url(salt), name, value: toCbor(value, 0) }
  })
  const digests = (payload._sd as readonly string[]).filter(
    digest => !document.disclosures.some(disclosure => disclosure.digest === digest),
  )
  const carrier = await (seed
    ? join([...common, new Map(shown.map(({ name, value }) => [name, value]))], [signature, holder, seed])
    : join(
        [...common, shown.map(({ name, value }) => [name, value]), digests.length],
        [
          signature,
          holder,
          parseBase64Url(payload.anc as string),
          ...shown.map(({ salt }) => salt),
          ...digests.map(parseBase64Url),
        ],
      ))
  const same = carrier.length <= carrierBytesMax && (await isShortFormOf(carrier, text, hasher))
  check(same, 'format-unknown', 'the document has no short form')
  return carrier
}

/** The text of the credential. Rejects with VerifyError; whether it may be believed is for `parseCredential` and the ledger. */
export async function decodeCarrier(carrier: Uint8Array, hasher: Hasher): Promise<string> {
  const { items, bytes } = await split(carrier)
  const signature = bytes.take(signatureLength)
  const curve = items[commonLength - 1]!
  const holder = curve === null ? undefined : bytes.take(keyLengthOf(curve))
  const common = { items, signature, holder }
  const sealed =
    items.length === commonLength + 1 ? sealedWhole(items, bytes, hasher) : sealedPart(items, bytes, hasher)
  bytes.end()
  return textOf(common, sealed)
}

async function isShortFormOf(carrier: Uint8Array, text: string, hasher: Hasher): Promise<boolean> {
  try {
    return (await decodeCarrier(carrier, hasher)) === text
  } catch (error) {
    if (error instanceof VerifyError) return false
    throw error
  }
}

async function join(items: Items, incompressible: readonly Uint8Array[]): Promise<Uint8Array> {
  const bytes = concat(...incompressible)
  check(bytes.length < 1 << 16, 'format-unknown', 'the document has no short form')
  const head = Uint8Array.of(version, bytes.length >> 8, bytes.length & 255)
  return concat(head, bytes, await deflateRaw(encode(items), dictionary))
}

async function split(carrier: Uint8Array): Promise<{ readonly items: Items; readonly bytes: Taker }> {
  check(carrier.length <= carrierBytesMax, 'oversized', 'the short form of a document is too long')
  check(carrier.length > 0, 'truncated', 'nothing stands where a document belongs')
  check(carrier[0] === version, 'format-unknown', 'a short form of a later version', { actual: carrier[0] })
  const end = headLength + (carrier[1] ?? 0) * 256 + (carrier[2] ?? 0)
  check(end < carrier.length, 'truncated', 'a part of the document is missing')
  const format = 'deflate-raw'
  const packed = await inflate(carrier.subarray(end), { format, lengthMax: carrierBytesMax, dictionary })
  const items = decodeCbor(packed)
  check(
    Array.isArray(items) && (items.length === commonLength + 1 || items.length === commonLength + 2),
    'malformed',
    'not the short form of a document',
  )
  return { items: items as unknown as Items, bytes: createTaker(carrier.subarray(headLength, end)) }
}

type Taker = { readonly take: (length: number) => Uint8Array; readonly end: () => void }

function createTaker(bytes: Uint8Array): Taker {
  let at = 0
  return {
    take(length) {
      check(at + length <= bytes.length, 'truncated', 'a key, a salt or a digest is missing')
      at += length
      return bytes.subarray(at - length, at)
    },
    end: () => check(at === bytes.length, 'malformed', 'bytes that belong to nothing'),
  }
}

type Sealed = {
  readonly salt: Uint8Array
  readonly disclosures: readonly string[]
  readonly digests: readonly string[]
}

function sealedWhole(items: Items, bytes: Taker, hasher: Hasher): Sealed {
  const fields = items[commonLength]
  check(fields instanceof Map, 'malformed', 'the fields are missing')
  const { salt, disclosures } = sealFields(toJson(fields, 0) as JsonObject, { seed: bytes.take(saltLength), hasher })
  return { salt, disclosures, digests: disclosures.map(text => disclosureDigest(text, hasher)) }
}

function sealedPart(items: Items, bytes: Taker, hasher: Hasher): Sealed {
  const [shown, hiddenCount] = items.slice(commonLength)
  const isCount = typeof hiddenCount === 'number' && Number.isSafeInteger(hiddenCount) && hiddenCount >= 0
  check(Array.isArray(shown) && isCount, 'malformed', 'the disclosures are missing')
  const salt = bytes.take(saltLength)
  const disclosures = (shown as readonly Value[]).map(item => {
    check(Array.isArray(item) && item.length === 2, 'malformed', 'a disclosure has a name and a value')
    const [name, value] = item as readonly Value[]
    check(typeof name === 'string', 'malformed', 'a disclosure has a name')
    return discloseField(bytes.take(saltLength), name, toJson(value!, 0))
  })
  const digests = disclosures.map(text => disclosureDigest(text, hasher))
  for (let i = 0; i < hiddenCount; i++) digests.push(formatBase64Url(bytes.take(digestLength)))
  return { salt, disclosures, digests }
}

function textOf(
  given: { readonly items: Items; readonly signature: Uint8Array; readonly holder: Uint8Array | undefined },
  { salt, disclosures, digests }: Sealed,
): string {
  const { items, signature, holder } = given
  const [number, issuer, type, issuedAt, notBefore, expires] = items
  const algorithm = algorithms.get(number)
  check(algorithm !== undefined, 'format-unknown', 'unknown signature algorithm')
  check(typeof issuer === 'string' && typeof type === 'string', 'malformed', 'issuer and type are texts')
  const content: Omit<CredentialContent, 'fields'> = {
    issuer,
    type,
    issuedAt: timeOf(issuedAt),
    ...(notBefore === null ? {} : { notBefore: timeOf(notBefore) }),
    ...(expires === null ? {} : { expires: timeOf(expires) }),
    ...(holder === undefined ? {} : { holder: holderJwk(holder) }),
  }
  const input = credentialInput({ ...content, algorithm, salt, digests })
  return joinCredential({ input, signature, disclosures })
}

function timeOf(value: Value): number {
  const isTime = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  check(isTime, 'malformed', 'a time is a whole number of seconds')
  return value
}

function holderBytes(confirmation: Json | undefined): Uint8Array {
  if (!isObject(confirmation) || !isObject(confirmation.jwk)) return new Uint8Array()
  const { x, y } = confirmation.jwk
  return concat(...[x, y].filter(part => typeof part === 'string').map(parseBase64Url))
}

function keyLengthOf(curve: Value): number {
  check(curve === ed25519Curve || curve === p256Curve, 'format-unknown', 'unknown kind of key')
  return curve === ed25519Curve ? 32 : 64
}

function holderJwk(holder: Uint8Array): JsonObject {
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
