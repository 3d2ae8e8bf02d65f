// The module `hash`: SHA-256 and the trees of RFC 6962. What is exported here is the ABI. Numbers from the host are not
// checked again: its half, sdk/src/crypto/wasm-hash.ts, keeps to the bounds that are named here.

import { blockBytes, chaining, digestBytes, input, inputBytes, output } from './memory'
import { hashNodes, prepareNodes } from './node'
import { compressBlocks, initial, pad, writeDigest } from './sha256'
import { hashPairs, prepareFive } from './sha256-five'
import { pushHash, pushLeaves, treeEnd } from './tree'

export { input, inputBytes, lengths, output } from './memory'
export { treeBegin } from './tree'

prepareFive()
prepareNodes()

/** A message longer than a window: absorbs the full `input`, after `windows` earlier ones. */
export function absorb(windows: usize): void {
  compressBlocks(windows === 0 ? initial : chaining, input, inputBytes / blockBytes)
}

/** Writes the digest of the first `length` bytes of `input`, at most `inputBytes`, after `windows` absorbed ones. */
export function digest(length: usize, windows: usize): void {
  const blocks = pad(input, length, (windows as u64) * inputBytes + length)
  compressBlocks(windows === 0 ? initial : chaining, input, blocks)
  writeDigest(output)
}

/** Puts the digests of the first `count` messages of 64 bytes in `input` in place of them, one after another. */
export function digestPairs(count: usize): void {
  for (let i: usize = 0; i < count; i += 5) hashPairs(input + i * blockBytes, input + i * digestBytes)
}

/** Puts H(prefix | pair) of the first `count` pairs in `input`, of 64 bytes each, in place of them, one after another. */
export function digestNodes(count: usize, prefix: u32): void {
  for (let i: usize = 0; i < count; i += 5) {
    hashNodes(input + i * blockBytes, input + i * digestBytes, count - i, prefix << 24)
  }
}

/** Adds `count` leaves to the tree, in slots of whole blocks: a byte for the prefix, the leaf, at least nine more. */
export function treeLeaves(count: usize): void {
  pushLeaves(count)
}

/** Adds a leaf whose hash was left in `output` by `digest`. */
export function treeHash(): void {
  pushHash(output)
}

/** Writes the root to `output`. */
export function treeRoot(): void {
  treeEnd(output)
}
