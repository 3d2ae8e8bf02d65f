// What a case says without showing it: the ledger keeps one hash over all private fields, and each of them can be laid open alone to
// whom it concerns (docs/protocol/private.md). Everything hangs on one random secret of the case: destroyed, the hash opens to nothing.

import { decodeUtf8, empty, encodeUtf8, equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { hkdf } from '../crypto/hkdf.ts'
import { assert, check } from '../errors.ts'
import { formatJson, parseJson } from '../json.ts'
import { privateValueBytesMax, serviceMembersMax, transitionNameLengthMax } from '../limits.ts'
import { bytes, type Message, message, repeatedBytes, string } from '../protobuf.ts'
import { frame, taggedHash } from '../tags.ts'

/** Undefined: the case has no such value, which the hash does not show. */
export type PrivateValue = string | number | undefined

export type PrivateField = { readonly name: string; readonly value: PrivateValue }

/** One field laid open. It tells nothing of the others but their salted hashes, whether they have a value or not. */
export type FieldOpening = {
  readonly name: string
  /** Canonical JSON; empty where there is no value. */
  readonly value: Uint8Array
  /** 32 bytes. */
  readonly salt: Uint8Array
  /** Of all private fields, this one too, in the file's order; 32 bytes each. */
  readonly leaves: readonly Uint8Array[]
}

export type CommittedFields = {
  /** What the ledger is told as `committed`, 32 bytes. */
  readonly root: Uint8Array
  /** One a field, in the order of the fields. */
  readonly openings: readonly FieldOpening[]
}

/** As an opening travels and is kept. Throws VerifyError for another spelling. */
export const fieldOpening: Message<FieldOpening> = message({
  name: string(1, transitionNameLengthMax),
  value: bytes(2, privateValueBytesMax),
  salt: bytes(3, 32),
  leaves: repeatedBytes(4, serviceMembersMax, 32),
})

const secretLength = 32

/** 32 random bytes, known to the parties of one case and to nobody else. A second case never has the same. */
export function newCaseSecret(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(secretLength))
}

/** Names of the fields that a case commits to, in the file's order: of all of them, whether a step has a value for them or not. */
export function privateFieldNames(
  fields: readonly { readonly name: string; readonly show: 'public' | 'committed' | 'sealed' }[],
): readonly string[] {
  return fields.filter(({ show }) => show !== 'public').map(({ name }) => name)
}

/**
 * The hash over `fields`, which are all that privateFieldNames lists and in its order, and what opens each. `round` counts how often the
 * case was committed before: else whoever was shown a field could try values for what it became, knowing its salt.
 */
export function commitFields(
  hasher: Hasher,
  caseSecret: Uint8Array,
  { fields, round = 0 }: { readonly fields: readonly PrivateField[]; readonly round?: number },
): CommittedFields {
  assert(caseSecret.length === secretLength, 'a case’s secret has 32 bytes')
  assert(new Set(fields.map(({ name }) => name)).size === fields.length, 'a private field stands twice')
  assert(fields.length <= serviceMembersMax, 'more private fields than a file has')
  const salted = fields.map(({ name, value }) => {
    assert(typeof value !== 'number' || Number.isSafeInteger(value), 'a number is whole and below 2^53')
    const encoded = value === undefined ? empty : encodeUtf8(formatJson(value))
    assert(encoded.length <= privateValueBytesMax, 'a private value is too long')
    const info = frame('muniment/field-salt/1', encodeUtf8(name), encodeUtf8(String(round)))
    return { name, value: encoded, salt: hkdf(hasher, caseSecret, { info, length: 32 }) }
  })
  const leaves = salted.map(field => leafOf(hasher, field))
  return { root: rootOf(hasher, leaves), openings: salted.map(field => ({ ...field, leaves })) }
}

/**
 * What the field's value was when the case was committed to `root`, which is proven; undefined: it had none. `names` are the file's
 * (privateFieldNames), so that no field can be given twice. Throws VerifyError: `disclosure-bad` for what is not the field's.
 */
export function checkOpening(
  hasher: Hasher,
  opening: FieldOpening,
  { root, names }: { readonly root: Uint8Array; readonly names: readonly string[] },
): PrivateValue {
  const { name, value, salt, leaves } = opening
  const place = names.indexOf(name)
  check(place >= 0, 'disclosure-bad', 'the service has no such private field', { actual: name })
  const areAll = leaves.length === names.length && leaves.every(({ length }) => length === 32) && salt.length === 32
  check(areAll, 'disclosure-bad', 'not one hash for each private field', { expected: names.length })
  check(equals(leaves[place]!, leafOf(hasher, opening)), 'disclosure-bad', 'the value is not the one committed to')
  check(equals(rootOf(hasher, leaves), root), 'disclosure-bad', 'the case is committed to something else')
  return value.length === 0 ? undefined : readValue(value)
}

function readValue(bytes: Uint8Array): PrivateValue {
  const text = decodeUtf8(bytes)
  const value = parseJson(text)
  const isValue = typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))
  check(
    isValue && formatJson(value) === text,
    'disclosure-bad',
    'a field is a text or a whole number, spelled in one way',
  )
  return value
}

function leafOf(hasher: Hasher, { name, salt, value }: Pick<FieldOpening, 'name' | 'salt' | 'value'>): Uint8Array {
  return taggedHash(hasher, 'muniment/field/1', encodeUtf8(name), salt, value)
}

/** A flat list, not a tree: there are few fields, and a list fixes their number and order by itself. */
function rootOf(hasher: Hasher, leaves: readonly Uint8Array[]): Uint8Array {
  return taggedHash(hasher, 'muniment/fields/1', ...leaves)
}
