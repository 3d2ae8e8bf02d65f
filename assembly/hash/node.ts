// H(01 | left | right), RFC 6962, 2.1, of hashes that stand one after another: 65 bytes, two blocks. The first block is
// read from the byte before the pair, in whose place the prefix is put; of the second one all is known but its first byte,
// which is the pair's last.

import { blockBytes, chaining, chainingFour, digestBytes, initialFour, nodeEnd, words, wordsFour } from './memory'
import { compress, compressFive } from './rounds'
import { initial, loadBlock, pad, writeDigest } from './sha256'
import { loadFive, writeFour } from './sha256-five'

/** As the first byte of a word: of inner nodes, and of the leaves of a state tree, which are pairs too. */
export const innerPrefix: u32 = 0x01000000
const rest: u32 = 0x00ffffff

/** Writes the second block with a zero in the place of its first byte. */
export function prepareNodes(): void {
  pad(nodeEnd, 1, 65)
}

/** The parent of a pair. */
export function hashNode(pair: usize, parent: usize): void {
  loadBlock(pair - 1)
  store<u32>(words, (load<u32>(words) & rest) | innerPrefix)
  compress(initial)
  loadBlock(nodeEnd)
  store<u32>(words, load<u32>(words) | lastByte(pair))
  compress(chaining)
  writeDigest(parent)
}

/**
 * The parents of five pairs; they may take the place of the first ones. If there are fewer, the others are whatever
 * stands there, and their parents mean nothing; four are written in any case, and never more than five. `prefix` is the byte
 * before each pair, as the first of a word.
 */
export function hashNodes(pair0: usize, parents: usize, count: usize, prefix: u32 = innerPrefix): void {
  const pair1 = pair0 + blockBytes
  const pair2 = pair1 + blockBytes
  const pair3 = pair2 + blockBytes
  const pair4 = pair3 + blockBytes
  loadFive(pair0 - 1, pair1 - 1, pair2 - 1, pair3 - 1, pair4 - 1)
  v128.store(wordsFour, v128.or(v128.and(v128.load(wordsFour), i32x4.splat(rest)), i32x4.splat(prefix)))
  store<u32>(words, (load<u32>(words) & rest) | prefix)
  compressFive(initialFour, initial)
  loadFive(nodeEnd, nodeEnd, nodeEnd, nodeEnd, nodeEnd)
  const lastBytes = i32x4(lastByte(pair0), lastByte(pair1), lastByte(pair2), lastByte(pair3))
  v128.store(wordsFour, v128.or(v128.load(wordsFour), lastBytes))
  store<u32>(words, load<u32>(words) | lastByte(pair4))
  compressFive(chainingFour, chaining)
  writeFour(parents)
  if (count > 4) writeDigest(parents + 4 * digestBytes)
}

/** As the first byte of a word. */
function lastByte(pair: usize): u32 {
  return (load<u8>(pair, 63) as u32) << 24
}
