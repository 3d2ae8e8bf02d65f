// What passes between a page and its crypto worker. Both ends are our own code; what does not fit is a dead worker, not a
// verdict.

import type { Window } from './packed.ts'

/** Signatures to check; the windows' buffers are handed over, not copied. */
export type WorkRequest = { readonly id: number; readonly windows: readonly Window[] }
/** `bad` holds the indices of the bad ones among the `count` that were checked. */
export type WorkAnswer =
  | { readonly id: number; readonly count: number; readonly bad: readonly number[] }
  | { readonly id: number; readonly error: string }

export function isWorkAnswer(value: unknown): value is WorkAnswer {
  if (typeof value !== 'object' || value === null) return false
  const { id, count, bad, error } = value as Record<string, unknown>
  if (typeof id !== 'number') return false
  if (typeof error === 'string') return true
  return typeof count === 'number' && Array.isArray(bad) && bad.every(i => Number.isInteger(i) && i >= 0 && i < count)
}
