// The stored node of the state tree: sixteen slots, which stand for four levels of a binary tree hashed by the rules of
// ics23.SmtSpec. A subtree with a single leaf is that leaf, wherever it stands (as in Jellyfish), so paths stay short.

import { concat, type InnerOp } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import { height64, index32, readHeight64, readIndex32 } from '../storage/keys.ts'

export type Leaf = {
  readonly kind: 'leaf'
  /** SHA-256 of the key, 64 hexadecimal digits: the leaf's place in the tree. */
  readonly path: string
  /** SHA-256 of the value. */
  readonly valueHash: Uint8Array
  /** H(0x00 | path | valueHash): follows from the two, and is asked for at every change nearby. */
  readonly hash: Uint8Array
  /** The version that gave the key this value. */
  readonly version: bigint
}

export type Branch = {
  readonly kind: 'branch'
  readonly hash: Uint8Array
  /** The version that wrote the node. */
  readonly version: bigint
}

export type Child = Leaf | Branch | undefined

/** Always sixteen slots, by the next hexadecimal digit of the path. */
export type Node = readonly Child[]

export const slotCount = 16
const emptyHash = new Uint8Array(32)

const pair = new Uint8Array(65)

/** H(prefix | left | right) of two hashes; the bytes are joined in one place, since a block asks this many thousand times. */
function hashPair(prefix: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  pair[0] = prefix
  pair.set(left, 1)
  pair.set(right, 33)
  return sha256(pair)
}

export function newLeaf(path: string, valueHash: Uint8Array, version: bigint): Leaf {
  return { kind: 'leaf', path, valueHash, version, hash: hashPair(0, pathBytes(path), valueHash) }
}

export function childHash(child: Child): Uint8Array {
  return child === undefined ? emptyHash : child.hash
}

export function nodeHash(node: Node): Uint8Array {
  return rangeHash(node, 0, slotCount)
}

/** The steps from the child in `slot` up to the node's own hash, in the order of ICS-23: from below. */
export function nodeSteps(node: Node, slot: number): readonly InnerOp[] {
  const steps: InnerOp[] = []
  let from = 0
  let count = slotCount
  while (count > 1 && !onlyLeaf(node, from, count)) {
    const half = count / 2
    const isRight = slot >= from + half
    steps.push(innerStep(rangeHash(node, isRight ? from : from + half, half), isRight))
    if (isRight) from += half
    count = half
  }
  return steps.reverse()
}

/** InnerOp of ics23.SmtSpec: the sibling stands in the prefix when it is on the left, else in the suffix. */
function innerStep(sibling: Uint8Array, isRight: boolean): InnerOp {
  if (!isRight) return { hash: 1, prefix: Uint8Array.of(1), suffix: sibling }
  return { hash: 1, prefix: Uint8Array.of(1, ...sibling), suffix: new Uint8Array(0) }
}

function rangeHash(node: Node, from: number, count: number): Uint8Array {
  const only = onlyChild(node, from, count)
  if (only === 'none') return emptyHash
  if (only !== 'several' && (only.kind === 'leaf' || count === 1)) return childHash(only)
  const half = count / 2
  return hashPair(1, rangeHash(node, from, half), rangeHash(node, from + half, half))
}

function onlyLeaf(node: Node, from: number, count: number): boolean {
  const only = onlyChild(node, from, count)
  return only !== 'none' && only !== 'several' && only.kind === 'leaf'
}

function onlyChild(node: Node, from: number, count: number): Leaf | Branch | 'none' | 'several' {
  let found: Leaf | Branch | undefined
  for (let slot = from; slot < from + count; slot++) {
    const child = node[slot]
    if (child && found) return 'several'
    found ??= child
  }
  return found ?? 'none'
}

/** Two bit masks (slots in use, slots with a leaf), then the children in the order of their slots. */
export function encodeNode(node: Node): Uint8Array {
  let used = 0
  let leaves = 0
  const parts: Uint8Array[] = []
  node.forEach((child, slot) => {
    if (!child) return
    used |= 1 << slot
    if (child.kind === 'leaf') leaves |= 1 << slot
    parts.push(encodeChild(child))
  })
  return concat(index32(((used << 16) | leaves) >>> 0), ...parts)
}

/** Undefined when the bytes are none that encodeNode writes: the store is damaged. */
export function decodeNode(bytes: Uint8Array): Node | undefined {
  if (bytes.length < 4) return undefined
  const masks = readIndex32(bytes)
  const node: Child[] = new Array(slotCount).fill(undefined)
  let offset = 4
  for (let slot = 0; slot < slotCount; slot++) {
    if (((masks >>> (16 + slot)) & 1) === 0) continue
    const isLeaf = ((masks >>> slot) & 1) === 1
    const length = isLeaf ? leafLength : branchLength
    if (offset + length > bytes.length) return undefined
    node[slot] = decodeChild(bytes.subarray(offset, offset + length))
    offset += length
  }
  return offset === bytes.length ? node : undefined
}

const leafLength = 8 + 32 + 32
const branchLength = 8 + 32

export function encodeChild(child: Leaf | Branch): Uint8Array {
  if (child.kind === 'branch') return concat(height64(child.version), child.hash)
  return concat(height64(child.version), pathBytes(child.path), child.valueHash)
}

/** A leaf or a branch, which differ in length; undefined for any other length. */
export function decodeChild(bytes: Uint8Array): Leaf | Branch | undefined {
  const version = bytes.length >= 8 ? readHeight64(bytes) : 0n
  if (bytes.length === branchLength) return { kind: 'branch', version, hash: bytes.slice(8) }
  if (bytes.length !== leafLength) return undefined
  return newLeaf(pathText(bytes.subarray(8, 40)), bytes.slice(40), version)
}

// Paths are turned to and fro in every block: by Node's own code, which is many times faster than ours.

/** 64 hexadecimal digits of 32 bytes. */
export function pathText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

export function pathBytes(path: string): Uint8Array {
  return Buffer.from(path, 'hex')
}
