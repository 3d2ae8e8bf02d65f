// Reads a decision table, and refuses one that could leave a case open or decide it twice.

import { check, VerifyError } from '../errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { tableChecksMax, tableCostMax, tableInputsMax, tableRowsMax, tableSetsMax } from '../limits.ts'
import { parseTime } from '../time.ts'
import { checkGuard } from './guard/check.ts'
import type { GuardEnvironment } from './guard/environment.ts'
import { parseGuard } from './guard/parse.ts'
import { typeCost } from './guard/types.ts'
import { type GuardValue, textLength } from './guard/value.ts'
import { guardType, isInput, type Table, type TableInput, type TableRow, type TableSet } from './table.ts'
import { checkCoverage, type TableBudget } from './table-coverage.ts'

const namePattern = /^[a-z][A-Za-z0-9]{0,39}$/
const dayPattern = /^\d{4}-\d{2}-\d{2}$/

/**
 * Reads `{in: [names], hit: UNIQUE | FIRST, sets: [{from: day, rows: [{when?: {name: value}, if?: guard, gives: int}],
 * otherwise?: int}]}`. `declared` holds all that `in` may name. Throws VerifyError: for a UNIQUE table also when two rows are
 * meant for one case; for any, when a case has no row or a row no case, as far as its guards compare inputs with constants,
 * which those of a UNIQUE table must. Several tables of one file share a budget for that.
 */
export function readTable(
  json: JsonObject,
  declared: Readonly<Record<string, TableInput>>,
  budget: TableBudget = { left: tableChecksMax },
): Table {
  checkMembers(json, ['in', 'hit', 'sets'])
  const { hit } = json
  check(hit === 'UNIQUE' || hit === 'FIRST', 'malformed', 'hit is UNIQUE or FIRST')
  const inputs = readInputs(json.in, declared)
  check(Array.isArray(json.sets), 'malformed', 'sets is a list')
  check(
    json.sets.length > 0 && json.sets.length <= tableSetsMax,
    'oversized',
    'a table has a set of rows, and few of them',
  )
  const environment: GuardEnvironment = {
    variables: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, { type: guardType(input) }])),
    functions: {},
  }
  const sets = (json.sets as readonly Json[]).map(each => readSet(each, inputs, environment))
  for (const [i, set] of sets.entries()) {
    const before = sets[i - 1]
    const later = before === undefined || before.fromSeconds < set.fromSeconds
    check(later, 'malformed', 'each set of rows is in force from a later day than the one before', { actual: set.from })
  }
  const cost = inputsCost(inputs) + sets.reduce((most, set) => Math.max(most, setCost(set)), 0)
  check(cost <= tableCostMax, 'oversized', 'a table may cost too much: split it by an input', { actual: cost })
  const table: Table = { inputs, hit, sets, cost }
  for (const set of sets) checkCoverage(table, set, budget)
  return table
}

function readInputs(json: Json | undefined, declared: Readonly<Record<string, TableInput>>): Table['inputs'] {
  check(Array.isArray(json) && json.length <= tableInputsMax, 'malformed', 'in is a short list of names')
  const names = json as readonly Json[]
  check(new Set(names).size === names.length, 'malformed', 'a table names an input twice')
  return Object.fromEntries(
    names.map(name => {
      const known = typeof name === 'string' && namePattern.test(name) && Object.hasOwn(declared, name)
      check(known, 'malformed', 'a table names an input that is not declared', { actual: name })
      return [name, declared[name]!]
    }),
  )
}

function readSet(json: Json, inputs: Table['inputs'], environment: GuardEnvironment): TableSet {
  check(isObject(json), 'malformed', 'a set of rows is an object')
  checkMembers(json, ['from', 'rows', 'otherwise'])
  const from = textMember(json, 'from')
  check(dayPattern.test(from), 'malformed', 'a set of rows is in force from a day, 2026-01-31', { actual: from })
  check(Array.isArray(json.rows), 'malformed', 'rows is a list')
  check(json.rows.length <= tableRowsMax, 'oversized', 'a set has too many rows: split it by an input')
  const rows = (json.rows as readonly Json[]).map((each, i) => {
    try {
      return readRow(each, inputs, environment)
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error
      throw new VerifyError(error.code, `row ${i + 1} of ${from}: ${error.message}`)
    }
  })
  const otherwise = json.otherwise === undefined ? undefined : readInt(json.otherwise)
  return { from, fromSeconds: parseTime(`${from}T00:00:00Z`).seconds, rows, otherwise }
}

function readRow(json: Json, inputs: Table['inputs'], environment: GuardEnvironment): TableRow {
  check(isObject(json), 'malformed', 'a row is an object')
  checkMembers(json, ['when', 'if', 'gives'])
  const keys = json.when ?? {}
  check(isObject(keys), 'malformed', 'when is an object')
  const when = Object.entries(keys).map(([input, value]) => {
    check(Object.hasOwn(inputs, input), 'malformed', 'when names no input of this table', { actual: input })
    return { input, value: readKey(value, inputs[input]!, input) }
  })
  const condition = json.if === undefined ? undefined : checkGuard(parseGuard(textMember(json, 'if')), environment)
  return { when, if: condition, gives: readInt(json.gives) }
}

function readInt(json: Json | undefined): bigint {
  check(typeof json === 'number' && Number.isSafeInteger(json), 'malformed', 'a table gives whole numbers')
  return BigInt(json)
}

function readKey(json: Json, input: TableInput, name: string): bigint | boolean | string {
  const value = input.kind === 'int' ? readInt(json) : json
  const typed = typeof value === 'bigint' || typeof value === (input.kind === 'bool' ? 'boolean' : 'string')
  check(typed && isInput(value as GuardValue, input), 'malformed', `${name} can never be this`, { actual: value })
  return value as bigint | boolean | string
}

function inputsCost(inputs: Table['inputs']): number {
  return Object.values(inputs).reduce((sum, input) => sum + typeCost(guardType(input)), 1)
}

function setCost(set: TableSet): number {
  return set.rows.reduce((sum, row) => {
    const keys = row.when.reduce((most, { value }) => most + keyCost(value), 1)
    return sum + keys + (row.if?.cost ?? 0)
  }, 1)
}

function keyCost(value: bigint | boolean | string): number {
  return typeof value === 'string' ? typeCost({ kind: 'string', lengthMax: textLength(value)! }) : 1
}
