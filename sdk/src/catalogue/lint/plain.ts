// Rules that look at a file before its form is known to be sound, and those of services without cases.

import type { Json, JsonObject } from '../../json.ts'
import { isOfficeRole, type Service } from '../service.ts'
import { error, type LintFinding } from './finding.ts'
import { entriesOf } from './texts.ts'

/** Why a file is no service file can be said better than by its reader: forbidden things, by their names. */
export function forbiddenFindings(json: JsonObject): readonly LintFinding[] {
  const steps = entriesOf(json.transitions)
  const draws = steps.flatMap(([name, step]) =>
    listOf(step.do).flatMap((effect, at): readonly LintFinding[] => {
      if (effect.do !== 'cases.assign' || effect.how === undefined || effect.how === 'rota') return []
      const sentence = `${name} assigns ${String(effect.role)} otherwise than in turn: set "how: rota", or draw by "do: cases.draw" where nobody judges.`
      return [error('draw', `transitions.${name}.do.${at}.how`, sentence)]
    }),
  )
  const tags = steps.flatMap(([name, step]) =>
    entriesOf(step.guards).flatMap(([guard, { if: condition }]) =>
      typeof condition === 'string' && /\btag\s*\(/.test(condition)
        ? [
            error(
              'tag-in-guard',
              `transitions.${name}.guards.${guard}.if`,
              'A tag within a larger whole stays the same for one person: name one tag over all of it, in "unique".',
            ),
          ]
        : [],
    ),
  )
  return [...draws, ...tags]
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return entriesOf(value).map(([, each]) => each)
}

const weightyOperations: readonly string[] = [
  'records.revoke',
  'parties.found',
  'parties.entitle',
  'parties.appoint',
  'parties.dismiss',
  'parties.recoverInPerson',
  'parties.setIdentityOrigins',
  'parties.setAbsent',
]

/** Of services without cases. */
export function operationFindings(service: Service): readonly LintFinding[] {
  return Object.entries(service.transitions).flatMap(([name, { operation, persons, by }]) => {
    const isOfficial = by.some(role => isOfficeRole(service.roles[role]))
    if (!isOfficial || persons > 1 || !weightyOperations.includes(operation)) return []
    return [
      error(
        'two-persons',
        `transitions.${name}`,
        `One official alone could do ${operation} by ${name}: set "persons: 2".`,
      ),
    ]
  })
}
