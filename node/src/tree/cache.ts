// Nodes in memory, as their bytes, in two halves of a fixed size: what is asked for moves to the young half, and when that is
// full the old one goes as a whole. So the bound is in real bytes, and nothing is there for the garbage collector to visit.

import { branchBytes } from './node.ts'

/** Nodes by the branch that points to them: hash and version together name one node. */
export type NodeCache = {
  /** Valid for as long as it is held, whatever is kept or forgotten later. */
  readonly get: (branch: Uint8Array) => Uint8Array | undefined
  readonly set: (branch: Uint8Array, node: Uint8Array) => void
  /** What the halves take, full or not. */
  readonly bytes: () => number
}

/** Where each entry of a half begins, by the first bits of its hash. */
type Half = { readonly bytes: Uint8Array; readonly places: Map<number, number>; used: number }

/** Each entry: the branch, the node's length (u16), the node. */
const headBytes = branchBytes + 2

export function newNodeCache(bytesMax: number): NodeCache {
  const halfBytes = Math.floor(bytesMax / 2)
  let young = newHalf(halfBytes)
  let old = newHalf(0)

  function get(branch: Uint8Array): Uint8Array | undefined {
    const found = find(young, branch)
    if (found) return found
    const older = find(old, branch)
    if (older) set(branch, older)
    return older
  }

  function set(branch: Uint8Array, node: Uint8Array): void {
    const length = headBytes + node.length
    if (length > halfBytes) return
    if (young.used + length > halfBytes) {
      old = young
      // A new one, because nodes of the one that goes may still be in use.
      young = newHalf(halfBytes)
    }
    const { bytes, used } = young
    bytes.set(branch, used)
    bytes[used + branchBytes] = node.length >>> 8
    bytes[used + branchBytes + 1] = node.length
    bytes.set(node, used + headBytes)
    young.places.set(placeKey(branch), used)
    young.used += length
  }

  return { get, set, bytes: () => young.bytes.length + old.bytes.length }
}

function newHalf(length: number): Half {
  return { bytes: new Uint8Array(length), places: new Map(), used: 0 }
}

function find({ bytes, places }: Half, branch: Uint8Array): Uint8Array | undefined {
  const place = places.get(placeKey(branch))
  if (place === undefined) return undefined
  // Several nodes may share a place's key; the last of them has it.
  for (let i = 0; i < branchBytes; i++) if (bytes[place + i] !== branch[i]) return undefined
  const begin = place + headBytes
  return bytes.subarray(begin, begin + ((bytes[begin - 2]! << 8) | bytes[begin - 1]!))
}

/** The first 30 bits of the hash: a number that V8 keeps without an object. */
function placeKey(branch: Uint8Array): number {
  return (branch[8]! << 22) | (branch[9]! << 14) | (branch[10]! << 6) | (branch[11]! >> 2)
}
