// JSON from outside: RFC 8259 with the freedoms taken away that let two readers see two things (I-JSON, RFC 7493): no
// member twice, no lone surrogates, bounded depth and size. And its canonical form (RFC 8785), which is what we sign.

import { decodeUtf8, encodeUtf8 } from './bytes.ts'
import { check } from './errors.ts'
import { jsonDepthMax, jsonLengthMax, jsonMembersMax } from './limits.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

/** Throws VerifyError `malformed` or `oversized`. Objects have no prototype's names: `__proto__` is refused. */
export function parseJson(text: string, membersMax: number = jsonMembersMax): Json {
  check(text.length <= jsonLengthMax, 'oversized', 'JSON is too long')
  const state = { text, at: 0, left: membersMax }
  const value = readValue(state, 0)
  skipSpace(state)
  check(state.at === text.length, 'malformed', 'more text after the JSON value')
  return value
}

/** RFC 8785 text of a value. Throws VerifyError `malformed` for what JSON cannot hold. */
export function formatJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(formatJson)}]`
  // Without a rule of ours `sort` goes by UTF-16 code units, as the RFC does (3.2.3).
  if (isObject(value)) {
    const names = Object.keys(value).sort()
    return `{${names.map(name => `${formatJson(name)}:${formatJson(value[name]!)}`)}}`
  }
  // ECMAScript writes numbers and strings as the RFC does (3.2.2), and what JSON cannot hold as null or not at all.
  const text = JSON.stringify(value)
  const isHeld = typeof value === 'string' ? !halfPattern.test(value) : text === String(value)
  check(isHeld, 'malformed', 'a value that JSON cannot hold')
  return text
}

/** Canonical JSON in UTF-8, numbers whole and exact in every language; any other spelling is `non-canonical`. */
export function decodeCanonicalJson(bytes: Uint8Array): JsonObject {
  const text = decodeUtf8(bytes)
  const value = parseJson(text)
  check(isObject(value), 'malformed', 'not a JSON object')
  checkIntegers(value)
  check(formatJson(value) === text, 'non-canonical', 'JSON is not in its canonical form (RFC 8785)')
  return value
}

export function encodeCanonicalJson(value: JsonObject): Uint8Array {
  checkIntegers(value)
  return encodeUtf8(formatJson(value))
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member that must be a string. */
export function textMember(object: JsonObject, name: string): string {
  const value = object[name]
  check(typeof value === 'string', 'malformed', `${name} must be a string`)
  return value
}

/** Refuses members outside the list, so that nothing is signed that nobody reads. */
export function checkMembers(object: JsonObject, names: readonly string[]): void {
  for (const name of Object.keys(object))
    check(names.includes(name), 'malformed', `unknown member ${name.slice(0, 40)}`)
}

function checkIntegers(value: Json): void {
  if (typeof value === 'number')
    check(Number.isSafeInteger(value) && !Object.is(value, -0), 'malformed', 'numbers must be whole and below 2^53')
  else if (Array.isArray(value)) value.forEach(checkIntegers)
  else if (isObject(value)) Object.values(value).forEach(checkIntegers)
}

type State = { readonly text: string; at: number; left: number }

function skipSpace(state: State): void {
  while (state.at < state.text.length && ' \t\n\r'.includes(state.text[state.at]!)) state.at++
}

function readValue(state: State, depth: number): Json {
  check(depth <= jsonDepthMax, 'oversized', 'JSON is nested too deeply')
  check(state.left-- > 0, 'oversized', 'JSON has too many values')
  skipSpace(state)
  const first = state.text[state.at]
  if (first === '{') return readObject(state, depth)
  if (first === '[') return readArray(state, depth)
  if (first === '"') return readString(state)
  return readLiteral(state)
}

function readObject(state: State, depth: number): JsonObject {
  const object: Record<string, Json> = {}
  state.at++
  if (tryToken(state, '}')) return object
  do {
    skipSpace(state)
    check(state.text[state.at] === '"', 'malformed', 'a member name is missing')
    const name = readString(state)
    check(name !== '__proto__', 'malformed', 'refused member name')
    check(!Object.hasOwn(object, name), 'malformed', 'a member stands twice', { actual: name.slice(0, 40) })
    check(tryToken(state, ':'), 'malformed', 'a colon is missing')
    object[name] = readValue(state, depth + 1)
  } while (tryToken(state, ','))
  check(tryToken(state, '}'), 'malformed', 'an object does not end')
  return object
}

function readArray(state: State, depth: number): readonly Json[] {
  const items: Json[] = []
  state.at++
  if (tryToken(state, ']')) return items
  do items.push(readValue(state, depth + 1))
  while (tryToken(state, ','))
  check(tryToken(state, ']'), 'malformed', 'an array does not end')
  return items
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259, section 7 names just these as refused
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
/** A surrogate without its other half. */
const halfPattern = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
const literalPattern = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

function readString(state: State): string {
  stringPattern.lastIndex = state.at
  const found = stringPattern.exec(state.text)
  check(found, 'malformed', 'a string is malformed')
  state.at = stringPattern.lastIndex
  const value = JSON.parse(found[0]) as string
  check(!halfPattern.test(value), 'malformed', 'half a character')
  return value
}

function readLiteral(state: State): Json {
  literalPattern.lastIndex = state.at
  const found = literalPattern.exec(state.text)
  check(found, 'malformed', 'not a JSON value')
  state.at = literalPattern.lastIndex
  const value = JSON.parse(found[0]) as Json
  check(typeof value !== 'number' || Number.isFinite(value), 'malformed', 'a number is out of range')
  return value
}

function tryToken(state: State, token: string): boolean {
  skipSpace(state)
  if (state.text[state.at] !== token) return false
  state.at++
  return true
}
