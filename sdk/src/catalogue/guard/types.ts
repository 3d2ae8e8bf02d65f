// The types of what guards reckon with, each with the greatest length of its values.

import {
  type GuardRecord,
  type GuardValue,
  isDurationSeconds,
  isInt,
  isTimestampSeconds,
  lengthCost,
  textLength,
} from './value.ts'

export type GuardField = {
  readonly type: GuardType
  /** May be missing; `has(record.field)` asks. */
  readonly optional?: true
  /** May be shown to whoever asks why a guard is closed. */
  readonly public?: true
}

/** Lengths are the greatest that there may be: of texts in code points, of bytes in bytes, of lists in members. */
export type GuardType =
  | { readonly kind: 'int' | 'bool' | 'timestamp' | 'duration' }
  | { readonly kind: 'string' | 'bytes'; readonly lengthMax: number }
  | { readonly kind: 'list'; readonly item: GuardType; readonly lengthMax: number }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, GuardField>> }
  /** Only of a parameter: a list as written in the guard, whose members may differ in type. */
  | { readonly kind: 'tuple'; readonly lengthMax: number }
  /** Only of the members of a list without any, `[]`: goes with every type. */
  | { readonly kind: 'nothing' }

/** As a guard writes it; lengths left out. */
export function formatType(type: GuardType): string {
  if (type.kind === 'list') return type.item.kind === 'nothing' ? 'empty list' : `list of ${formatType(type.item)}`
  return type.kind
}

/** Whether values of both may be compared, or stand in one list: lengths don't matter, records are as their fields. */
export function isSameType(left: GuardType, right: GuardType): boolean {
  if (left.kind === 'nothing' || right.kind === 'nothing') return true
  if (left.kind === 'list' && right.kind === 'list') return isSameType(left.item, right.item)
  if (left.kind !== 'record' || right.kind !== 'record') return left.kind === right.kind
  const names = Object.keys(left.fields)
  return (
    names.length === Object.keys(right.fields).length &&
    names.every(name => {
      const [a, b] = [left.fields[name]!, Object.hasOwn(right.fields, name) ? right.fields[name]! : undefined]
      return b !== undefined && a.optional === b.optional && isSameType(a.type, b.type)
    })
  )
}

/** The type of what may be of either, which must be the same: as long as the longer. */
export function joinTypes(left: GuardType, right: GuardType): GuardType {
  if (left.kind === 'nothing') return right
  if (left.kind === 'list' && right.kind === 'list')
    return {
      kind: 'list',
      item: joinTypes(left.item, right.item),
      lengthMax: Math.max(left.lengthMax, right.lengthMax),
    }
  if ((left.kind === 'string' || left.kind === 'bytes') && right.kind === left.kind)
    return { kind: left.kind, lengthMax: Math.max(left.lengthMax, right.lengthMax) }
  if (left.kind !== 'record' || right.kind !== 'record') return left
  const fields = Object.entries(left.fields).map(([name, field]) => {
    const other = right.fields[name]!
    const shown = field.public && other.public ? { public: true as const } : {}
    const optional = field.optional ? { optional: true as const } : {}
    return [name, { type: joinTypes(field.type, other.type), ...optional, ...shown }] as const
  })
  return { kind: 'record', fields: Object.fromEntries(fields) }
}

/** Whether values of one type are no longer than those of another, which is the same but for lengths. */
export function isWithin(type: GuardType, bound: GuardType): boolean {
  if ('lengthMax' in type && 'lengthMax' in bound && type.lengthMax > bound.lengthMax) return false
  if (type.kind === 'list' && bound.kind === 'list') return isWithin(type.item, bound.item)
  if (type.kind !== 'record' || bound.kind !== 'record') return true
  return Object.keys(type.fields).every(name => isWithin(type.fields[name]!.type, bound.fields[name]!.type))
}

/** Of values that are compared whole: not of records, nor of lists of them. */
export function isPlain(type: GuardType): boolean {
  return type.kind === 'list' ? isPlain(type.item) : type.kind !== 'record'
}

export function isOrdered(type: GuardType): boolean {
  return type.kind !== 'list' && type.kind !== 'record' && type.kind !== 'nothing'
}

/** What a value of this type costs at most to be looked at (`valueCost`), a record with all its fields. */
export function typeCost(type: GuardType): number {
  if (type.kind === 'string' || type.kind === 'bytes') return lengthCost(type.lengthMax)
  if (type.kind === 'list') return 1 + type.lengthMax * typeCost(type.item)
  if (type.kind !== 'record') return 1
  return Object.values(type.fields).reduce((sum, field) => sum + typeCost(field.type), 1)
}

/** What it cost to look at a whole fact; undefined when it is not of its type. */
export function factCost(value: GuardValue, type: GuardType): number | undefined {
  switch (type.kind) {
    case 'int':
      return typeof value === 'bigint' && isInt(value) ? 1 : undefined
    case 'bool':
      return typeof value === 'boolean' ? 1 : undefined
    case 'timestamp':
    case 'duration':
      return isTime(value, type.kind) ? 1 : undefined
    case 'string': {
      const length = typeof value === 'string' ? textLengthWithin(value, type.lengthMax) : undefined
      return length === undefined ? undefined : lengthCost(length)
    }
    case 'bytes':
      return value instanceof Uint8Array && value.length <= type.lengthMax ? lengthCost(value.length) : undefined
    case 'list':
      return Array.isArray(value) && value.length <= type.lengthMax ? sumOf(value, type.item) : undefined
    case 'record':
      return recordCost(value, type.fields)
    default:
      return undefined
  }
}

/** A code point has at most two units: what is far too long is not counted. */
function textLengthWithin(text: string, lengthMax: number): number | undefined {
  const length = text.length <= 2 * lengthMax ? textLength(text) : undefined
  return length !== undefined && length <= lengthMax ? length : undefined
}

function isTime(value: GuardValue, kind: 'timestamp' | 'duration'): boolean {
  if (!isMap(value) || value.kind !== kind || typeof value.seconds !== 'bigint') return false
  return kind === 'timestamp' ? isTimestampSeconds(value.seconds) : isDurationSeconds(value.seconds)
}

function isMap(value: GuardValue): value is GuardRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function sumOf(values: readonly GuardValue[], type: GuardType): number | undefined {
  let sum = 1
  for (const each of values) {
    const cost = factCost(each, type)
    if (cost === undefined) return undefined
    sum += cost
  }
  return sum
}

function recordCost(value: GuardValue, fields: Readonly<Record<string, GuardField>>): number | undefined {
  if (!isMap(value)) return undefined
  let sum = 1
  for (const name of Object.keys(fields)) {
    const field = fields[name]!
    const each = Object.hasOwn(value, name) ? (value as GuardRecord)[name] : undefined
    const cost = each !== undefined ? factCost(each, field.type) : field.optional ? 0 : undefined
    if (cost === undefined) return undefined
    sum += cost
  }
  return sum
}
