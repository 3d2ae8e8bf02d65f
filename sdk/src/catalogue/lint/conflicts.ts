// Rules of conflicts of interest: whoever is assigned a case can step aside, with a reason that is counted, and another takes it.

import { isOfficeRole } from '../service.ts'
import { error, type Linted, type LintFinding, type LintRule, stepsOf } from './finding.ts'

export const conflictRules: readonly LintRule[] = [recuseRule, stuckRule]

function recuseRule(linted: Linted): readonly LintFinding[] {
  return stepsOf(linted).flatMap(([name, { recuses, assigned, reasons, by, effects }]) => {
    const next = effects.flatMap(effect => ('again' in effect ? [effect.role] : []))
    if (!recuses || (assigned && reasons.length > 0 && by.every(role => next.includes(role)))) return []
    return [
      error(
        'recuse-form',
        `transitions.${name}`,
        `${name} is how an assigned official steps aside: set "assigned: true", list the "reasons", and assign the next ${by.join(' and ')}.`,
      ),
    ]
  })
}

function stuckRule(linted: Linted): readonly LintFinding[] {
  const steps = stepsOf(linted)
  return steps.flatMap(([name, step]) => {
    if (!step.assigned || step.recuses) return []
    // Who signs beside them for himself was assigned by nobody.
    const stuck = step.by.filter(
      role =>
        isOfficeRole(linted.procedure.service.roles[role]) &&
        !steps.some(
          ([, { recuses, by, from }]) => recuses && by.includes(role) && from.some(state => step.from.includes(state)),
        ),
    )
    return stuck.map(role =>
      error(
        'assigned-stuck',
        `transitions.${name}.assigned`,
        `Whoever of ${role} is assigned and has an interest in the case could not leave it before ${name}: add a step with "recuses: true" from ${step.from.join(' or ')}.`,
      ),
    )
  })
}
