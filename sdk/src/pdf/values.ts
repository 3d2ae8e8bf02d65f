// PDF's syntax (ISO 32000-1, 7.2 and 7.3): values as they stand in a file, read from bytes of which nothing is believed.

import { check, VerifyError } from '../errors.ts'
import { pdfDepthMax, pdfValuesMax } from '../limits.ts'

export type Value = null | boolean | number | Name | Ref | Uint8Array | readonly Value[] | Dictionary
export type Dictionary = ReadonlyMap<string, Value>
export type Name = { readonly name: string }
/** An indirect object by its number; generations are of no use to a reader of the newest state. */
export type Ref = { readonly ref: number }

/** Where reading stands, and how many values of a file may still be read: all cursors of one file share it. */
export type Cursor = { readonly bytes: Uint8Array; at: number; readonly budget: Budget }

/** Values that may still be read; long ones count for each 64 bytes of theirs. */
export type Budget = { values: number }

export function createBudget(): Budget {
  return { values: pdfValuesMax }
}

function spend(cursor: Cursor, begin: number): void {
  cursor.budget.values -= 1 + ((cursor.at - begin) >> 6)
  check(cursor.budget.values > 0, 'oversized', 'PDF: too many values')
}

export const isName = (value: Value | undefined, name?: string): value is Name =>
  typeof value === 'object' && value !== null && 'name' in value && (name === undefined || value.name === name)
export const isRef = (value: Value | undefined): value is Ref =>
  typeof value === 'object' && value !== null && 'ref' in value
export const isDictionary = (value: Value | undefined): value is Dictionary => value instanceof Map
export const isInteger = (value: Value | undefined): value is number => Number.isSafeInteger(value)

const spaces = '\0\t\n\f\r '
const delimiters = '()<>[]{}/%'
const isSpace = new Uint8Array(256)
const isRegular = new Uint8Array(256).fill(1)
for (const character of spaces) isSpace[character.charCodeAt(0)] = 1
for (const character of spaces + delimiters) isRegular[character.charCodeAt(0)] = 0

function skipSpace(cursor: Cursor): void {
  const { bytes } = cursor
  const begin = cursor.at
  for (; cursor.at < bytes.length; cursor.at++) {
    // A comment ends with its line.
    if (bytes[cursor.at] === 0x25) while (cursor.at < bytes.length && !isEnd(bytes[cursor.at]!)) cursor.at++
    else if (!isSpace[bytes[cursor.at]!]) break
  }
  spend(cursor, begin)
}

const isEnd = (byte: number): boolean => byte === 10 || byte === 13

/** The regular characters from here on, a number or a keyword; empty where none stands. */
export function readWord(cursor: Cursor): string {
  skipSpace(cursor)
  const begin = cursor.at
  while (cursor.at < cursor.bytes.length && isRegular[cursor.bytes[cursor.at]!]) cursor.at++
  spend(cursor, begin)
  return latin1(cursor.bytes.subarray(begin, Math.min(cursor.at, begin + 256)))
}

/** Throws VerifyError unless the word stands next. */
export function expectWord(cursor: Cursor, word: string): void {
  check(readWord(cursor) === word, 'malformed', `PDF: ${word} is missing`)
}

export function readInteger(cursor: Cursor): number {
  const word = readWord(cursor)
  check(/^[0-9]{1,12}$/.test(word), 'malformed', 'PDF: a number is missing')
  return Number(word)
}

/** Throws VerifyError. */
export function readValue(cursor: Cursor, depth = 0): Value {
  check(depth <= pdfDepthMax, 'oversized', 'PDF: nested too deeply')
  skipSpace(cursor)
  const { bytes } = cursor
  const next = bytes[cursor.at + 1]
  switch (bytes[cursor.at]) {
    case 0x2f:
      return readName(cursor)
    case 0x28:
      return readText(cursor)
    case 0x5b:
      return readList(cursor, depth)
    case 0x3c:
      return next === 0x3c ? readDictionary(cursor, depth) : readHex(cursor)
    default:
      return readNumberOrWord(cursor)
  }
}

function readNumberOrWord(cursor: Cursor): Value {
  const word = readWord(cursor)
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null') return null
  check(/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(word), 'malformed', 'PDF: not a value')
  // "12 0 R" is one value.
  const after = cursor.at
  if (/^[0-9]{1,10}$/.test(word) && /^[0-9]{1,5}$/.test(readWord(cursor)) && readWord(cursor) === 'R')
    return { ref: Number(word) }
  cursor.at = after
  return Number(word)
}

function readName(cursor: Cursor): Name {
  cursor.at++
  const begin = cursor.at
  while (cursor.at < cursor.bytes.length && isRegular[cursor.bytes[cursor.at]!]) cursor.at++
  spend(cursor, begin)
  const text = latin1(cursor.bytes.subarray(begin, Math.min(cursor.at, begin + 256)))
  return { name: text.replaceAll(/#([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))) }
}

function readList(cursor: Cursor, depth: number): readonly Value[] {
  const list: Value[] = []
  for (cursor.at++; ; ) {
    skipSpace(cursor)
    check(cursor.at < cursor.bytes.length, 'truncated', 'PDF: a list has no end')
    if (cursor.bytes[cursor.at] === 0x5d) break
    list.push(readValue(cursor, depth + 1))
  }
  cursor.at++
  return list
}

function readDictionary(cursor: Cursor, depth: number): Dictionary {
  const dictionary = new Map<string, Value>()
  for (cursor.at += 2; ; ) {
    skipSpace(cursor)
    check(cursor.at < cursor.bytes.length, 'truncated', 'PDF: a dictionary has no end')
    if (cursor.bytes[cursor.at] === 0x3e) break
    const key = readValue(cursor, depth + 1)
    check(isName(key), 'malformed', 'PDF: a dictionary names its members')
    dictionary.set(key.name, readValue(cursor, depth + 1))
  }
  check(cursor.bytes[cursor.at + 1] === 0x3e, 'malformed', 'PDF: a dictionary has no end')
  cursor.at += 2
  return dictionary
}

/** Only its length and nesting matter here: what a text says is nothing that this reader goes by. */
function readText(cursor: Cursor): Uint8Array {
  const begin = cursor.at + 1
  let open = 0
  for (; cursor.at < cursor.bytes.length; cursor.at++) {
    const byte = cursor.bytes[cursor.at]
    if (byte === 0x5c) cursor.at++
    else if (byte === 0x28) open++
    else if (byte === 0x29 && --open === 0) break
  }
  spend(cursor, begin)
  if (cursor.at < cursor.bytes.length) return cursor.bytes.subarray(begin, cursor.at++)
  throw new VerifyError('truncated', 'PDF: a text has no end')
}

function readHex(cursor: Cursor): Uint8Array {
  const begin = cursor.at
  const end = cursor.bytes.indexOf(0x3e, begin)
  cursor.at = end < 0 ? cursor.bytes.length : end + 1
  spend(cursor, begin)
  check(end >= 0, 'truncated', 'PDF: a text has no end')
  const text = cursor.bytes.subarray(begin + 1, end)
  return text
}

export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
