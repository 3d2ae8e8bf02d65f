// A PDF's objects: where each stands by the file's own tables (ISO 32000-1, 7.5), or by looking through the whole file where those
// are damaged.

import { check, VerifyError } from '../errors.ts'
import {
  pdfDamagedStreamsMax,
  pdfInflatedBytesMax,
  pdfObjectsMax,
  pdfReferencesMax,
  pdfSearchedBytesMax,
  pdfTablesMax,
} from '../limits.ts'
import { decodeStream } from './filters.ts'
import {
  type Budget,
  type Cursor,
  createBudget,
  type Dictionary,
  expectWord,
  isDictionary,
  isInteger,
  isName,
  isRef,
  latin1,
  readInteger,
  readValue,
  readWord,
  type Value,
} from './values.ts'

/** At a place in the file, or the so-and-so-manieth in a stream of objects. */
type Entry = { readonly offset: number } | { readonly stream: number; readonly index: number }
type Stream = { readonly dictionary: Dictionary; readonly raw: Uint8Array }

export type PdfFile = {
  readonly trailer: Dictionary
  /** A value that may be a reference, followed; null for what is not there. Rejects with VerifyError. */
  readonly resolve: (value: Value | undefined) => Promise<Value>
  /** The stream that a reference leads to; undefined where it leads to none. */
  readonly stream: (value: Value | undefined) => Promise<Stream | undefined>
  readonly decode: (stream: Stream) => Promise<Uint8Array>
}

type Reading = {
  readonly bytes: Uint8Array
  /** Some files have bytes before their beginning; places count from there. */
  readonly begin: number
  readonly budget: Budget
  readonly entries: Map<number, Entry>
  /** Streams of objects, unpacked. */
  readonly unpacked: Map<number, Promise<readonly Value[]>>
  /** What may still be done. */
  readonly left: { inflated: number; searched: number; damaged: number; depth: number }
}

/** Throws VerifyError for a file without tables that can be read. */
export async function openByTables(bytes: Uint8Array): Promise<PdfFile> {
  const reading = createReading(bytes)
  return fileOf(reading, await readTables(reading))
}

/** Takes the last object of each number that stands in the file, whatever its tables say. Throws VerifyError. */
export async function openByLooking(bytes: Uint8Array): Promise<PdfFile> {
  const reading = createReading(bytes)
  return fileOf({ ...reading, begin: 0 }, await lookThrough({ ...reading, begin: 0 }))
}

function createReading(bytes: Uint8Array): Reading {
  const begin = latin1(bytes.subarray(0, 1_024)).indexOf('%PDF-')
  check(begin >= 0, 'format-unknown', 'not a PDF')
  const left = {
    inflated: pdfInflatedBytesMax,
    searched: pdfSearchedBytesMax,
    damaged: pdfDamagedStreamsMax,
    depth: pdfReferencesMax,
  }
  return { bytes, begin, budget: createBudget(), entries: new Map(), unpacked: new Map(), left }
}

function fileOf(reading: Reading, trailer: Dictionary): PdfFile {
  return {
    trailer,
    resolve: value => resolve(reading, value),
    async stream(value) {
      const entry = isRef(value) ? reading.entries.get(value.ref) : undefined
      if (!entry || !('offset' in entry)) return undefined
      const { dictionary, raw } = await readObject(reading, entry.offset)
      return dictionary && raw && { dictionary, raw }
    },
    decode: stream => decode(reading, stream),
  }
}

function cursorAt({ bytes, budget }: Reading, at: number): Cursor {
  return { bytes, at, budget }
}

async function decode({ left }: Reading, { dictionary, raw }: Stream): Promise<Uint8Array> {
  // How much of a damaged stream was inflated before nobody knows.
  check(left.damaged > 0, 'oversized', 'PDF: too many damaged streams')
  left.damaged--
  const bytes = await decodeStream(raw, dictionary, left.inflated)
  left.damaged++
  left.inflated -= bytes.length
  return bytes
}

