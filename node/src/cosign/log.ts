// The history of the chain as a log in the sense of c2sp.org/tlog-checkpoint: a name, a key, and notes that it signs.

import {
  type CheckpointNote,
  historyOrigin,
  logSignature,
  type NoteBody,
  type NoteKey,
  NoteKeyType,
  noteSignBytes,
} from '@muniment/sdk'
import { nodeHasher } from '../hasher.ts'
import type { NoteSigner } from '../note-key.ts'
import type { Database } from '../storage/database.ts'
import { historyConsistency, historyInclusion, historyRoot } from '../tree/history.ts'

/** Sizes are at most one more than the height of the newest durable block. */
export type HistoryLog = {
  readonly origin: string
  readonly key: NoteKey
  /** Of the first so many leaves, signed by the log alone. */
  readonly note: (size: bigint) => CheckpointNote
  readonly root: (size: bigint) => Uint8Array
  readonly consistency: (oldSize: bigint, size: bigint) => readonly Uint8Array[]
  readonly inclusion: (size: bigint, index: bigint) => readonly Uint8Array[]
}

export type HistoryLogOptions = {
  readonly database: Database
  readonly chain: { readonly chainId: string; readonly genesisHash: Uint8Array }
  readonly signer: NoteSigner
}

export function createHistoryLog({ database, chain, signer }: HistoryLogOptions): HistoryLog {
  const origin = historyOrigin(chain)
  // As the specification asks, the key is called what the log is called.
  const key: NoteKey = { name: origin, type: NoteKeyType.ed25519, key: signer.publicKey }

  function note(size: bigint): CheckpointNote {
    const body: NoteBody = { origin, size, root: historyRoot(database, size), extensions: [] }
    return { ...body, signatures: [logSignature(key, signer.sign(noteSignBytes(body)), nodeHasher)] }
  }

  return {
    origin,
    key,
    note,
    root: size => historyRoot(database, size),
    consistency: (oldSize, size) => historyConsistency(database, oldSize, size),
    inclusion: (size, index) => historyInclusion(database, size, index),
  }
}
