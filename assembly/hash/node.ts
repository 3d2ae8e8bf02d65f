// H(01 | left | right), RFC 6962, 2.1: 65 bytes, two blocks. They are put together where prefix and padding stand already.

import { blockBytes, chaining, chainingFour, digestBytes, initialFour, innerNodes } from './memory'
import { compressFive } from './rounds'
import { hashBlocks, initial, writeDigest } from './sha256'
import { loadFive, writeFour } from './sha256-five'

/** From one node's bytes to the next one's, and its prefix before 16: what follows is aligned. */
const apart: usize = 144
const prefix: usize = 15
const length: usize = 65

/** Writes what all nodes have in common. */
export function prepareNodes(): void {
  for (let node = innerNodes + prefix; node < innerNodes + 5 * apart; node += apart) {
    store<u8>(node, 1)
    store<u8>(node + length, 0x80)
    store<u64>(node + 2 * blockBytes - 8, bswap<u64>(8 * length))
  }
}

/** The parent of two hashes that stand one after another. */
export function hashNode(pair: usize, parent: usize): void {
  const node = innerNodes + prefix
  placePair(node, pair)
  hashBlocks(node, 2, parent)
}

/**
 * The parents of five such pairs; they may take the place of the first ones. If there are fewer, the others are whatever
 * stands there, and their parents mean nothing; four are written in any case, and never more than five.
 */
export function hashNodes(pairs: usize, parents: usize, count: usize): void {
  const node0 = innerNodes + prefix
  const node1 = node0 + apart
  const node2 = node1 + apart
  const node3 = node2 + apart
  const node4 = node3 + apart
  placePair(node0, pairs)
  placePair(node1, pairs + blockBytes)
  placePair(node2, pairs + 2 * blockBytes)
  placePair(node3, pairs + 3 * blockBytes)
  placePair(node4, pairs + 4 * blockBytes)
  loadFive(node0, node1, node2, node3, node4)
  compressFive(initialFour, initial)
  loadFive(node0 + blockBytes, node1 + blockBytes, node2 + blockBytes, node3 + blockBytes, node4 + blockBytes)
  compressFive(chainingFour, chaining)
  writeFour(parents)
  if (count > 4) writeDigest(parents + 4 * digestBytes)
}

function placePair(node: usize, pair: usize): void {
  for (let i: usize = 0; i < blockBytes; i += 16) v128.store(node + i, v128.load(pair + i), 1)
}
