// Why a guard is closed: which of its conditions don't hold, and what of public facts stands in them.

import type { CheckedGuard } from './check.ts'
import {
  type EvaluateGuardOptions,
  evaluateGuard,
  evaluatePart,
  type GuardFacts,
  type GuardResult,
} from './evaluate.ts'
import { type Expression, partsOf, type Span } from './syntax.ts'
import type { GuardType } from './types.ts'
import type { GuardErrorCode, GuardValue } from './value.ts'

/** A condition that does not hold. */
export type ClosedCondition = {
  /** Where it stands in the guard, and its text there. */
  readonly span: Span
  readonly text: string
  /** Why it has no answer; undefined when the answer is no. */
  readonly error: GuardErrorCode | undefined
  /** What is public of what it reads, by its path in the guard, in the order in which it is read. */
  readonly values: readonly { readonly path: string; readonly value: GuardValue }[]
  /** Of `a || b`: each of its sides, any of which would do. Empty otherwise. */
  readonly alternatives: readonly (readonly ClosedCondition[])[]
}

export type GuardExplanation = { readonly open: boolean; readonly conditions: readonly ClosedCondition[] }

/**
 * All that stands between a step and whoever wants to take it: every condition of the top `&&` that does not hold. Pays for
 * each by its own; a guard that ran out of its budget is closed as a whole.
 */
export function explainGuard(
  checked: CheckedGuard,
  facts: GuardFacts,
  options: EvaluateGuardOptions = {},
): GuardExplanation {
  const result = evaluateGuard(checked, facts, options)
  if ('value' in result && result.value === true) return { open: true, conditions: [] }
  const { root } = checked.guard
  if ('error' in result && result.error === 'budget')
    return { open: false, conditions: [closed({ checked, facts, options }, root, result)] }
  return { open: false, conditions: closedParts({ checked, facts, options }, root) }
}

type Case = { readonly checked: CheckedGuard; readonly facts: GuardFacts; readonly options: EvaluateGuardOptions }

function closedParts(given: Case, of: Expression): readonly ClosedCondition[] {
  if (of.kind === 'every') return of.parts.flatMap(part => closedParts(given, part))
  const result = evaluatePart(given.checked, of, { facts: given.facts, ...given.options })
  return 'value' in result && result.value === true ? [] : [closed(given, of, result)]
}

function closed(given: Case, of: Expression, result: GuardResult): ClosedCondition {
  const { checked } = given
  return {
    span: of.span,
    text: checked.guard.text.slice(of.span.start, of.span.end),
    error: 'error' in result ? result.error : undefined,
    values: publicValues(given, of),
    alternatives: of.kind === 'some' ? of.parts.map(part => closedParts(given, part)) : [],
  }
}

function publicValues(given: Case, of: Expression): ClosedCondition['values'] {
  const paths = new Map<string, Expression>()
  collectPaths(of, given, paths)
  return [...paths].flatMap(([path, each]) => {
    const result = evaluatePart(given.checked, each, { facts: given.facts, ...given.options })
    return 'value' in result ? [{ path, value: result.value }] : []
  })
}

/** Variables and fields of them that may be shown whole. */
function collectPaths(of: Expression, given: Case, paths: Map<string, Expression>): void {
  const { text } = given.checked.guard
  const type = publicType(of, given)
  if (type !== undefined && isShown(type)) paths.set(text.slice(of.span.start, of.span.end), of)
  else for (const part of partsOf(of)) collectPaths(part, given, paths)
}

/** Undefined for what is not public all the way, and for what is no path. */
function publicType(of: Expression, given: Case): GuardType | undefined {
  const { variables } = given.checked.environment
  if (of.kind === 'name') {
    const declared = Object.hasOwn(variables, of.name) ? variables[of.name] : undefined
    return declared?.public ? declared.type : undefined
  }
  const above = of.kind === 'field' ? publicType(of.of, given) : undefined
  const field = of.kind === 'field' && above?.kind === 'record' ? above.fields[of.name] : undefined
  return field?.public ? field.type : undefined
}

/** Records have fields that are not public. */
function isShown(type: GuardType): boolean {
  return type.kind === 'list' ? isShown(type.item) : type.kind !== 'record'
}
