// `muniment issue`: an existing register becomes records, and `--undo` takes them back.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import {
  Algorithm,
  type Client,
  createClient,
  decodeService,
  encodeCanonicalJson,
  formatBase64Url,
  formatHex,
  type JsonObject,
  loadCrypto,
  parseBase64Url,
  parseNetwork,
  parseTrustRoot,
  type Service,
  type Signer,
  VerifyError,
} from '@muniment/sdk'
import { readServiceFile } from '../catalogue.ts'
import { HomeError, systemError } from '../home-error.ts'
import { beginJournal, checkHead, type Journal, type JournalHead, openJournal } from '../issue/journal.ts'
import { type Office, openOffice } from '../issue/office.ts'
import { writeOutput } from '../issue/output.ts'
import { type Register, RegisterError, readRegister } from '../issue/register.ts'
import { findHandedIn, issueRows, type OnProgress, undoRows } from '../issue/run.ts'
import { registerBytesMax } from '../limits.ts'
import { loadNoteKey } from '../note-key.ts'
import { addresses, needed, type OptionValues, options, UsageError } from './arguments.ts'
import { readJsonFile } from './files.ts'

export const issueUsage = `  key    --key FILE
         makes a key where there is none, and prints its public half, for a mandate
  issue  --from register.csv --service FILE --key FILE... --out DIR [--node URL]... [--root trust-root.json]
         [--network network.json] [--map COLUMN=FIELD]... [--optional FIELD]... [--office NAME] [--transition NAME]
         [--mandate ID]... [--verify-page URL] [--language en] [--no-papers] [--dry-run | --resume]
         issues a record for each row, each proven; links, papers and a table of results come into DIR
  issue  --undo DIR --service FILE --key FILE... [--reason entered-in-error] [--node URL]... [--root …] [--network …]
         revokes all that was issued into DIR; nothing is deleted
         exits with 0: all is proven · 1: not all is; the sentence says what to do · 2: the register has mistakes
`

const types = {
  from: { type: 'string' },
  undo: { type: 'string' },
  service: { type: 'string' },
  key: { type: 'string', multiple: true },
  mandate: { type: 'string', multiple: true },
  out: { type: 'string' },
  node: { type: 'string', multiple: true },
  root: { type: 'string', default: 'trust-root.json' },
  network: { type: 'string', default: 'network.json' },
  map: { type: 'string', multiple: true },
  optional: { type: 'string', multiple: true },
  office: { type: 'string' },
  transition: { type: 'string' },
  'verify-page': { type: 'string' },
  language: { type: 'string', default: 'en' },
  reason: { type: 'string', default: 'entered-in-error' },
  'no-papers': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
} as const

/** Answers the exit code. Throws UsageError. */
export async function issue(args: readonly string[]): Promise<number> {
  const values = options(args, types)
  if ((values.from === undefined) === (values.undo === undefined)) throw new UsageError('Either --from or --undo.')
  const progress = createProgress()
  try {
    return values.undo === undefined ? await enter(values, progress) : await undo(values, progress)
  } catch (error) {
    progress.clear()
    if (error instanceof RegisterError) {
      console.error(`${error.message}\nNothing was issued.`)
      return 2
    }
    if (error instanceof HomeError) console.error(error.message)
    else if (error instanceof VerifyError) console.error(`${sentenceOf(error)}.`)
    else throw error
    if (values.out !== undefined || values.undo !== undefined)
      console.error('What is proven stays proven: the same command goes on, with --resume where it issues.')
    return 1
  }
}

/** Makes a key where there is none, and prints its public half. */
export async function keyCommand(args: readonly string[]): Promise<number> {
  const { publicKey } = await loadNoteKey(needed(options(args, { key: { type: 'string' } }), 'key'))
  console.log(formatBase64Url(publicKey))
  return 0
}

async function enter(values: OptionValues, progress: Progress): Promise<number> {
  const out = values['dry-run'] === true ? '' : needed(values, 'out')
  const page = pageOf(values['verify-page'])
  const { file, service } = readService(needed(values, 'service'))
  const bytes = readBytes(needed(values, 'from'))
  const register = readRegister(bytes, { service, map: mapOf(values.map), optional: texts(values.optional) })
  return withOffice(values, { serviceFile: file, operation: 'records.issue' }, async office => {
    if (values['dry-run'] === true) {
      console.log(
        `${register.rows.length} rows can be issued by ${office.name} as ${service.id}, ${office.type}. Nothing was.`,
      )
      return 0
    }
    const journal = openRun(out, headOf(office, bytes), values.resume === true)
    try {
      await issueRows(office, register.rows, { journal, onProgress: progress.of('proven') })
      const papers = values['no-papers'] !== true
      const given = { folder: out, journal, page, language: String(values.language), papers }
      await writeOutput(office, register, { ...given, onProgress: progress.of('written') })
      progress.clear()
      console.log(summary(register, out))
      return 0
    } finally {
      journal.close()
    }
  })
}

