// The linter of service files: what a file must be beside well-formed, so that its cases come to an end, nobody decides alone over what
// weighs, and nothing private is told (docs/protocol/service.md, "The linter"). Pure; the ledger's own check is admitService.

import { VerifyError } from '../errors.ts'
import { encodeCanonicalJson, type JsonObject } from '../json.ts'
import { conflictRules } from './lint/conflicts.ts'
import { correctionRules } from './lint/correction.ts'
import { effectRules } from './lint/effects.ts'
import { fieldRules } from './lint/fields.ts'
import { error, family, type Linted, type LintFinding, type LintRule } from './lint/finding.ts'
import { linkRules } from './lint/links.ts'
import { lookRules } from './lint/looks.ts'
import { nameRules } from './lint/names.ts'
import { peopleRules, privateRule } from './lint/people.ts'
import { forbiddenFindings, operationFindings } from './lint/plain.ts'
import { shredRules } from './lint/shred.ts'
import { stateRules } from './lint/states.ts'
import { textFindings } from './lint/texts.ts'
import { decodeProcedure, type Procedure } from './procedure.ts'
import { decodeService } from './service.ts'
import { checkSigningPlaces } from './signing-place.ts'

export type LintGiven = {
  /** The catalogue's services with cases; the file itself may be among them. */
  readonly catalogue?: readonly Procedure[]
  /** What the file's scenarios do not show, a sentence each; undefined: they were not played. */
  readonly uncovered?: readonly string[]
}

const rules: readonly LintRule[] = [
  ...stateRules,
  ...peopleRules,
  ...conflictRules,
  ...fieldRules,
  ...lookRules,
  ...shredRules,
  privateRule,
  ...effectRules,
  ...correctionRules,
  ...linkRules,
  ...nameRules,
]

/** Everything that is wrong with a service file, in the order of the rules; never throws for what the file holds. */
export function lintService(
  json: JsonObject,
  { catalogue = [], uncovered = [] }: LintGiven = {},
): readonly LintFinding[] {
  const forbidden = forbiddenFindings(json)
  try {
    const bytes = encodeCanonicalJson(json)
    const service = decodeService(bytes)
    checkSigningPlaces(service)
    const shown = uncovered.map(sentence => error('uncovered', '', `${capital(sentence)}: add a scenario that does.`))
    if (!service.hasCases) return [...forbidden, ...operationFindings(service), ...textFindings(json), ...shown]
    const procedure = decodeProcedure(bytes)
    const others = catalogue
      .map(each => [family(each.service.id), each] as const)
      .filter(([name]) => name !== family(service.id))
    const linted: Linted = { procedure, json, others: new Map(others) }
    return [...forbidden, ...rules.flatMap(rule => rule(linted)), ...textFindings(json), ...shown]
  } catch (mistake) {
    if (!(mistake instanceof VerifyError)) throw mistake
    // What is forbidden by name is the reason more often than not.
    return forbidden.length > 0 ? forbidden : [error('form', '', `${capital(sentenceOf(mistake))}.`)]
  }
}

/** An error's sentence ends with the fact that it found. */
function sentenceOf({ message, actual }: VerifyError): string {
  return actual === undefined || message.includes(actual) ? message : `${message}: ${actual}`
}

function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1)
}
