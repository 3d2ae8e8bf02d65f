// When what opens a case's private fields is to be destroyed, and whether it was. The hash on the ledger stays, and opens to nothing.

import type { CaseEntry } from '../ledger/cases.ts'
import { addSeconds, compareTime, type Timestamp } from '../time.ts'
import type { Procedure } from './procedure.ts'

/** How long after its end a case is kept: the longest of its private fields that are not kept always. Undefined where all of them are. */
export function keepSeconds({ facts }: Pick<Procedure, 'facts'>): number | undefined {
  const ends = Object.values(facts).flatMap(fact =>
    fact.show !== 'public' && fact.keepSeconds !== undefined ? [fact.keepSeconds] : [],
  )
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** From when on it is due; undefined while the case is not at its end, or where nothing ever is. */
export function shredDue(
  procedure: Pick<Procedure, 'facts' | 'states'>,
  { state, stateTime, committed }: Pick<CaseEntry, 'state' | 'stateTime' | 'committed'>,
): Timestamp | undefined {
  const seconds = keepSeconds(procedure)
  if (seconds === undefined || committed.length === 0 || !procedure.states[state]?.isFinal) return undefined
  return addSeconds(stateTime, BigInt(seconds))
}

/**
 * `kept`: whoever has the opening of a field can show it. `due`: its agency should have destroyed it by now, as anybody can see.
 * `destroyed`: an official signed that it is; fields that are kept always had their openings taken out before.
 */
export function keeping(
  procedure: Pick<Procedure, 'facts' | 'states'>,
  entry: Pick<CaseEntry, 'state' | 'stateTime' | 'committed' | 'shreddedTime'>,
  now: Timestamp,
): 'kept' | 'due' | 'destroyed' {
  if (entry.shreddedTime) return 'destroyed'
  const due = shredDue(procedure, entry)
  return due && compareTime(due, now) <= 0 ? 'due' : 'kept'
}
