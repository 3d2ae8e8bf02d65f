import { parseTime, type Timestamp } from '../time.ts'

/** The beginning, in UTC, of a day written as 2026-11-23. Throws VerifyError `malformed` for a day that no calendar has. */
export function parseDate(text: string): Timestamp {
  return parseTime(`${text}T00:00:00Z`)
}
