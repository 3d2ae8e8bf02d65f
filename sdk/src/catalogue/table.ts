// Dated decision tables: fees, rates and limits, by inputs that are public. Rows are chosen by equal keys and by guards on the
// inputs, as DMN 1.5, 8.2.8 has it by its hit policies UNIQUE and FIRST; the sets of rows follow each other by date, as OpenFisca's
// parameters do.

import type { CheckedGuard } from './guard/check.ts'
import type { GuardFunction } from './guard/environment.ts'
import { evaluateGuard } from './guard/evaluate.ts'
import { factCost, type GuardType } from './guard/types.ts'
import type { GuardErrorCode, GuardTimestamp, GuardValue } from './guard/value.ts'

/** What a row may ask about, as the service file declares the field. */
export type TableInput =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly min?: bigint; readonly max?: bigint }
  /** With `values` it is one of these codes, and no other. */
  | { readonly kind: 'string'; readonly lengthMax: number; readonly values?: readonly string[] }

export type TableRow = {
  /** What an input must be, where it matters. */
  readonly when: readonly { readonly input: string; readonly value: bigint | boolean | string }[]
  readonly if: CheckedGuard | undefined
  readonly gives: bigint
}

/** In force from the start of a day, UTC, until the next set. */
export type TableSet = {
  readonly from: string
  readonly fromSeconds: bigint
  readonly rows: readonly TableRow[]
  /** For what no row is meant; without it, rows are meant for everything. */
  readonly otherwise: bigint | undefined
}

export type Table = {
  readonly inputs: Readonly<Record<string, TableInput>>
  readonly hit: 'UNIQUE' | 'FIRST'
  readonly sets: readonly TableSet[]
  /** What one question costs, in the units of guards. */
  readonly cost: number
}

/** `date`: before the first set. `fact`: an input that is missing, or not as declared. Others are those of a row's guard. */
export type TableResult = { readonly value: bigint } | { readonly error: GuardErrorCode | 'date' }

export function guardType(input: TableInput): GuardType {
  return input.kind === 'string' ? { kind: 'string', lengthMax: input.lengthMax } : { kind: input.kind }
}

/** Whether an input can be so, by its declaration. */
export function isInput(value: GuardValue, input: TableInput): boolean {
  if (factCost(value, guardType(input)) === undefined) return false
  if (input.kind === 'string') return input.values === undefined || input.values.includes(value as string)
  if (input.kind === 'bool') return true
  return (input.min ?? value) <= value && value <= (input.max ?? value)
}

/** Whether a row is meant for a case; undefined and the reason when its guard has no answer. */
export function isMeant(row: TableRow, variables: ReadonlyMap<string, GuardValue>): boolean | GuardErrorCode {
  if (!row.when.every(({ input, value }) => variables.get(input) === value)) return false
  if (row.if === undefined) return true
  const result = evaluateGuard(row.if, { variables })
  return 'error' in result ? result.error : result.value === true
}

/** What the table has for a case at a time. A row whose guard has no answer ends it: the next one is not tried instead. */
export function evaluateTable(
  table: Table,
  at: GuardTimestamp,
  variables: ReadonlyMap<string, GuardValue>,
): TableResult {
  for (const [name, input] of Object.entries(table.inputs)) {
    const value = variables.get(name)
    if (value === undefined || !isInput(value, input)) return { error: 'fact' }
  }
  const set = table.sets.findLast(({ fromSeconds }) => fromSeconds <= at.seconds)
  if (set === undefined) return { error: 'date' }
  for (const row of set.rows) {
    const meant = isMeant(row, variables)
    if (typeof meant === 'string') return { error: meant }
    if (meant) return { value: row.gives }
  }
  return set.otherwise === undefined ? { error: 'missing' } : { value: set.otherwise }
}

/** A table as guards call it, its inputs in their order. */
export function tableFunction(table: Table): GuardFunction {
  return { parameters: Object.values(table.inputs).map(guardType), result: { kind: 'int' }, cost: table.cost }
}
