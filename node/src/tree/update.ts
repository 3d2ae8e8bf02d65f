// One version of the state tree from the one before: down the changed paths, a level at a time, so that what must be read is
// read at once; then up again, deciding what stands where; then the hashes, the deepest level first and each level at once.
// Nothing is written here: what to write is collected.

import { compare, equals } from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import { height64 } from '../storage/keys.ts'
import { type Change, changesOf } from './changes.ts'
import {
  branchBytes,
  type Child,
  childAt,
  depthMax,
  emptyNode,
  encodeNode,
  isLeaf,
  leafPath,
  leafSlot,
  leafValueHash,
  masksAfter,
  nodeBytesMax,
  onlyLeaf,
  type SlotChanges,
} from './node.ts'
import { encodeValue, type KeptNode, type NodeStore, nodeKey, valueBytes, valueKey } from './node-store.ts'
import { newOutput, type Output } from './output.ts'

export type Updated = {
  readonly root: Child
  readonly writes: readonly Write[]
  /** Keys that no version from this one on needs. */
  readonly stale: readonly Uint8Array[]
  readonly nodes: readonly KeptNode[]
}

type Update = {
  /** The version, as records have it. */
  readonly stamp: Uint8Array
  readonly store: NodeStore
  readonly changes: readonly Change[]
  /** The changes that give a key another value. */
  readonly written: Change[]
  readonly stale: Uint8Array[]
  /** The new nodes by their depth. */
  readonly drafts: Draft[][]
}

/** A new node, whose branch is filled with its hash when those below it are. */
type Draft = SlotChanges & { readonly branch: Uint8Array; readonly path: Uint8Array; readonly depth: number }

/** A node that changes may alter: those from `from` to `to`, without `to`, lie under it. */
type Visit = {
  readonly branch: Uint8Array
  readonly depth: number
  readonly from: number
  readonly to: number
  readonly parts: Part[]
  node: Uint8Array
  /** What stands in its place afterwards; the same branch says: no change. */
  after: Child
}

/** The changes under one slot of a node; where a branch stands there, the visit of it. */
type Part = { readonly slot: number; readonly from: number; readonly to: number; readonly below: Visit | undefined }

export async function updateTree(store: NodeStore, before: Child, options: UpdateOptions): Promise<Updated> {
  const { version, writes } = options
  const changes = changesOf(writes, { version, hasher: store.hasher })
  const drafts = Array.from({ length: depthMax }, () => [])
  const update: Update = { stamp: height64(version), store, changes, written: [], stale: [], drafts }
  const top = { depth: 0, from: 0, to: changes.length }
  let root: Child
  if (before && !isLeaf(before)) {
    const visit = newVisit(before, top)
    const levels = await visitAll(update, visit)
    for (const level of levels.toReversed()) for (const one of level) settle(update, one)
    root = visit.after
  } else {
    root = build(update, 0, mergeLeaf(update, before, top))
  }
  return { root, ...finish(update) }
}

export type UpdateOptions = { readonly version: bigint; readonly writes: readonly Write[] }

function newVisit(branch: Uint8Array, { depth, from, to }: { depth: number; from: number; to: number }): Visit {
  return { branch, depth, from, to, parts: [], node: emptyNode, after: branch }
}

/** The nodes on all changed paths, level by level from the root. */
async function visitAll(update: Update, root: Visit): Promise<readonly (readonly Visit[])[]> {
  const { changes, store } = update
  const levels: Visit[][] = []
  let level = update.changes.length === 0 ? [] : [root]
  while (level.length > 0) {
    levels.push(level)
    const nodes = await store.nodes(
      level.map(({ branch, depth, from }) => ({ branch, depth, path: leafPath(changes[from]!.leaf) })),
    )
    const below: Visit[] = []
    level.forEach((visit, i) => {
      visit.node = nodes[i]!
      split(update, visit, below)
    })
    level = below
  }
  return levels
}

function split({ changes }: Update, visit: Visit, below: Visit[]): void {
  for (let from = visit.from; from < visit.to; ) {
    const slot = leafSlot(changes[from]!.leaf, visit.depth)
    let to = from + 1
    while (to < visit.to && leafSlot(changes[to]!.leaf, visit.depth) === slot) to++
    const child = childAt(visit.node, slot)
    const next = child && !isLeaf(child) ? newVisit(child, { depth: visit.depth + 1, from, to }) : undefined
    if (next) below.push(next)
    visit.parts.push({ slot, from, to, below: next })
    from = to
  }
}

