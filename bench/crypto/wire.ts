// How the bench hands signatures to other threads, to its page and to the Go program, which reads the same (bench/go).

import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'

const keyBytes = 32
const signatureBytes = 64
/** Key, signature, and the length of the message (u32, little-endian) that follows. */
const headBytes = keyBytes + signatureBytes + 4

/** One after the other; two of these joined are the signatures of both. */
export function packItems(items: readonly SignedMessage[]): ArrayBuffer {
  const packed = new ArrayBuffer(items.reduce((size, { message }) => size + headBytes + message.length, 0))
  const bytes = new Uint8Array(packed)
  const view = new DataView(packed)
  let offset = 0
  for (const { publicKey, signature, message } of items) {
    bytes.set(publicKey, offset)
    bytes.set(signature, offset + keyBytes)
    view.setUint32(offset + keyBytes + signatureBytes, message.length, true)
    bytes.set(message, offset + headBytes)
    offset += headBytes + message.length
  }
  return packed
}

/** The parts are views of `packed`. */
export function unpackItems(packed: ArrayBuffer): SignedMessage[] {
  const view = new DataView(packed)
  const items: SignedMessage[] = []
  for (let offset = 0; offset < packed.byteLength; ) {
    const publicKey = new Uint8Array(packed, offset, keyBytes)
    const signature = new Uint8Array(packed, offset + keyBytes, signatureBytes)
    const length = view.getUint32(offset + keyBytes + signatureBytes, true)
    const message = new Uint8Array(packed, offset + headBytes, length)
    items.push({ publicKey, signature, message })
    offset += headBytes + length
  }
  return items
}
