// An existing register, as a table of comma-separated values (RFC 4180, UTF-8), against the fields of a service. Either all of it can
// be issued, or every mistake is told with its row and column, and nothing is.

import {
  compareTime,
  decodeUtf8,
  formatTime,
  type JsonObject,
  parseJson,
  parseTime,
  type Service,
  sdJwt,
  VerifyError,
} from '@muniment/sdk'
import { type CsvError, parse } from 'csv-parse/sync'
import {
  registerCellLengthMax,
  registerColumnsMax,
  registerErrorsToldMax,
  registerRowLengthMax,
  registerRowsMax,
} from '../limits.ts'

/** From when and until when a record holds: arguments of the ledger, which anyone can see, and no fields. */
const times = ['@validFrom', '@validUntil'] as const
/** The holder's public key, to which the document is bound: a JWK (RFC 7517). */
const holderTarget = '@holder'

export type RegisterRow = {
  /** As a spreadsheet counts: the names of the columns are row 1. */
  readonly row: number
  readonly cells: readonly string[]
  readonly fields: Readonly<Record<string, string>>
  /** RFC 3339, UTC. */
  readonly validFrom?: string
  readonly validUntil?: string
  /** A public JWK, of nothing but the key. */
  readonly holder?: JsonObject
}

export type Register = { readonly columns: readonly string[]; readonly rows: readonly RegisterRow[] }

export type RegisterOptions = {
  readonly service: Service
  /** Column to field, `@validFrom`, `@validUntil`, `@holder`, or '' for a column that is left out. */
  readonly map: Readonly<Record<string, string>>
  /** Fields whose cells may be empty; they are then not in the document. */
  readonly optional: readonly string[]
}

/** The message has a line for each mistake. */
export class RegisterError extends Error {
  override readonly name = 'RegisterError'
}

/** Throws RegisterError. */
export function readRegister(bytes: Uint8Array, options: RegisterOptions): Register {
  const [columns = [], ...records] = parseCsv(bytes)
  const targets = targetsOf(columns, options)
  const errors: string[] = []
  const seen = new Map<string, number>()
  const rows: RegisterRow[] = []
  records.forEach((cells, index) => {
    // A row of nothing, such as the last line of many files.
    if (cells.length === 1 && cells[0] === '') return
    const row = index + 2
    const problems = [...problemsOf(cells, { columns, targets, optional: options.optional })]
    const text = JSON.stringify(cells)
    const twin = seen.get(text)
    if (twin !== undefined) problems.push(`the same as row ${twin}`)
    seen.set(text, row)
    errors.push(...problems.map(problem => `row ${row}: ${problem}`))
    if (problems.length === 0) rows.push(rowOf(row, cells, targets))
  })
  if (rows.length === 0 && errors.length === 0) errors.push('the file has no rows')
  if (errors.length > 0) throw new RegisterError(tell(errors))
  return { columns, rows }
}

function tell(errors: readonly string[]): string {
  const told = errors.slice(0, registerErrorsToldMax)
  const more = errors.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}

function parseCsv(bytes: Uint8Array): readonly (readonly string[])[] {
  try {
    const text = decodeUtf8(bytes)
    const records = parse(text, {
      bom: true,
      // One file may have several, where parts of it came from several programs.
      record_delimiter: ['\r\n', '\n', '\r'],
      // Rows of another length are told by us, with all others that are amiss.
      relax_column_count: true,
      max_record_size: registerRowLengthMax * 4,
      to: registerRowsMax + 2,
    }) as string[][]
    if (records.length > registerRowsMax + 1)
      throw new RegisterError(`more than ${registerRowsMax} rows: issue it in parts`)
    return records
  } catch (error) {
    if (error instanceof VerifyError) throw new RegisterError('the file is not UTF-8: save it as CSV UTF-8')
    const { code, lines } = error as CsvError & { readonly lines?: number }
    if (code === undefined) throw error
    throw new RegisterError(`line ${lines ?? '?'}: ${csvSentences[code] ?? 'not a table of comma-separated values'}`)
  }
}

const csvSentences: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark is opened and not closed before the end of the file',
  CSV_INVALID_CLOSING_QUOTE: 'something stands between a closing quotation mark and the next comma',
  INVALID_OPENING_QUOTE: 'a quotation mark stands within a cell that does not begin with one',
  CSV_MAX_RECORD_SIZE: 'a row is too long, or a quotation mark is not closed',
}

