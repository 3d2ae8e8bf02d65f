// What the linter says of a service file, and what its rules look at.

import type { JsonObject } from '../../json.ts'
import type { Procedure } from '../procedure.ts'
import { isOfficeRole, isPartyRole } from '../service.ts'
import type { OfficeRole } from '../service-acts.ts'
import type { CaseStep } from '../steps.ts'

export type LintFinding = {
  /** Of docs/protocol/service.md. */
  readonly code: string
  /** Where in the file, as `transitions.pay.by`; empty: the whole of it. */
  readonly place: string
  /** What is wrong, and how to mend it. */
  readonly sentence: string
  /** An error keeps a file out of the catalogue; a warning asks for a second look. */
  readonly severity: 'error' | 'warning'
}

/** A file whose form is sound. */
export type Linted = {
  readonly procedure: Procedure
  readonly json: JsonObject
  /** The other services with cases, by name without version. */
  readonly others: ReadonlyMap<string, Procedure>
}

export type LintRule = (linted: Linted) => readonly LintFinding[]

export function error(code: string, place: string, sentence: string): LintFinding {
  return { code, place, sentence, severity: 'error' }
}

export function warning(code: string, place: string, sentence: string): LintFinding {
  return { code, place, sentence, severity: 'warning' }
}

export function stepsOf({ procedure }: Linted): readonly (readonly [string, CaseStep])[] {
  return Object.entries(procedure.steps)
}

export function family(service: string): string {
  return service.split('@')[0]!
}

/** Roles of a step that are posts of offices. */
export function officeRoles({ service }: Procedure, names: readonly string[]): readonly OfficeRole[] {
  return names.map(name => service.roles[name]).filter(isOfficeRole)
}

/** Whether somebody can take the step for himself: a party, or anyone. */
export function isForCitizens({ service }: Procedure, { by }: CaseStep): boolean {
  return by.some(name => isPartyRole(service.roles[name]) || service.roles[name] === 'anyone')
}

/** Whether one person alone can take the step, for an office. */
export function isOneOfficial(procedure: Procedure, step: CaseStep): boolean {
  return step.persons < 2 && officeRoles(procedure, step.by).length > 0
}
