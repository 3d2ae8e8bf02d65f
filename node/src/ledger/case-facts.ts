// What the guards of a step may ask, out of the state.

import { type CaseEntry, type CaseFacts, decodeArgs } from '@muniment/sdk'
import type { Taking } from './case-step.ts'
import { getObligation } from './obligations.ts'

/** The case with what the step brings: a condition on a new field sees it. */
export function caseFactsOf({ state, procedure, block, act, given, id }: Taking, entry: CaseEntry): CaseFacts {
  const attests = Object.entries(procedure.steps).map(([name, step]) => [name, step.attests] as const)
  return {
    entry,
    fields: { ...decodeArgs(entry.facts), ...given.fields },
    types: procedure.facts,
    tables: procedure.tables,
    attests: Object.fromEntries(attests),
    obligation: name => getObligation(state, { id, name }),
    now: block.time,
    eventTime: given.eventTime ?? entry.eventTime,
    signers: act?.actors.length ?? 0,
    reason: given.reason,
  }
}
