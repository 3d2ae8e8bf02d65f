// Writes that are not on the disk yet, in front of what is.

import type { Write } from '../storage/database.ts'
import type { View } from './kernel.ts'

/** A key as a name in a Map: one character a byte, which Node makes faster than anything else. */
export function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
}

export type Overlay = View & {
  readonly add: (writes: readonly Write[]) => void
  readonly clear: () => void
  /** The last write of each key. */
  readonly writes: () => readonly Write[]
}

export function newOverlay(below: View): Overlay {
  const writes = new Map<string, Write>()

  function get(key: Uint8Array): Uint8Array | undefined {
    const write = writes.get(nameOf(key))
    return write ? write.value : below.get(key)
  }

  function add(more: readonly Write[]): void {
    for (const write of more) writes.set(nameOf(write.key), write)
  }

  return { get, add, clear: () => writes.clear(), writes: () => [...writes.values()] }
}