async function undo(values: OptionValues, progress: Progress): Promise<number> {
  const folder = needed(values, 'undo')
  const { file, service } = readService(needed(values, 'service'))
  const journal = openJournal(folder)
  try {
    if (journal.head.service !== service.id) throw new UsageError(`In ${folder} is a run of ${journal.head.service}.`)
    const step = { serviceFile: file, operation: 'records.revoke' as const }
    return await withOffice({ ...values, office: journal.head.office }, step, async office => {
      checkHead(journal, { ...headOf(office, new Uint8Array(0)), register: journal.head.register })
      const missing = await findHandedIn(office, journal)
      await undoRows(office, String(values.reason), { journal, onProgress: progress.of('taken back') })
      progress.clear()
      console.log(`${journal.undone.size} records are revoked, and proven to be.`)
      if (missing.length > 0)
        console.log(`Rows ${missing.join(', ')} were handed in and are not in the ledger: look again later.`)
      return missing.length > 0 ? 1 : 0
    })
  } finally {
    journal.close()
  }
}

function openRun(folder: string, head: JournalHead, resume: boolean): Journal {
  if (!resume) return beginJournal(folder, head)
  const journal = openJournal(folder)
  try {
    checkHead(journal, head)
    if (journal.undone.size > 0) throw new UsageError(`The run in ${folder} was taken back: begin a new one.`)
    return journal
  } catch (error) {
    journal.close()
    throw error
  }
}

function headOf({ client, service, name }: Office, register: Uint8Array): JournalHead {
  const { chainId, genesisHash } = client.root
  return {
    format: 'muniment/issue/1',
    chainId,
    genesisHash: formatHex(genesisHash),
    service: service.id,
    office: name,
    register: createHash('sha256').update(register).digest('hex'),
  }
}

function summary(register: Register, out: string): string {
  return `${register.rows.length} records are issued and proven. ${out} holds results.csv and a file for each; keep its journal, which --undo needs.`
}

type Step = Pick<Parameters<typeof openOffice>[1], 'serviceFile' | 'operation'>

/** Opens what the options name, and closes it again. */
async function withOffice(values: OptionValues, step: Step, run: (office: Office) => Promise<number>): Promise<number> {
  const root = readJsonFile(needed(values, 'root'), parseTrustRoot)
  const network = readJsonFile(needed(values, 'network'), parseNetwork)
  const nodes = addresses(values.node)
  const signers = await Promise.all(texts(values.key).map(loadSigner))
  if (signers.length === 0) throw new UsageError('--key is missing.')
  const crypto = await loadCrypto()
  const rpc = nodes.length > 0 ? nodes : network.rpc
  let client: Client | undefined
  try {
    client = await createClient({ root, network: { ...network, rpc }, crypto })
    const { office, transition } = values as { readonly office?: string; readonly transition?: string }
    const mandates = texts(values.mandate).map(mandateOf)
    return await run(await openOffice(client, { ...step, office, transition, signers, mandates }))
  } finally {
    await client?.close()
    crypto.close()
  }
}

async function loadSigner(path: string): Promise<Signer> {
  if (!existsSync(path)) throw new UsageError(`There is no key at ${path}; muniment key --key ${path} makes one.`)
  const { publicKey, sign } = await loadNoteKey(path)
  return { key: { algorithm: Algorithm.ed25519, bytes: publicKey }, sign: async message => sign(message) }
}

function readService(path: string): { readonly file: JsonObject; readonly service: Service } {
  const file = readServiceFile(path)
  return { file, service: decodeService(encodeCanonicalJson(file)) }
}

function readBytes(path: string): Uint8Array {
  try {
    if (statSync(path).size > registerBytesMax) throw new UsageError(`The file ${path} is too long: issue it in parts.`)
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') throw new UsageError(`There is no file ${path}.`)
    throw error instanceof UsageError ? error : (systemError(error, path) ?? error)
  }
}

/** `COLUMN=FIELD`; a column's name may hold the sign too. */
function mapOf(values: unknown): Readonly<Record<string, string>> {
  const entries = texts(values).map(text => {
    const at = text.lastIndexOf('=')
    if (at < 1) throw new UsageError(`${text} maps nothing: write --map COLUMN=FIELD.`)
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return Object.fromEntries(entries)
}

function mandateOf(text: string): Uint8Array {
  try {
    const bytes = parseBase64Url(text)
    if (bytes.length === 32) return bytes
  } catch {
    // Said below.
  }
  throw new UsageError(`${text} is no mandate's id.`)
}

function pageOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  // As a QR code's link asks for it: what can't be printed is said before anything is issued.
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url?.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1)$/.test(url.hostname)
  const isPage = url && (url.protocol === 'https:' || isHere) && url.href === url.origin + url.pathname
  if (!isPage) throw new UsageError(`${text} is no page for everybody: write https://www.example.gov/check.`)
  return url.href
}

function texts(values: unknown): readonly string[] {
  return (values as readonly string[] | undefined) ?? []
}

function sentenceOf({ code, message }: VerifyError): string {
  if (code === 'unavailable') return `The network does not answer as it should: ${message}`
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`
}

type Progress = { readonly of: (what: string) => OnProgress; readonly clear: () => void }

/** A terminal sees every step on one line; a log file one line in ten seconds. */
function createProgress(): Progress {
  const isTerminal = process.stderr.isTTY === true
  let told = Date.now()
  return {
    of: what => (done, total) => {
      if (isTerminal) process.stderr.write(`\r\x1b[K${done} of ${total} ${what}`)
      else if (Date.now() - told > 10_000) {
        told = Date.now()
        process.stderr.write(`${done} of ${total} ${what}\n`)
      }
    },
    clear: () => {
      if (isTerminal) process.stderr.write('\r\x1b[K')
    },
  }
}
