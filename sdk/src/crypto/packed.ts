// Signatures packed one after another, as the Wasm module reads them, in windows of what it takes at once: the copy that is
// taken before anything is awaited (security rule 23), and what is sent to workers.

import type { SignedMessage } from './crypto.ts'

/** Whole items; `bytes` is longer than `windowBytes` only where it is one item with a long message. */
export type Window = { readonly bytes: Uint8Array<ArrayBuffer>; readonly count: number }

export const windowBytes = 262_144

/** The message's length (u32, little-endian), the key, R | S; the message follows. */
const keyOffset = 4
const signatureOffset = 36
export const messageOffset = 100

const keyBytes = 32
const signatureBytes = 64

/** Items `start` to `end` - 1. One whose key or signature has a wrong length becomes one that no rule accepts: its S is beyond L. */
export function packItems(items: readonly SignedMessage[], start = 0, end: number = items.length): Window[] {
  const windows: Window[] = []
  for (let first = start; first < end; ) {
    const next = measureWindow(items, first, end)
    const bytes = new Uint8Array(next.size)
    packWindow(items, first, { bytes, end: next.end })
    windows.push({ bytes, count: next.end - first })
    first = next.end
  }
  return windows
}

/** Where the window that begins with item `start` ends, and the bytes that it takes; `touched` means nothing. */
export function measureWindow(
  items: readonly SignedMessage[],
  start: number,
  end: number,
): { readonly end: number; readonly size: number; readonly touched: number } {
  let size = 0
  let next = start
  let touched = 0
  for (; next < end; next++) {
    const item = items[next]!
    const grown = size + messageOffset + item.message.length
    if (grown > windowBytes && next > start) break
    size = grown
    if (item.message.length > 0) touched ^= touch(item)
  }
  return { end: next, size, touched }
}

/**
 * Reads a byte of each cache line. Thousands of small arrays lie anywhere in memory: a loop that only reads waits for many of
 * them at once, which makes packing two to three times as fast.
 */
function touch({ publicKey, signature, message }: SignedMessage): number {
  const { length } = message
  return publicKey[0]! ^ signature[0]! ^ signature[63]! ^ message[0]! ^ message[length >> 1]! ^ message[length - 1]!
}

/** Writes items `start` to `end` - 1 one after another. */
export function packWindow(
  items: readonly SignedMessage[],
  start: number,
  { bytes, end }: { readonly bytes: Uint8Array; readonly end: number },
): void {
  let offset = 0
  for (let i = start; i < end; i++) {
    const { publicKey, signature, message } = items[i]!
    const { length } = message
    bytes[offset] = length
    bytes[offset + 1] = length >> 8
    bytes[offset + 2] = length >> 16
    bytes[offset + 3] = length >> 24
    if (publicKey.length === keyBytes && signature.length === signatureBytes) {
      bytes.set(publicKey, offset + keyOffset)
      bytes.set(signature, offset + signatureOffset)
    } else {
      bytes.fill(0xff, offset + keyOffset, offset + messageOffset)
    }
    bytes.set(message, offset + messageOffset)
    offset += messageOffset + length
  }
}

export function unpackItems(windows: readonly Window[]): SignedMessage[] {
  return windows.flatMap(unpackWindow)
}

function unpackWindow({ bytes, count }: Window): SignedMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const items: SignedMessage[] = []
  let offset = 0
  for (let i = 0; i < count; i++) {
    const end = offset + messageOffset + view.getUint32(offset, true)
    items.push({
      publicKey: bytes.subarray(offset + keyOffset, offset + signatureOffset),
      signature: bytes.subarray(offset + signatureOffset, offset + messageOffset),
      message: bytes.subarray(offset + messageOffset, end),
    })
    offset = end
  }
  return items
}
