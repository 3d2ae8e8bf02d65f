// Protocol Buffers from declared field tables, canonical only: fields in ascending order, shortest varints, no unknown
// fields, scalars at their zero value left out. So one value has one encoding, and decode(encode(x)) is x both ways
// round: bytes that were decoded hash as they came. Enough of proto3 for CometBFT's types and for our own.

import { decodeUtf8, empty, encodeUtf8 } from './bytes.ts'
import { assert, check, VerifyError } from './errors.ts'

type Wire = 0 | 1 | 2

export type Field<T> = {
  readonly number: number
  readonly wire: Wire
  /** The value of a field that is not there; undefined when it must be there. */
  readonly absent: { readonly value: T } | undefined
  /** Number, wire type and value, as often as they stand in the message. */
  readonly write: (writer: Writer, value: T) => void
  /** Joins what was read so far (undefined at the first occurrence) with the next occurrence. */
  readonly read: (reader: Reader, before: T | undefined) => T
}

export type Message<T> = {
  readonly encode: (value: T) => Uint8Array
  /** Throws VerifyError: truncated, malformed, non-canonical or oversized. */
  readonly decode: (bytes: Uint8Array) => T
  /** In the midst of another message; undefined for one that is only made as a whole. */
  readonly write?: (writer: Writer, value: T) => void
}

const uvarintEnd = 1n << 64n
const safeIntegerMax = BigInt(Number.MAX_SAFE_INTEGER)

/** Buffers of writers that are done: to make one is dearer than all that is written into it. */
const spare: Uint8Array<ArrayBuffer>[] = []

export class Writer {
  private buffer = spare.pop() ?? new Uint8Array(1_024)
  private length = 0

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
  }

  /** A whole number of 64 bits; one given as a number is exact as such. */
  uvarint(value: bigint | number): void {
    this.reserve(10)
    let rest = value
    // Bigints are slow, and hardly any value needs one.
    if (typeof rest === 'bigint') {
      assert(rest >= 0n && rest < uvarintEnd, 'uvarint is a 64-bit number')
      for (; rest > safeIntegerMax; rest >>= 7n) this.buffer[this.length++] = Number(rest & 127n) | 128
    } else assert(rest >= 0 && Number.isSafeInteger(rest), 'uvarint is a 64-bit number')
    let small = Number(rest)
    while (small > 127) {
      this.buffer[this.length++] = (small % 128) | 128
      small = Math.floor(small / 128)
    }
    this.buffer[this.length++] = small
  }

  fixed64(value: bigint): void {
    this.reserve(8)
    new DataView(this.buffer.buffer).setBigInt64(this.length, value, true)
    this.length += 8
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  prefixed(bytes: Uint8Array): void {
    this.uvarint(bytes.length)
    this.raw(bytes)
  }

  /** In place: the length, mostly one byte, is known only behind the content. */
  submessage<T>(write: NonNullable<Message<T>['write']>, value: T): void {
    this.reserve(1)
    const start = this.length++
    write(this, value)
    const size = this.length - start - 1
    if (size < 128) {
      this.buffer[start] = size
      return
    }
    const content = this.buffer.slice(start + 1, this.length)
    this.length = start
    this.prefixed(content)
  }

  finish(): Uint8Array {
    spare.push(this.buffer)
    return this.buffer.slice(0, this.length)
  }
}

export class Reader {
  private readonly bytes: Uint8Array
  private offset = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Bytes read so far. */
  get position(): number {
    return this.offset
  }

  get done(): boolean {
    return this.offset === this.bytes.length
  }

  /** A number where that is exact, which it nearly always is: bigints are slow. */
  varint(): number | bigint {
    let [low, high] = [0, 0n]
    for (let place = 0, factor = 1; ; place++, factor *= 128) {
      check(this.offset < this.bytes.length, 'truncated', 'varint ends early')
      const byte = this.bytes[this.offset++]!
      check(place < 9 || byte <= 1, 'malformed', 'varint is longer than 64 bits')
      if (place < 7) low += (byte & 127) * factor
      else high |= BigInt(byte & 127) << BigInt(place * 7)
      if (byte < 128) {
        check(byte !== 0 || place === 0, 'non-canonical', 'varint with a needless last byte')
        return place < 7 ? low : BigInt(low) + high
      }
    }
  }

  uvarint(): bigint {
    return BigInt(this.varint())
  }

  fixed64(): bigint {
    const part = this.take(8)
    return new DataView(part.buffer, part.byteOffset, 8).getBigInt64(0, true)
  }

  take(count: number): Uint8Array {
    check(this.offset + count <= this.bytes.length, 'truncated', 'bytes end early')
    this.offset += count
    return this.bytes.subarray(this.offset - count, this.offset)
  }

