// H(00 | leaf), RFC 6962, 2.1, of leaves that stand in slots of whole blocks: a byte for the prefix, the leaf, and room
// for SHA-256's padding, which is put there.

import { blockBytes, chaining, chainingFour, digestBytes, fourDigests, initialFour } from './memory'
import { compressFive } from './rounds'
import { copyDigest, hashBlocks, initial, pad, writeDigest } from './sha256'
import { loadFive, writeFour } from './sha256-five'

/**
 * Hashes one to five leaves from the slot on, and answers where the slot after them is. Leaves may differ in length: where
 * one has come to its end or there is none, whatever stands there is hashed for nothing, at most half a window further.
 */
export function hashLeaves(slot: usize, lengths: usize, count: usize, hashes: usize): usize {
  const blocks0 = padLeaf(slot, load<u32>(lengths))
  const slot1 = slot + blocks0 * blockBytes
  const blocks1 = count > 1 ? padLeaf(slot1, load<u32>(lengths, 4)) : 0
  const slot2 = slot1 + blocks1 * blockBytes
  const blocks2 = count > 2 ? padLeaf(slot2, load<u32>(lengths, 8)) : 0
  const slot3 = slot2 + blocks2 * blockBytes
  const blocks3 = count > 3 ? padLeaf(slot3, load<u32>(lengths, 12)) : 0
  const slot4 = slot3 + blocks3 * blockBytes
  const blocks4 = count > 4 ? padLeaf(slot4, load<u32>(lengths, 16)) : 0
  const end = slot4 + blocks4 * blockBytes
  const most = max(max(max(blocks0, blocks1), max(blocks2, blocks3)), blocks4)
  // Five blocks at a time take about as long as two one by one.
  if ((most + most) * blockBytes > end - slot) {
    hashBlocks(slot, blocks0, hashes)
    if (count > 1) hashBlocks(slot1, blocks1, hashes + digestBytes)
    if (count > 2) hashBlocks(slot2, blocks2, hashes + 2 * digestBytes)
    if (count > 3) hashBlocks(slot3, blocks3, hashes + 3 * digestBytes)
    if (count > 4) hashBlocks(slot4, blocks4, hashes + 4 * digestBytes)
    return end
  }
  for (let block: usize = 1; block <= most; block++) {
    const at = (block - 1) * blockBytes
    loadFive(slot + at, slot1 + at, slot2 + at, slot3 + at, slot4 + at)
    if (block === 1) compressFive(initialFour, initial)
    else compressFive(chainingFour, chaining)
    writeFour(fourDigests)
    if (block === blocks0) copyDigest(hashes, fourDigests)
    if (block === blocks1) copyDigest(hashes + digestBytes, fourDigests + digestBytes)
    if (block === blocks2) copyDigest(hashes + 2 * digestBytes, fourDigests + 2 * digestBytes)
    if (block === blocks3) copyDigest(hashes + 3 * digestBytes, fourDigests + 3 * digestBytes)
    if (block === blocks4) writeDigest(hashes + 4 * digestBytes)
  }
  return end
}

/** Puts the prefix and the padding; answers the number of blocks. */
function padLeaf(slot: usize, length: u32): usize {
  store<u8>(slot, 0)
  return pad(slot, 1 + length, 1 + length)
}
