// timestamp("…") and duration("…") of texts that stand in the guard.

import { VerifyError } from '../../errors.ts'
import { parseTime } from '../../time.ts'
import { checkSyntax, type Span } from './syntax.ts'
import { type GuardDuration, type GuardTimestamp, isDurationSeconds } from './value.ts'

const utcSeconds = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/
/** Go's durations, without fractions and units below a second; the longest there is has ten digits of seconds. */
const duration = /^(-?)(?:(\d{1,10})h)?(?:(\d{1,10})m)?(?:(\d{1,10})s)?$/

export function parseTimestamp(text: string, span: Span): GuardTimestamp {
  checkSyntax(utcSeconds.test(text), 'write the time in UTC with seconds: 2026-01-31T00:00:00Z', span)
  try {
    return { kind: 'timestamp', seconds: parseTime(text).seconds }
  } catch (error) {
    checkSyntax(!(error instanceof VerifyError), 'there is no such day or time', span)
    throw error
  }
}

export function parseDuration(text: string, span: Span): GuardDuration {
  const match = duration.exec(text)
  const units = match?.slice(2) ?? []
  checkSyntax(
    match && units.some(each => each !== undefined),
    'write hours, minutes and seconds: 720h, 1h30m, 90s; days are days(30)',
    span,
  )
  const [hours, minutes, seconds] = units.map(each => BigInt(each ?? 0)) as [bigint, bigint, bigint]
  const total = hours * 3_600n + minutes * 60n + seconds
  checkSyntax(isDurationSeconds(total), 'a duration is at most 292 years', span)
  return { kind: 'duration', seconds: match[1] === '-' ? -total : total }
}
