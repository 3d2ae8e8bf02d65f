// Where trust begins. It is compiled into a release (security rule 4): what a network says of itself is believed only as
// far as these keys signed it.

import { formatBase64Url, formatHex, parseBase64Url, parseHex } from '../bytes.ts'
import { check } from '../errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { chainIdLengthMax, rootKeysMax, trustingPeriodSecondsMax, witnessNameLengthMax } from '../limits.ts'
import { isTrustLevel, type TrustLevel } from './commit.ts'

export type Witness = {
  /** Shown to people: the body that keeps the key. */
  readonly name: string
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
}

export type TrustRoot = {
  readonly chainId: string
  /** 32 bytes; two chains of one id differ in it. */
  readonly genesisHash: Uint8Array
  /** At least `k` of these Ed25519 keys sign a checkpoint. */
  readonly checkpointKeys: { readonly k: number; readonly keys: readonly Uint8Array[] }
  /** Without `k` of these an answer is `single-operator`; 0 asks for none. */
  readonly witnesses: { readonly k: number; readonly keys: readonly Witness[] }
  /** What a skipping step needs of the trusted set. 2/3 for our own chains: retired keys lose nothing by lying. */
  readonly trustLevel: TrustLevel
  readonly trustingPeriodSeconds: number
}

/**
 * Strict: unknown members, keys that stand twice, a `k` that cannot be met or a period above 30 days are refused, as is
 * any second spelling. Throws VerifyError `malformed`, `non-canonical` or `oversized`.
 */
export function parseTrustRoot(json: Json): TrustRoot {
  const object = objectWith(json, [
    'chainId',
    'genesisHash',
    'checkpointKeys',
    'witnesses',
    'trustLevel',
    'trustingPeriodSeconds',
  ])
  const chainId = textMember(object, 'chainId')
  check(chainId.length > 0 && chainId.length <= chainIdLengthMax, 'malformed', 'a chain id has 1 to 50 characters')
  const trustingPeriodSeconds = wholeNumber(object.trustingPeriodSeconds, 1, trustingPeriodSecondsMax)
  const level = objectWith(object.trustLevel, ['numerator', 'denominator'])
  const trustLevel = {
    numerator: BigInt(wholeNumber(level.numerator, 1, 1_000)),
    denominator: BigInt(wholeNumber(level.denominator, 1, 1_000)),
  }
  check(isTrustLevel(trustLevel), 'malformed', 'a trust level lies between 1/3 and 1')
  return {
    chainId,
    genesisHash: parseHash(textMember(object, 'genesisHash')),
    checkpointKeys: parseCheckpointKeys(object.checkpointKeys),
    witnesses: parseWitnesses(object.witnesses),
    trustLevel,
    trustingPeriodSeconds,
  }
}

export function formatTrustRoot(root: TrustRoot): JsonObject {
  const { numerator, denominator } = root.trustLevel
  return {
    chainId: root.chainId,
    genesisHash: formatHex(root.genesisHash),
    checkpointKeys: { k: root.checkpointKeys.k, keys: root.checkpointKeys.keys.map(formatBase64Url) },
    witnesses: {
      k: root.witnesses.k,
      keys: root.witnesses.keys.map(({ name, key }) => ({ name, key: formatBase64Url(key) })),
    },
    trustLevel: { numerator: Number(numerator), denominator: Number(denominator) },
    trustingPeriodSeconds: root.trustingPeriodSeconds,
  }
}

function parseCheckpointKeys(json: Json | undefined): TrustRoot['checkpointKeys'] {
  const object = objectWith(json, ['k', 'keys'])
  const keys = listMember(object.keys).map(parseKey)
  checkDistinct(keys)
  return { k: wholeNumber(object.k, 1, keys.length), keys }
}

function parseWitnesses(json: Json | undefined): TrustRoot['witnesses'] {
  const object = objectWith(json, ['k', 'keys'])
  const keys = listMember(object.keys).map(entry => {
    const witness = objectWith(entry, ['name', 'key'])
    const name = textMember(witness, 'name')
    check(name.length > 0 && name.length <= witnessNameLengthMax, 'malformed', 'a witness has a name')
    return { name, key: parseKey(witness.key) }
  })
  checkDistinct(keys.map(({ key }) => key))
  return { k: wholeNumber(object.k, 0, keys.length), keys }
}

function objectWith(json: Json | undefined, names: readonly string[]): JsonObject {
  check(isObject(json), 'malformed', 'not a JSON object', { expected: names.join() })
  checkMembers(json, names)
  return json
}

function listMember(json: Json | undefined): readonly Json[] {
  check(Array.isArray(json), 'malformed', 'not a JSON array')
  check(json.length <= rootKeysMax, 'oversized', 'too many keys', { expected: `<= ${rootKeysMax}` })
  return json
}

function wholeNumber(json: Json | undefined, min: number, max: number): number {
  const inRange = typeof json === 'number' && Number.isInteger(json) && json >= min && json <= max
  check(inRange, 'malformed', 'not a whole number in range', { expected: `${min} to ${max}` })
  return json
}

function parseHash(text: string): Uint8Array {
  check(/^[0-9a-f]{64}$/.test(text), 'malformed', 'not a hash of 64 lower-case hexadecimal digits')
  return parseHex(text)
}

function parseKey(json: Json | undefined): Uint8Array {
  check(typeof json === 'string', 'malformed', 'a key is a base64url string')
  const key = parseBase64Url(json)
  check(key.length === 32, 'malformed', 'an Ed25519 key has 32 bytes', { actual: key.length })
  return key
}

function checkDistinct(keys: readonly Uint8Array[]): void {
  check(new Set(keys.map(formatHex)).size === keys.length, 'malformed', 'a key stands twice')
}
