// `muniment witness`: one organisation's own eye on a ledger. Key, memory, light client, evidence and server are joined here.

import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Crypto,
  check,
  formatBase64,
  formatHex,
  formatNoteKey,
  historyOrigin,
  type NoteKey,
  NoteKeyType,
  parseNoteKey,
  type SignedCheckpoint,
  type TrustRoot,
  timeFromMilliseconds,
  VerifyError,
} from '@muniment/sdk'
import { HomeError, systemError } from '../home-error.ts'
import { askRpc } from '../http.ts'
import { plainAnswerBytesMax, witnessTimeoutMs } from '../limits.ts'
import { loadNoteKey } from '../note-key.ts'
import { type Database, openDatabase } from '../storage/database.ts'
import { type Cosigner, createCosigner } from './cosigner.ts'
import { type EvidenceFolder, openEvidenceFolder } from './evidence.ts'
import { createFollower } from './follower.ts'
import { startWitnessServer } from './server.ts'
import { openWitnessHome, readLogKey, readWitnessState, writeLogKey } from './state.ts'

export type WitnessOptions = {
  readonly home: string
  readonly root: TrustRoot
  /** Addresses of nodes' RPC, from which blocks are verified; one at least. */
  readonly nodes: readonly string[]
  /** Where trust begins on a chain that is older than the trusting period. */
  readonly checkpoint?: SignedCheckpoint | undefined
  /** Keys of the log. Where none is given, the first that a node tells is kept for ever. */
  readonly logKeys?: readonly NoteKey[] | undefined
  /** Of the key, in the lines of its cosignatures. */
  readonly name?: string | undefined
  readonly host: string
  readonly port: number
  readonly crypto: Crypto
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly onWarning: (sentence: string) => void
  /** Told when the witness must stop by itself. */
  readonly onFailure: (error: unknown) => void
  /** Told after each batch that was synced to the disk. */
  readonly onSync?: (batches: number) => void
}

export type RunningWitness = {
  readonly url: string
  /** The key as other tools take it: `NAME+HEX8+BASE64`. */
  readonly verifierKey: string
  /** Ed25519, 32 bytes: the one for a trust root. */
  readonly publicKey: Uint8Array
  readonly stop: () => Promise<void>
}

/** Throws HomeError, one sentence for the operator. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const opened: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    const { home, root, crypto } = options
    await mkdir(home, { recursive: true, mode: 0o700 })
    const origin = historyOrigin(root)
    const keyFile = join(home, 'witness_key.json')
    const database = await openDatabase(join(home, 'store'), options.onSync ? { onSync: options.onSync } : {})
    opened.push(() => database.close())
    await openWitnessHome(database, { origin, hasKey: existsSync(keyFile) })
    const signer = await loadNoteKey(keyFile)
    const key: NoteKey = {
      name: options.name ?? `muniment/witness/${formatHex(signer.publicKey).slice(0, 16)}`,
      type: NoteKeyType.cosignature,
      key: signer.publicKey,
    }
    const evidence = await openEvidenceFolder(join(home, 'evidence'))
    const clock = options.now ?? Date.now
    const now = (): ReturnType<typeof timeFromMilliseconds> => timeFromMilliseconds(clock())
    const last = readWitnessState(database)
    const { nodes, checkpoint, onWarning, onFailure } = options
    const follower = createFollower(nodes, { root, last, checkpoint, crypto, now })
    const logKeys = logKeysOf(options, { origin, database })
    const parts = { origin, key, signer, database, follower, logKeys, evidence, crypto, now: clock, onWarning }
    const cosigner = createCosigner(parts)
    opened.push(() => cosigner.idle())
    const status = (): object => statusOf({ options, origin, key, database, evidence, cosigner })
    const server = await startWitnessServer({ cosigner, status, host: options.host, port: options.port, onFailure })
    opened.push(() => server.close())
    return { url: server.url, verifierKey: formatNoteKey(key, crypto), publicKey: signer.publicKey, stop }
  } catch (error) {
    await stop().catch(() => {})
    throw systemError(error, options.home) ?? error
  }
}

/** Those of the options, else the one that a node told first: it says who may speak for the log, and what it says is checked. */
function logKeysOf(
  { logKeys: given, nodes, crypto }: WitnessOptions,
  { origin, database }: { readonly origin: string; readonly database: Database },
): (signal: AbortSignal) => Promise<readonly NoteKey[]> {
  return async signal => {
    if (given !== undefined && given.length > 0) return given
    const kept = readLogKey(database)
    if (kept !== undefined) return [parseNoteKey(kept, crypto)]
    for (const url of nodes) {
      try {
        const question = { bytesMax: plainAnswerBytesMax, timeoutMs: witnessTimeoutMs, signal }
        const { key } = await askRpc(url, 'history_log', question)
        const logKey = parseNoteKey(String(key), crypto)
        check(logKey.name === origin, 'wrong-chain', 'the node keeps the log of another chain')
        check(logKey.type === NoteKeyType.ed25519, 'format-unknown', 'a key of another kind')
        await writeLogKey(database, String(key))
        return [logKey]
      } catch (error) {
        if (error instanceof HomeError || !(error instanceof VerifyError || signal.aborted)) throw error
      }
    }
    return []
  }
}

type Shown = {
  readonly options: WitnessOptions
  readonly origin: string
  readonly key: NoteKey
  readonly database: Database
  readonly evidence: EvidenceFolder
  readonly cosigner: Cosigner
}

function statusOf({ options, origin, key, database, evidence, cosigner }: Shown): object {
  const last = readWitnessState(database)
  return {
    origin,
    chainId: options.root.chainId,
    key: formatNoteKey(key, options.crypto),
    size: String(last?.size ?? 0n),
    root: last ? formatBase64(last.root) : null,
    height: last ? String(last.height) : null,
    blockHash: last ? formatHex(last.hash) : null,
    ...cosigner.status(),
    evidence: evidence.names(),
  }
}
