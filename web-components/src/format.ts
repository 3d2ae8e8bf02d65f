// Dates, ages, numbers and lists in the reader's language. Times from a ledger may lie outside of what a calendar holds.

import { type Timestamp, timeToMilliseconds } from '@muniment/sdk'

/** ECMA-262, 21.4.1.1: the range of time values, in seconds. */
const secondsMax = 8_640_000_000_000n

type Style = { readonly language: string; readonly withTime: boolean; readonly unknown: string }

/**
 * In the Gregorian calendar, in which the papers of a ledger are dated, whatever calendar is usual where the language is spoken.
 * There the calendar is named, so that no year is taken for one of the other: "3 March 2026 AD".
 */
export function formatDate(time: Timestamp, { language, withTime, unknown }: Style): string {
  if (time.seconds > secondsMax || time.seconds < -secondsMax) return unknown
  try {
    return new Intl.DateTimeFormat(gregorian(language), dateStyle(language, withTime)).format(timeToMilliseconds(time))
  } catch {
    return unknown
  }
}

function gregorian(language: string): string {
  return new Intl.Locale(language, { calendar: 'gregory' }).toString()
}

function dateStyle(language: string, withTime: boolean): Intl.DateTimeFormatOptions {
  const { calendar } = new Intl.DateTimeFormat(new Intl.Locale(language).baseName).resolvedOptions()
  if (calendar === 'gregory') return withTime ? { dateStyle: 'long', timeStyle: 'short' } : { dateStyle: 'long' }
  const date = { day: 'numeric', month: 'long', year: 'numeric', era: 'short' } as const
  return withTime ? { ...date, hour: 'numeric', minute: '2-digit' } : date
}

const units = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** "31 hours ago": whole units, the largest of which there is at least two, so that no age sounds shorter than it is. */
export function formatAge(seconds: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  for (const [unit, length] of units)
    if (seconds >= 2 * length) return format.format(-Math.floor(seconds / length), unit)
  return format.format(-Math.max(0, Math.floor(seconds)), 'second')
}

export function formatCount(count: bigint | number, language: string): string {
  return count.toLocaleString(language)
}

/** "one, two and three". */
export function formatList(parts: readonly string[], language: string): string {
  return new Intl.ListFormat(language).format(parts)
}
