// A guard's types and its greatest cost, from what is declared: nothing that passes can meet a wrong type, or cost more than
// was reckoned here.

import { guardCostMax, guardListLengthMax, guardTextLengthMax } from '../../limits.ts'
import { checkEnvironment, type GuardEnvironment } from './environment.ts'
import { knowOwn, moduleFunction, ownForms, refusal } from './functions.ts'
import { checkSize, checkSyntax, type Expression, type Guard } from './syntax.ts'
import { formatType, type GuardType, isOrdered, isPlain, isSameType, isWithin, joinTypes, typeCost } from './types.ts'
import { textLength } from './value.ts'

/** A guard that an environment understands. Only `checkGuard` makes it. */
export type CheckedGuard = {
  readonly guard: Guard
  readonly environment: GuardEnvironment
  /** Of what it comes to. */
  readonly type: GuardType
  /** The most that an evaluation can cost, in the units of docs/protocol/guards.md. */
  readonly cost: number
  /** The variables that it may read. */
  readonly reads: readonly string[]
}

export type CheckGuardOptions = {
  /** What the expression must come to; a bool when left out. Lengths are bounds. */
  readonly result?: GuardType | 'any'
  /** The most that it may cost. */
  readonly costMax?: number
}

/** What a part of a guard comes to, and what that costs at most. */
type Known = { readonly type: GuardType; readonly cost: number }
type Scope = {
  readonly environment: GuardEnvironment
  readonly reads: Set<string>
  member: { readonly name: string; readonly type: GuardType } | undefined
}

const bool: GuardType = { kind: 'bool' }
const int: GuardType = { kind: 'int' }

/**
 * Throws VerifyError for an environment without bounds, and GuardError with the place for a name that nobody declares, a
 * wrong type (`malformed`), or a guard that may cost more than it may (`oversized`).
 */
export function checkGuard(guard: Guard, environment: GuardEnvironment, options: CheckGuardOptions = {}): CheckedGuard {
  checkEnvironment(environment)
  const scope: Scope = { environment, reads: new Set(), member: undefined }
  const { type, cost: ownCost } = know(guard.root, scope)
  const { result = bool, costMax = guardCostMax } = options
  const { span } = guard.root
  if (result !== 'any') {
    checkSyntax(isSameType(type, result), `this comes to ${aType(type)}, not to ${aType(result)}`, span)
    checkSize(isWithin(type, result), `this ${formatType(type)} may be longer than belongs here`, span)
  }
  let cost = ownCost
  for (const name of scope.reads) cost += typeCost(environment.variables[name]!.type)
  checkSize(cost <= costMax, `this may cost ${cost} of ${costMax}: shorten its lists or split the step`, span)
  return { guard, environment, type, cost, reads: [...scope.reads] }
}

const aType = (type: GuardType): string => `${type.kind === 'int' ? 'an' : 'a'} ${formatType(type)}`

