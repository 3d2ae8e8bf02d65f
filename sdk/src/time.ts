import { check } from './errors.ts'

/** A point in time with nanoseconds: `Date` would lose them, and they are hashed. Seconds count from 1970, UTC. */
export type Timestamp = { readonly seconds: bigint; readonly nanos: number }

/** Go's zero time, 0001-01-01T00:00:00Z, which CometBFT writes for absent votes. */
export const zeroTime: Timestamp = { seconds: -62_135_596_800n, nanos: 0 }

const nanosPerSecond = 1_000_000_000n

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

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/

/** RFC 3339 with up to nine digits of a second, as Go writes it. */
export function parseTime(text: string): Timestamp {
  const match = rfc3339.exec(text)
  check(match, 'malformed', 'not an RFC 3339 time', { actual: text.slice(0, 40) })
  const whole = Date.parse(`${text.slice(0, 19)}${match[8]}`)
  // Date.parse refuses a month 13; a 30 February it moves to March, which the way back shows.
  const sameDay = match[8] !== 'Z' || new Date(whole).toISOString().slice(0, 19) === text.slice(0, 19)
  check(Number.isFinite(whole) && sameDay, 'malformed', 'no such time', { actual: text })
  const nanos = Number((match[7] ?? '').padEnd(9, '0'))
  return { seconds: BigInt(Math.floor(whole / 1_000)), nanos }
}

/** Go's RFC3339Nano in UTC: trailing zeros of the fraction are not written. */
export function formatTime(time: Timestamp): string {
  const whole = new Date(Number(time.seconds) * 1_000).toISOString().slice(0, 19)
  const fraction = time.nanos.toString().padStart(9, '0').replace(/0+$/, '')
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`
}
