// What `muniment issue` has done, in a file of its own: each document stands there, and on the disk, before it is handed in. So a run that
// is killed goes on with the same documents, and the ledger, which knows each by its commitment, enters none twice.

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../commands/arguments.ts'
import { HomeError, systemError } from '../home-error.ts'
import { journalBytesMax } from '../limits.ts'

/** What a run is about; another register, service or chain needs a folder of its own. */
export type JournalHead = {
  readonly format: 'muniment/issue/1'
  readonly chainId: string
  /** Hexadecimal. */
  readonly genesisHash: string
  readonly service: string
  readonly office: string
  /** SHA-256 of the register's bytes. */
  readonly register: string
}

type MadeDocument = { readonly document: string; readonly seed: string }

type JournalEntry =
  /** `seed`: base64url, 16 bytes; the document's salts are drawn from it. */
  | ({ readonly row: number } & MadeDocument)
  /** Proven to stand in the ledger, at this height at the latest. */
  | { readonly row: number; readonly height: string }
  /** Proven to be taken back. */
  | { readonly row: number; readonly undone: string }

export type Journal = {
  readonly head: JournalHead
  readonly documents: ReadonlyMap<number, MadeDocument>
  readonly heights: ReadonlyMap<number, string>
  readonly undone: ReadonlyMap<number, string>
  /** Returns when it is on the disk. Throws HomeError, such as `disk-full`. */
  readonly add: (entries: readonly JournalEntry[]) => void
  readonly close: () => void
}

/** Begins a folder. Throws UsageError where one stands there, HomeError where it can't be written. */
export function beginJournal(folder: string, head: JournalHead): Journal {
  const file = join(folder, 'journal.jsonl')
  if (existsSync(file)) throw new UsageError(`The folder ${folder} holds a run already: go on with it by --resume.`)
  return guarded(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return locked(folder, () => {
      writeFileSync(file, `${JSON.stringify(head)}\n`, { mode: 0o600, flag: 'wx', flush: true })
      return openEntries(folder, file)
    })
  })
}

/** Goes on. Throws UsageError where nothing stands there, or where another process is at it. */
export function openJournal(folder: string): Journal {
  const file = join(folder, 'journal.jsonl')
  if (!existsSync(file)) throw new UsageError(`The folder ${folder} holds no run of muniment issue.`)
  return guarded(folder, () => locked(folder, () => openEntries(folder, file)))
}

/** The same run again, and no other. Throws UsageError. */
export function checkHead(journal: Journal, head: JournalHead): void {
  for (const name of ['chainId', 'genesisHash', 'service', 'office', 'register'] as const) {
    if (journal.head[name] === head[name]) continue
    const what = name === 'register' ? 'the register has changed' : `${name} is another one`
    throw new UsageError(`This is not the run that was begun in this folder: ${what}.`)
  }
}

function openEntries(folder: string, file: string): Journal {
  if (statSync(file).size > journalBytesMax) throw new HomeError('file-malformed', `The file ${file} is too long.`)
  const text = readFileSync(file, 'utf8')
  // Where the process was killed, or the disk was full, the last line is half a line: it was not handed in yet.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const [first, ...lines] = whole.split('\n').slice(0, -1)
  const head = parseLine(first, file) as unknown as JournalHead
  if (head.format !== 'muniment/issue/1') throw new HomeError('file-malformed', `The file ${file} is no journal.`)
  const documents = new Map<number, MadeDocument>()
  const heights = new Map<number, string>()
  const undone = new Map<number, string>()
  const take = (entry: JournalEntry): void => {
    if ('document' in entry) documents.set(entry.row, entry)
    else if ('height' in entry) heights.set(entry.row, entry.height)
    else undone.set(entry.row, entry.undone)
  }
  for (const line of lines) take(parseLine(line, file))
  const handle = openSync(file, 'r+')
  let length = Buffer.byteLength(whole)
  ftruncateSync(handle, length)
  return {
    head,
    documents,
    heights,
    undone,
    add: entries =>
      guarded(folder, () => {
        const bytes = Buffer.from(entries.map(entry => `${JSON.stringify(entry)}\n`).join(''))
        for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, bytes.length - at, length + at)
        fsyncSync(handle)
        length += bytes.length
        entries.forEach(take)
      }),
    close: () => {
      closeSync(handle)
      rmSync(join(folder, 'lock'), { force: true })
    },
  }
}

function parseLine(line: string | undefined, file: string): JournalEntry {
  try {
    return JSON.parse(line ?? '') as JournalEntry
  } catch (error) {
    throw new HomeError('file-malformed', `The file ${file} is damaged.`, error)
  }
}

/** Two processes at one journal would each make documents for the same rows. */
function locked(folder: string, open: () => Journal): Journal {
  const lock = join(folder, 'lock')
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new UsageError(
      `Another process (${holder}) is at work in ${folder}; if that is not muniment, remove the file lock in it.`,
    )
  }
  rmSync(lock, { force: true })
  writeFileSync(lock, String(process.pid), { flag: 'wx' })
  return open()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}

function guarded<T>(folder: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw systemError(error, folder) ?? error
  }
}
