// One witness, as the node speaks to it (c2sp.org/tlog-witness): what it knows, and what it cosigns.

import {
  type CheckpointNote,
  check,
  isObject,
  type NoteSignature,
  parseBase64,
  parseJson,
  parseNoteSignatures,
  parseSize,
  textMember,
  VerifyError,
} from '@muniment/sdk'
import { ask, type Question, type Reply } from '../http.ts'
import {
  askWitnessTimeoutMs,
  cosignaturesPerWitnessMax,
  pushRoundsMax,
  pushTimeoutMs,
  witnessAnswerBytesMax,
} from '../limits.ts'
import { formatAddCheckpoint } from '../witness/request.ts'
import type { HistoryLog } from './log.ts'

export type WitnessClient = {
  readonly url: string
  /** What the witness knows of the log. `note` is one of ours, for a witness that only tells it when it is asked to cosign. */
  readonly known: (note: CheckpointNote | undefined) => Promise<KnownLog>
  /** The cosignatures of a head. Throws VerifyError: `refused` where the witness will not cosign it, or why there is no answer. */
  readonly cosign: (note: CheckpointNote, signal: AbortSignal) => Promise<readonly NoteSignature[]>
}

type KnownLog = {
  /** 0 where the witness has cosigned nothing. */
  readonly size: bigint
  /** Undefined where the witness does not tell it. */
  readonly root: Uint8Array | undefined
}

type Answer =
  | { readonly kind: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /** 409: the witness knows another size than it was thought to. */
  | { readonly kind: 'knows'; readonly size: bigint }

type Within = Pick<Question, 'timeoutMs' | 'signal'>

/** `url` is the prefix of the witness's addresses. */
export function createWitnessClient(url: string, log: HistoryLog): WitnessClient {
  const base = url.replace(/\/$/, '')
  let knownSize = 0n

  async function post(note: CheckpointNote, oldSize: bigint, within: Within): Promise<Answer> {
    const proof = oldSize > 0n ? log.consistency(oldSize, note.size) : []
    const body = formatAddCheckpoint({ oldSize, proof, note })
    return parseAnswer(await ask(`${base}/add-checkpoint`, { body, bytesMax: witnessAnswerBytesMax, ...within }))
  }

  async function known(note: CheckpointNote | undefined): Promise<KnownLog> {
    const question = { bytesMax: witnessAnswerBytesMax, timeoutMs: askWitnessTimeoutMs }
    const { status, type, text } = await ask(`${base}/status`, question)
    if (status === 200 && type === 'application/json') return parseStatus(text, log.origin)
    check(note !== undefined, 'unavailable', `it answers ${status} to GET /status`)
    const answer = await post(note, 0n, { timeoutMs: askWitnessTimeoutMs })
    return { size: answer.kind === 'knows' ? answer.size : 0n, root: undefined }
  }

  return {
    url,
    async known(note) {
      const told = await known(note)
      knownSize = told.size
      return told
    },
    async cosign(note, signal) {
      for (let round = 1; round <= pushRoundsMax; round++) {
        check(
          knownSize <= note.size,
          'refused',
          `it knows ${knownSize - 1n} blocks of this chain, more than there are here`,
        )
        const answer = await post(note, knownSize, { timeoutMs: pushTimeoutMs, signal })
        if (answer.kind === 'cosigned') {
          knownSize = note.size
          return answer.signatures
        }
        check(answer.size !== knownSize, 'refused', `it has cosigned another block at height ${knownSize - 1n}`)
        knownSize = answer.size
      }
      throw new VerifyError('refused', 'it names one size after another')
    },
  }
}

function parseAnswer({ status, text }: Reply): Answer {
  if (status === 409) return { kind: 'knows', size: parseSize(text.trim()) }
  const told = `it answers ${status}: ${text.trim().slice(0, 200)}`
  check(status === 200, status >= 500 || status === 429 ? 'unavailable' : 'refused', told)
  const signatures = parseNoteSignatures(text)
  check(signatures.length <= cosignaturesPerWitnessMax, 'oversized', 'it answers too many signatures')
  // A cosignature is its time and 64 bytes of Ed25519. Whose it is, only those can tell who know the witness's key.
  const cosignatures = signatures.filter(({ signature }) => signature.length === 72)
  check(cosignatures.length > 0, 'malformed', 'it answers no cosignature')
  return { kind: 'cosigned', signatures: cosignatures }
}

function parseStatus(text: string, origin: string): KnownLog {
  const told = parseJson(text)
  check(isObject(told), 'malformed', 'its status is no object')
  check(textMember(told, 'origin') === origin, 'wrong-chain', 'it follows another log')
  const size = parseSize(textMember(told, 'size'))
  return { size, root: size > 0n ? parseBase64(textMember(told, 'root')) : undefined }
}
