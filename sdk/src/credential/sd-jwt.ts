// SD-JWT (RFC 9901), read strictly: whatever the document holds and the verifier does not use makes it bad.

import { decodeUtf8, encodeUtf8, formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { isObject, type Json, type JsonObject, parseJson, textMember } from '../json.ts'
import { credentialLengthMax, disclosureLengthMax, disclosuresMax, jsonDepthMax, jwsSignaturesMax } from '../limits.ts'
import { type Jws, parseJws } from './jws.ts'

export type Disclosure = {
  /** As sent; its digest is over these characters (RFC 9901, 4.2.3). */
  readonly text: string
  readonly digest: string
  readonly salt: string
  /** Undefined for an element of an array. */
  readonly name: string | undefined
  readonly value: Json
}

export type SdJwt = {
  readonly jwt: Jws
  readonly disclosures: readonly Disclosure[]
  /** The key binding JWT, where the holder presents (RFC 9901, 4.3). */
  readonly keyBinding: Jws | undefined
  /** What `sd_hash` covers: everything up to and with the last tilde. */
  readonly presented: string
}

/** Throws VerifyError: malformed, oversized or disclosure-bad. No signature is checked yet. */
export function parseSdJwt(text: string, hasher: Hasher): SdJwt {
  check(text.length <= credentialLengthMax, 'oversized', 'a credential is too long')
  const parts = text.split('~')
  check(parts.length >= 2, 'malformed', 'an SD-JWT ends with a tilde or a key binding')
  check(parts.length - 2 <= disclosuresMax, 'oversized', 'too many disclosures')
  const last = parts.at(-1)!
  const disclosures = parts.slice(1, -1).map(part => parseDisclosure(part, hasher))
  const digests = new Set(disclosures.map(disclosure => disclosure.digest))
  check(digests.size === disclosures.length, 'disclosure-bad', 'a disclosure stands twice')
  return {
    jwt: parseJws(parts[0]!),
    disclosures,
    keyBinding: last === '' ? undefined : parseJws(last),
    presented: text.slice(0, text.length - last.length),
  }
}

/**
 * The JWS JSON serialization (RFC 9901, 8), flattened or general, as compact text with the first signature: the one whose
 * unprotected header carries the disclosures.
 */
export function compactFromJson(json: Json): string {
  check(isObject(json), 'malformed', 'not a JWS in JSON')
  const signatures = json.signatures ?? [json]
  check(Array.isArray(signatures) && signatures.length >= 1, 'malformed', 'no signature')
  check(signatures.length <= jwsSignaturesMax, 'oversized', 'too many signatures')
  const [signature, ...others] = signatures
  check(isObject(signature) && isObject(signature.header), 'malformed', 'the unprotected header is missing')
  for (const other of others) {
    const header = isObject(other) ? (other.header ?? {}) : undefined
    const bare = isObject(header) && header.disclosures === undefined && header.kb_jwt === undefined
    check(bare, 'malformed', 'disclosures stand beside a second signature')
  }
  const { disclosures = [], kb_jwt: keyBinding = '' } = signature.header
  check(Array.isArray(disclosures) && typeof keyBinding === 'string', 'malformed', 'malformed unprotected header')
  const jwt = [
    textMember(signature, 'protected'),
    textMember(json, 'payload'),
    textMember(signature, 'signature'),
  ].join('.')
  return [jwt, ...disclosures.map(item => (typeof item === 'string' ? item : '')), keyBinding].join('~')
}

export type DisclosedClaims = {
  readonly claims: JsonObject
  /** Digests with no disclosure beside them: fields kept back, and decoys. */
  readonly hiddenCount: number
  /** Names of the top-level fields that were disclosed selectively. */
  readonly disclosed: readonly string[]
}

/** Puts the disclosures in their places (RFC 9901, 7.1 step 3 to 5). Throws VerifyError `disclosure-bad`. */
export function discloseClaims(document: SdJwt): DisclosedClaims {
  const { payload } = document.jwt
  const algorithm = payload._sd_alg ?? 'sha-256'
  check(algorithm === 'sha-256', 'disclosure-bad', 'unknown digest algorithm')
  const walk: Walk = {
    left: new Map(document.disclosures.map(disclosure => [disclosure.digest, disclosure])),
    seen: new Set(),
    hidden: 0,
  }
  const before = new Set(Object.keys(payload))
  const claims = walkObject(payload, walk, 0)
  check(walk.left.size === 0, 'disclosure-bad', 'a disclosure belongs to no digest of the document')
  return { claims, hiddenCount: walk.hidden, disclosed: Object.keys(claims).filter(name => !before.has(name)) }
}

/** Text of a disclosure (RFC 9901, 4.2.1), from canonical JSON. */
export function formatDisclosure(json: string): string {
  return formatBase64Url(encodeUtf8(json))
}

export function disclosureDigest(text: string, hasher: Hasher): string {
  return formatBase64Url(hasher.sha256(encodeUtf8(text)))
}

function parseDisclosure(text: string, hasher: Hasher): Disclosure {
  check(text.length <= disclosureLengthMax, 'oversized', 'a disclosure is too long')
  const json = parseJson(decodeUtf8(parseBase64Url(text)))
  check(
    Array.isArray(json) && (json.length === 2 || json.length === 3),
    'disclosure-bad',
    'a disclosure has two or three parts',
  )
  const [salt, second, third] = json as readonly Json[]
  check(typeof salt === 'string', 'disclosure-bad', 'the salt of a disclosure is a string')
  const digest = disclosureDigest(text, hasher)
  if (json.length === 2) return { text, digest, salt, name: undefined, value: second! }
  check(typeof second === 'string', 'disclosure-bad', 'the name of a disclosure is a string')
  check(!reservedNames.includes(second), 'disclosure-bad', 'a disclosure has a reserved name')
  return { text, digest, salt, name: second, value: third! }
}

/** `__proto__` would set the prototype of what is put together, and so be a field that nobody sees. */
const reservedNames: readonly string[] = ['_sd', '...', '__proto__']

type Walk = { readonly left: Map<string, Disclosure>; readonly seen: Set<string>; hidden: number }

/** The disclosure for a digest, each digest once in the whole document. */
function take(walk: Walk, digest: Json): Disclosure | undefined {
  check(typeof digest === 'string', 'disclosure-bad', 'a digest is a string')
  check(!walk.seen.has(digest), 'disclosure-bad', 'a digest stands twice')
  walk.seen.add(digest)
  const disclosure = walk.left.get(digest)
  walk.left.delete(digest)
  if (!disclosure) walk.hidden++
  return disclosure
}

/** Disclosures within disclosures may not nest deeper than one document could. */
function walkValue(value: Json, walk: Walk, depth: number): Json {
  check(depth <= jsonDepthMax, 'oversized', 'disclosures are nested too deeply')
  if (Array.isArray(value)) return walkArray(value, walk, depth)
  return isObject(value) ? walkObject(value, walk, depth) : value
}

function walkArray(items: readonly Json[], walk: Walk, depth: number): readonly Json[] {
  const result: Json[] = []
  for (const item of items) {
    if (!isObject(item) || !Object.hasOwn(item, '...')) {
      result.push(walkValue(item, walk, depth + 1))
      continue
    }
    check(Object.keys(item).length === 1, 'disclosure-bad', 'a digest of an array has no other members')
    const disclosure = take(walk, item['...']!)
    if (!disclosure) continue
    check(disclosure.name === undefined, 'disclosure-bad', 'a field stands where an element belongs')
    result.push(walkValue(disclosure.value, walk, depth + 1))
  }
  return result
}

function walkObject(object: JsonObject, walk: Walk, depth: number): JsonObject {
  const result: Record<string, Json> = {}
  for (const [name, value] of Object.entries(object)) {
    if (name === '_sd' || (depth === 0 && name === '_sd_alg')) continue
    check(name !== '...', 'disclosure-bad', 'a digest of an array stands outside of one')
    check(name !== '_sd_alg', 'disclosure-bad', 'the digest algorithm stands below the top')
    result[name] = walkValue(value, walk, depth + 1)
  }
  const digests = object._sd ?? []
  check(Array.isArray(digests), 'disclosure-bad', 'digests come as a list')
  for (const digest of digests) {
    const disclosure = take(walk, digest)
    if (!disclosure) continue
    check(disclosure.name !== undefined, 'disclosure-bad', 'an element stands where a field belongs')
    check(!Object.hasOwn(result, disclosure.name), 'disclosure-bad', 'a field stands twice')
    result[disclosure.name] = walkValue(disclosure.value, walk, depth + 1)
  }
  return result
}
