// What the ledger counts of each service, and where it stands in the leaf that holds the counts. Kept in the state, so that every
// figure of a statistic has a proof.

import { check } from '../errors.ts'
import type { Timestamp } from '../time.ts'
import type { Procedure } from './procedure.ts'

/** What every service counts, in this order; the service's own steps follow, by name, and then laterCounters. Frozen. */
export const commonCounters = [
  'opened',
  'ended',
  'adverse',
  'appeals',
  'corrections',
  'overdue',
  'assigned',
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

/** What was counted later stands behind the steps, so that no figure moves: only its end may grow. Frozen. */
export const laterCounters = [
  'looks',
  'recusals',
  'shredded',
  'pairs',
  'pairSquares',
  'enteredIn1',
  'enteredIn2',
  'enteredIn4',
  'enteredIn8',
  'enteredIn16',
  'enteredIn32',
  'enteredIn64',
  'enteredIn128',
  'enteredIn256',
  'enteredInMore',
] as const

/** What the offices of a service without cases count: officials who were said to take no cases, and to take them again. Frozen. */
export const rosterCounters = ['absences', 'returns'] as const

export type CommonCounter = (typeof commonCounters)[number] | (typeof laterCounters)[number]

const secondsPerDay = 86_400n

/** What is counted by doubling days. */
type DaysPrefix = 'endedIn' | 'correctedIn' | 'enteredIn'

/** Whether a step may not have this name, since its figure could not be told from another. */
export function isCounter(name: string): boolean {
  return [...commonCounters, ...laterCounters].some(each => each === name)
}

/** Names of a procedure's counters; the place in the list is the place in the leaf, eight bytes each, big endian. */
export function counterNames({ steps }: Pick<Procedure, 'steps'>): readonly string[] {
  return [...commonCounters, ...Object.keys(steps).sort(), ...laterCounters]
}

/** The first of these within which so many seconds lie: a histogram by doubling days, so that a median can be bounded by proof. */
export function withinDays(prefix: DaysPrefix, seconds: bigint): CommonCounter {
  const days = (seconds + secondsPerDay - 1n) / secondsPerDay
  const last = prefix === 'correctedIn' ? 64n : 256n
  for (let bound = 1n; bound <= last; bound *= 2n) if (days <= bound) return `${prefix}${bound}` as CommonCounter
  return `${prefix}More`
}

/** The figures in a leaf of counters, by name, as the client proves it. Throws VerifyError for bytes of another length. */
export function readCounters(procedure: Pick<Procedure, 'steps'>, leaf: Uint8Array): Readonly<Record<string, bigint>> {
  const names = counterNames(procedure)
  check(leaf.length === names.length * 8, 'malformed', 'not as many figures as the service counts')
  const view = new DataView(leaf.buffer, leaf.byteOffset, leaf.length)
  return Object.fromEntries(names.map((name, place) => [name, view.getBigUint64(place * 8)]))
}

/** Sums of the same figures, of several months or offices. */
export function addCounters(...all: readonly Readonly<Record<string, bigint>>[]): Readonly<Record<string, bigint>> {
  const sums: Record<string, bigint> = {}
  for (const counters of all)
    for (const [name, figure] of Object.entries(counters)) sums[name] = (sums[name] ?? 0n) + figure
  return sums
}

/**
 * Between how many days the median lies, from the opening of a case to its end, from a state to its correction, or from an event to its entry: more than `above`, at most
 * `atMost`, which is undefined beyond the last bound. Undefined where nothing was counted.
 */
export function medianDays(
  counters: Readonly<Record<string, bigint>>,
  prefix: DaysPrefix,
): { readonly above: number; readonly atMost: number | undefined } | undefined {
  const bounds = [...commonCounters, ...laterCounters].filter(name => name.startsWith(prefix))
  const counts = bounds.map(name => counters[name] ?? 0n)
  const total = counts.reduce((sum, count) => sum + count, 0n)
  if (total === 0n) return undefined
  let before = 0n
  // Of an even number the lower of the two in the middle.
  const place = counts.findIndex(count => {
    before += count
    return before * 2n >= total
  })
  const daysOf = (name: string | undefined): number | undefined => {
    const days = Number(name?.slice(prefix.length))
    return Number.isNaN(days) ? undefined : days
  }
  return { above: place === 0 ? 0 : daysOf(bounds[place - 1])!, atMost: daysOf(bounds[place]) }
}

/**
 * How concentrated pairs of officials are who check each other, in thousandths: 1,000 where it is always the same two, 1,000 / n where n pairs take equal
 * turns (the Herfindahl index). Of one office and one month. Undefined where nobody checked anybody.
 */
export function pairConcentration({
  pairs = 0n,
  pairSquares = 0n,
}: Readonly<Record<string, bigint>>): number | undefined {
  return pairs === 0n ? undefined : Number((1_000n * pairSquares) / (pairs * pairs))
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
