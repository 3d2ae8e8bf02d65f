// A witness without its server: one checkpoint after another is judged, its block verified, the tree put on the disk, and only
// then signed (security rule 2).

import {
  type Crypto,
  cosignature,
  cosignatureSignBytes,
  formatBase64,
  formatCheckpointNote,
  formatNoteSignatures,
  formatTime,
  type Header,
  headerHash,
  type NoteKey,
  timeFromMilliseconds,
  VerifyError,
} from '@muniment/sdk'
import { witnessTimeoutMs, witnessWaitingMax } from '../limits.ts'
import type { NoteSigner } from '../note-key.ts'
import type { Database } from '../storage/database.ts'
import type { EvidenceFolder, EvidenceKind } from './evidence.ts'
import type { Follower } from './follower.ts'
import { checkHeadTime, judgeCheckpoint, type Refusal, refused } from './judge.ts'
import { type AddCheckpoint, parseAddCheckpoint, sizeContentType } from './request.ts'
import { readWitnessState, writeWitnessState } from './state.ts'

export type CosignerOptions = {
  readonly origin: string
  /** Of kind `cosignature`. */
  readonly key: NoteKey
  readonly signer: NoteSigner
  readonly database: Database
  readonly follower: Follower
  /** Keys of the log; empty where nobody has told one yet. */
  readonly logKeys: (signal: AbortSignal) => Promise<readonly NoteKey[]>
  readonly evidence: EvidenceFolder
  readonly crypto: Crypto
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** One sentence for the operator. */
  readonly onWarning: (sentence: string) => void
}

export type CosignerAnswer = { readonly status: number; readonly type: string; readonly text: string }

type CosignerStatus = {
  /** Since the start. */
  readonly cosigned: number
  readonly refused: number
  readonly lastRefusal: { readonly status: number; readonly text: string; readonly time: string } | undefined
}

export type Cosigner = {
  /** The body of `add-checkpoint`, and what is answered to it. Rejects with HomeError when nothing can be written any more. */
  readonly add: (body: Uint8Array) => Promise<CosignerAnswer>
  readonly status: () => CosignerStatus
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>
}

export function createCosigner(options: CosignerOptions): Cosigner {
  let [waiting, cosigned, refusals] = [0, 0, 0]
  let lastRefusal: CosignerStatus['lastRefusal']
  let last: Promise<unknown> = Promise.resolve()

  function answerRefusal({ status, text }: Refusal): CosignerAnswer {
    refusals += 1
    lastRefusal = { status, text, time: formatTime(timeFromMilliseconds(options.now())) }
    return { status, type: status === 409 ? sizeContentType : 'text/plain; charset=utf-8', text: `${text}\n` }
  }

  /** What was judged must still be so when it is written: one at a time. */
  async function inTurn(request: AddCheckpoint): Promise<CosignerAnswer> {
    if (waiting >= witnessWaitingMax) return answerRefusal(refused(503, 'too many checkpoints wait'))
    waiting += 1
    const turn = last.then(() => addOne(options, request)).finally(() => (waiting -= 1))
    last = turn.catch(() => undefined)
    const outcome = await turn
    if (typeof outcome !== 'string') return answerRefusal(outcome)
    cosigned += 1
    return { status: 200, type: 'text/plain; charset=utf-8', text: outcome }
  }

  return {
    async add(body) {
      try {
        return await inTurn(parseAddCheckpoint(body))
      } catch (error) {
        if (!(error instanceof VerifyError)) throw error
        return answerRefusal(refused(400, error.message))
      }
    },
    status: () => ({ cosigned, refused: refusals, lastRefusal }),
    idle: async () => void (await last),
  }
}

/** The line of the cosignature, or why there is none. */
async function addOne(options: CosignerOptions, request: AddCheckpoint): Promise<string | Refusal> {
  const { origin, database, follower, crypto } = options
  const { note } = request
  const signal = AbortSignal.timeout(witnessTimeoutMs)
  const last = readWitnessState(database)
  const logKeys = await options.logKeys(signal)
  if (logKeys.length === 0 && note.origin === origin) return refused(503, 'no node has told the key of the log yet')
  const judged = await judgeCheckpoint({ request, last, origin, logKeys }, crypto)
  if (judged.kind === 'refused') {
    if (judged.evidence) await keepContradiction(options, judged.evidence, { request, known: last!.note })
    return judged
  }
  let header: Header
  try {
    header = await follower.confirm(note, signal)
    checkHeadTime(header, timeFromMilliseconds(options.now()))
  } catch (error) {
    return unconfirmed(options, error, signal)
  }
  const { height } = header
  const { size, root } = note
  const hash = headerHash(header, crypto)
  await writeWitnessState(database, { height, hash, size, root, note: formatCheckpointNote(note) })
  return cosign(options, note)
}

function cosign({ key, signer, crypto, now }: CosignerOptions, note: AddCheckpoint['note']): string {
  const time = BigInt(Math.floor(now() / 1_000))
  const signature = signer.sign(cosignatureSignBytes(note, time))
  return formatNoteSignatures([cosignature(key, { time, signature }, crypto)])
}

/** A node that is silent or behind may know more in a moment; whatever else failed will fail again. */
async function unconfirmed(options: CosignerOptions, error: unknown, signal: AbortSignal): Promise<Refusal> {
  if (signal.aborted) return refused(503, 'the nodes took too long to prove the block')
  if (!(error instanceof VerifyError)) throw error
  if (error.code === 'conflicting-headers') await keepHeaders(options)
  const mayPass = ['unavailable', 'limited', 'wrong-height'].includes(error.code)
  return refused(mayPass ? 503 : 403, `the block is not confirmed: ${error.message}`)
}

type Contradiction = { readonly request: AddCheckpoint; readonly known: string }

async function keepContradiction(
  options: CosignerOptions,
  kind: EvidenceKind,
  { request, known }: Contradiction,
): Promise<void> {
  const { oldSize, proof, note } = request
  await keep(options, kind, {
    kind,
    witness: options.key.name,
    known,
    offered: formatCheckpointNote(note),
    oldSize: String(oldSize),
    proof: proof.map(formatBase64),
  })
}

async function keepHeaders(options: CosignerOptions): Promise<void> {
  for (const evidence of await options.follower.evidence()) {
    await keep(options, 'headers', { kind: 'headers', witness: options.key.name, evidence })
  }
}

async function keep(
  { evidence, onWarning }: CosignerOptions,
  kind: EvidenceKind,
  content: Parameters<EvidenceFolder['keep']>[1],
): Promise<void> {
  const name = await evidence.keep(kind, content)
  if (name !== undefined) onWarning(`${sentences[kind]} Both are kept in evidence/${name}.`)
}

const sentences: Readonly<Record<EvidenceKind, string>> = {
  conflict: 'The log has signed two trees of one size.',
  unproven: 'The log has signed a tree that was not shown to continue the one before.',
  headers: 'Two nodes proved two blocks of one height.',
}
