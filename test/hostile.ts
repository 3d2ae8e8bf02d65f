// What an attacker does to a parser: noise, and valid input a little changed. Whatever comes in, only a VerifyError may come
// out; and what is read must be the one spelling of its value.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { equals, formatHex } from '../sdk/src/bytes.ts'
import { VerifyError } from '../sdk/src/errors.ts'

/** The value, or undefined where it was refused by a VerifyError. Any other error fails the test. */
export function readOrRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    assert.ok(
      error instanceof VerifyError,
      `not a VerifyError: ${error instanceof Error ? error.stack : String(error)}`,
    )
    return undefined
  }
}

type Change = { readonly kind: number; readonly at: number; readonly by: number; readonly more: Uint8Array }

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.nat(5),
  at: fc.nat(1 << 20),
  by: fc.integer({ min: 1, max: 255 }),
  more: fc.uint8Array({ minLength: 1, maxLength: 12 }),
})

/** One to three changes: a byte, an insertion, a removal, a cut, a doubled part, a turned part. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(change, { minLength: 1, maxLength: 3 })

export function changeBytes(bytes: Uint8Array, list: readonly Change[]): Uint8Array {
  return list.reduce((before, { kind, at: anywhere, by, more }) => {
    const at = before.length === 0 ? 0 : anywhere % before.length
    const part = before.subarray(at, at + by)
    const splice = (removed: number, ...added: number[]): Uint8Array =>
      Uint8Array.from([...before.subarray(0, at), ...added, ...before.subarray(at + removed)])
    if (kind === 0) return splice(1, (before[at] ?? 0) ^ by)
    if (kind === 1) return splice(0, ...more)
    if (kind === 2) return splice(more.length)
    if (kind === 3) return before.slice(0, at)
    if (kind === 4) return splice(0, ...part)
    return splice(part.length, ...part.toReversed())
  }, bytes)
}

export function changeText(text: string, list: readonly Change[]): string {
  return new TextDecoder('latin1').decode(changeBytes(new TextEncoder().encode(text), list))
}

/**
 * For a canonical format of bytes: values survive, changed bytes and noise are refused or read back to the very bytes that
 * came in.
 */
export function assertCanonical<T>(
  format: { readonly encode: (value: T) => Uint8Array; readonly decode: (bytes: Uint8Array) => T },
  values: fc.Arbitrary<T>,
  numRuns = 300,
): void {
  const readsItself = (bytes: Uint8Array): void => {
    const read = readOrRefused(() => ({ value: format.decode(bytes) }))
    if (read) assert.equal(formatHex(format.encode(read.value)), formatHex(bytes), 'two spellings of one value')
  }
  fc.assert(
    fc.property(values, changes, (value, list) => {
      const encoded = format.encode(value)
      assert.ok(equals(format.encode(format.decode(encoded)), encoded))
      assert.deepEqual(plain(format.decode(encoded)), plain(value))
      readsItself(changeBytes(encoded, list))
    }),
    { numRuns },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), noise => readsItself(noise)),
    { numRuns },
  )
}

/** Typed arrays of any origin, as plain values to compare. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${formatHex(value)}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
  return value
}

/** Bytes of at most a length. */
export const bytesUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
export const uint64s: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, 127n, 128n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n),
)
/** Text whose UTF-8 has at most `bytesMax` bytes: whole characters, control and direction marks among them. */
export const textUpTo = (bytesMax: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.oneof(fc.constantFrom(...'az09 \u202e\u0000\u0301é文'), fc.constant('😀')),
      maxLength: bytesMax,
    })
    .filter(text => new TextEncoder().encode(text).length <= bytesMax)