function know(of: Expression, scope: Scope): Known {
  switch (of.kind) {
    case 'literal':
      return { type: literalType(of), cost: 1 }
    case 'name':
      return { type: nameType(of, scope), cost: 1 }
    case 'field':
    case 'has':
      return knowField(of, scope)
    case 'index':
      return knowIndex(of, scope)
    case 'list':
      return knowList(of, scope)
    case 'call':
      return knowCall(of, scope)
    case 'not':
      return { type: bool, cost: 1 + expect(of.of, bool, scope) }
    case 'negative':
      return { type: int, cost: 1 + expect(of.of, int, scope) }
    case 'binary':
      return knowBinary(of, scope)
    case 'every':
    case 'some':
      return { type: bool, cost: of.parts.reduce((sum, part) => sum + expect(part, bool, scope), 1) }
    case 'choice':
      return knowChoice(of, scope)
    case 'macro':
      return knowMacro(of, scope)
  }
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>

/** What a part of this one type costs. */
function expect(of: Expression, type: GuardType, scope: Scope): number {
  const known = know(of, scope)
  checkSyntax(isSameType(known.type, type), `${aType(type)} belongs here, not ${aType(known.type)}`, of.span)
  return known.cost
}

function literalType({ value }: Of<'literal'>): GuardType {
  if (typeof value === 'bigint') return int
  if (typeof value === 'boolean') return bool
  if (typeof value === 'string') return { kind: 'string', lengthMax: textLength(value)! }
  if (value instanceof Uint8Array) return { kind: 'bytes', lengthMax: value.length }
  return { kind: (value as { kind: 'timestamp' | 'duration' }).kind }
}

function nameType({ name, span }: Of<'name'>, scope: Scope): GuardType {
  if (scope.member?.name === name) return scope.member.type
  const known = Object.keys(scope.environment.variables)
  checkSyntax(known.includes(name), `${name} is not known here: there are ${known.join(', ') || 'no variables'}`, span)
  scope.reads.add(name)
  return scope.environment.variables[name]!.type
}

function knowField(of: Of<'field' | 'has'>, scope: Scope): Known {
  const { type, cost } = know(of.of, scope)
  checkSyntax(type.kind === 'record', `${aType(type)} has no fields`, of.of.span)
  const names = Object.keys(type.fields)
  checkSyntax(names.includes(of.name), `there is no field ${of.name}: there are ${names.join(', ')}`, of.span)
  return { type: of.kind === 'has' ? bool : type.fields[of.name]!.type, cost: cost + 1 }
}

function knowIndex(of: Of<'index'>, scope: Scope): Known {
  const { type, cost } = know(of.of, scope)
  checkSyntax(type.kind === 'list' && type.item.kind !== 'nothing', `${aType(type)} has no members`, of.of.span)
  const reached = of.index >= 0n && of.index < BigInt(type.lengthMax)
  checkSyntax(reached, `the members of this list are counted from 0, and it has ${type.lengthMax} at most`, of.span)
  return { type: type.item, cost: cost + 1 }
}

function knowList(of: Of<'list'>, scope: Scope): Known {
  let item: GuardType = { kind: 'nothing' }
  let cost = 1
  for (const each of of.items) {
    const known = know(each, scope)
    const same = isSameType(item, known.type)
    checkSyntax(same, `a list has members of one type: this is ${aType(known.type)}`, each.span)
    item = joinTypes(item, known.type)
    cost += known.cost
  }
  return { type: { kind: 'list', item, lengthMax: of.items.length }, cost }
}

function knowChoice(of: Of<'choice'>, scope: Scope): Known {
  const cost = 1 + expect(of.condition, bool, scope)
  const [yes, no] = [know(of.yes, scope), know(of.no, scope)]
  const message = `both sides of a choice are of one type: these are ${formatType(yes.type)} and ${formatType(no.type)}`
  checkSyntax(isSameType(yes.type, no.type), message, of.span)
  return { type: joinTypes(yes.type, no.type), cost: cost + Math.max(yes.cost, no.cost) }
}

function knowMacro(of: Of<'macro'>, scope: Scope): Known {
  const range = know(of.range, scope)
  const { type } = range
  checkSyntax(type.kind === 'list', `${of.macro} asks the members of a list, and this is ${aType(type)}`, of.range.span)
  checkSyntax(type.item.kind !== 'nothing', 'this list has no members', of.range.span)
  const taken = Object.hasOwn(scope.environment.variables, of.variable)
  checkSyntax(!taken, `${of.variable} is a variable already: choose another name for the members`, of.span)
  scope.member = { name: of.variable, type: type.item }
  const when = of.when === undefined ? 0 : expect(of.when, bool, scope)
  const body = of.macro === 'map' ? know(of.body, scope) : { type: bool, cost: expect(of.body, bool, scope) }
  scope.member = undefined
  const cost = 1 + range.cost + type.lengthMax * (1 + when + body.cost)
  if (of.macro === 'filter') return { type, cost }
  if (of.macro !== 'map') return { type: bool, cost }
  return { type: { kind: 'list', item: body.type, lengthMax: type.lengthMax }, cost }
}

function knowBinary(of: Of<'binary'>, scope: Scope): Known {
  const { operator } = of
  const [left, right] = [know(of.left, scope), know(of.right, scope)]
  const cost = left.cost + right.cost
  const same = isSameType(left.type, right.type)
  const pair = `${formatType(left.type)} ${operator} ${formatType(right.type)}`
  if (operator === 'in') return knowIn(of, left, right)
  if (operator === '==' || operator === '!=') {
    checkSyntax(same, `${pair}: only values of one type are compared`, of.span)
    checkSyntax(isPlain(left.type), 'records are compared field by field', of.span)
    return { type: bool, cost: 1 + cost + typeCost(left.type) + typeCost(right.type) }
  }
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
    checkSyntax(same && isOrdered(left.type), `${pair}: these have no order`, of.span)
    return { type: bool, cost: 1 + cost + typeCost(left.type) + typeCost(right.type) }
  }
  const type = reckonedType(operator, left.type, right.type)
  checkSyntax(type !== undefined, `${pair}: this can't be reckoned`, of.span)
  if (!('lengthMax' in type)) return { type, cost: 1 + cost }
  const bound = type.kind === 'list' ? guardListLengthMax : guardTextLengthMax
  checkSize(type.lengthMax <= bound, `together these may be longer than ${bound}`, of.span)
  return { type, cost: 1 + cost + (type.kind === 'list' ? 1 + type.lengthMax : typeCost(type)) }
}

