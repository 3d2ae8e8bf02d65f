// Signatures packed one after another, as the Wasm module reads them: the copy that is taken before anything is awaited
// (security rule 23), and what is sent to workers.

import type { SignedMessage } from './crypto.ts'

/** The message's length (u32, little-endian), the key, R | S; the message follows. */
export const keyOffset = 4
export const signatureOffset = 36
export const messageOffset = 100

const keyBytes = 32
const signatureBytes = 64

/**
 * Items whose bytes are touched before they are copied. Thousands of small arrays lie anywhere in memory; a loop that only
 * reads waits for many of them at once, which makes the whole up to three times as fast.
 */
export const touchedAhead = 256

/** Items `start` to `end` - 1. One whose key or signature has a wrong length becomes one that no rule accepts: its S is beyond L. */
export function packItems(
  items: readonly SignedMessage[],
  start = 0,
  end: number = items.length,
): Uint8Array<ArrayBuffer> {
  let size = 0
  for (let i = start; i < end; i++) size += messageOffset + items[i]!.message.length
  const packed = new Uint8Array(size)
  let offset = 0
  for (let block = start; block < end; block += touchedAhead) {
    const blockEnd = Math.min(end, block + touchedAhead)
    touchItems(items, block, blockEnd)
    for (let i = block; i < blockEnd; i++) offset = packItem(items[i]!, packed, offset)
  }
  return packed
}

let touched = 0

/** What is answered means nothing, but has to be computed. */
export function touchItems(items: readonly SignedMessage[], start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const { publicKey, signature, message } = items[i]!
    if (message.length > 0) touched ^= publicKey[0]! ^ signature[0]! ^ message[0]! ^ message[message.length - 1]!
  }
  return touched
}

/** Writes an item at `offset` and answers where the next one begins. */
export function packItem({ publicKey, signature, message }: SignedMessage, packed: Uint8Array, offset: number): number {
  const { length } = message
  packed[offset] = length
  packed[offset + 1] = length >> 8
  packed[offset + 2] = length >> 16
  packed[offset + 3] = length >> 24
  if (publicKey.length === keyBytes && signature.length === signatureBytes) {
    packed.set(publicKey, offset + keyOffset)
    packed.set(signature, offset + signatureOffset)
  } else {
    packed.fill(0xff, offset + keyOffset, offset + messageOffset)
  }
  packed.set(message, offset + messageOffset)
  return offset + messageOffset + length
}

export function unpackItems(packed: Uint8Array): SignedMessage[] {
  const items: SignedMessage[] = []
  for (let offset = 0; offset < packed.length; ) {
    const end = endOfItem(packed, offset)
    items.push({
      publicKey: packed.subarray(offset + keyOffset, offset + signatureOffset),
      signature: packed.subarray(offset + signatureOffset, offset + messageOffset),
      message: packed.subarray(offset + messageOffset, end),
    })
    offset = end
  }
  return items
}

export function countItems(packed: Uint8Array): number {
  let count = 0
  for (let offset = 0; offset < packed.length; offset = endOfItem(packed, offset)) count++
  return count
}

/** Where the item at `offset` ends. */
export function endOfItem(packed: Uint8Array, offset: number): number {
  const length =
    packed[offset]! | (packed[offset + 1]! << 8) | (packed[offset + 2]! << 16) | (packed[offset + 3]! << 24)
  return offset + messageOffset + (length >>> 0)
}
