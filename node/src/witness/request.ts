// The body of `add-checkpoint` (c2sp.org/tlog-witness): the size that the witness is thought to know, the proof that the new
// tree begins with that one, and the note.

import {
  type CheckpointNote,
  check,
  decodeUtf8,
  formatBase64,
  formatCheckpointNote,
  parseBase64,
  parseCheckpointNote,
  parseSize,
} from '@muniment/sdk'
import { addCheckpointBytesMax, consistencyLinesMax } from '../limits.ts'

export type AddCheckpoint = {
  /** 0 where the witness has cosigned nothing yet. */
  readonly oldSize: bigint
  /** RFC 6962, 2.1.2, from the old size to the note's. */
  readonly proof: readonly Uint8Array[]
  readonly note: CheckpointNote
}

/** The answer 409 carries the size that the witness knows, and is of this type. */
export const sizeContentType = 'text/x.tlog.size'

export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  const lines = [`old ${oldSize}`, ...proof.map(formatBase64), '']
  return `${lines.join('\n')}\n${formatCheckpointNote(note)}`
}

/** Strict. Throws VerifyError `malformed`, `oversized` or `non-canonical`. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  check(body.length <= addCheckpointBytesMax, 'oversized', 'the request is too long')
  const text = decodeUtf8(body)
  const end = text.indexOf('\n\n')
  check(text.startsWith('old ') && end >= 0, 'malformed', 'not a request to add a checkpoint')
  const [size = '', ...lines] = text.slice('old '.length, end).split('\n')
  check(lines.length <= consistencyLinesMax, 'oversized', 'too many lines of proof', {
    expected: `<= ${consistencyLinesMax}`,
    actual: lines.length,
  })
  const proof = lines.map(parseBase64)
  for (const node of proof) check(node.length === 32, 'malformed', 'a line of proof has 32 bytes')
  const request = { oldSize: parseSize(size), proof, note: parseCheckpointNote(text.slice(end + 2)) }
  check(formatAddCheckpoint(request) === text, 'non-canonical', 'a request in another spelling')
  return request
}
