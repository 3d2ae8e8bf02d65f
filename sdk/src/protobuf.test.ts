import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertCanonical, bytesUpTo, readOrRefused, textUpTo, uint64s } from '../../test/hostile.ts'
import { concat, parseHex } from './bytes.ts'
import { VerifyError } from './errors.ts'
import * as protobuf from './protobuf.ts'

type Value = Readonly<Record<string, unknown>>
type Schema = { readonly type: protobuf.Message<Value>; readonly values: fc.Arbitrary<Value> }
type Kind = (number: number) => { readonly field: protobuf.Field<unknown>; readonly values: fc.Arbitrary<unknown> }

const int64s = uint64s.map(value => BigInt.asIntN(64, value))
const kinds: readonly Kind[] = [
  number => ({ field: protobuf.uint64(number) as never, values: uint64s }),
  number => ({ field: protobuf.int64(number) as never, values: int64s }),
  number => ({ field: protobuf.uint32(number) as never, values: fc.nat(2 ** 32 - 1) }),
  number => ({ field: protobuf.int32(number) as never, values: fc.integer() }),
  number => ({ field: protobuf.bool(number) as never, values: fc.boolean() }),
  number => ({ field: protobuf.sfixed64(number) as never, values: int64s }),
  number => ({ field: protobuf.bytes(number, 40) as never, values: bytesUpTo(40) }),
  number => ({ field: protobuf.string(number, 40) as never, values: textUpTo(40) }),
  number => ({
    field: protobuf.repeatedBytes(number, 3, 9) as never,
    values: fc.array(bytesUpTo(9), { maxLength: 3 }),
  }),
]

/** Message types of any shape, at most three deep, and values of them. */
function schemas(depth: number): fc.Arbitrary<Schema> {
  const scalar = fc.constantFrom(...kinds)
  const nested = (): fc.Arbitrary<Kind> =>
    fc.tuple(fc.nat(2), schemas(depth - 1)).map(([way, { type, values }]): Kind => {
      if (way === 0) return number => ({ field: protobuf.always(number, type) as never, values })
      if (way === 1)
        return number => ({
          field: protobuf.optional(number, type) as never,
          values: fc.option(values, { nil: undefined }),
        })
      return number => ({
        field: protobuf.repeated(number, type, 3) as never,
        values: fc.array(values, { maxLength: 3 }),
      })
    })
  const kind = depth === 0 ? scalar : fc.oneof({ weight: 3, arbitrary: scalar }, { weight: 1, arbitrary: nested() })
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })
  return fc.tuple(numbers, fc.array(kind, { minLength: 5, maxLength: 5 })).map(([taken, given]) => {
    const made = taken.map((number, index) => ({ name: `field${number}`, ...given[index]!(number) }))
    return {
      type: protobuf.message<Value>(Object.fromEntries(made.map(({ name, field }) => [name, field]))),
      values: fc.record(Object.fromEntries(made.map(({ name, values }) => [name, values]))) as fc.Arbitrary<Value>,
    }
  })
}

test('every type of message: values survive, and changed or random bytes are refused or are the one spelling', () => {
  fc.assert(
    fc.property(schemas(2), ({ type, values }) => assertCanonical(type, values, 8)),
    { numRuns: 150 },
  )
})

const inner = protobuf.message<{ a: number }>({ a: protobuf.uint32(1) })
const sample = protobuf.message<{
  number: bigint
  small: number
  yes: boolean
  raw: Uint8Array
  must: { a: number }
  may: { a: number } | undefined
  many: readonly { a: number }[]
  fixed: bigint
  signed: number
}>({
  number: protobuf.uint64(1),
  small: protobuf.uint32(2),
  yes: protobuf.bool(3),
  raw: protobuf.bytes(4, 4),
  must: protobuf.always(5, inner),
  may: protobuf.optional(6, inner),
  many: protobuf.repeated(7, inner, 2),
  fixed: protobuf.sfixed64(8),
  signed: protobuf.int32(9),
})

const spellings: readonly [string, string, string][] = [
  ['nothing but what must be there', '2a00', ''],
  ['a required message is missing', '0801', 'malformed'],
  ['fields out of order', '2a000801', 'non-canonical'],
  ['a zero is written', '08002a00', 'non-canonical'],
  ['empty bytes are written', '22002a00', 'non-canonical'],
  ['a zero of fixed width is written', '2a00410000000000000000', 'non-canonical'],
  ['a varint with a needless last byte', '0881002a00', 'non-canonical'],
  ['a tag with a needless last byte', '8800012a00', 'non-canonical'],
  ['a length with a needless last byte', '2281000a2a00', 'non-canonical'],
  ['true as 2', '18022a00', 'non-canonical'],
  ['an unknown field', '2a005001', 'malformed'],
  ['field number 0', '0001', 'malformed'],
  ['a field number beyond 2^53', 'f8ffffffffffffffff0101', 'malformed'],
  ['another wire type', '0a00', 'malformed'],
  ['a group', '0b0c2a00', 'malformed'],
  ['a single field twice', '080108022a00', 'non-canonical'],
  ['a required message twice', '2a002a00', 'non-canonical'],
  ['an optional message twice', '2a0032003200', 'non-canonical'],
  ['an optional message, empty', '2a003200', ''],
  ['repeated messages apart from each other', '2a003a004101000000000000003a00', 'non-canonical'],
  ['one more than allowed', '2a003a003a003a00', 'oversized'],
  ['bytes too long', '220500000000002a00', 'oversized'],
  ['a length beyond the end', '2a0504', 'truncated'],
  ['a length beyond memory', '2a00a2ffffffffffffffff01', 'malformed'],
  ['a length of 2^64 - 1', '22ffffffffffffffffff01', 'oversized'],
  ['a varint of 65 bits', '08ffffffffffffffffff02', 'malformed'],
  ['a varint without an end', '08ff', 'truncated'],
  ['32 bits overrun', '1080808080102a00', 'malformed'],
  ['int32 overrun', '2a00488080808008', 'malformed'],
  ['half a fixed number', '2a0041000000', 'truncated'],
  ['an unknown field in a message within', '2a021001', 'malformed'],
]

test('whatever is not the one spelling of its value is refused, with the reason', () => {
  for (const [name, hex, code] of spellings) {
    const bytes = parseHex(hex)
    if (code === '') assert.deepEqual(sample.encode(sample.decode(bytes)), bytes, name)
    else assert.throws(() => sample.decode(bytes), { name: 'VerifyError', code }, name)
  }
})

test('text that is not UTF-8, or its longer spellings, is refused', () => {
  const text = protobuf.message<{ text: string }>({ text: protobuf.string(1, 10) })
  for (const hex of ['0a01ff', '0a02c080', '0a03eda080', '0a04f4908080', '0a02c3'])
    assert.throws(() => text.decode(parseHex(hex)), VerifyError, hex)
})

test('messages within messages are as deep as their table, whatever the bytes say', () => {
  const deep = concat(...Array.from({ length: 5000 }, () => parseHex('2a8f4e')))
  assert.equal(
    readOrRefused(() => sample.decode(deep)),
    undefined,
  )
})

test('what is missing is never one shared list that a caller could fill', () => {
  const [left, right] = [sample.decode(parseHex('2a00')), sample.decode(parseHex('2a00'))]
  assert.throws(() => (left.many as { a: number }[]).push({ a: 1 }), TypeError)
  assert.deepEqual(right.many, [])
})
