// Where a case can go: which steps can be taken in a state, and which states they lead to. Conditions are not asked: what may hold is
// taken to hold.

import type { Procedure } from '../procedure.ts'
import type { CaseStep } from '../steps.ts'

export type Move = { readonly name: string; readonly step: CaseStep; readonly to: string }

/** Steps that can be taken in a state: by those who sign, by its clock, or by a link. */
export function movesFrom({ states, steps, links }: Procedure, state: string): readonly Move[] {
  return Object.entries(steps).flatMap(([name, step]): readonly Move[] => {
    const isTaken =
      step.by.length > 0 || states[state]!.clock?.next.includes(name) || links.some(link => link.step === name)
    return isTaken && step.from.includes(state) ? [{ name, step, to: step.to ?? state }] : []
  })
}

export function openings({ steps }: Procedure): readonly Move[] {
  return Object.entries(steps).flatMap(([name, step]) =>
    step.from.length === 0 && step.by.length > 0 ? [{ name, step, to: step.to! }] : [],
  )
}

/** States behind these, and these. */
export function reachableFrom(procedure: Procedure, states: Iterable<string>): ReadonlySet<string> {
  const seen = new Set(states)
  // A set goes on over what is added to it meanwhile.
  for (const state of seen) for (const { to } of movesFrom(procedure, state)) seen.add(to)
  return seen
}

export function reachable(procedure: Procedure): ReadonlySet<string> {
  return reachableFrom(
    procedure,
    openings(procedure).map(({ to }) => to),
  )
}

export type RecordState = 'none' | 'current' | 'suspended' | 'revoked'

/** How the case's newest record can be in each state that a case can reach. */
export function recordStates(procedure: Procedure): ReadonlyMap<string, ReadonlySet<RecordState>> {
  const seen = new Map<string, Set<RecordState>>()
  const queue: (readonly [string, RecordState])[] = []
  const visit = (state: string, record: RecordState | undefined): void => {
    const known = seen.get(state) ?? new Set()
    if (record === undefined || known.has(record)) return
    seen.set(state, known.add(record))
    queue.push([state, record])
  }
  for (const { step, to } of openings(procedure)) visit(to, recordAfter(step, 'none'))
  for (const [state, record] of queue)
    for (const { step, to } of movesFrom(procedure, state)) visit(to, recordAfter(step, record))
  return seen
}

/** Undefined where the step can't be taken with the record so. */
export function recordAfter({ effects }: CaseStep, before: RecordState): RecordState | undefined {
  let record: RecordState | undefined = before
  for (const each of effects) {
    const effect = each.do
    // A second record beside one in force is replacing it without saying so.
    if (effect === 'records.issue') record = record === 'none' || record === 'revoked' ? 'current' : undefined
    if (effect === 'records.replace') record = record === 'current' || record === 'suspended' ? 'current' : undefined
    if (effect === 'records.suspend') record = record === 'current' ? 'suspended' : undefined
    if (effect === 'records.resume') record = record === 'suspended' ? 'current' : undefined
    if (effect === 'records.revoke') {
      const isEnded: boolean = record === 'none' || record === 'revoked'
      record = !isEnded ? 'revoked' : 'ifInForce' in each && each.ifInForce ? record : undefined
    }
    if (record === undefined) return undefined
  }
  return record
}
