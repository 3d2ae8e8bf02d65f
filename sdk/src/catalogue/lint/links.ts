// Rules of links: the fact is there and is told, somebody waits for it, and what follows can be undone. That links never run in a circle
// is a rule of unsigned steps: they tell of nothing.

import { isObject } from '../../json.ts'
import { isOfficeRole } from '../service.ts'
import { error, family, type Linted, type LintFinding, type LintRule, stepsOf } from './finding.ts'
import { reachable } from './paths.ts'

export const linkRules: readonly LintRule[] = [linkRule, listenRule, aloneRule, basisRule]

function linkRule({ procedure, others }: Linted): readonly LintFinding[] {
  const waited = new Set(Object.values(procedure.steps).flatMap(({ listens }) => Object.keys(listens)))
  const reached = reachable(procedure)
  return procedure.links.flatMap(({ fact, step, basis }, at): readonly LintFinding[] => {
    const place = `on.${at}`
    const [service = '', name = ''] = fact.split('/')
    const teller = service === family(procedure.service.id) ? procedure : others.get(service)
    const told = teller?.steps[name]
    if (!told)
      return [
        error(
          'link-unknown',
          place,
          `There is no ${fact} in the catalogue: name a service without its version, and a step of it.`,
        ),
      ]
    const findings: LintFinding[] = []
    if (told.emits.length === 0)
      findings.push(error('link-silent', place, `${fact} tells nobody: add "emits" to that step.`))
    if (!waited.has(fact))
      findings.push(error('link-unheard', place, `No case waits for ${fact}: add it to the "listens" of a step.`))
    if (basis === '')
      findings.push(error('link-basis', place, `Say which article lets ${fact} move a case, in "basis".`))
    const moved = procedure.steps[step]!
    const ends = moved.effects.find(({ do: effect }) => effect === 'records.revoke' || effect === 'obligations.void')
    if (ends)
      findings.push(
        error(
          'link-ends',
          place,
          `${fact} may be false, and ${step} does ${ends.do} at once: suspend first, and let a clock end it.`,
        ),
      )
    const suspends = moved.effects.some(effect => effect.do === 'records.suspend')
    const isUndone = procedure.links.some(({ step: other }) => {
      const back = procedure.steps[other]!
      return back.from.includes(moved.to ?? '') && back.effects.some(effect => effect.do === 'records.resume')
    })
    if (suspends && !isUndone)
      findings.push(
        error(
          'link-undone',
          place,
          `${fact} may be false, and no link undoes ${step}: add one, for the fact that takes it back, whose step leads from ${moved.to ?? 'there'} and does records.resume.`,
        ),
      )
    if (!moved.from.some(state => reached.has(state)))
      findings.push(error('link-idle', place, `No case is ever in a state from which ${step} leads.`))
    return findings
  })
}

function listenRule(linted: Linted): readonly LintFinding[] {
  const known = new Set(linted.procedure.links.map(({ fact }) => fact))
  return stepsOf(linted).flatMap(([name, { listens }]) =>
    Object.keys(listens)
      .filter(fact => !known.has(fact))
      .map(fact =>
        error('listen-idle', `transitions.${name}.listens`, `${fact} moves nothing: add it to "on", or do not listen.`),
      ),
  )
}

/** The ledger cannot know that a tag is right: an official says so, or anybody could wait under another's name, or tell of him. */
function aloneRule(linted: Linted): readonly LintFinding[] {
  const { procedure } = linted
  return stepsOf(linted).flatMap(([name, step]): readonly LintFinding[] => {
    const isOfficial = (role: string): boolean => isOfficeRole(procedure.service.roles[role])
    const isVouched = step.together ? step.by.some(isOfficial) : step.by.every(isOfficial)
    if (step.by.length === 0 || isVouched) return []
    const listens = Object.keys(step.listens).length > 0
    const sentence = (what: string): string =>
      `Whoever takes ${name} ${what} under any tag he likes, and no official has seen whose it is: move it to a step that an official signs, alone or "together".`
    return [
      ...(listens ? [error('listen-alone', `transitions.${name}.listens`, sentence('lets the case wait'))] : []),
      ...(step.emits.length > 0 ? [error('emit-alone', `transitions.${name}.emits`, sentence('tells a fact'))] : []),
    ]
  })
}

/** Each file cites the article, and says whether the entry is the right or shows it. */
function basisRule({ procedure, json }: Linted): readonly LintFinding[] {
  if (procedure.basis.length === 0)
    return [error('no-basis', 'basis', 'Cite the article on which the service rests, and since when, in "basis".')]
  const list = Array.isArray(json.basis) ? json.basis.filter(isObject) : []
  return list.flatMap((each, at) =>
    each.is === undefined
      ? [
          error(
            'basis-is',
            `basis.${at}`,
            'Say whether an entry is the right itself or shows it: "is: constitutive" or "is: mirror".',
          ),
        ]
      : [],
  )
}
