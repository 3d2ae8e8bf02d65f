// The node's side of its witnesses: each new block's head is signed by the log and pushed to all of them at once; the newest
// with its cosignatures is kept, also over a restart. And before anything is signed at a start, they are asked what they know.

import { readFile, rename, writeFile } from 'node:fs/promises'
import {
  type CheckpointNote,
  equals,
  formatCheckpointNote,
  type LightBlock,
  parseCheckpointNote,
  VerifyError,
  type WitnessedHead,
} from '@muniment/sdk'
import { HomeError, systemError } from '../home-error.ts'
import { cosignedNote, createHeads, type Heads } from './heads.ts'
import type { HistoryLog } from './log.ts'
import { createPusher } from './pusher.ts'
import type { WitnessClient } from './witness-client.ts'

export type Cosigning = {
  /** A block became durable: the log has `size` leaves now. */
  readonly published: (size: bigint) => void
  /** See Heads.choose. Undefined where no head has so many cosignatures. */
  readonly witnessedHead: (cosignaturesMin?: number) => WitnessedHead | undefined
  /** The note of that head, or of the newest where none is cosigned; undefined where none was published. */
  readonly note: () => CheckpointNote | undefined
  readonly close: () => Promise<void>
}

export type CosigningOptions = {
  readonly log: HistoryLog
  readonly clients: readonly WitnessClient[]
  readonly lightBlock: (height: bigint) => LightBlock | undefined
  /** Where the newest cosigned note is kept. */
  readonly file: string
  /** Leaves of the log that are there at the start. */
  readonly size: bigint
  readonly onWarning: (sentence: string) => void
  readonly onFailure: (error: unknown) => void
}

/** Throws HomeError where the file can't be read. */
export async function createCosigning(options: CosigningOptions): Promise<Cosigning> {
  const { log, clients, lightBlock, onWarning, onFailure } = options
  const heads = createHeads(() => performance.now())
  // Without witnesses a kept head would only grow old, and no new one needs to be signed before somebody asks.
  if (clients.length > 0) await restore(options, heads)
  const saving = createSaving(options, heads)
  const pushers = clients.map(client =>
    createPusher({
      client,
      onCosigned(cosignedSize, signatures) {
        heads.cosigned(cosignedSize, signatures)
        saving.save()
      },
      onWarning,
      onFailure,
    }),
  )

  function witnessedHead(cosignaturesMin?: number): WitnessedHead | undefined {
    const head = heads.choose(cosignaturesMin)
    const block = head && lightBlock(head.note.size - 1n)
    if (head === undefined || block === undefined) return undefined
    const { size: leaves } = head.note
    const inclusion = log.inclusion(leaves, leaves - 1n)
    return { note: formatCheckpointNote(cosignedNote(head)), block, inclusion }
  }

  return {
    published(leaves) {
      if (clients.length === 0) return
      try {
        const note = log.note(leaves)
        heads.add(note)
        for (const pusher of pushers) pusher.offer(note)
      } catch (error) {
        onFailure(error)
      }
    },
    witnessedHead,
    note() {
      const head = heads.choose() ?? heads.newest()
      return head && cosignedNote(head)
    },
    async close() {
      await Promise.all(pushers.map(pusher => pusher.close()))
      await saving.close()
    },
  }
}

/** What was kept counts only where it is a head of this very log. */
async function restore({ file, log, size }: CosigningOptions, heads: Heads): Promise<void> {
  try {
    const note = parseCheckpointNote(await readFile(file, 'utf8'))
    const isOurs = note.origin === log.origin && note.size <= size && equals(note.root, log.root(note.size))
    if (!isOurs) return
    heads.add(log.note(note.size))
    heads.cosigned(
      note.size,
      note.signatures.filter(({ signature }) => signature.length === 72),
    )
  } catch (error) {
    // Without it the next block is cosigned all the same.
    const isMissing = (error as { code?: unknown }).code === 'ENOENT'
    if (!isMissing && !(error instanceof VerifyError)) throw systemError(error, file) ?? error
  }
}

/** Writes the chosen note to its file, one write at a time. */
function createSaving(
  { file, onFailure }: CosigningOptions,
  heads: Heads,
): { readonly save: () => void; readonly close: () => Promise<void> } {
  let wanted = false
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (wanted) {
      wanted = false
      const head = heads.choose()
      if (head === undefined) return
      await writeFile(`${file}.new`, formatCheckpointNote(cosignedNote(head)), { mode: 0o600 })
      await rename(`${file}.new`, file)
    }
  }

  function save(): void {
    wanted = true
    running ??= run()
      .catch(error => onFailure(systemError(error, file) ?? error))
      .finally(() => {
        running = undefined
        if (wanted) save()
      })
  }

  return { save, close: async () => await running }
}

/**
 * Security rule 14, at a start, before the engine signs anything. A witness that knows more blocks than there are here, or
 * others, stops it: this home was put back from a backup, or another node goes on with the chain. Throws HomeError
 * blocks-lost. A witness that does not answer is a warning.
 */
export async function askWitnesses(
  clients: readonly WitnessClient[],
  given: {
    readonly log: HistoryLog
    /** Leaves of the log that are there; 0 before the genesis. */
    readonly size: bigint
    readonly onWarning: (sentence: string) => void
  },
): Promise<void> {
  const { log, size, onWarning } = given
  await Promise.all(
    clients.map(async client => {
      try {
        const known = await client.known(size > 0n ? log.note(size) : undefined)
        if (known.size > size && known.size > 1n) throw ahead(client.url, known.size - 1n, size)
        const isOther = known.size > 0n && known.root !== undefined && !equals(known.root, log.root(known.size))
        if (isOther) throw other(client.url, known.size - 1n)
      } catch (error) {
        if (!(error instanceof VerifyError)) throw error
        onWarning(`The witness ${client.url} can't be asked what it knows: ${error.message}.`)
      }
    }),
  )
}

function ahead(url: string, height: bigint, size: bigint): HomeError {
  const here = size > 0n ? size - 1n : 0n
  return new HomeError(
    'blocks-lost',
    `The witness ${url} knows block ${height} of this chain and the store ends at ${here}: it lost blocks or is an old backup.`,
  )
}

function other(url: string, height: bigint): HomeError {
  return new HomeError(
    'blocks-lost',
    `The witness ${url} knows another block ${height} of this chain: another node has gone on with it.`,
  )
}
