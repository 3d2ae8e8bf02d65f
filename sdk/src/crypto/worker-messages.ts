// What passes between a page and its crypto worker. Both ends are our own code; what does not fit is a dead worker, not a
// verdict.

import type { SignedMessage } from './crypto.ts'

/** Signatures to check, packed; the buffer is handed over, not copied. */
export type WorkRequest = { readonly id: number; readonly packed: ArrayBuffer }
/** `bad` holds the indices of the bad ones among the `count` that were checked. */
export type WorkAnswer =
  | { readonly id: number; readonly count: number; readonly bad: readonly number[] }
  | { readonly id: number; readonly error: string }

/** Three lengths (u32, little-endian) before the key, the signature and the message of each item. */
const headBytes = 12

export function packItems(items: readonly SignedMessage[]): ArrayBuffer {
  let size = 0
  for (const item of items) size += headBytes + item.publicKey.length + item.signature.length + item.message.length
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const { publicKey, signature, message } of items) {
    const parts = [publicKey, signature, message]
    parts.forEach((part, i) => {
      view.setUint32(offset + 4 * i, part.length, true)
    })
    offset += headBytes
    for (const part of parts) {
      bytes.set(part, offset)
      offset += part.length
    }
  }
  return bytes.buffer
}

export function unpackItems(packed: ArrayBuffer): SignedMessage[] {
  const view = new DataView(packed)
  const items: SignedMessage[] = []
  let offset = 0
  while (offset < packed.byteLength) {
    const lengths = [0, 4, 8].map(at => view.getUint32(offset + at, true))
    offset += headBytes
    const [publicKey, signature, message] = lengths.map(length => {
      offset += length
      return new Uint8Array(packed, offset - length, length)
    })
    items.push({ publicKey: publicKey!, signature: signature!, message: message! })
  }
  return items
}

export function isWorkAnswer(value: unknown): value is WorkAnswer {
  if (typeof value !== 'object' || value === null) return false
  const { id, count, bad, error } = value as Record<string, unknown>
  if (typeof id !== 'number') return false
  if (typeof error === 'string') return true
  return typeof count === 'number' && Array.isArray(bad) && bad.every(i => Number.isInteger(i) && i >= 0 && i < count)
}
