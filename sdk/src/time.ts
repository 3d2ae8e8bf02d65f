import { check } from './errors.ts'

/** A point in time with nanoseconds: `Date` would lose them, and they are hashed. Seconds count from 1970, UTC. */
export type Timestamp = { readonly seconds: bigint; readonly nanos: number }

/** Go's zero time, 0001-01-01T00:00:00Z, which CometBFT writes for absent votes. */
export const zeroTime: Timestamp = { seconds: -62_135_596_800n, nanos: 0 }

export const nanosPerSecond = 1_000_000_000n

export function compareTime(left: Timestamp, right: Timestamp): number {
  if (left.seconds !== right.seconds) return left.seconds < right.seconds ? -1 : 1
  return left.nanos - right.nanos
}

export function addSeconds(time: Timestamp, seconds: number | bigint): Timestamp {
  return { seconds: time.seconds + BigInt(seconds), nanos: time.nanos }
}

export function addNanos(time: Timestamp, nanos: bigint): Timestamp {
  return timeFromNanos(timeToNanos(time) + nanos)
}

export function timeToNanos(time: Timestamp): bigint {
  return time.seconds * nanosPerSecond + BigInt(time.nanos)
}

export function timeFromNanos(total: bigint): Timestamp {
  let seconds = total / nanosPerSecond
  let nanos = total % nanosPerSecond
  if (nanos < 0n) {
    nanos += nanosPerSecond
    seconds -= 1n
  }
  return { seconds, nanos: Number(nanos) }
}

export function timeFromMilliseconds(milliseconds: number): Timestamp {
  return timeFromNanos(BigInt(Math.trunc(milliseconds)) * 1_000_000n)
}

export function timeToMilliseconds(time: Timestamp): number {
  return Number(time.seconds) * 1_000 + Math.trunc(time.nanos / 1_000_000)
}

/** Whole seconds from `earlier` to `later`, negative when they stand the other way round. */
export function secondsBetween(earlier: Timestamp, later: Timestamp): number {
  return Number((timeToNanos(later) - timeToNanos(earlier)) / nanosPerSecond)
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/

/**
 * RFC 3339 with up to nine digits of a second, as Go writes it; no leap seconds. Reckoned here and not by `Date`, whose
 * parser differs between engines: the ledger's rules read times too.
 */
export function parseTime(text: string): Timestamp {
  const match = rfc3339.exec(text)
  check(match, 'malformed', 'not an RFC 3339 time', { actual: text.slice(0, 40) })
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month)
  check(exists && hour < 24 && minute < 60 && second < 60, 'malformed', 'no such time', { actual: text })
  check(offsetHour < 24 && offsetMinute < 60, 'malformed', 'no such time zone', { actual: text })
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHour * 3_600 + offsetMinute * 60)
  const seconds = daysFromEpoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
  // A zone can carry a time out of the years that a Timestamp holds.
  const inBounds = BigInt(seconds) >= zeroTime.seconds && seconds <= 253_402_300_799
  check(inBounds, 'malformed', 'time outside years 1 to 9999', { actual: text })
  return { seconds: BigInt(seconds), nanos: Number((match[7] ?? '').padEnd(9, '0')) }
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day is the last. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const monthFromMarch = (month + 9) % 12
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((monthFromMarch * 153 + 2) / 5) + day - 1 - 719_468
}

/** Go's RFC3339Nano in UTC: trailing zeros of the fraction are not written. */
export function formatTime(time: Timestamp): string {
  const whole = new Date(Number(time.seconds) * 1_000).toISOString().slice(0, 19)
  const fraction = time.nanos.toString().padStart(9, '0').replace(/0+$/, '')
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`
}
