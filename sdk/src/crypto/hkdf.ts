// HKDF-SHA256 (RFC 5869) over whichever hasher is loaded: a library's would bring a second SHA-256 into the page.

import { concat } from '../bytes.ts'
import { assert } from '../errors.ts'
import type { Hasher } from './crypto.ts'

const blockLength = 64
const hashLength = 32

type HkdfOptions = { readonly info: Uint8Array; readonly length: number }

/** RFC 5869, without a salt; `length` at most 32. `secret` is at most 64 bytes long. */
export function hkdf(hasher: Hasher, secret: Uint8Array, given: HkdfOptions): Uint8Array {
  const { info, length } = given
  assert(length <= hashLength, 'a longer key needs more than one block')
  const key = hmac(hasher, new Uint8Array(hashLength), secret)
  return hmac(hasher, key, concat(info, Uint8Array.of(1))).subarray(0, length)
}

/** RFC 2104; a key of at most one block. */
function hmac(hasher: Hasher, key: Uint8Array, message: Uint8Array): Uint8Array {
  const pad = (byte: number): Uint8Array =>
    new Uint8Array(blockLength).fill(byte).map((each, i) => each ^ (key[i] ?? 0))
  return hasher.sha256(pad(0x5c), hasher.sha256(pad(0x36), message))
}
