// Heads of the log with the cosignatures that came in so far, newest last, and the choice of the one to show.

import { type CheckpointNote, formatHex, type NoteSignature } from '@muniment/sdk'
import { cosignedHeadPreferredMs, cosignedHeadsMax } from '../limits.ts'

export type Head = {
  /** Signed by the log. */
  readonly note: CheckpointNote
  /** Of a steady clock, in milliseconds. */
  readonly madeMs: number
  /** By name and id of the key, each once. */
  readonly cosignatures: Map<string, NoteSignature>
}

export type Heads = {
  readonly add: (note: CheckpointNote) => void
  readonly newest: () => Head | undefined
  readonly cosigned: (size: bigint, signatures: readonly NoteSignature[]) => void
  /**
   * The newest with at least so many cosignatures. Without a number: while heads are young, the one with the most, for those
   * of the newest are still on their way; else the newest that has any.
   */
  readonly choose: (cosignaturesMin?: number) => Head | undefined
}

export function createHeads(nowMs: () => number): Heads {
  let heads: readonly Head[] = []

  function choose(cosignaturesMin?: number): Head | undefined {
    if (cosignaturesMin !== undefined) return heads.findLast(head => head.cosignatures.size >= cosignaturesMin)
    const newest = heads.findLast(head => head.cosignatures.size > 0)
    if (newest === undefined) return undefined
    const youngMs = nowMs() - cosignedHeadPreferredMs
    const young = heads.filter(head => head.madeMs >= youngMs)
    // At equal numbers the later one is taken.
    return young.reduce((best, head) => (head.cosignatures.size >= best.cosignatures.size ? head : best), newest)
  }

  return {
    add(note) {
      if (heads.some(head => head.note.size >= note.size)) return
      heads = [...heads, { note, madeMs: nowMs(), cosignatures: new Map() }].slice(-cosignedHeadsMax)
    },
    newest: () => heads.at(-1),
    cosigned(size, signatures) {
      const head = heads.find(({ note }) => note.size === size)
      for (const each of signatures) head?.cosignatures.set(`${each.name} ${formatHex(each.keyId)}`, each)
    },
    choose,
  }
}

/** The note with the cosignatures behind the log's own signature. */
export function cosignedNote({ note, cosignatures }: Head): CheckpointNote {
  return { ...note, signatures: [...note.signatures, ...cosignatures.values()] }
}
