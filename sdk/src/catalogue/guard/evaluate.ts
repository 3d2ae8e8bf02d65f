// Evaluation of a checked guard: every part is paid for before it is done, and an error closes the guard.

import { VerifyError } from '../../errors.ts'
import { guardCostMax } from '../../limits.ts'
import { reckon, reckonCost } from './arithmetic.ts'
import type { CheckedGuard } from './check.ts'
import { callOwn, moduleFunction, ownCost, ownForms } from './functions.ts'
import type { Arithmetic, Expression, Span } from './syntax.ts'
import { factCost } from './types.ts'
import {
  compareValues,
  equalValues,
  type GuardErrorCode,
  type GuardRecord,
  type GuardValue,
  valueCost,
} from './value.ts'

/** What is so at the moment; asked only for what the guard reads, and for each variable once. */
export type GuardFacts = {
  /** Undefined for what is not known, which is an error of the guard. */
  readonly variables: ReadonlyMap<string, GuardValue> | ((name: string) => GuardValue | undefined)
  /** By the names of the environment; a method gets its receiver first. Undefined or a VerifyError: not known. */
  readonly functions?: Readonly<Record<string, (...parameters: GuardValue[]) => GuardValue | undefined>>
}

export type EvaluateGuardOptions = {
  /** The most that it may cost; what `checkGuard` allows at most when left out. */
  readonly budget?: number
}

/** What was paid stands beside either; `at` is the part that has no value. */
export type GuardResult =
  | { readonly value: GuardValue; readonly cost: number }
  | { readonly error: GuardErrorCode; readonly at: Span; readonly cost: number }

/** An expression without a value answers undefined, and leaves the reason in `failure`. */
type Run = {
  readonly checked: CheckedGuard
  readonly facts: GuardFacts
  readonly known: Map<string, GuardValue>
  left: number
  failure: { readonly error: GuardErrorCode; readonly at: Span } | undefined
  member: { readonly name: string; readonly value: GuardValue } | undefined
}

/** Never throws for what facts hold or guards do. The same facts give the same result, cost included, wherever it runs. */
export function evaluateGuard(
  checked: CheckedGuard,
  facts: GuardFacts,
  options: EvaluateGuardOptions = {},
): GuardResult {
  return evaluatePart(checked, checked.guard.root, { facts, ...options })
}

/** A part of the guard, outside of any macro, as if it were the whole. */
export function evaluatePart(
  checked: CheckedGuard,
  part: Expression,
  options: EvaluateGuardOptions & { readonly facts: GuardFacts },
): GuardResult {
  const { facts, budget = guardCostMax } = options
  const run: Run = { checked, facts, known: new Map(), left: budget, failure: undefined, member: undefined }
  const value = evaluate(part, run)
  const cost = budget - Math.max(run.left, 0)
  return value === undefined ? { ...run.failure!, cost } : { value, cost }
}

type Value = GuardValue | undefined

function fail(run: Run, error: GuardErrorCode, of: Expression): undefined {
  run.failure = { error, at: of.span }
}

/** False, with the failure set, when it is more than is left. */
function pay(run: Run, cost: number, of: Expression): boolean {
  run.left -= cost
  if (run.left < 0) fail(run, 'budget', of)
  return run.left >= 0
}