  prefixed(lengthMax: number): Uint8Array {
    const length = this.varint()
    // What is found is put into words only where it is wrong: this runs many million times.
    if (length > lengthMax)
      throw new VerifyError('oversized', 'a field is too long', { expected: `<= ${lengthMax}`, actual: length })
    return this.take(Number(length))
  }
}

/** A message from its field table; the table's order does not matter, its numbers do. */
// A bundle leaves out whatever nobody reads (here and below).
/* @__NO_SIDE_EFFECTS__ */
export function message<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): Message<T> {
  const table = (Object.entries(fields) as [keyof T, Field<unknown>][]).sort((a, b) => a[1].number - b[1].number)
  const places = new Map(table.map(([, field], place) => [field.number, place]))
  assert(places.size === table.length, 'field numbers differ')

  function write(writer: Writer, value: T): void {
    for (const [name, field] of table) field.write(writer, value[name])
  }

  function encode(value: T): Uint8Array {
    const writer = new Writer()
    write(writer, value)
    return writer.finish()
  }

  function decode(bytes: Uint8Array): T {
    const reader = new Reader(bytes)
    const found: unknown[] = []
    let last = 0
    while (!reader.done) {
      const tag = Number(reader.varint())
      const number = Math.floor(tag / 8)
      const place = places.get(number)
      if (place === undefined) throw new VerifyError('malformed', 'unknown field', { actual: number })
      const [, field] = table[place]!
      if (tag % 8 !== field.wire) throw new VerifyError('malformed', 'wrong wire type', { actual: number })
      if (number < last)
        throw new VerifyError('non-canonical', 'fields out of order', { expected: `>= ${last}`, actual: number })
      last = number
      found[place] = field.read(reader, found[place])
    }
    const value: Partial<Record<keyof T, unknown>> = {}
    for (let place = 0; place < table.length; place++) {
      const [name, { absent }] = table[place]!
      const read = found[place]
      if (read === undefined && !absent)
        throw new VerifyError('malformed', 'a required field is missing', { expected: String(name) })
      value[name] = read === undefined ? absent!.value : read
    }
    return value as T
  }

  return { encode, decode, write }
}

function writeMessage<T>(writer: Writer, { encode, write }: Message<T>, value: T): void {
  if (write) writer.submessage(write, value)
  else writer.prefixed(encode(value))
}

function requireOnce(number: number, before: unknown): void {
  if (before !== undefined) throw new VerifyError('non-canonical', 'a single field stands twice', { actual: number })
}

/* @__NO_SIDE_EFFECTS__ */
function scalar<T>(
  number: number,
  wire: Wire,
  zero: T,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader) => T,
  isZero: (value: T) => boolean = value => value === zero,
): Field<T> {
  return {
    number,
    wire,
    absent: { value: zero },
    write(writer, value) {
      if (isZero(value)) return
      writer.uvarint((number << 3) | wire)
      write(writer, value)
    },
    read(reader, before) {
      requireOnce(number, before)
      const value = read(reader)
      if (isZero(value)) throw new VerifyError('non-canonical', 'a zero value is written out', { actual: number })
      return value
    },
  }
}

/* @__NO_SIDE_EFFECTS__ */
export function uint64(number: number): Field<bigint> {
  return scalar(
    number,
    0,
    0n,
    (writer, value) => writer.uvarint(value),
    reader => reader.uvarint(),
  )
}

