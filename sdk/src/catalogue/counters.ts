// What the ledger counts of each service, and where it stands in the leaf that holds the counts. Kept in the state, so that every
// figure of a statistic has a proof.

import type { Timestamp } from '../time.ts'
import type { Procedure } from './procedure.ts'

/** What every service counts, in this order; the service's own steps follow, by name. Frozen. */
export const commonCounters = [
  'opened',
  'ended',
  'adverse',
  'appeals',
  'corrections',
  'overdue',
  'assigned',
  'looks',
  'endedIn1',
  'endedIn2',
  'endedIn4',
  'endedIn8',
  'endedIn16',
  'endedIn32',
  'endedIn64',
  'endedIn128',
  'endedIn256',
  'endedInMore',
  'correctedIn1',
  'correctedIn2',
  'correctedIn4',
  'correctedIn8',
  'correctedIn16',
  'correctedIn32',
  'correctedIn64',
  'correctedInMore',
] as const

export type CommonCounter = (typeof commonCounters)[number]

const secondsPerDay = 86_400n

/** Names of a procedure's counters; the place in the list is the place in the leaf, eight bytes each, big endian. */
export function counterNames({ steps }: Pick<Procedure, 'steps'>): readonly string[] {
  return [...commonCounters, ...Object.keys(steps).sort()]
}

/** The first of these within which so many seconds lie: a histogram by doubling days, so that a median can be bounded by proof. */
export function withinDays(prefix: 'endedIn' | 'correctedIn', seconds: bigint): CommonCounter {
  const days = (seconds + secondsPerDay - 1n) / secondsPerDay
  const last = prefix === 'endedIn' ? 256n : 64n
  for (let bound = 1n; bound <= last; bound *= 2n) if (days <= bound) return `${prefix}${bound}` as CommonCounter
  return `${prefix}More`
}

/** `2026-11`, by the proleptic Gregorian calendar in UTC, in whole numbers only. */
export function monthOf({ seconds }: Timestamp): string {
  const days = (seconds - (((seconds % secondsPerDay) + secondsPerDay) % secondsPerDay)) / secondsPerDay
  // Days since 0000-03-01, in eras of 400 years (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  const shifted = days + 719_468n
  const era = (shifted >= 0n ? shifted : shifted - 146_096n) / 146_097n
  const day = shifted - era * 146_097n
  const year = (day - day / 1_460n + day / 36_524n - day / 146_096n) / 365n
  const dayOfYear = day - (365n * year + year / 4n - year / 100n)
  const month = (5n * dayOfYear + 2n) / 153n
  const civil = month < 10n ? month + 3n : month - 9n
  return `${String(year + era * 400n + (civil <= 2n ? 1n : 0n)).padStart(4, '0')}-${String(civil).padStart(2, '0')}`
}
