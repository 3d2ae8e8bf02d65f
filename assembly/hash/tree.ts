// RFC 6962, section 2.1, the tree hash of leaves that are pushed one after another.
//
// `subtrees` holds the roots of the perfect subtrees that cover what was pushed, as the one bits of the count say: 11
// leaves are 8 + 2 + 1. Joining them from the right gives the RFC's tree, which splits n leaves at the largest power of
// two below n, and so on in the right part.

import { innerNode, subtrees } from './memory'
import { begin, end, update } from './sha256'

const digestBytes: usize = 32
/** 00, the prefix of a leaf. */
const leafPrefix: usize = memory.data<u8>([0])

let leaves: u32 = 0
let depth: usize = 0

export function treeBegin(): void {
  leaves = 0
  depth = 0
  store<u8>(innerNode, 1)
}

/** Hashes and pushes `count` leaves, packed as length (u32, little-endian) and bytes. */
export function pushLeaves(pointer: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u32>(pointer)
    leafBegin()
    update(pointer + 4, length)
    leafEnd()
    pointer += 4 + length
  }
}

/** The bytes of one leaf follow by `update`, then `leafEnd`. */
export function leafBegin(): void {
  begin()
  update(leafPrefix, 1)
}

export function leafEnd(): void {
  end(subtrees + depth * digestBytes)
  // Two perfect subtrees of one size make the next: as many times as adding one to the count carries.
  for (let carries = leaves; carries & 1; carries >>= 1) join()
  depth++
  leaves++
}

/** Writes the 32 bytes of the root; the tree is used up by that. */
export function treeEnd(root: usize): void {
  if (depth === 0) {
    begin()
    end(root)
    return
  }
  depth--
  while (depth > 0) join()
  memory.copy(root, subtrees, digestBytes)
}

/** Puts H(01 | left | right) in the place of the last complete subtree and the one at `depth`, after it. */
function join(): void {
  depth--
  const left = subtrees + depth * digestBytes
  memory.copy(innerNode + 1, left, 2 * digestBytes)
  begin()
  update(innerNode, 65)
  end(left)
}