/** Negative values take ten bytes, as everywhere in proto3's int64. */
/* @__NO_SIDE_EFFECTS__ */
export function int64(number: number): Field<bigint> {
  return scalar(
    number,
    0,
    0n,
    (writer, value) => writer.uvarint(BigInt.asUintN(64, value)),
    reader => BigInt.asIntN(64, reader.uvarint()),
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function uint32(number: number): Field<number> {
  return scalar(
    number,
    0,
    0,
    (writer, value) => {
      assert(Number.isInteger(value) && value >= 0 && value < 2 ** 32, 'uint32 in range')
      writer.uvarint(value)
    },
    reader => {
      const value = reader.varint()
      check(value < 2 ** 32, 'malformed', 'number is longer than 32 bits')
      return Number(value)
    },
  )
}

/** int32 as proto3 writes it: sign-extended to 64 bits. */
/* @__NO_SIDE_EFFECTS__ */
export function int32(number: number): Field<number> {
  return scalar(
    number,
    0,
    0,
    (writer, value) => writer.uvarint(BigInt.asUintN(64, BigInt(value))),
    reader => {
      const value = BigInt.asIntN(64, reader.uvarint())
      check(value >= -(1n << 31n) && value < 1n << 31n, 'malformed', 'number is longer than 32 bits')
      return Number(value)
    },
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function bool(number: number): Field<boolean> {
  return scalar(
    number,
    0,
    false,
    writer => writer.uvarint(1),
    reader => {
      check(reader.varint() === 1, 'non-canonical', 'a true value is 1')
      return true
    },
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function sfixed64(number: number): Field<bigint> {
  return scalar(
    number,
    1,
    0n,
    (writer, value) => writer.fixed64(value),
    reader => reader.fixed64(),
  )
}

/** `lengthMax` in bytes. */
/* @__NO_SIDE_EFFECTS__ */
export function bytes(number: number, lengthMax: number): Field<Uint8Array> {
  return scalar(
    number,
    2,
    empty,
    (writer, value) => writer.prefixed(value),
    reader => reader.prefixed(lengthMax),
    value => value.length === 0,
  )
}

/** `lengthMax` in bytes of UTF-8. */
/* @__NO_SIDE_EFFECTS__ */
export function string(number: number, lengthMax: number): Field<string> {
  return scalar(
    number,
    2,
    '',
    (writer, value) => writer.prefixed(encodeUtf8(value)),
    reader => decodeUtf8(reader.prefixed(lengthMax)),
  )
}

/** A submessage that is always written, also when it is empty (gogoproto's nullable=false). */
/* @__NO_SIDE_EFFECTS__ */
export function always<T>(number: number, type: Message<T>, lengthMax: number = 1 << 24): Field<T> {
  return {
    number,
    wire: 2,
    absent: undefined,
    write(writer, value) {
      writer.uvarint((number << 3) | 2)
      writeMessage(writer, type, value)
    },
    read(reader, before) {
      requireOnce(number, before)
      return type.decode(reader.prefixed(lengthMax))
    },
  }
}

/** A submessage that may be missing. */
/* @__NO_SIDE_EFFECTS__ */
export function optional<T>(number: number, type: Message<T>, lengthMax: number = 1 << 24): Field<T | undefined> {
  return {
    number,
    wire: 2,
    absent: { value: undefined },
    write(writer, value) {
      if (value === undefined) return
      writer.uvarint((number << 3) | 2)
      writeMessage(writer, type, value)
    },
    read(reader, before) {
      requireOnce(number, before)
      return type.decode(reader.prefixed(lengthMax))
    },
  }
}

/** At most `countMax` submessages of `lengthMax` bytes each. */
/* @__NO_SIDE_EFFECTS__ */
export function repeated<T>(
  number: number,
  type: Message<T>,
  countMax: number,
  lengthMax: number = 1 << 24,
): Field<readonly T[]> {
  return list(
    number,
    countMax,
    (writer, value) => writeMessage(writer, type, value),
    reader => type.decode(reader.prefixed(lengthMax)),
  )
}

/** At most `countMax` byte strings of `lengthMax` bytes each; empty ones are kept. */
/* @__NO_SIDE_EFFECTS__ */
export function repeatedString(number: number, countMax: number, lengthMax: number): Field<readonly string[]> {
  return list(
    number,
    countMax,
    (writer, value) => writer.prefixed(encodeUtf8(value)),
    reader => decodeUtf8(reader.prefixed(lengthMax)),
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function repeatedBytes(number: number, countMax: number, lengthMax: number): Field<readonly Uint8Array[]> {
  return list(
    number,
    countMax,
    (writer, value) => writer.prefixed(value),
    reader => reader.prefixed(lengthMax),
  )
}

function list<T>(
  number: number,
  countMax: number,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader) => T,
): Field<readonly T[]> {
  return {
    number,
    wire: 2,
    // One list stands for all that are missing, so nobody may write to it.
    absent: { value: Object.freeze([]) as readonly T[] },
    write(writer, items) {
      for (const item of items) {
        writer.uvarint((number << 3) | 2)
        write(writer, item)
      }
    },
    read(reader, before) {
      const items = (before ?? []) as T[]
      if (items.length >= countMax) throw new VerifyError('oversized', 'too many items', { expected: `<= ${countMax}` })
      items.push(read(reader))
      return items
    },
  }
}

/** uvarint length, then the bytes: how CometBFT frames what is signed. */
export function delimited(bytes: Uint8Array): Uint8Array {
  const writer = new Writer()
  writer.prefixed(bytes)
  return writer.finish()
}

/** Runs a parser and turns the one engine error that deep input can cause into a VerifyError. */
export function guarded<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw new VerifyError('malformed', 'input is nested too deeply')
    throw error
  }
}
