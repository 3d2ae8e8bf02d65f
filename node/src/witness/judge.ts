// What a witness demands of a checkpoint before it looks at the chain, in the order of c2sp.org/tlog-witness; and of the block
// that the checkpoint ends with. No I/O here, and no clock.

import {
  type CheckpointNote,
  type Crypto,
  check,
  equals,
  formatTime,
  type Hasher,
  type Header,
  type HistoryAnswer,
  headerHash,
  isSignedByLog,
  merkleInnerHash,
  merkleLeafHash,
  type NoteKey,
  type Timestamp,
  type Trusted,
  timeToNanos,
  verifyConsistency,
  verifyHistoryRoot,
  verifyInclusion,
} from '@muniment/sdk'
import { witnessSkewSecondsMax } from '../limits.ts'
import type { AddCheckpoint } from './request.ts'

export type Judged = { readonly kind: 'consistent' } | Refusal

export type Refusal = {
  readonly kind: 'refused'
  readonly status: 400 | 403 | 404 | 409 | 422 | 503
  /** One sentence; with 409 the size that the witness knows. */
  readonly text: string
  /** The checkpoint contradicts the one before, or is not shown to continue it, and the log signed both. */
  readonly evidence?: 'conflict' | 'unproven'
}

type KnownTree = { readonly size: bigint; readonly root: Uint8Array }

export type Judgement = {
  readonly request: AddCheckpoint
  /** What was cosigned last; undefined before the first. */
  readonly last: KnownTree | undefined
  readonly origin: string
  readonly logKeys: readonly NoteKey[]
}

export async function judgeCheckpoint(
  { request, last, origin, logKeys }: Judgement,
  crypto: Pick<Crypto, 'sha256' | 'verifyEd25519'>,
): Promise<Judged> {
  const { note, oldSize, proof } = request
  const known = last?.size ?? 0n
  if (note.origin !== origin) return refused(404, 'this witness does not follow a log of that origin')
  if (!(await isSignedByLog(note, logKeys, crypto))) return refused(403, 'the checkpoint is not signed by the log')
  if (oldSize > note.size) return refused(400, 'the old size is above the size of the checkpoint')
  if (oldSize !== known) return refused(409, String(known))
  if (last === undefined) {
    return proof.length === 0 ? { kind: 'consistent' } : refused(422, 'there is nothing to prove from size 0')
  }
  const { size, root } = note
  if (size === known && !equals(root, last.root)) return { ...refused(409, String(known)), evidence: 'conflict' }
  const verified = verifyConsistency({ oldSize, oldRoot: last.root, size, root, proof }, crypto)
  if (verified.kind === 'verified') return { kind: 'consistent' }
  const refusal = refused(422, `the log does not continue as it was: ${verified.error.message}`)
  return size === known ? refusal : { ...refusal, evidence: 'unproven' }
}

export function refused(status: Refusal['status'], text: string): Refusal {
  return { kind: 'refused', status, text }
}

export type NotedHead = {
  readonly note: Pick<CheckpointNote, 'size' | 'root'>
  /** Verified; its height is one less than the note's size. */
  readonly header: Trusted<Header>
  /** That the log which ends with the block has its hash as the last leaf. */
  readonly ending: HistoryAnswer
  /** The log that the block's own header commits to: all leaves but the last. */
  readonly before: HistoryAnswer
}

/** The note's tree is the one that the block commits to, and the block's hash behind it. Throws VerifyError. */
export function checkNotedHead({ note, header, ending, before }: NotedHead, hasher: Hasher): void {
  const { height } = header
  check(note.size === height + 1n, 'wrong-height', 'the checkpoint ends with another block')
  const committed = verifyHistoryRoot({ proof: before.store, header }, hasher)
  if (committed.kind === 'invalid') throw committed.error
  const leafHash = merkleLeafHash(headerHash(header, hasher), hasher)
  const proof = ending.inclusion
  const included = verifyInclusion({ leafHash, index: height, size: note.size, proof, root: note.root }, hasher)
  if (included.kind === 'invalid') throw included.error
  // The siblings of the last leaf are the subtrees of all leaves before it.
  const [smallest, ...larger] = proof
  const root = larger.reduce((right, left) => merkleInnerHash(left, right, hasher), smallest!)
  check(equals(root, committed.root), 'wrong-root', 'the block commits to another history')
}

/** Security rule 2: what is cosigned was made now, by the witness's own clock. Throws VerifyError. */
export function checkHeadTime(header: Pick<Header, 'time'>, now: Timestamp): void {
  const skew = timeToNanos(header.time) - timeToNanos(now)
  const skewMax = BigInt(witnessSkewSecondsMax) * 1_000_000_000n
  check(skew <= skewMax && skew >= -skewMax, 'wrong-time', 'the block’s time is too far from this clock', {
    expected: `within ${witnessSkewSecondsMax} s of ${formatTime(now)}`,
    actual: formatTime(header.time),
  })
}
