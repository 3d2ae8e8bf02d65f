// Rules of texts: whoever reads a step, a state or a refusal reads it in English and in a language that runs from right to left.

import { isObject, type Json, type JsonObject } from '../../json.ts'
import { error, type LintFinding } from './finding.ts'

/** Languages written from right to left (Unicode CLDR, characterOrder). */
const rightToLeft = ['ar', 'fa', 'he', 'ur', 'ps', 'ku', 'sd', 'ug', 'dv', 'yi']

/** Of any service, with cases or without. */
export function textFindings(json: JsonObject): readonly LintFinding[] {
  return [
    ...textFinding(json.title, 'title'),
    ...labels(json.fields, 'fields'),
    ...labels(json.states, 'states'),
    ...labels(json.transitions, 'transitions'),
    ...labels(json.looks, 'looks'),
    ...entriesOf(json.transitions).flatMap(([name, step]) =>
      entriesOf(step.guards).flatMap(([guard, { say }]) => textFinding(say, `transitions.${name}.guards.${guard}.say`)),
    ),
  ]
}

function labels(value: Json | undefined, place: string): readonly LintFinding[] {
  return entriesOf(value).flatMap(([name, { label }]) => textFinding(label, `${place}.${name}.label`))
}

/** Members that are objects; of a list, by their places. */
export function entriesOf(value: Json | undefined): readonly (readonly [string, JsonObject])[] {
  if (!isObject(value) && !Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, each]) => (isObject(each) ? [[name, each] as const] : []))
}

function textFinding(text: Json | undefined, place: string): readonly LintFinding[] {
  if (!isObject(text)) return [error('text-missing', place, 'People read this: give it a text in each language.')]
  const languages = Object.keys(text)
  const findings: LintFinding[] = []
  if (!languages.includes('en'))
    findings.push(error('text-language', place, 'The text is missing in English: add "en".'))
  if (!languages.some(language => rightToLeft.includes(language.split('-')[0]!)))
    findings.push(
      error(
        'text-language',
        place,
        'The text is missing in a language that runs from right to left: add one, as "ar".',
      ),
    )
  return findings
}