/** What each column becomes. Throws RegisterError. */
function targetsOf(columns: readonly string[], { service, map }: RegisterOptions): readonly string[] {
  const names = service.fields.map(({ name }) => name)
  const known = [...names, ...times, holderTarget, '']
  const errors: string[] = []
  if (columns.length > registerColumnsMax) throw new RegisterError('row 1: too many columns')
  if (columns.length === 1 && columns[0]!.includes(';'))
    throw new RegisterError('row 1: the columns are separated by semicolons; save the file with commas')
  for (const [column, target] of Object.entries(map)) {
    if (!columns.includes(column)) errors.push(`--map ${column}=${target}: the file has no such column`)
    if (!known.includes(target)) errors.push(`--map ${column}=${target}: ${service.id} has no such field`)
  }
  const targets = columns.map(column => (Object.hasOwn(map, column) ? map[column]! : fieldNamed(column, service)))
  targets.forEach((target, index) => {
    const column = columns[index]!
    if (columns.indexOf(column) !== index) errors.push(`row 1: two columns are named “${column}”`)
    else if (target === undefined)
      errors.push(
        `row 1: ${service.id} has no field “${column}”: name one by --map "${column}=FIELD", or leave it out by --map "${column}="`,
      )
    else if (target !== '' && targets.indexOf(target) !== index) errors.push(`row 1: two columns become ${target}`)
  })
  for (const name of names) if (!targets.includes(name)) errors.push(`row 1: no column becomes the field ${name}`)
  if (errors.length > 0) throw new RegisterError(tell(errors))
  return targets as readonly string[]
}

/** By its name, or by what people read above it in any language. */
function fieldNamed(column: string, { fields }: Service): string | undefined {
  const wanted = column.trim().toLowerCase()
  return fields.find(
    ({ name, label }) =>
      name.toLowerCase() === wanted || Object.values(label).some(text => text.toLowerCase() === wanted),
  )?.name
}

/** Control characters, and those that turn the direction of what stands around them (Unicode, UAX 9, 2). */
const unseenPattern = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

type Table = {
  readonly columns: readonly string[]
  readonly targets: readonly string[]
  readonly optional: readonly string[]
}

function* problemsOf(cells: readonly string[], { columns, targets, optional }: Table): Generator<string> {
  if (cells.length !== columns.length) {
    yield `${cells.length} cells, where row 1 has ${columns.length}`
    return
  }
  const length = cells.reduce((sum, cell) => sum + cell.length, 0)
  if (length > registerRowLengthMax) yield `longer than ${registerRowLengthMax} characters`
  for (const [index, cell] of cells.entries()) {
    const target = targets[index]!
    if (target === '') continue
    const problem = problemOf(cell, target, optional)
    if (problem !== undefined) yield `column ${columns[index]}: ${problem}`
  }
  const [from, until] = times.map(time => timeOf(cells[targets.indexOf(time)] ?? ''))
  if (from !== undefined && until !== undefined && compareTime(parseTime(from), parseTime(until)) >= 0)
    yield 'it ends before it begins'
}

function problemOf(cell: string, target: string, optional: readonly string[]): string | undefined {
  const isTime = times.some(time => time === target)
  if (cell.trim() === '') {
    return target.startsWith('@') || optional.includes(target)
      ? undefined
      : `empty; where that is right, say --optional ${target}`
  }
  if (isTime && timeOf(cell) === undefined) return 'not a day (2026-01-31) or a time (2026-01-31T00:00:00Z)'
  if (target === holderTarget && holderOf(cell) === undefined)
    return 'not the public key of a holder: a JWK of Ed25519 or P-256, such as {"kty":"OKP","crv":"Ed25519","x":"…"}'
  if (cell.length > registerCellLengthMax) return `longer than ${registerCellLengthMax} characters`
  return unseenPattern.test(cell) ? 'a line break, or a character that nobody sees' : undefined
}

function timeOf(cell: string): string | undefined {
  try {
    return formatTime(parseTime(/^\d{4}-\d\d-\d\d$/.test(cell) ? `${cell}T00:00:00Z` : cell))
  } catch {
    return undefined
  }
}

/** What else stands in it is left out; a private key is refused, and never told. */
function holderOf(cell: string): JsonObject | undefined {
  try {
    const json = parseJson(cell)
    sdJwt.parseJwk(json)
    const { kty, crv, x, y } = json as JsonObject
    return { kty: kty!, crv: crv!, x: x!, ...(y === undefined ? {} : { y }) }
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

function rowOf(row: number, cells: readonly string[], targets: readonly string[]): RegisterRow {
  const given = cells
    .map((cell, index): [string, string] => [targets[index]!, cell])
    .filter(([target, cell]) => target !== '' && cell.trim() !== '')
  const fields = Object.fromEntries(given.filter(([target]) => !target.startsWith('@')))
  const bounds = given
    .filter(([target]) => target.startsWith('@'))
    .map(([target, cell]) => [target.slice(1), target === holderTarget ? holderOf(cell) : timeOf(cell)])
  return { row, cells, fields, ...Object.fromEntries(bounds) }
}
