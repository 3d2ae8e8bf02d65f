// H(01 | left | right), RFC 6962, 2.1: 65 bytes, two blocks. They are put together where prefix and padding stand already.

import { blockBytes, chainingFour, initialFour, innerNodes } from './memory'
import { hashBlocks } from './sha256'
import { compressFour, loadFour, writeFourDigests } from './sha256-four'

/** From one node's bytes to the next one's, and the prefix before 16: what follows it is aligned. */
const apart: usize = 144
const prefix: usize = 15
const length: usize = 65

/** Writes what all nodes have in common. */
export function prepareNodes(): void {
  for (let node = innerNodes + prefix; node < innerNodes + 4 * apart; node += apart) {
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

/** The parents of four such pairs; they may take the place of the first two. */
export function hashNodes(pairs: usize, parents: usize): void {
  const node0 = innerNodes + prefix
  const node1 = node0 + apart
  const node2 = node1 + apart
  const node3 = node2 + apart
  placePair(node0, pairs)
  placePair(node1, pairs + blockBytes)
  placePair(node2, pairs + 2 * blockBytes)
  placePair(node3, pairs + 3 * blockBytes)
  loadFour(node0, node1, node2, node3)
  compressFour(initialFour)
  loadFour(node0 + blockBytes, node1 + blockBytes, node2 + blockBytes, node3 + blockBytes)
  compressFour(chainingFour)
  writeFourDigests(parents)
}

function placePair(node: usize, pair: usize): void {
  for (let i: usize = 0; i < blockBytes; i += 16) v128.store(node + i, v128.load(pair + i), 1)
}
