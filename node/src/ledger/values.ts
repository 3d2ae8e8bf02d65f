// The newest values that were asked for, in front of the tree: accounts, offices and services are needed by every transaction.

import type { Write } from '../storage/database.ts'
import type { View } from './kernel.ts'
import { nameOf } from './overlay.ts'

export type RememberingView = View & {
  /** After a block: what it changed. */
  readonly changed: (writes: readonly Write[]) => void
}

const bytesMax = 32 * 1024 * 1024
/** What an entry takes beside its value, roughly. */
const entryBytes = 300

/** The least recently used go first. Values are handed out as the same bytes, so that who reads them can remember too. */
export function rememberingView(below: View): RememberingView {
  const values = new Map<string, Uint8Array>()
  let bytes = 0

  function forget(name: string): void {
    const value = values.get(name)
    if (value && values.delete(name)) bytes -= value.length + entryBytes
  }

  function remember(name: string, value: Uint8Array): void {
    forget(name)
    values.set(name, value)
    bytes += value.length + entryBytes
    for (const oldest of values.keys()) {
      if (bytes <= bytesMax) break
      forget(oldest)
    }
  }

  function get(key: Uint8Array): Uint8Array | undefined {
    const name = nameOf(key)
    const value = values.get(name) ?? below.get(key)
    if (value) remember(name, value)
    return value
  }

  function changed(writes: readonly Write[]): void {
    for (const { key, value } of writes) {
      const name = nameOf(key)
      if (value && values.has(name)) remember(name, value)
      else forget(name)
    }
  }

  return { get, changed }
}