async function readTables(reading: Reading): Promise<Dictionary> {
  const { bytes, begin } = reading
  const end = latin1(bytes.subarray(-2_048))
  const last = end.lastIndexOf('startxref')
  check(last >= 0, 'malformed', 'PDF: it does not say where its table is')
  const seen = new Set<number>()
  const waiting = [readInteger(cursorAt(reading, bytes.length - end.length + last + 9))]
  let newest: Dictionary | undefined
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    check(seen.size < pdfTablesMax, 'oversized', 'PDF: too many tables')
    if (seen.has(place)) continue
    seen.add(place)
    check(begin + place < bytes.length, 'malformed', 'PDF: a table lies behind the end')
    const cursor = cursorAt(reading, begin + place)
    const isPlain = readWord(cursor) === 'xref'
    const trailer = isPlain ? readTable(reading, cursor) : await readTableStream(reading, begin + place)
    newest ??= trailer
    // What is newer was entered before; of two tables of one update the plain one is.
    for (const next of [trailer.get('Prev'), trailer.get('XRefStm')]) if (isInteger(next)) waiting.push(next)
  }
  check(newest, 'malformed', 'PDF: it has no table')
  return newest
}

function enter({ entries }: Reading, number: number, entry: Entry | undefined): void {
  check(entries.size < pdfObjectsMax, 'oversized', 'PDF: too many objects')
  if (entry && !entries.has(number)) entries.set(number, entry)
}

/** 7.5.4: "first count", then a line each; then the trailer. */
function readTable(reading: Reading, cursor: Cursor): Dictionary {
  for (;;) {
    const word = readWord(cursor)
    if (word === 'trailer') break
    check(/^[0-9]{1,10}$/.test(word), 'malformed', 'PDF: a table has no end')
    const count = readInteger(cursor)
    check(count <= pdfObjectsMax, 'oversized', 'PDF: too many objects')
    for (let i = 0; i < count; i++) {
      const offset = readInteger(cursor)
      readInteger(cursor)
      const isUsed = readWord(cursor) === 'n'
      enter(reading, Number(word) + i, isUsed ? { offset: reading.begin + offset } : undefined)
    }
  }
  const trailer = readValue(cursor)
  check(isDictionary(trailer), 'malformed', 'PDF: a trailer is missing')
  return trailer
}

/** 7.5.8: fields of three widths. */
async function readTableStream(reading: Reading, offset: number): Promise<Dictionary> {
  const { dictionary, raw } = await readObject(reading, offset)
  check(dictionary && raw && isName(dictionary.get('Type'), 'XRef'), 'malformed', 'PDF: a table is missing')
  const widths = integers(dictionary.get('W'), 3)
  check(widths.length === 3 && widths.every(width => width <= 8), 'malformed', 'PDF: a table without widths')
  const sections = dictionary.has('Index')
    ? integers(dictionary.get('Index'), 2 * pdfTablesMax)
    : [0, ...integers([dictionary.get('Size') ?? null], 1)]
  const rows = await decode(reading, { dictionary, raw })
  let at = 0
  const field = (width: number, usual: number): number => {
    let value = width === 0 ? usual : 0
    for (let i = 0; i < width; i++) value = value * 256 + rows[at++]!
    return value
  }
  const length = widths.reduce((sum, width) => sum + width, 0)
  check(length > 0, 'malformed', 'PDF: a table without widths')
  for (let section = 0; section + 1 < sections.length; section += 2) {
    for (let i = 0; i < sections[section + 1]! && at + length <= rows.length; i++) {
      const [kind, second, third] = [field(widths[0]!, 1), field(widths[1]!, 0), field(widths[2]!, 0)]
      const entry = kind === 1 ? { offset: reading.begin + second } : { stream: second, index: third }
      enter(reading, sections[section]! + i, kind === 1 || kind === 2 ? entry : undefined)
    }
  }
  return dictionary
}

