// Reading the JSON that CometBFT's RPC writes: 64-bit numbers as strings, hashes in upper-case hex, keys and signatures in
// base64, Go's null for anything empty. Every reader throws VerifyError `malformed` and names the member.

import { empty, formatHex, parseBase64, parseHex } from '../bytes.ts'
import { check } from '../errors.ts'
import { parseTime, type Timestamp } from '../time.ts'

export type JsonObject = { readonly [name: string]: unknown }

export function objectOf(value: unknown, name: string): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  check(isObject, 'malformed', 'not a JSON object', { actual: name })
  return value as JsonObject
}

/** A member that belongs to the object itself: `__proto__` and `constructor` answer nothing. */
export function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** null counts as empty, as Go writes a nil slice. */
export function listOf(value: unknown, name: string, countMax: number): readonly unknown[] {
  if (value === null || value === undefined) return []
  check(Array.isArray(value), 'malformed', 'not a JSON array', { actual: name })
  check(value.length <= countMax, 'oversized', 'too many items', { expected: `<= ${countMax}`, actual: name })
  return value
}

export function stringOf(value: unknown, name: string): string {
  check(typeof value === 'string', 'malformed', 'not a JSON string', { actual: name })
  return value
}

/** A signed 64-bit number, written as a decimal string; missing is zero, as Go's omitempty has it. */
export function int64Of(value: unknown, name: string): bigint {
  if (value === undefined) return 0n
  const number = decimal(value, name)
  check(BigInt.asIntN(64, number) === number, 'malformed', 'number is longer than 64 bits', { actual: name })
  return number
}

export function uint64Of(value: unknown, name: string): bigint {
  if (value === undefined) return 0n
  const number = decimal(value, name)
  check(BigInt.asUintN(64, number) === number, 'malformed', 'number is longer than 64 bits', { actual: name })
  return number
}

function decimal(value: unknown, name: string): bigint {
  const text = stringOf(value, name)
  check(/^(0|-?[1-9][0-9]{0,19})$/.test(text), 'malformed', 'not a decimal number', { actual: name })
  return BigInt(text)
}

/** A whole number from `min` to `max`, written as a JSON number. */
export function integerOf(value: unknown, name: string, range: { readonly min: number; readonly max: number }): number {
  const inRange = Number.isInteger(value) && (value as number) >= range.min && (value as number) <= range.max
  check(inRange, 'malformed', 'not a whole number in range', { actual: name })
  return value as number
}

export function hexOf(value: unknown, name: string, lengthMax: number): Uint8Array {
  if (value === null || value === undefined) return empty
  const text = stringOf(value, name)
  check(text.length <= 2 * lengthMax, 'oversized', 'a field is too long', { expected: `<= ${lengthMax}`, actual: name })
  return parseHex(text)
}

export function base64Of(value: unknown, name: string, lengthMax: number): Uint8Array {
  if (value === null || value === undefined) return empty
  const text = stringOf(value, name)
  const short = text.length <= 4 * Math.ceil(lengthMax / 3)
  check(short, 'oversized', 'a field is too long', { expected: `<= ${lengthMax}`, actual: name })
  const bytes = parseBase64(text)
  check(bytes.length <= lengthMax, 'oversized', 'a field is too long', { expected: `<= ${lengthMax}`, actual: name })
  return bytes
}

export function timeOf(value: unknown, name: string): Timestamp {
  return parseTime(stringOf(value, name))
}

/** How hashes and addresses are written. */
export function upperHex(bytes: Uint8Array): string {
  return formatHex(bytes).toUpperCase()
}
