// The stored node of the state tree: sixteen slots, which stand for four levels of a binary tree hashed by the rules of
// ics23.SmtSpec. A subtree with a single leaf is that leaf, wherever it stands (as in Jellyfish), so paths stay short.
//
// Nodes and what stands in their slots are never taken apart: they are read and joined as the bytes that the disk has, since
// a block touches ten thousand of them.
//
//   node    slots in use, u16 | slots with a leaf, u16 | the children in the order of their slots
//   branch  version that wrote the node, u64 | its hash, 32 bytes
//   leaf    version that gave the key its value, u64 | SHA-256 of the key, the leaf's path | SHA-256 of the value

import type { Hasher } from '@muniment/sdk'

/** What stands in a slot: a branch or a leaf, which differ in length, or nothing. */
export type Child = Uint8Array | undefined

export const slotCount = 16
/** Levels of the stored tree: one for each hexadecimal digit of a path. */
export const depthMax = 64
export const branchBytes: number = 8 + 32
export const leafBytes: number = 8 + 32 + 32
export const nodeBytesMax: number = 4 + slotCount * leafBytes

const masksBytes = 4
const childPathAt = 8
const childHashAt = 8
const valueHashAt = 40

export function isLeaf(child: Uint8Array): boolean {
  return child.length === leafBytes
}

/** A branch or a leaf; undefined for bytes of any other length: the store is damaged. */
export function asChild(bytes: Uint8Array): Child {
  return bytes.length === branchBytes || bytes.length === leafBytes ? bytes : undefined
}

export function branchHash(branch: Uint8Array): Uint8Array {
  return branch.subarray(childHashAt, branchBytes)
}

/** 32 bytes: a branch's own, that of a leaf as the tree has it, or zero bytes for nothing. */
export function childHash(child: Child, hasher: Hasher): Uint8Array {
  if (child === undefined) return new Uint8Array(32)
  return isLeaf(child) ? hasher.sha256(Uint8Array.of(0), child.subarray(childPathAt)) : branchHash(child).slice()
}

/** 32 bytes. */
export function leafPath(leaf: Uint8Array): Uint8Array {
  return leaf.subarray(childPathAt, valueHashAt)
}

/** 32 bytes. */
export function leafValueHash(leaf: Uint8Array): Uint8Array {
  return leaf.subarray(valueHashAt, leafBytes)
}

/** The slot at `depth` on the way to a leaf. */
export function leafSlot(leaf: Uint8Array, depth: number): number {
  const byte = leaf[childPathAt + (depth >> 1)]!
  return (depth & 1) === 0 ? byte >> 4 : byte & 15
}

/** A leaf with a path and nothing else: what is looked for. */
export function leafAtPath(path: Uint8Array): Uint8Array {
  const leaf = new Uint8Array(leafBytes)
  leaf.set(path, childPathAt)
  return leaf
}

/** The same path but for its slot at `depth`. */
export function withSlot(leaf: Uint8Array, depth: number, slot: number): Uint8Array {
  const other = leaf.slice()
  const place = childPathAt + (depth >> 1)
  const byte = leaf[place]!
  other[place] = (depth & 1) === 0 ? (slot << 4) | (byte & 15) : (byte & 0xf0) | slot
  return other
}

/** The order of two leaves by their paths: negative, zero or positive. */
export function comparePaths(a: Uint8Array, b: Uint8Array): number {
  for (let i = childPathAt; i < valueHashAt; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** A bit for each slot in use. */
export function usedMask(node: Uint8Array): number {
  return (node[0]! << 8) | node[1]!
}

/** A bit for each slot with a leaf. */
export function leafMask(node: Uint8Array): number {
  return (node[2]! << 8) | node[3]!
}

/** Where the child in a slot begins, or would stand. */
export function childOffset(node: Uint8Array, slot: number): number {
  const below = (1 << slot) - 1
  const leaves = bitCount(leafMask(node) & below)
  return masksBytes + branchBytes * bitCount(usedMask(node) & below) + (leafBytes - branchBytes) * leaves
}

export function childAt(node: Uint8Array, slot: number): Child {
  if (((usedMask(node) >>> slot) & 1) === 0) return undefined
  const offset = childOffset(node, slot)
  const length = ((leafMask(node) >>> slot) & 1) === 1 ? leafBytes : branchBytes
  return node.subarray(offset, offset + length)
}

/** Whether a node of this length can have these slots. What its children are is then said by its hash. */
export function isNode(bytes: Uint8Array): boolean {
  if (bytes.length < masksBytes || (leafMask(bytes) & ~usedMask(bytes)) !== 0) return false
  return childOffset(bytes, slotCount) === bytes.length
}

/** The number of ones among sixteen bits. */
function bitCount(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x5555)
  bits = (bits & 0x3333) + ((bits >>> 2) & 0x3333)
  bits = (bits + (bits >>> 4)) & 0x0f0f
  return (bits + (bits >>> 8)) & 0x1f
}

/** A node before anything is in it. */
export const emptyNode: Uint8Array = new Uint8Array(masksBytes)

/** What becomes of some slots of a node; the others stay as they are in `before`. */
export type SlotChanges = {
  readonly before: Uint8Array
  /** In ascending order. */
  readonly slots: readonly number[]
  /** For each of them. */
  readonly children: readonly Child[]
}

/** The masks of the node after the changes. */
export function masksAfter({ before, slots, children }: SlotChanges): { used: number; leaves: number } {
  let used = usedMask(before)
  let leaves = leafMask(before)
  for (let i = 0; i < slots.length; i++) {
    const bit = 1 << slots[i]!
    const child = children[i]
    used = child ? used | bit : used & ~bit
    leaves = child && isLeaf(child) ? leaves | bit : leaves & ~bit
  }
  return { used, leaves }
}

/** The length of the node after the changes. */
export function lengthAfter(changes: SlotChanges): number {
  const { used, leaves } = masksAfter(changes)
  return masksBytes + branchBytes * bitCount(used) + (leafBytes - branchBytes) * bitCount(leaves)
}

/** Fills `out`, which has the length for it, with the node after the changes. */
export function encodeNode(out: Uint8Array, changes: SlotChanges): void {
  const { before, slots, children } = changes
  const { used, leaves } = masksAfter(changes)
  out[0] = used >>> 8
  out[1] = used
  out[2] = leaves >>> 8
  out[3] = leaves
  let to = masksBytes
  let from = masksBytes
  for (let i = 0; i < slots.length; i++) {
    const unchanged = before.subarray(from, childOffset(before, slots[i]!))
    out.set(unchanged, to)
    to += unchanged.length
    from = childOffset(before, slots[i]! + 1)
    const child = children[i]
    if (!child) continue
    out.set(child, to)
    to += child.length
  }
  out.set(before.subarray(from), to)
}

/** The only child that a node would have after the changes, where that is a leaf, which then needs no node. */
export function onlyLeaf(changes: SlotChanges): Child {
  const { used, leaves } = masksAfter(changes)
  if (used !== leaves || bitCount(used) !== 1) return undefined
  const slot = 31 - Math.clz32(used)
  const place = changes.slots.indexOf(slot)
  return place === -1 ? childAt(changes.before, slot) : changes.children[place]
}
