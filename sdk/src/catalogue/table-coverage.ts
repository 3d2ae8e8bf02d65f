// Which cases a set of rows is meant for. Guards that compare inputs with constants are constant between those: it is enough to
// try the least number, each constant, the number behind it, and one text that is none of them, and so to know of every case there is.

import { check, VerifyError } from '../errors.ts'
import type { Expression } from './guard/syntax.ts'
import type { GuardValue } from './guard/value.ts'
import { isInput, isMeant, type Table, type TableInput, type TableRow, type TableSet } from './table.ts'

/** What is left to be spent on the tables of one file, in the units of guards. */
export type TableBudget = { left: number }

/** To put one case together. */
const caseCost = 64

type Constants = Map<string, Set<bigint | string>>
type Case = ReadonlyMap<string, GuardValue>

/**
 * Throws VerifyError for a case without a row, for a row without a case, and, where rows are UNIQUE, for a case with two
 * rows or a guard that can't be judged so. Sets of a FIRST table with such guards are not judged.
 */
export function checkCoverage(table: Table, set: TableSet, budget: TableBudget): void {
  const constants: Constants = new Map(Object.keys(table.inputs).map(name => [name, new Set()]))
  for (const [i, row] of set.rows.entries()) {
    for (const { input, value } of row.when) if (typeof value !== 'boolean') constants.get(input)!.add(value)
    const plain = row.if === undefined || collectConstants(row.if.guard.root, constants)
    const message = `row ${i + 1} of ${set.from}: in a UNIQUE table, "if" compares inputs with constants and joins them by && || !`
    check(plain || table.hit === 'FIRST', 'malformed', message)
    if (!plain) return
  }
  const values = Object.entries(table.inputs).map(
    ([name, input]) => [name, casesOf(input, constants.get(name)!)] as const,
  )
  checkCases({ table, set, budget }, values)
}

/** False for a guard that does anything but compare inputs with constants. */
function collectConstants(of: Expression, constants: Constants): boolean {
  if (of.kind === 'every' || of.kind === 'some') return of.parts.every(part => collectConstants(part, constants))
  if (of.kind === 'not') return collectConstants(of.of, constants)
  if (of.kind === 'literal' || of.kind === 'name') return true
  if (of.kind !== 'binary') return false
  const { operator, left, right } = of
  if (operator === 'in')
    return left.kind === 'name' && right.kind === 'list' && addAll(left.name, right.items, constants)
  const [named, constant] = left.kind === 'name' ? [left, right] : [right, left]
  if (named.kind !== 'name' || constant.kind !== 'literal') return false
  const ordered = operator !== '==' && operator !== '!='
  return !(ordered && typeof constant.value === 'string') && addAll(named.name, [constant], constants)
}

function addAll(name: string, items: readonly Expression[], constants: Constants): boolean {
  return items.every(item => {
    if (item.kind !== 'literal') return false
    const { value } = item
    if (typeof value === 'bigint' || typeof value === 'string') constants.get(name)!.add(value)
    return typeof value === 'bigint' || typeof value === 'string' || typeof value === 'boolean'
  })
}

const intMin = -(1n << 63n)

/** One value for each part of an input's values that no constant divides. */
function casesOf(input: TableInput, constants: ReadonlySet<bigint | string>): readonly GuardValue[] {
  if (input.kind === 'bool') return [false, true]
  if (input.kind === 'int') {
    // Below the first constant, at each, and from behind it to the next.
    const behind = [...constants].flatMap(each => [BigInt(each), BigInt(each) + 1n])
    return [...new Set([input.min ?? intMin, ...behind])].filter(each => isInput(each, input))
  }
  if (input.values) return input.values
  const known = [...constants] as readonly string[]
  const other = otherText(known, input.lengthMax)
  return [...known, ...(other === undefined ? [] : [other])].filter(each => isInput(each, input))
}

/** A text that is none of these; undefined when there is none so short. */
function otherText(known: readonly string[], lengthMax: number): string | undefined {
  if (!known.includes('')) return ''
  if (lengthMax === 0) return undefined
  let code = 0x61
  while (known.includes(String.fromCharCode(code))) code++
  return String.fromCharCode(code)
}

function checkCases(
  { table, set, budget }: { readonly table: Table; readonly set: TableSet; readonly budget: TableBudget },
  values: readonly (readonly [string, readonly GuardValue[]])[],
): void {
  const total = values.reduce((product, [, each]) => product * each.length, 1)
  const tooMany = 'this table has too many cases to be judged: split it by an input, or give its inputs codes or bounds'
  check(total * caseCost <= budget.left, 'oversized', tooMany)
  const rowsFor = rowsByFirst(set, values[0]?.[0])
  const hits = new Set<TableRow>()
  for (let number = 0; number < total; number++) {
    const each = caseOf(number, values)
    const rows = rowsFor(each)
    budget.left -= rows.reduce((sum, row) => sum + 1 + row.when.length + (row.if?.cost ?? 0), caseCost)
    check(budget.left >= 0, 'oversized', tooMany)
    const found = rows.filter(row => isMeant(row, each) === true)
    if (found.length === 0 && set.otherwise === undefined)
      throw new VerifyError('malformed', `no row of ${set.from} is meant for ${showCase(each)}`)
    if (found.length > 1 && table.hit === 'UNIQUE') {
      const [first, second] = found.map(row => set.rows.indexOf(row) + 1)
      throw new VerifyError(
        'malformed',
        `rows ${first} and ${second} of ${set.from} are both meant for ${showCase(each)}`,
      )
    }
    if (found[0]) hits.add(found[0])
  }
  const idle = set.rows.findIndex(row => !hits.has(row)) + 1
  check(idle === 0, 'malformed', `row ${idle} of ${set.from} is meant for no case that is left: leave it out`)
}

/** Rows that a case may have, found by its first input: most tables have a row for each code. */
function rowsByFirst(set: TableSet, name: string | undefined): (each: Case) => readonly TableRow[] {
  const keyOf = (row: TableRow): GuardValue | undefined => row.when.find(({ input }) => input === name)?.value
  const known = new Map<GuardValue | undefined, readonly TableRow[]>()
  return each => {
    const value = name === undefined ? undefined : each.get(name)
    const rows = known.get(value) ?? set.rows.filter(row => (keyOf(row) ?? value) === value)
    known.set(value, rows)
    return rows
  }
}

/** Cases are counted as a clock counts: the last input turns first. */
function caseOf(number: number, values: readonly (readonly [string, readonly GuardValue[]])[]): Case {
  let rest = number
  return new Map(
    values.toReversed().map(([name, each]) => {
      const value = each[rest % each.length]!
      rest = Math.trunc(rest / each.length)
      return [name, value]
    }),
  )
}

function showCase(each: Case): string {
  const shown = [...each]
    .reverse()
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? `'${value}'` : value}`)
  return shown.join(', ') || 'anything'
}