/** Decides what stands in the place of a node, when that is decided for those below it. */
function settle(update: Update, visit: Visit): void {
  const { node, depth, branch } = visit
  const slots: number[] = []
  const children: Child[] = []
  for (const { slot, from, to, below } of visit.parts) {
    const before = below ? below.branch : childAt(node, slot)
    const after = below ? below.after : build(update, depth + 1, mergeLeaf(update, before, { from, to }))
    if (after === before) continue
    slots.push(slot)
    children.push(after)
  }
  if (slots.length === 0) return
  const path = leafPath(update.changes[visit.from]!.leaf)
  update.stale.push(nodeKey({ branch, path, depth }))
  const changed = { before: node, slots, children }
  visit.after =
    masksAfter(changed).used === 0 ? undefined : (onlyLeaf(changed) ?? draft(update, changed, { path, depth }))
}

/** The leaves that stand in place of `before`, a leaf or nothing, after some changes, in the order of their paths. */
function mergeLeaf(update: Update, before: Child, { from, to }: { from: number; to: number }): readonly Uint8Array[] {
  const leaves: Uint8Array[] = []
  let old = before
  for (let i = from; i < to; i++) {
    const change = update.changes[i]!
    const order = old ? compare(leafPath(old), leafPath(change.leaf)) : 1
    if (old && order < 0) leaves.push(old)
    const leaf = changeLeaf(update, order === 0 ? old : undefined, change)
    if (leaf) leaves.push(leaf)
    if (order <= 0) old = undefined
  }
  if (old) leaves.push(old)
  return leaves
}

function changeLeaf(update: Update, before: Child, change: Change): Child {
  const { leaf, entry } = change
  if (before && entry && equals(leafValueHash(before), leafValueHash(leaf))) return before
  if (before) update.stale.push(valueKey(before))
  if (!entry) return undefined
  update.written.push(change)
  return leaf
}

/** What stands for some leaves in the order of their paths, all of which lie under one place at `depth`. */
function build(update: Update, depth: number, leaves: readonly Uint8Array[]): Child {
  if (leaves.length <= 1) return leaves[0]
  const slots: number[] = []
  const children: Child[] = []
  for (let from = 0; from < leaves.length; ) {
    const slot = leafSlot(leaves[from]!, depth)
    let to = from + 1
    while (to < leaves.length && leafSlot(leaves[to]!, depth) === slot) to++
    slots.push(slot)
    children.push(build(update, depth + 1, leaves.slice(from, to)))
    from = to
  }
  return draft(update, { before: emptyNode, slots, children }, { path: leafPath(leaves[0]!), depth })
}

function draft(
  { stamp, drafts }: Update,
  changed: SlotChanges,
  { path, depth }: { path: Uint8Array; depth: number },
): Uint8Array {
  const branch = new Uint8Array(branchBytes)
  branch.set(stamp)
  drafts[depth]!.push({ ...changed, branch, path, depth })
  return branch
}

/** Gives the new nodes their bytes and hashes, the deepest first. */
function finish(update: Update): Omit<Updated, 'root'> {
  const { store, drafts, stale } = update
  const writes: Write[] = []
  const nodes: KeptNode[] = []
  const output = newOutput()
  for (const level of drafts.toReversed()) {
    const encoded = level.map(one => output.take(nodeBytesMax, space => encodeNode(space, one)))
    const hashes = store.levels.nodeHashes(encoded)
    level.forEach(({ branch, path, depth }, i) => {
      branch.set(hashes.subarray(32 * i, 32 * i + 32), branchBytes - 32)
      writes.push({ key: nodeKey({ branch, path, depth }), value: encoded[i]! })
      nodes.push({ branch, node: encoded[i]! })
    })
  }
  for (const change of update.written) writes.push(valueWrite(change, output))
  return { writes, stale, nodes }
}

function valueWrite({ leaf, entry }: Change, output: Output): Write {
  const value = output.take(valueBytes(entry!), space => encodeValue(space, entry!))
  return { key: valueKey(leaf), value }
}
