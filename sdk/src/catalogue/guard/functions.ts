// The functions that every guard has, and those of CEL that none has, with what to do instead.

import type { Expression } from './syntax.ts'
import type { GuardType } from './types.ts'
import { type GuardValue, isDurationSeconds, lengthCost, textLength } from './value.ts'

/** How each is written: the whole list. */
export const ownForms: ReadonlyMap<string, string> = new Map([
  ['size', 'size(text), size(bytes) or size(list)'],
  ['startsWith', 'text.startsWith(text)'],
  ['endsWith', 'text.endsWith(text)'],
  ['contains', 'text.contains(text)'],
  ['days', 'days(number)'],
])

/** The name of a declared function of a module, `O.owes`, when the call names one: CEL looks for these first. */
export function moduleFunction(
  call: Extract<Expression, { readonly kind: 'call' }>,
  functions: Readonly<Record<string, unknown>>,
): string | undefined {
  if (call.of?.kind !== 'name') return undefined
  const name = `${call.of.name}.${call.name}`
  return Object.hasOwn(functions, name) ? name : undefined
}

/** What an own function makes of such parameters, a receiver first, and what that costs at most; undefined for none of its forms. */
export function knowOwn(
  name: string,
  method: boolean,
  types: readonly GuardType[],
): { readonly type: GuardType; readonly cost: number } | undefined {
  const [first, second] = types
  if (first === undefined || types.length > 2) return undefined
  if (name === 'days' || name === 'size') {
    if (second !== undefined || (name === 'days' && (method || first.kind !== 'int'))) return undefined
    if (name === 'days') return { type: { kind: 'duration' }, cost: 1 }
    if (first.kind !== 'string' && first.kind !== 'bytes' && first.kind !== 'list') return undefined
    return { type: { kind: 'int' }, cost: first.kind === 'string' ? lengthCost(first.lengthMax) : 1 }
  }
  if (!method || first.kind !== 'string' || second?.kind !== 'string') return undefined
  return { type: { kind: 'bool' }, cost: searchCost(name, first.lengthMax, second.lengthMax) }
}

function searchCost(name: string, length: number, soughtLength: number): number {
  return lengthCost(soughtLength) * (name === 'contains' ? lengthCost(length) : 1)
}

/** What this very call costs. */
export function ownCost(name: string, [first, second]: readonly GuardValue[]): number {
  if (typeof first !== 'string') return 1
  const length = name === 'size' || name === 'contains' ? textLength(first)! : 0
  return name === 'size' ? lengthCost(length) : searchCost(name, length, textLength(second as string)!)
}

/** The value of a call that was checked; undefined for a duration that is too long. */
export function callOwn(name: string, [first, second]: readonly GuardValue[]): GuardValue | undefined {
  if (name === 'days') {
    const seconds = (first as bigint) * 86_400n
    return isDurationSeconds(seconds) ? { kind: 'duration', seconds } : undefined
  }
  if (name === 'size') {
    const length = typeof first === 'string' ? textLength(first)! : (first as Uint8Array | readonly GuardValue[]).length
    return BigInt(length)
  }
  const [text, sought] = [first as string, second as string]
  if (name === 'startsWith') return text.startsWith(sought)
  return name === 'endsWith' ? text.endsWith(sought) : text.includes(sought)
}

const conversions = new Set(['int', 'uint', 'double', 'string', 'bytes', 'bool', 'dyn', 'type'])

/** Why a function of CEL is no function of guards. */
export function refusal(name: string): string | undefined {
  if (name === 'matches') return 'patterns are not searched for: use startsWith, endsWith or contains'
  if (/^get[A-Z]/.test(name)) return 'times are not taken apart, for that needs a zone: compare whole times'
  if (conversions.has(name)) return 'types are not changed in a guard: declare the value as what it is'
  return undefined
}
