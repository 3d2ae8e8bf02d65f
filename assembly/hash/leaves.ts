// H(00 | leaf), RFC 6962, 2.1, of leaves that stand in slots of whole blocks: a byte for the prefix, the leaf, and room
// for SHA-256's padding, which is put there.

import { blockBytes, chainingFour, digestBytes, initialFour } from './memory'
import { hashBlocks, pad } from './sha256'
import { compressFour, loadFour, writeLaneDigest } from './sha256-four'

/**
 * Hashes one to four leaves from the slot on, and answers where the slot after them is. Leaves may differ in length:
 * a lane that has come to its end repeats its last block for nothing.
 */
export function hashLeaves(slot: usize, lengths: usize, count: usize, hashes: usize): usize {
  const blocks0 = padLeaf(slot, load<u32>(lengths))
  const slot1 = slot + blocks0 * blockBytes
  const blocks1 = count > 1 ? padLeaf(slot1, load<u32>(lengths, 4)) : 0
  const slot2 = slot1 + blocks1 * blockBytes
  const blocks2 = count > 2 ? padLeaf(slot2, load<u32>(lengths, 8)) : 0
  const slot3 = slot2 + blocks2 * blockBytes
  const blocks3 = count > 3 ? padLeaf(slot3, load<u32>(lengths, 12)) : 0
  const most = max(max(blocks0, blocks1), max(blocks2, blocks3))
  // Four blocks at a time take about as long as two one by one.
  if (most + most > blocks0 + blocks1 + blocks2 + blocks3) {
    hashBlocks(slot, blocks0, hashes)
    if (count > 1) hashBlocks(slot1, blocks1, hashes + digestBytes)
    if (count > 2) hashBlocks(slot2, blocks2, hashes + 2 * digestBytes)
    if (count > 3) hashBlocks(slot3, blocks3, hashes + 3 * digestBytes)
    return slot3 + blocks3 * blockBytes
  }
  let from = initialFour
  for (let block: usize = 1; block <= most; block++) {
    loadFour(
      blockOf(slot, block, blocks0),
      blockOf(slot1, block, blocks1),
      blockOf(slot2, block, blocks2),
      blockOf(slot3, block, blocks3),
    )
    compressFour(from)
    from = chainingFour
    if (block === blocks0) writeLaneDigest(0, hashes)
    if (block === blocks1) writeLaneDigest(1, hashes + digestBytes)
    if (block === blocks2) writeLaneDigest(2, hashes + 2 * digestBytes)
    if (block === blocks3) writeLaneDigest(3, hashes + 3 * digestBytes)
  }
  return slot3 + blocks3 * blockBytes
}

/** Puts the prefix and the padding; answers the number of blocks. */
function padLeaf(slot: usize, length: u32): usize {
  store<u8>(slot, 0)
  return pad(slot, 1 + length, 1 + length)
}

/** The lane's block, counted from 1, or its last one; a lane without any reads what is there. */
function blockOf(slot: usize, block: usize, blocks: usize): usize {
  return slot + (max<usize>(min(block, blocks), 1) - 1) * blockBytes
}
