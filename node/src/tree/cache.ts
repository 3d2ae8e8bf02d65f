// Nodes in memory, by their place in the tree: of each place the newest. Those near the root are on many paths, so when there is no room
// the deepest go first.

import { branchBytes } from './node.ts'
import type { Place } from './node-store.ts'

export type NodeCache = {
  /** Of just that version of the place. Valid for as long as it is held, whatever is kept or forgotten later. */
  readonly get: (place: Place) => Uint8Array | undefined
  /** An older version than the one that is there is not kept. */
  readonly set: (place: Place, node: Uint8Array) => void
  readonly bytes: () => number
}

/** A place's path fits a number that V8 keeps without an object; below, hardly anything stands. */
const depthsMax = 8
/** What a node takes beside its bytes: an array, its buffer, and its place in a map; roughly. */
const overheadBytes = 250

export function newNodeCache(bytesMax: number): NodeCache {
  /** For each depth: the branch that points to a node and the node, one behind the other, by the path. */
  const levels = Array.from({ length: depthsMax }, () => new Map<number, Uint8Array>())
  let bytes = 0
  let deepest = 0

  function get(place: Place): Uint8Array | undefined {
    const kept = levels[place.depth]?.get(pathNumber(place))
    return kept && isOf(kept, place.branch) ? kept.subarray(branchBytes) : undefined
  }

  function set(place: Place, node: Uint8Array): void {
    const level = levels[place.depth]
    if (!level) return
    const path = pathNumber(place)
    const before = level.get(path)
    if (before && isNewer(before, place.branch)) return
    const kept = new Uint8Array(branchBytes + node.length)
    kept.set(place.branch)
    kept.set(node, branchBytes)
    level.set(path, kept)
    bytes += kept.length - (before ? before.length : -overheadBytes)
    deepest = Math.max(deepest, place.depth)
    while (bytes > bytesMax) forgetOne()
  }

  /** Of the deepest the one that is there longest. */
  function forgetOne(): void {
    while (levels[deepest]!.size === 0) deepest -= 1
    const level = levels[deepest]!
    const [oldest] = level.entries().next().value!
    bytes -= level.get(oldest)!.length + overheadBytes
    level.delete(oldest)
  }

  return { get, set, bytes: () => bytes }
}

/** The digits of the path down to the place. */
function pathNumber({ leaf, depth }: Place): number {
  let path = 0
  for (let digit = 0; digit < depth; digit++) {
    const byte = leaf[8 + (digit >> 1)]!
    path = path * 16 + ((digit & 1) === 0 ? byte >> 4 : byte & 15)
  }
  return path
}

function isOf(kept: Uint8Array, branch: Uint8Array): boolean {
  for (let i = 0; i < branchBytes; i++) if (kept[i] !== branch[i]) return false
  return true
}

/** By the version, the first eight bytes of a branch. */
function isNewer(kept: Uint8Array, branch: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) if (kept[i] !== branch[i]) return kept[i]! > branch[i]!
  return false
}
