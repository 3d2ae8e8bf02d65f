// Entries out of the bytes that the state hands out.

import type { Message } from '@muniment/sdk'

/** What bytes hold, by the bytes themselves: within a block the same entries are asked for again and again. */
const known = new WeakMap<Uint8Array, unknown>()

/** Read once for each time that the state hands out the bytes, which nobody changes. */
export function readOnce<T>(value: Uint8Array, read: (bytes: Uint8Array) => T): T {
  const found = (known.get(value) as T | undefined) ?? read(value)
  known.set(value, found)
  return found
}

/** Under one key stands one kind of entry, so bytes are never read as two. */
export function readEntry<T>(message: Message<T>, value: Uint8Array): T {
  return readOnce(value, message.decode)
}
