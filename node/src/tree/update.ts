// One version of the state tree from the one before: down the changed paths, a level at a time, so that what must be read is
// read at once; then up again, deciding what stands where; then the hashes, the deepest level first and each level at once.
// Nothing is written here: what to write is collected.

import { equals } from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import { height64 } from '../storage/keys.ts'
import { type Change, changesOf } from './changes.ts'
import {
  branchBytes,
  type Child,
  childAt,
  comparePaths,
  depthMax,
  emptyNode,
  encodeNode,
  isLeaf,
  leafSlot,
  leafValueHash,
  lengthAfter,
  masksAfter,
  onlyLeaf,
  type SlotChanges,
} from './node.ts'
import { encodeValue, type KeptNode, type NodeStore, nodeKey, type Place, valueKey } from './node-store.ts'
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
  readonly output: Output
}

/** A new node, whose branch gets its hash and itself its bytes when those below it have theirs. */
type Draft = SlotChanges & Place & { node: Uint8Array }

/** A node that changes may alter: those from `from` to `to`, without `to`, lie under it. */
type Visit = {
  readonly branch: Uint8Array
  readonly depth: number
  readonly from: number
  readonly to: number
  /** The visits of nodes below, in the order of their slots. */
  readonly below: Visit[]
  node: Uint8Array
  /** What stands in its place afterwards; the same branch says: no change. */
  after: Child
}

export async function updateTree(store: NodeStore, before: Child, options: UpdateOptions): Promise<Updated> {
  const { version, writes } = options
  const changes = changesOf(writes, { version, hasher: store.hasher })
  const drafts = Array.from({ length: depthMax }, () => [])
  const update: Update = {
    stamp: height64(version),
    store,
    changes,
    written: [],
    stale: [],
    drafts,
    output: newOutput(),
  }
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
  return { root, writes: finish(update), stale: update.stale, nodes: drafts.flat() }
}

export type UpdateOptions = { readonly version: bigint; readonly writes: readonly Write[] }

function newVisit(branch: Uint8Array, { depth, from, to }: { depth: number; from: number; to: number }): Visit {
  return { branch, depth, from, to, below: [], node: emptyNode, after: branch }
}

/** The nodes on all changed paths, level by level from the root. */
async function visitAll(update: Update, root: Visit): Promise<readonly (readonly Visit[])[]> {
  const { changes, store } = update
  const levels: Visit[][] = []
  let level = changes.length === 0 ? [] : [root]
  while (level.length > 0) {
    levels.push(level)
    const nodes = await store.nodes(
      level.map(({ branch, depth, from }) => ({ branch, depth, leaf: changes[from]!.leaf })),
    )
    level.forEach((visit, i) => {
      visit.node = nodes[i]!
      visitBelow(update, visit)
    })
    level = level.flatMap(({ below }) => below)
  }
  return levels
}

function visitBelow(update: Update, { node, depth, from, to, below }: Visit): void {
  for (let begin = from; begin < to; ) {
    const end = endOfSlot(update, { from: begin, to, depth })
    const child = childAt(node, leafSlot(update.changes[begin]!.leaf, depth))
    if (child && !isLeaf(child)) below.push(newVisit(child, { depth: depth + 1, from: begin, to: end }))
    begin = end
  }
}

/** Where the changes that share a slot with the one at `from` end. */
function endOfSlot({ changes }: Update, { from, to, depth }: { from: number; to: number; depth: number }): number {
  const slot = leafSlot(changes[from]!.leaf, depth)
  let end = from + 1
  while (end < to && leafSlot(changes[end]!.leaf, depth) === slot) end++
  return end
}

/** Decides what stands in the place of a node, when that is decided for those below it. */
function settle(update: Update, visit: Visit): void {
  const { node, depth, branch, from, to, below } = visit
  const slots: number[] = []
  const children: Child[] = []
  let next = 0
  for (let begin = from; begin < to; ) {
    const end = endOfSlot(update, { from: begin, to, depth })
    const slot = leafSlot(update.changes[begin]!.leaf, depth)
    const visited = below[next]?.from === begin ? below[next++] : undefined
    const before = visited ? visited.branch : childAt(node, slot)
    const after = visited
      ? visited.after
      : build(update, depth + 1, mergeLeaf(update, before, { from: begin, to: end }))
    if (after !== before) {
      slots.push(slot)
      children.push(after)
    }
    begin = end
  }
  if (slots.length === 0) return
  const { leaf } = update.changes[from]!
  update.stale.push(nodeKey({ branch, leaf, depth }, update.output))
  const changed = { before: node, slots, children }
  visit.after =
    masksAfter(changed).used === 0 ? undefined : (onlyLeaf(changed) ?? draft(update, changed, { leaf, depth }))
}

/** The leaves that stand in place of `before`, a leaf or nothing, after some changes, in the order of their paths. */
function mergeLeaf(update: Update, before: Child, { from, to }: { from: number; to: number }): readonly Uint8Array[] {
  const leaves: Uint8Array[] = []
  let old = before
  for (let i = from; i < to; i++) {
    const change = update.changes[i]!
    const order = old ? comparePaths(old, change.leaf) : 1
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
  if (before) update.stale.push(valueKey(before, update.output))
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
  return draft(update, { before: emptyNode, slots, children }, { leaf: leaves[0]!, depth })
}

function draft(
  { stamp, drafts }: Update,
  { before, slots, children }: SlotChanges,
  { leaf, depth }: { leaf: Uint8Array; depth: number },
): Uint8Array {
  const branch = new Uint8Array(branchBytes)
  branch.set(stamp)
  drafts[depth]!.push({ before, slots, children, branch, leaf, depth, node: emptyNode })
  return branch
}

/** Gives the new nodes their bytes and hashes, the deepest first. */
function finish({ store, drafts, written, output }: Update): readonly Write[] {
  const writes: Write[] = []
  for (const level of drafts.toReversed()) {
    for (const one of level) {
      one.node = output.take(lengthAfter(one))
      encodeNode(one.node, one)
      writes.push({ key: nodeKey(one, output), value: one.node })
    }
    const hashes = store.levels.nodeHashes(level.map(({ node }) => node))
    level.forEach(({ branch }, i) => {
      branch.set(hashes.subarray(32 * i, 32 * i + 32), branchBytes - 32)
    })
  }
  for (const { leaf, entry } of written)
    writes.push({ key: valueKey(leaf, output), value: encodeValue(entry!, output) })
  return writes
}