function integers(value: Value | undefined, most: number): readonly number[] {
  check(Array.isArray(value) && value.length <= most, 'malformed', 'PDF: a list of numbers is missing')
  const list = value as readonly Value[]
  check(
    list.every(each => isInteger(each) && each >= 0),
    'malformed',
    'PDF: not a number',
  )
  return list as readonly number[]
}

type Indirect = { readonly value: Value; readonly dictionary?: Dictionary; readonly raw?: Uint8Array }

/** "12 0 obj", a value, and a stream where one follows. */
async function readObject(reading: Reading, offset: number, number?: number): Promise<Indirect> {
  check(offset < reading.bytes.length, 'malformed', 'PDF: an object lies behind the end')
  const cursor = cursorAt(reading, offset)
  const own = readInteger(cursor)
  check(number === undefined || own === number, 'malformed', 'PDF: another object stands there')
  readInteger(cursor)
  expectWord(cursor, 'obj')
  const value = readValue(cursor)
  if (!isDictionary(value) || readWord(cursor) !== 'stream') return { value }
  const { bytes } = reading
  if (bytes[cursor.at] === 13) cursor.at++
  if (bytes[cursor.at] === 10) cursor.at++
  const begin = cursor.at
  const length = await resolve(reading, value.get('Length')).catch(() => null)
  const end = isInteger(length) && endsAt(reading, begin + length) ? begin + length : endOfStream(reading, begin)
  return { value, dictionary: value, raw: bytes.subarray(begin, end) }
}

function endsAt(reading: Reading, at: number): boolean {
  return at <= reading.bytes.length && readWord(cursorAt(reading, at)) === 'endstream'
}

/** Where a stream's length is wrong: up to the word that ends it, and the end of the line before that. */
function endOfStream({ bytes, left }: Reading, begin: number): number {
  let end = indexOf(bytes, 'endstream', begin)
  left.searched -= (end < 0 ? bytes.length : end) - begin
  check(left.searched > 0, 'oversized', 'PDF: too many damaged streams')
  check(end >= 0, 'truncated', 'PDF: a stream has no end')
  if (end > begin && bytes[end - 1] === 10) end--
  if (end > begin && bytes[end - 1] === 13) end--
  return end
}

function indexOf(bytes: Uint8Array, word: string, from: number): number {
  const codes = Array.from(word, character => character.charCodeAt(0))
  for (let at = bytes.indexOf(codes[0]!, from); at >= 0; at = bytes.indexOf(codes[0]!, at + 1)) {
    let length = 1
    while (length < codes.length && bytes[at + length] === codes[length]) length++
    if (length === codes.length) return at
  }
  return -1
}

async function resolve(reading: Reading, value: Value | undefined): Promise<Value> {
  if (!isRef(value)) return value ?? null
  const entry = reading.entries.get(value.ref)
  if (!entry) return null
  // A length that is told by an object in a stream whose length is told by an object…
  check(reading.left.depth > 0, 'malformed', 'PDF: objects that lead to each other')
  reading.left.depth--
  try {
    if ('offset' in entry) return (await readObject(reading, entry.offset, value.ref)).value
    const unpacked = reading.unpacked.get(entry.stream) ?? unpack(reading, entry.stream)
    reading.unpacked.set(entry.stream, unpacked)
    return (await unpacked)[entry.index] ?? null
  } finally {
    reading.left.depth++
  }
}

/** A stream of objects (7.5.7): pairs of number and place, then the values. */
async function unpack(reading: Reading, number: number): Promise<readonly Value[]> {
  const entry = reading.entries.get(number)
  check(entry && 'offset' in entry, 'malformed', 'PDF: a stream of objects is missing')
  const { dictionary, raw } = await readObject(reading, entry.offset, number)
  check(dictionary && raw, 'malformed', 'PDF: a stream of objects is missing')
  return (await objectsIn(reading, { dictionary, raw })).map(({ value }) => value)
}

