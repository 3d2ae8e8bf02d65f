import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addNanos, compareTime, formatTime, parseTime, timeFromNanos, timeToNanos, zeroTime } from './time.ts'

test('times keep their nanoseconds both ways round, over ten thousand years', () => {
  const seconds = fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n })
  fc.assert(
    fc.property(seconds, fc.nat(999_999_999), (whole, nanos) => {
      const time = { seconds: whole, nanos }
      assert.deepEqual(parseTime(formatTime(time)), time)
      assert.deepEqual(timeFromNanos(timeToNanos(time)), time)
    }),
    { numRuns: 3000 },
  )
})

test("Go's zero time, leap days and time zones", () => {
  assert.deepEqual(parseTime('0001-01-01T00:00:00Z'), zeroTime)
  assert.deepEqual(parseTime('2024-02-29T12:00:00.5+02:00'), parseTime('2024-02-29T10:00:00.500Z'))
  assert.equal(formatTime(parseTime('2026-11-22T23:59:59.120000000Z')), '2026-11-22T23:59:59.12Z')
})

test('what is no time is refused', () => {
  const bad = [
    '',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-01T24:00:00Z',
  ]
  for (const text of [
    ...bad,
    '2026-01-01T00:00:60Z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00:00.1234567890Z',
    '2026-01-01T00:00:00+24:00',
  ]) {
    assert.throws(() => parseTime(text), { name: 'VerifyError', code: 'malformed' }, text)
  }
})

test('times are ordered, and nanoseconds carry over', () => {
  const before = { seconds: 1n, nanos: 999_999_999 }
  assert.deepEqual(addNanos(before, 1n), { seconds: 2n, nanos: 0 })
  assert.ok(compareTime(before, addNanos(before, 1n)) < 0)
  assert.deepEqual(timeFromNanos(-1n), { seconds: -1n, nanos: 999_999_999 })
})
