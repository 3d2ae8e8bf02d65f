// A credential of a Muniment ledger: SD-JWT VC in one deterministic profile (canonical JSON, sorted digests, salts from one
// seed), with `anc`, the salt of its commitment. The ledger knows the commitment, so any subset of the disclosures is
// proved by the same entry.

import { encodeUtf8, formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { checkMembers, decodeCanonicalJson, formatJson, isObject, type JsonObject, textMember } from '../json.ts'
import type { AccountKey } from '../ledger/entries.ts'
import { type Issuer, parseIssuer } from '../ledger/keys.ts'
import { taggedHash } from '../tags.ts'
import { type Jws, parseJwk, verifyJws } from './jws.ts'
import { discloseClaims, parseSdJwt, type SdJwt } from './sd-jwt.ts'

export type Credential = {
  /** The document as it was read. */
  readonly text: string
  readonly document: SdJwt
  readonly issuer: Issuer
  /** `iss` as it stands. */
  readonly issuerName: string
  /** `vct`. */
  readonly type: string
  /** Seconds since 1970 (RFC 7519, NumericDate). */
  readonly issuedAt: number
  readonly notBefore: number | undefined
  readonly expires: number | undefined
  /** The holder's key, where the credential is bound to one (`cnf`). */
  readonly holderKey: AccountKey | undefined
  /** What the document says of its subject: fields always shown, and those disclosed. */
  readonly fields: JsonObject
  readonly hiddenCount: number
  /** The heart of its key in the state tree; 32 bytes. */
  readonly commitment: Uint8Array
}

export const technicalNames: readonly string[] = ['iss', 'vct', 'iat', 'nbf', 'exp', 'cnf', 'anc', '_sd', '_sd_alg']
/** As the fields of a service file are named: no second spelling of a name in Unicode, no letters that look alike. */
export const fieldPattern: RegExp = /^[A-Za-z][A-Za-z0-9_]{0,39}$/

/** Throws VerifyError for anything outside the profile. Signatures are not checked here: the ledger says under which key. */
export function parseCredential(text: string, hasher: Hasher): Credential {
  const document = parseSdJwt(text, hasher)
  const { header, payload } = canonicalJws(document.jwt)
  checkMembers(header, ['alg', 'typ'])
  check(header.typ === 'dc+sd-jwt', 'format-unknown', 'not an SD-JWT VC', { actual: header.typ })
  check(header.alg === 'EdDSA' || header.alg === 'ES256', 'format-unknown', 'unknown signature algorithm')
  const issuerName = textMember(payload, 'iss')
  const issuer = parseIssuer(issuerName)
  const salt = parseBase64Url(textMember(payload, 'anc'))
  check(salt.length === 16, 'malformed', 'the salt of the commitment has 16 bytes')
  check(payload.cnf === undefined || isObject(payload.cnf), 'malformed', 'cnf must be an object')
  const { claims, hiddenCount } = discloseClaims(document)
  for (const name of technicalNames) {
    const same = name.startsWith('_') || formatJson(claims[name] ?? null) === formatJson(payload[name] ?? null)
    check(same, 'disclosure-bad', 'a technical field may not be disclosed selectively', { actual: name })
  }
  const fields = Object.entries(claims).filter(([name]) => !technicalNames.includes(name))
  for (const [name] of fields)
    check(fieldPattern.test(name), 'malformed', 'not the name of a field', { actual: name.slice(0, 80) })
  return {
    text,
    document,
    issuer,
    issuerName,
    type: textMember(payload, 'vct'),
    issuedAt: timeMember(payload, 'iat')!,
    notBefore: timeMember(payload, 'nbf'),
    expires: timeMember(payload, 'exp'),
    holderKey: isObject(payload.cnf) ? holderKeyOf(payload.cnf) : undefined,
    fields: Object.fromEntries(fields),
    hiddenCount,
    commitment: commitmentOf(hasher, { chainId: issuer.chainId, salt, jwt: document.jwt.text }),
  }
}

/** C of the design; covers the signed JWT and so every field, shown or not. 32 bytes. */
export function commitmentOf(
  hasher: Hasher,
  given: { readonly chainId: string; readonly salt: Uint8Array; readonly jwt: string },
): Uint8Array {
  const jwtHash = hasher.sha256(encodeUtf8(given.jwt))
  return taggedHash(hasher, 'muniment/commitment/1', encodeUtf8(given.chainId), given.salt, jwtHash)
}

/** The same document with only some of its fields; names that it does not hold are refused. */
export function presentCredential(credential: Credential, fields: readonly string[]): string {
  const { jwt, disclosures } = credential.document
  for (const name of fields) {
    check(
      disclosures.some(disclosure => disclosure.name === name),
      'malformed',
      'the document has no such field',
      { actual: name },
    )
  }
  const shown = disclosures.filter(disclosure => disclosure.name !== undefined && fields.includes(disclosure.name))
  return `${[jwt.text, ...shown.map(disclosure => disclosure.text)].join('~')}~`
}

/** Whoever asks for key binding says by what it must be fresh. */
export type KeyBindingDemand = {
  readonly audience: string
  readonly nonce: string
  /** Seconds since 1970. */
  readonly issuedAfter: number
  /** A holder's clock may be ahead of this by some minutes; any time where it is left out. */
  readonly issuedBefore?: number
}

/** Whether the presenter holds the key that the document is bound to (RFC 9901, 7.3). */
export async function verifyKeyBinding(
  document: SdJwt,
  demand: KeyBindingDemand & { readonly holderKey: AccountKey },
  crypto: Crypto,
): Promise<boolean> {
  const { keyBinding } = document
  if (keyBinding?.header.typ !== 'kb+jwt' || keyBinding.header.crit !== undefined) return false
  const { aud, nonce, iat, sd_hash: hash } = keyBinding.payload
  if (aud !== demand.audience || nonce !== demand.nonce || typeof iat !== 'number') return false
  const { issuedAfter, issuedBefore = Number.POSITIVE_INFINITY } = demand
  if (iat < issuedAfter || iat > issuedBefore) return false
  if (hash !== formatBase64Url(crypto.sha256(encodeUtf8(document.presented)))) return false
  return verifyJws(keyBinding, demand.holderKey, crypto)
}

function holderKeyOf(confirmation: JsonObject): AccountKey {
  checkMembers(confirmation, ['jwk'])
  return parseJwk(confirmation.jwk)
}

/** The profile's JSON is canonical, so that one document has one text. */
function canonicalJws(jws: Jws): { readonly header: JsonObject; readonly payload: JsonObject } {
  const [header, payload] = jws.text.split('.').slice(0, 2)
  return {
    header: decodeCanonicalJson(parseBase64Url(header!)),
    payload: decodeCanonicalJson(parseBase64Url(payload!)),
  }
}

function timeMember(payload: JsonObject, name: 'iat' | 'nbf' | 'exp'): number | undefined {
  const value = payload[name]
  if (value === undefined && name !== 'iat') return undefined
  check(typeof value === 'number' && value >= 0, 'malformed', `${name} is a time in seconds`)
  return value
}