async function objectsIn(
  reading: Reading,
  stream: Stream,
): Promise<readonly { readonly number: number; readonly value: Value }[]> {
  const [count, first] = integers([stream.dictionary.get('N') ?? null, stream.dictionary.get('First') ?? null], 2)
  check(count! <= pdfObjectsMax, 'oversized', 'PDF: too many objects')
  const bytes = await decode(reading, stream)
  const pairs: Cursor = { bytes, at: 0, budget: reading.budget }
  return Array.from({ length: count! }, () => {
    const number = readInteger(pairs)
    const at = first! + readInteger(pairs)
    return { number, value: readValue({ bytes, at, budget: reading.budget }) }
  })
}

/** Every "12 0 obj" and every trailer, the last of each. */
async function lookThrough(reading: Reading): Promise<Dictionary> {
  const { bytes, entries } = reading
  let found = 0
  for (let at = indexOf(bytes, 'obj', 0); at >= 0; at = indexOf(bytes, 'obj', at + 3)) {
    const before = /(?:^|[^0-9])([0-9]{1,10})\s{1,4}[0-9]{1,5}\s{0,4}$/.exec(
      latin1(bytes.subarray(Math.max(0, at - 28), at)),
    )
    if (!before) continue
    check(found++ < pdfObjectsMax, 'oversized', 'PDF: too many objects')
    const offset = at - before[0].length + (/^[^0-9]/.test(before[0]) ? 1 : 0)
    entries.set(Number(before[1]), { offset })
  }
  const trailers = await trailersIn(reading)
  const trailer = trailers.findLast(each => each.has('Root'))
  check(trailer, 'malformed', 'PDF: it has no catalogue')
  // Whatever part of it is encrypted, the whole can't be read.
  const locked = trailers.find(each => each.has('Encrypt'))
  return locked ?? trailer
}

async function trailersIn(reading: Reading): Promise<readonly Dictionary[]> {
  const { bytes, entries } = reading
  const trailers: Dictionary[] = []
  for (let at = indexOf(bytes, 'trailer', 0); at >= 0; at = indexOf(bytes, 'trailer', at + 7)) {
    const trailer = orNothing(() => readValue(cursorAt(reading, at + 7)))
    if (isDictionary(trailer)) trailers.push(trailer)
  }
  for (const [number, entry] of [...entries]) {
    const object = await readObject(reading, (entry as { readonly offset: number }).offset).catch(ignoreRefused)
    const { value, raw } = object ?? {}
    if (!isDictionary(value)) continue
    const type = value.get('Type')
    if (isName(type, 'Catalog')) trailers.unshift(rootedIn(number))
    if (raw && isName(type, 'XRef')) trailers.push(value)
    if (raw && isName(type, 'ObjStm'))
      trailers.unshift(
        ...((await enterObjects(reading, number, { dictionary: value, raw }).catch(ignoreRefused)) ?? []),
      )
  }
  return trailers
}

function rootedIn(ref: number): Dictionary {
  return new Map([['Root', { ref }]])
}

/** Answers a trailer for each catalogue among them. */
async function enterObjects(reading: Reading, stream: number, given: Stream): Promise<readonly Dictionary[]> {
  const objects = await objectsIn(reading, given)
  reading.unpacked.set(stream, Promise.resolve(objects.map(({ value }) => value)))
  for (const [index, { number }] of objects.entries()) enter(reading, number, { stream, index })
  return objects
    .filter(({ value }) => isDictionary(value) && isName(value.get('Type'), 'Catalog'))
    .map(({ number }) => rootedIn(number))
}

/** One damaged object leaves the others. */
function ignoreRefused(error: unknown): undefined {
  if (!(error instanceof VerifyError) || error.code === 'oversized') throw error
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    return ignoreRefused(error)
  }
}
