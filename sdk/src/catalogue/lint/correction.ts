// The rule of corrections: whatever record is in force can be put right in few steps, by an office, and not by whoever entered it alone.

import { correctionStepsMax } from '../../limits.ts'
import type { Procedure } from '../procedure.ts'
import type { CaseStep } from '../steps.ts'
import { error, isOneOfficial, type Linted, type LintFinding, type LintRule, officeRoles, stepsOf } from './finding.ts'
import { movesFrom, type RecordState, recordAfter, recordStates } from './paths.ts'

export const correctionRules: readonly LintRule[] = [correctionRule, correctionHandsRule]

function correctionRule({ procedure }: Linted): readonly LintFinding[] {
  const isCorrection = correctionOf(procedure)
  return [...recordStates(procedure)].flatMap(([state, records]): readonly LintFinding[] => {
    if (!records.has('current') || isNear(procedure, state, isCorrection)) return []
    const sentence = `A record in force in ${state} cannot be corrected in ${correctionStepsMax} steps: add ${state} to the "from" of a step of an office with "corrects: true" and records.replace, or let what leads to ${state} revoke the record.`
    return [error('no-correction', `states.${state}`, sentence)]
  })
}

/**
 * A correction leaves both versions: the new record names the old one. An office takes it; only where parties alone say what the record says,
 * and no office ever issues it, one of them does.
 */
function correctionOf(procedure: Procedure): (step: CaseStep) => boolean {
  const { steps } = procedure
  const isOfOffice = ({ by }: CaseStep): boolean => officeRoles(procedure, by).length > 0
  const isByParties = !Object.values(steps).some(step => enters(step) && isOfOffice(step))
  return step =>
    step.corrects &&
    step.by.length > 0 &&
    step.effects.some(effect => effect.do === 'records.replace') &&
    (isByParties || isOfOffice(step))
}

/** Whether one of these steps is among the next few. */
function isNear(procedure: Procedure, state: string, isWanted: (step: CaseStep) => boolean): boolean {
  let places: readonly (readonly [string, RecordState])[] = [[state, 'current']]
  for (let step = 1; step <= correctionStepsMax; step++) {
    const moves = places.flatMap(([place, record]) =>
      movesFrom(procedure, place).flatMap(move => {
        const after = recordAfter(move.step, record)
        return after === undefined || move.step.by.length === 0 ? [] : [{ ...move, after }]
      }),
    )
    if (moves.some(move => isWanted(move.step))) return true
    const next = new Map(moves.map(({ to, after }) => [`${to} ${after}`, [to, after] as const]))
    places = [...next.values()]
  }
  return false
}

/** What somebody says a record says, beside what is corrected in it. */
function enters({ effects, corrects }: CaseStep): boolean {
  return effects.some(({ do: effect }) => effect === 'records.issue' || (effect === 'records.replace' && !corrects))
}

/** Whoever entered it alone might correct away what he entered. */
function correctionHandsRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  const steps = stepsOf(linted)
  return steps.flatMap(([name, step]): readonly LintFinding[] => {
    if (!step.corrects || !step.effects.some(effect => effect.do === 'records.replace')) return []
    if (!isOneOfficial(procedure, step)) return []
    const alone = steps.find(
      ([other, entry]) =>
        enters(entry) &&
        isOneOfficial(procedure, entry) &&
        !step.notBy.includes(other) &&
        entry.by.some(role => step.by.includes(role)),
    )
    if (!alone) return []
    const sentence = `Whoever entered a record by ${alone[0]} could correct it alone by ${name}: add "notBy: [${alone[0]}]", or a second person.`
    return [error('correction-hands', `transitions.${name}`, sentence)]
  })
}