function evaluate(of: Expression, run: Run): Value {
  if (!pay(run, 1, of)) return undefined
  switch (of.kind) {
    case 'literal':
      return of.value
    case 'name':
      return of.name === run.member?.name ? run.member.value : readVariable(of, run)
    case 'field':
      return evaluateField(of, run)
    case 'has': {
      const record = evaluate(of.of, run) as GuardRecord | undefined
      return record === undefined ? undefined : fieldOf(record, of.name) !== undefined
    }
    case 'index': {
      const list = evaluate(of.of, run) as readonly GuardValue[] | undefined
      return list === undefined ? undefined : (list[Number(of.index)] ?? fail(run, 'index', of))
    }
    case 'list':
      return evaluateAll(of.items, run)
    case 'call':
      return evaluateCall(of, run)
    case 'not': {
      const value = evaluate(of.of, run)
      return value === undefined ? undefined : !value
    }
    case 'negative': {
      const value = evaluate(of.of, run) as bigint | undefined
      return value === undefined ? undefined : (reckon('-', 0n, value) ?? fail(run, 'overflow', of))
    }
    case 'binary':
      return evaluateBinary(of, run)
    case 'every':
    case 'some':
      return evaluateLogic(of.parts, of.kind === 'some', part => evaluate(part, run), run)
    case 'choice': {
      const condition = evaluate(of.condition, run)
      return condition === undefined ? undefined : evaluate(condition ? of.yes : of.no, run)
    }
    case 'macro':
      return evaluateMacro(of, run)
  }
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>

function readVariable(of: Of<'name'>, run: Run): Value {
  const before = run.known.get(of.name)
  if (before !== undefined) return before
  const { variables } = run.facts
  const value = typeof variables === 'function' ? variables(of.name) : variables.get(of.name)
  if (value === undefined) return fail(run, 'missing', of)
  const cost = factCost(value, run.checked.environment.variables[of.name]!.type)
  if (cost === undefined) return fail(run, 'fact', of)
  if (!pay(run, cost, of)) return undefined
  run.known.set(of.name, value)
  return value
}

function fieldOf(record: GuardRecord, name: string): Value {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function evaluateField(of: Of<'field'>, run: Run): Value {
  const record = evaluate(of.of, run) as GuardRecord | undefined
  return record === undefined ? undefined : (fieldOf(record, of.name) ?? fail(run, 'field', of))
}

/** One after the other; the first that has no value ends it. */
function evaluateAll(parts: readonly Expression[], run: Run): readonly GuardValue[] | undefined {
  const values: GuardValue[] = []
  for (const part of parts) {
    const value = evaluate(part, run)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/**
 * && decides by the first false, || by the first true, whatever errors stand before or behind it (cel-spec, langdef,
 * "Logical Operators"); an empty purse is no error that anything makes good.
 */
function evaluateLogic<T>(parts: readonly T[], decisive: boolean, each: (part: T) => Value, run: Run): Value {
  let first: Run['failure']
  for (const part of parts) {
    const value = each(part)
    if (value === decisive) return decisive
    if (value !== undefined) continue
    if (run.failure!.error === 'budget') return undefined
    first ??= run.failure
  }
  if (first === undefined) return !decisive
  run.failure = first
  return undefined
}

function evaluateMacro(of: Of<'macro'>, run: Run): Value {
  const range = evaluate(of.range, run) as readonly GuardValue[] | undefined
  if (range === undefined) return undefined
  const ask = (body: Expression, value: GuardValue): Value => {
    run.member = { name: of.variable, value }
    const answer = evaluate(body, run)
    run.member = undefined
    return answer
  }
  const askOnce = (value: GuardValue): Value => (pay(run, 1, of) ? ask(of.body, value) : undefined)
  if (of.macro === 'all' || of.macro === 'exists') return evaluateLogic(range, of.macro === 'exists', askOnce, run)
  const taken: GuardValue[] = []
  for (const value of range) {
    if (!pay(run, 1, of)) return undefined
    const condition = of.macro === 'map' ? of.when : of.body
    const wanted = condition === undefined ? true : ask(condition, value)
    if (wanted === undefined) return undefined
    if (!wanted) continue
    const made = of.macro === 'map' ? ask(of.body, value) : value
    if (made === undefined) return undefined
    taken.push(made)
  }
  return of.macro === 'exists_one' ? taken.length === 1 : taken
}

function evaluateCall(of: Of<'call'>, run: Run): Value {
  const { functions } = run.checked.environment
  const ofModule = moduleFunction(of, functions)
  const name = ofModule ?? of.name
  const parts = ofModule === undefined && of.of ? [of.of, ...of.parameters] : of.parameters
  const values = evaluateAll(parts, run)
  if (values === undefined) return undefined
  if (ownForms.has(name))
    return pay(run, ownCost(name, values), of) ? (callOwn(name, values) ?? fail(run, 'overflow', of)) : undefined
  const declared = functions[name]!
  let cost = declared.cost
  for (const value of values) cost += valueCost(value)
  if (!pay(run, cost, of)) return undefined
  const value = askHost(run.facts, name, values)
  if (value === undefined) return fail(run, 'missing', of)
  const resultCost = factCost(value, declared.result)
  if (resultCost === undefined) return fail(run, 'fact', of)
  return pay(run, resultCost, of) ? value : undefined
}

function askHost(facts: GuardFacts, name: string, values: readonly GuardValue[]): Value {
  const { functions = {} } = facts
  if (!Object.hasOwn(functions, name)) return undefined
  try {
    return functions[name]!(...values)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

function evaluateBinary(of: Of<'binary'>, run: Run): Value {
  const left = evaluate(of.left, run)
  const right = left === undefined ? undefined : evaluate(of.right, run)
  if (left === undefined || right === undefined) return undefined
  const { operator } = of
  if (operator === 'in') return isMember(of, { left, right }, run)
  if (operator === '+' || operator === '-' || operator === '*' || operator === '/' || operator === '%')
    return evaluateArithmetic(of, { operator, left, right }, run)
  if (!pay(run, valueCost(left) + valueCost(right), of)) return undefined
  if (operator === '==') return equalValues(left, right)
  if (operator === '!=') return !equalValues(left, right)
  const order = compareValues(left, right)
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

type Pair = { readonly left: GuardValue; readonly right: GuardValue }

function evaluateArithmetic(of: Of<'binary'>, pair: Pair & { readonly operator: Arithmetic }, run: Run): Value {
  const { operator, left, right } = pair
  if (!pay(run, reckonCost(left, right), of)) return undefined
  const divided = operator === '/' || operator === '%'
  return reckon(operator, left, right) ?? fail(run, divided && right === 0n ? 'zero' : 'overflow', of)
}

function isMember(of: Of<'binary'>, { left, right }: Pair, run: Run): Value {
  for (const each of right as readonly GuardValue[]) {
    if (!pay(run, valueCost(left) + valueCost(each), of)) return undefined
    if (equalValues(left, each)) return true
  }
  return false
}
