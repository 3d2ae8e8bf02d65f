// Making a credential: its salts, its one spelling, its signature. Apart from reading one, so that whoever only reads does not load it.

import { encodeUtf8, formatBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { hkdf } from '../crypto/hkdf.ts'
import { assert, check } from '../errors.ts'
import { formatJson, type Json, type JsonObject } from '../json.ts'
import type { Signer } from '../tx/signer.ts'
import { fieldPattern, technicalNames } from './credential.ts'
import { algorithmName, formatSigningInput } from './jws.ts'
import { disclosureDigest, formatDisclosure } from './sd-jwt.ts'

const seedLength = 16

export type CredentialContent = {
  readonly issuer: string
  readonly type: string
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly notBefore?: number
  readonly expires?: number
  /** The holder's public key as a JWK. */
  readonly holder?: JsonObject
  /** Each is salted and can be kept back. */
  readonly fields: JsonObject
}

/**
 * Signs a credential with all fields disclosed. `seed`: 16 random bytes from the caller, secret between issuer and holder;
 * the same content, seed and Ed25519 key give the same text.
 */
export async function issueCredential(
  content: CredentialContent,
  options: { readonly signer: Signer; readonly seed: Uint8Array; readonly hasher: Hasher },
): Promise<string> {
  const { signer, seed, hasher } = options
  const { salt, disclosures } = sealFields(content.fields, { seed, hasher })
  for (const name of Object.keys(content.fields)) {
    check(!technicalNames.includes(name) && fieldPattern.test(name), 'malformed', 'not a name for a field', {
      actual: name,
    })
  }
  const digests = disclosures.map(text => disclosureDigest(text, hasher))
  const input = credentialInput({ ...content, algorithm: algorithmName(signer.key), salt, digests })
  const signature = await signer.sign(encodeUtf8(input))
  return joinCredential({ input, signature, disclosures })
}

/** From a seed of 16 bytes the salt of the commitment and, in the order of their names, the fields' disclosures. */
export function sealFields(
  fields: JsonObject,
  { seed, hasher }: { readonly seed: Uint8Array; readonly hasher: Hasher },
): { readonly salt: Uint8Array; readonly disclosures: readonly string[] } {
  assert(seed.length === seedLength, 'a seed has 16 bytes')
  const names = Object.keys(fields).sort()
  // salt_i = HKDF-SHA256(seed, i)
  const derive = (label: string): Uint8Array => hkdf(hasher, seed, { info: encodeUtf8(label), length: seedLength })
  const disclosures = names.map((name, index) => discloseField(derive(String(index)), name, fields[name]!))
  return { salt: derive('anc'), disclosures }
}

export function discloseField(salt: Uint8Array, name: string, value: Json): string {
  return formatDisclosure(formatJson([formatBase64Url(salt), name, value]))
}

/** What the issuer signs, in the profile's one spelling. `digests` in any order. */
export function credentialInput(
  given: Omit<CredentialContent, 'fields'> & {
    readonly algorithm: 'EdDSA' | 'ES256'
    readonly salt: Uint8Array
    readonly digests: readonly string[]
  },
): string {
  const payload: Record<string, Json> = {
    iss: given.issuer,
    vct: given.type,
    iat: given.issuedAt,
    anc: formatBase64Url(given.salt),
    _sd: given.digests.toSorted(),
    _sd_alg: 'sha-256',
  }
  if (given.notBefore !== undefined) payload.nbf = given.notBefore
  if (given.expires !== undefined) payload.exp = given.expires
  if (given.holder !== undefined) payload.cnf = { jwk: given.holder }
  return formatSigningInput(formatJson({ alg: given.algorithm, typ: 'dc+sd-jwt' }), formatJson(payload))
}

/** The text of a credential, its disclosures as they stand. */
export function joinCredential(given: {
  readonly input: string
  readonly signature: Uint8Array
  readonly disclosures: readonly string[]
}): string {
  return `${[`${given.input}.${formatBase64Url(given.signature)}`, ...given.disclosures].join('~')}~`
}
