// What a guard may read and call, as the kernel and a service file declare it.

import { check } from '../../errors.ts'
import {
  guardCostMax,
  guardDeclarationsMax,
  guardDepthMax,
  guardListLengthMax,
  guardTextLengthMax,
} from '../../limits.ts'
import { ownForms } from './functions.ts'
import type { GuardType } from './types.ts'

export type GuardVariable = { readonly type: GuardType; readonly public?: true }

export type GuardFunction = {
  /** Of a method, `receiver.name(…)`. */
  readonly receiver?: GuardType
  readonly parameters: readonly GuardType[]
  readonly result: GuardType
  /** What a call costs at most, in the units of docs/protocol/guards.md. */
  readonly cost: number
}

export type GuardEnvironment = {
  readonly variables: Readonly<Record<string, GuardVariable>>
  /** By name; one with a dot in it, `O.owes`, is called as a function of that module. */
  readonly functions: Readonly<Record<string, GuardFunction>>
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/
const functionPattern = /^(?:[A-Za-z_][A-Za-z0-9_]{0,39}\.)?[A-Za-z_][A-Za-z0-9_]{0,39}$/

/** Declarations come from service files too: throws VerifyError for those that have no bounds. */
export function checkEnvironment(environment: GuardEnvironment): void {
  const [variables, functions] = [Object.entries(environment.variables), Object.entries(environment.functions)]
  const few = variables.length <= guardDeclarationsMax && functions.length <= guardDeclarationsMax
  check(few, 'oversized', 'too many variables or functions are declared')
  for (const [name, { type }] of variables) {
    check(namePattern.test(name), 'malformed', 'a declared variable has no proper name', { actual: name })
    checkType(type, name, 0)
  }
  for (const [name, { receiver, parameters, result, cost }] of functions) {
    check(functionPattern.test(name), 'malformed', 'a declared function has no proper name', { actual: name })
    check(!isOwnName(name), 'malformed', 'every guard has a function of this name', { actual: name })
    check(isCount(cost, guardCostMax), 'malformed', 'a function needs a cost within bounds', { actual: name })
    for (const each of parameters)
      if (each.kind !== 'tuple') checkType(each, name, 0)
      else check(isCount(each.lengthMax, guardListLengthMax), 'oversized', 'a list may be too long', { actual: name })
    for (const each of receiver ? [receiver, result] : [result]) checkType(each, name, 0)
  }
}

/** These are read before any declaration is looked at. */
const isOwnName = (name: string): boolean => ownForms.has(name) || builtIn.has(name)
const builtIn = new Set(['has', 'timestamp', 'duration', 'all', 'exists', 'exists_one', 'filter', 'map'])

function checkType(type: GuardType, name: string, depth: number): void {
  const facts = { actual: name }
  check(depth < guardDepthMax, 'oversized', 'a declared type is nested too deep', facts)
  check(type.kind !== 'tuple' && type.kind !== 'nothing', 'malformed', 'no value has this type', facts)
  if (type.kind === 'string' || type.kind === 'bytes')
    check(isCount(type.lengthMax, guardTextLengthMax), 'oversized', 'a text or bytes need a length in bounds', facts)
  if (type.kind === 'list') {
    check(isCount(type.lengthMax, guardListLengthMax), 'oversized', 'a list needs a length in bounds', facts)
    checkType(type.item, name, depth + 1)
  }
  if (type.kind !== 'record') return
  const fields = Object.entries(type.fields)
  check(fields.length <= guardDeclarationsMax, 'oversized', 'a record has too many fields', facts)
  for (const [field, each] of fields) {
    check(namePattern.test(field), 'malformed', 'a declared field has no proper name', facts)
    checkType(each.type, `${name}.${field}`, depth + 1)
  }
}

function isCount(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max
}
