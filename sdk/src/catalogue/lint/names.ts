// The rule of names in guards: what a condition asks for is there to be found. A fee misspelt is no fee: open('fe') is 0, whoever has paid.

import { effectFormula } from '../effects.ts'
import { type Expression, partsOf } from '../guard/syntax.ts'
import { error, type Linted, type LintFinding, type LintRule, stepsOf } from './finding.ts'

export const nameRules: readonly LintRule[] = [nameRule]

/** By the function that asks: what must have the name, and where the file lists such. */
type Known = Readonly<Record<string, { readonly what: string; readonly names: ReadonlySet<string> }>>

function nameRule(linted: Linted): readonly LintFinding[] {
  const known = knownOf(linted)
  return stepsOf(linted).flatMap(([step, { guards, effects }]) => {
    const formulas = [
      ...guards.map(({ name, expression }) => ({ place: `guards.${name}.if`, expression })),
      ...effects.flatMap((effect, at) => {
        const expression = effectFormula(effect)
        return expression ? [{ place: `do.${at}`, expression }] : []
      }),
    ]
    return formulas.flatMap(({ place, expression }) =>
      callsIn(expression.guard.root).flatMap(({ name, text }): readonly LintFinding[] => {
        const asked = known[name]
        if (!asked || asked.names.has(text)) return []
        const sentence = `${name}('${text}') finds nothing, whatever happens: ${asked.what} ${text}. Take one of: ${[...asked.names].join(', ') || 'none'}.`
        return [error('guard-name', `transitions.${step}.${place}`, sentence)]
      }),
    )
  })
}

function knownOf(linted: Linted): Known {
  const { procedure } = linted
  const steps = stepsOf(linted)
  const attested = steps.flatMap(([, { attests }]) => (attests === undefined ? [] : [attests]))
  const owed = steps.flatMap(([, { effects }]) =>
    effects.flatMap(effect => (effect.do === 'obligations.assess' ? [effect.name] : [])),
  )
  const state = { what: 'there is no state', names: new Set(Object.keys(procedure.states)) }
  const step = { what: 'there is no step', names: new Set(Object.keys(procedure.steps)) }
  const obligation = { what: 'no step assesses', names: new Set(owed) }
  return {
    attested: { what: 'no step attests', names: new Set(attested) },
    was: state,
    ...{ at: step, times: step, by: step, after: step },
    ...{ open: obligation, assessed: obligation, paid: obligation, behind: obligation, due: obligation },
  }
}

/** Each text that a function is given. */
function callsIn(of: Expression): readonly { readonly name: string; readonly text: string }[] {
  const given = of.kind === 'call' ? of.parameters : []
  const texts = given.flatMap(each => (each.kind === 'literal' && typeof each.value === 'string' ? [each.value] : []))
  const own = of.kind === 'call' ? texts.map(text => ({ name: of.name, text })) : []
  return [...own, ...partsOf(of).flatMap(callsIn)]
}
