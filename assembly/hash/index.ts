// The module `hash`: SHA-256 and the RFC 6962 root. What is exported here is the ABI; the host writes to `input`, at most
// `inputBytes` at a time, and reads 32 bytes from `output`.

import { input, output } from './memory'
import { begin, end, update } from './sha256'
import { leafBegin, leafEnd, pushLeaves, treeBegin, treeEnd } from './tree'

export { input, inputBytes, output } from './memory'
export { leafBegin, leafEnd, treeBegin } from './tree'

/** Starts a running SHA-256; a leaf begun with `leafBegin` is continued by `hashUpdate` too. */
export function hashBegin(): void {
  begin()
}

/** Adds the first `length` bytes of `input`. */
export function hashUpdate(length: u32): void {
  update(input, length)
}

/** Writes the digest to `output`. */
export function hashEnd(): void {
  end(output)
}

/** The bulk entry: `count` leaves packed in `input`, each as its length (u32, little-endian) and its bytes. */
export function treeLeaves(count: u32): void {
  pushLeaves(input, count)
}

/** Writes the root to `output`. */
export function treeRoot(): void {
  treeEnd(output)
}
