// The dated tables of a service file: fees, rates and limits, each with the article that says so. Conditions and amounts call one by
// its name, `fee(fields.kind)`.

import { check } from '../errors.ts'
import { isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { factTextLengthMax, tableChecksMax, tablesMax } from '../limits.ts'
import type { Fact } from './procedure.ts'
import { readMap } from './service.ts'
import type { Table, TableInput } from './table.ts'
import { readTable } from './table-read.ts'

export type ServiceTable = {
  readonly table: Table
  /** The article that says so; empty where the file names none. */
  readonly basis: string
}

/** `tables` of a service file, whose inputs are its public fields. Throws VerifyError as readTable does. */
export function readTables(
  json: JsonObject,
  facts: Readonly<Record<string, Fact>>,
): Readonly<Record<string, ServiceTable>> {
  const declared = Object.fromEntries(
    Object.values(facts).flatMap(fact => {
      const input = inputOf(fact)
      return input ? [[fact.name, input] as const] : []
    }),
  )
  check(Object.keys(mapOf(json.tables)).length <= tablesMax, 'oversized', 'too many tables')
  const budget = { left: tableChecksMax }
  return readMap(json, 'tables', value => {
    const { basis, ...table } = value
    return { table: readTable(table, declared, budget), basis: basis === undefined ? '' : textMember(value, 'basis') }
  })
}

function mapOf(value: Json | undefined): JsonObject {
  return isObject(value ?? {}) ? ((value ?? {}) as JsonObject) : {}
}

/** Undefined where a table can't ask for the field: it is private, or a day, or bytes. */
function inputOf({ show, type, codes }: Fact): TableInput | undefined {
  if (show !== 'public') return undefined
  if (type === 'integer') return { kind: 'int', min: 0n }
  if (type === 'code') return { kind: 'string', lengthMax: factTextLengthMax, values: codes }
  return type === 'id' ? { kind: 'string', lengthMax: factTextLengthMax } : undefined
}
