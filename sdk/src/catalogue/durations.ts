// Durations as service files write them: days, hours and minutes of ISO 8601, which have one length each. Months and years have not.

import { check } from '../errors.ts'
import type { Json } from '../json.ts'

const durationPattern = /^P(?=[0-9T])(?:([0-9]{1,6})D)?(?:T(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?)?$/

/** Seconds of `P30D`, `PT48H`, `P1DT12H`. Throws VerifyError `malformed`. */
export function parseDuration(value: Json | undefined): number {
  const match = typeof value === 'string' ? durationPattern.exec(value) : null
  check(match, 'malformed', 'a duration is written as P30D, PT48H or P1DT12H', { actual: String(value).slice(0, 40) })
  const [days, hours, minutes] = match.slice(1).map(part => Number(part ?? 0)) as [number, number, number]
  return (days * 24 + hours) * 3_600 + minutes * 60
}
