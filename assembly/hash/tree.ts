// The tree of RFC 6962, section 2.1, over leaves that come a window at a time.
//
// The hashes of leaves gather in `level` until they are `levelMax`, a power of two; they are then joined, a level at a
// time and in place, into the root of a perfect subtree, which goes to `subtrees`. Of those that are there, each covers
// as many leaves as a one bit of the count says: 11 such are 8 + 2 + 1. What remains in `level` at the end becomes one
// more, the rightmost. Joining subtrees from the right gives the RFC's tree, which splits n leaves at the largest power
// of two below n, and so on in the right part; so does joining neighbours in a level, where an odd last one rises.

import { hashLeaves } from './leaves'
import { digestBytes, input, lengths, level, levelMax, subtrees } from './memory'
import { hashNode, hashNodes } from './node'
import { copyDigest, hashBlocks, pad } from './sha256'

/** Hashes in `level`; perfect subtrees so far, and the roots to which those have been joined. */
let held: usize = 0
let pushed: usize = 0
let depth: usize = 0

export function treeBegin(): void {
  held = 0
  pushed = 0
  depth = 0
}

/** Adds the `count` leaves that stand in `input`, each in a slot of whole blocks, after a byte for the prefix. */
export function pushLeaves(count: usize): void {
  let slot = input
  for (let i: usize = 0; i < count; ) {
    const taken = min(min(5, count - i), levelMax - held)
    slot = hashLeaves(slot, lengths + 4 * i, taken, level + held * digestBytes)
    i += taken
    hold(taken)
  }
}

/** Adds a leaf by its hash. */
export function pushHash(hash: usize): void {
  copyDigest(level + held * digestBytes, hash)
  hold(1)
}

/** Writes the 32 bytes of the root; the tree is used up by that. */
export function treeEnd(root: usize): void {
  if (held > 0) {
    joinLevel(held)
    copyDigest(subtrees + depth * digestBytes, level)
    depth++
  }
  if (depth === 0) hashBlocks(input, pad(input, 0, 0), subtrees)
  for (; depth > 1; depth--) joinLast()
  copyDigest(root, subtrees)
}

function hold(count: usize): void {
  held += count
  if (held < levelMax) return
  joinLevel(levelMax)
  copyDigest(subtrees + depth * digestBytes, level)
  depth++
  // Two perfect subtrees of one size make the next: as many times as adding one to the count carries.
  for (let carries = pushed; carries & 1; carries >>= 1) {
    joinLast()
    depth--
  }
  pushed++
  held = 0
}

/** Puts the parent of the last two subtrees in the place of the first of them. */
function joinLast(): void {
  const left = subtrees + (depth - 2) * digestBytes
  hashNode(left, left)
}

/** Joins the first `count` hashes of `level` until one is left, the first. */
function joinLevel(count: usize): void {
  while (count > 1) {
    const pairs = count >> 1
    let i: usize = 0
    // Of the parents of nothing none is written as far as an odd last hash, which is at 2 * pairs.
    for (; i + 1 < pairs; i += 5) hashNodes(level + i * 2 * digestBytes, level + i * digestBytes, pairs - i)
    if (i < pairs) hashNode(level + i * 2 * digestBytes, level + i * digestBytes)
    if (count & 1) copyDigest(level + pairs * digestBytes, level + 2 * pairs * digestBytes)
    count = pairs + (count & 1)
  }
}
