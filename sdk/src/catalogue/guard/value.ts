// What guards reckon with, as plain data, and the few operations that JavaScript would do otherwise than CEL.

import { compare } from '../../bytes.ts'

/** From 1970, UTC, in whole seconds. */
export type GuardTimestamp = { readonly kind: 'timestamp'; readonly seconds: bigint }
export type GuardDuration = { readonly kind: 'duration'; readonly seconds: bigint }
export type GuardRecord = { readonly [name: string]: GuardValue }
/** Integers of 64 bits are bigints; texts are measured and compared by code points. */
export type GuardValue =
  | bigint
  | boolean
  | string
  | Uint8Array
  | GuardTimestamp
  | GuardDuration
  | readonly GuardValue[]
  | GuardRecord

/**
 * Why an expression has no value:
 * `overflow` an integer beyond 64 bits, or a time outside the years 1 to 9999 · `zero` division by zero · `index` beyond a
 * list's end · `field` an optional field that is not there · `missing` a fact that nobody knows · `fact` a fact that is not
 * of its declared type · `budget` the evaluation cost more than it may.
 */
export type GuardErrorCode = 'overflow' | 'zero' | 'index' | 'field' | 'missing' | 'fact' | 'budget'

const intMin = -(1n << 63n)
const intMax = (1n << 63n) - 1n
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the bounds of CEL's timestamps. */
const timestampMin = -62_135_596_800n
const timestampMax = 253_402_300_799n
/** What 64 bits of nanoseconds hold, as cel-go counts durations: 292 years. */
const durationMax = 9_223_372_036n

export function isInt(value: bigint): boolean {
  return value >= intMin && value <= intMax
}

export function isTimestampSeconds(seconds: bigint): boolean {
  return seconds >= timestampMin && seconds <= timestampMax
}

export function isDurationSeconds(seconds: bigint): boolean {
  return seconds >= -durationMax && seconds <= durationMax
}

/** Of a text, in code points; undefined when it has half a character (a lone surrogate), which no text of CEL has. */
export function textLength(text: string): number | undefined {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(i + 1)
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return undefined
    i++
    length--
  }
  return length
}

/** By code point. JavaScript compares UTF-16 units, and so has 😀 (U+1F600, from U+D83D) before ﬀ (U+FB00). */
function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  let i = 0
  while (i < length && left.charCodeAt(i) === right.charCodeAt(i)) i++
  if (i === length) return left.length - right.length
  const [a, b] = [left.charCodeAt(i), right.charCodeAt(i)]
  // In well-formed text a surrogate belongs to a character beyond U+FFFF, and so is greater than any other unit.
  const [aPair, bPair] = [isSurrogate(a), isSurrogate(b)]
  return aPair === bPair ? a - b : aPair ? 1 : -1
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

/** Below zero, zero or above it, for two values of one type that has an order. */
export function compareValues(left: GuardValue, right: GuardValue): number {
  if (typeof left === 'string') return compareTexts(left, right as string)
  if (left instanceof Uint8Array) return compare(left, right as Uint8Array)
  const [a, b] = [toOrder(left), toOrder(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

function toOrder(value: GuardValue): bigint {
  if (typeof value === 'bigint') return value
  return typeof value === 'boolean' ? (value ? 1n : 0n) : (value as GuardTimestamp).seconds
}

/** Of two values of one type, lists with their members. */
export function equalValues(left: GuardValue, right: GuardValue): boolean {
  if (!Array.isArray(left)) return compareValues(left, right) === 0
  const other = right as readonly GuardValue[]
  return left.length === other.length && left.every((each, i) => equalValues(each, other[i]!))
}

/**
 * What a value costs to be looked at: 1, and 1 for each 16 code points or bytes begun; a list with its members. Whole
 * records are never looked at.
 */
export function valueCost(value: GuardValue): number {
  if (typeof value === 'string') return lengthCost(textLength(value) ?? value.length)
  if (value instanceof Uint8Array) return lengthCost(value.length)
  if (Array.isArray(value)) {
    let cost = 1
    for (const each of value) cost += valueCost(each)
    return cost
  }
  return 1
}

/** For so many code points or bytes. */
export function lengthCost(length: number): number {
  return 1 + ((length + 15) >> 4)
}
