// What comes out of a run: a table with each row's link, and a file of it and a paper for each.

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatRecordLink, parseBase64Url, parseCredential } from '@muniment/sdk'
import { systemError } from '../home-error.ts'
import type { Journal } from './journal.ts'
import type { Office } from './office.ts'
import type { Paper } from './paper.ts'
import type { Register, RegisterRow } from './register.ts'
import { placeOf } from './run.ts'

export type OutputOptions = {
  readonly folder: string
  readonly journal: Journal
  /** The page that checks links; without it a link is its fragment only. */
  readonly page: string | undefined
  readonly language: string
  readonly papers: boolean
  readonly onProgress: (done: number, total: number) => void
}

/** Writes what is not there yet; results.csv always anew. Throws HomeError. */
export async function writeOutput(office: Office, register: Register, options: OutputOptions): Promise<void> {
  const { folder, journal, papers, onProgress } = options
  try {
    for (const name of ['links', ...(papers ? ['papers'] : [])])
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
    const rows = register.rows.filter(({ row }) => journal.heights.has(row))
    const lines = [[...register.columns, 'link', 'link file', ...(papers ? ['paper'] : [])]]
    let done = 0
    for (const row of rows) {
      const link = linkOf(office, row, options)
      const name = String(row.row).padStart(6, '0')
      put(join(folder, 'links', `${name}.txt`), `${link}\n`)
      const paper = join(folder, 'papers', name)
      if (papers && !existsSync(`${paper}.pdf`)) {
        const { pdf, page } = await paperOf(office, row, options)
        if (page !== undefined) put(`${paper}.html`, page)
        put(`${paper}.pdf`, pdf)
      }
      lines.push([...row.cells, link, `links/${name}.txt`, ...(papers ? [`papers/${name}.pdf`] : [])])
      onProgress(++done, rows.length)
    }
    put(join(folder, 'results.csv'), `\ufeff${lines.map(formatCsvLine).join('')}`)
  } catch (error) {
    throw systemError(error, folder) ?? error
  }
}

function linkOf(office: Office, { row }: RegisterRow, { journal, page }: OutputOptions): string {
  const { document } = journal.documents.get(row)!
  const { key } = placeOf(office, document)
  const height = BigInt(journal.heights.get(row)!)
  const fragment = formatRecordLink({ chainId: office.client.root.chainId, key, height, document })
  return page === undefined ? fragment : `${page}#${fragment}`
}

async function paperOf(office: Office, { row, fields }: RegisterRow, options: OutputOptions): Promise<Paper> {
  const { makePaper } = await import('./paper.ts')
  const { document, seed } = options.journal.documents.get(row)!
  const { crypto } = office.client
  const issuedAt = new Date(parseCredential(document, crypto).issuedAt * 1_000)
  const { page, language } = options
  const { service, names } = office
  const facts = {
    service,
    office: names[language] ?? names.en ?? office.name,
    language,
    fields,
    document,
    issuedAt,
    page,
  }
  return makePaper({ ...facts, seed: parseBase64Url(seed) }, crypto)
}

/** Whole or not at all. */
function put(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.part`
  writeFileSync(temporary, content, { mode: 0o600 })
  renameSync(temporary, path)
}

/** RFC 4180. */
function formatCsvLine(cells: readonly string[]): string {
  return `${cells.map(cell => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}
