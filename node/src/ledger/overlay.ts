// Writes that are not on the disk yet, in front of what is.

import { formatHex } from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { View } from './kernel.ts'

export type Overlay = View & {
  readonly add: (writes: readonly Write[]) => void
  readonly clear: () => void
  /** The last write of each key. */
  readonly writes: () => readonly Write[]
}

export function newOverlay(below: View): Overlay {
  const writes = new Map<string, Write>()

  function get(key: Uint8Array): Uint8Array | undefined {
    const write = writes.get(formatHex(key))
    return write ? write.value : below.get(key)
  }

  function add(more: readonly Write[]): void {
    for (const write of more) writes.set(formatHex(write.key), write)
  }

  return { get, add, clear: () => writes.clear(), writes: () => [...writes.values()] }
}