function knowIn(of: Of<'binary'>, left: Known, right: Known): Known {
  const list = right.type
  checkSyntax(list.kind === 'list', `in asks whether a list has a member, and this is ${aType(list)}`, of.right.span)
  const same = isSameType(left.type, list.item)
  const message = `${aType(left.type)} is no member of ${aType(list)}`
  checkSyntax(same && isPlain(left.type) && isPlain(list.item), message, of.span)
  const each = typeCost(left.type) + typeCost(list.item)
  return { type: bool, cost: 1 + left.cost + right.cost + list.lengthMax * each }
}

function reckonedType(operator: string, left: GuardType, right: GuardType): GuardType | undefined {
  if (left.kind === 'int' && right.kind === 'int') return int
  const kinds = `${left.kind} ${operator} ${right.kind}`
  if (kinds === 'timestamp + duration' || kinds === 'duration + timestamp' || kinds === 'timestamp - duration')
    return { kind: 'timestamp' }
  if (kinds === 'timestamp - timestamp' || kinds === 'duration + duration' || kinds === 'duration - duration')
    return { kind: 'duration' }
  if (operator !== '+' || !('lengthMax' in left) || !('lengthMax' in right) || !isSameType(left, right))
    return undefined
  return { ...joinTypes(left, right), lengthMax: left.lengthMax + right.lengthMax } as GuardType
}

function knowCall(of: Of<'call'>, scope: Scope): Known {
  const { functions } = scope.environment
  const ofModule = moduleFunction(of, functions)
  const name = ofModule ?? of.name
  const receiver = ofModule === undefined ? of.of : undefined
  if (ownForms.has(name)) return knowOwnCall(of, scope)
  checkSyntax(Object.hasOwn(functions, name), refusal(name) ?? unknownFunction(name, functions), of.span)
  const declared = functions[name]!
  const form = `${declared.receiver ? 'receiver.' : ''}${name}(${declared.parameters.map(formatType).join(', ')})`
  const shaped =
    (receiver === undefined) === (declared.receiver === undefined) &&
    of.parameters.length === declared.parameters.length
  checkSyntax(shaped, `this function is called ${form}`, of.span)
  let cost = 1 + declared.cost + typeCost(declared.result)
  if (receiver) cost += parameterCost(receiver, declared.receiver!, scope)
  for (const [i, each] of of.parameters.entries()) cost += parameterCost(each, declared.parameters[i]!, scope)
  return { type: declared.result, cost }
}

function unknownFunction(name: string, functions: GuardEnvironment['functions']): string {
  return `there is no function ${name}: there are ${[...ownForms.keys(), ...Object.keys(functions)].join(', ')}`
}

function knowOwnCall(of: Of<'call'>, scope: Scope): Known {
  const given = (of.of ? [of.of, ...of.parameters] : of.parameters).map(each => know(each, scope))
  const types = given.map(({ type }) => type)
  const own = knowOwn(of.name, of.of !== undefined, types)
  checkSyntax(own, `this function is called ${ownForms.get(of.name)}`, of.span)
  return { type: own.type, cost: given.reduce((sum, { cost }) => sum + cost, 1 + own.cost) }
}

/** With what the function pays to look at it. */
function parameterCost(of: Expression, type: GuardType, scope: Scope): number {
  if (type.kind !== 'tuple') {
    const known = know(of, scope)
    const message = `${aType(type)} belongs here, not ${aType(known.type)}`
    checkSyntax(isSameType(known.type, type), message, of.span)
    checkSize(isWithin(known.type, type), `this may be longer than the function takes`, of.span)
    return known.cost + typeCost(known.type)
  }
  checkSyntax(of.kind === 'list', 'a list belongs here, written out: [a, b]', of.span)
  checkSize(of.items.length <= type.lengthMax, `at most ${type.lengthMax} members belong here`, of.span)
  return of.items.reduce((sum, each) => {
    const known = know(each, scope)
    checkSyntax(isOrdered(known.type), `${aType(known.type)} can't stand in this list`, each.span)
    return sum + known.cost + typeCost(known.type)
  }, 2)
}
