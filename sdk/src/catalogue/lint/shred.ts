// Rules of keeping: what is kept for a time is destroyed after it, whatever became of the case (docs/protocol/private.md).

import { keepSeconds } from '../shred.ts'
import { error, type Linted, type LintFinding, type LintRule, stepsOf } from './finding.ts'
import { reachable } from './paths.ts'

export const shredRules: readonly LintRule[] = [shredRule, unshreddedRule]

function shredRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  return stepsOf(linted).flatMap(([name, { from, effects }]) => {
    const at = effects.findIndex(effect => effect.do === 'cases.shred')
    if (at < 0) return []
    const place = `transitions.${name}.do.${at}`
    if (keepSeconds(procedure) === undefined)
      return [
        error(
          'shred-nothing',
          place,
          `${name} destroys what no field says the time of: take it out, or say how long in "keep".`,
        ),
      ]
    const open = from.filter(state => !procedure.states[state]!.isFinal)
    return open.map(state =>
      error(
        'shred-open',
        place,
        `In ${state} the case is not at its end, so nothing of it is destroyed: take ${state} from "from".`,
      ),
    )
  })
}

/** A time that nobody keeps is no time. */
function unshreddedRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  if (keepSeconds(procedure) === undefined) return []
  const shreds = stepsOf(linted).flatMap(([, { from, effects }]) =>
    effects.some(effect => effect.do === 'cases.shred') ? from : [],
  )
  const ends = [...reachable(procedure)].filter(state => procedure.states[state]!.isFinal && !shreds.includes(state))
  return ends.map(state =>
    error(
      'unshredded',
      `states.${state}`,
      `Fields are kept for a time, and a case that ends as ${state} would keep them for ever: add a step with cases.shred from there.`,
    ),
  )
}
