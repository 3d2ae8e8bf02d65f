// One version of the state tree from the one before: a recursion over the changed paths only. Nothing is written here;
// what to write is collected.

import { sha256 } from '../hasher.ts'
import type { Entry, Write } from '../storage/database.ts'
import { type Child, encodeNode, type Leaf, type Node, newLeaf, nodeHash, pathText, slotCount } from './node.ts'
import { encodeValue, type NodeStore, nodeKey, type Path, valueKey } from './node-store.ts'

/** What becomes of one key: its new value, or undefined where it is deleted. */
export type Change = { readonly path: Path; readonly entry: Entry | undefined }

export type Update = {
  readonly version: bigint
  readonly store: NodeStore
  readonly writes: Write[]
  /** Keys that no version from this one on needs. */
  readonly stale: Uint8Array[]
  /** The new nodes by their key in hexadecimal. */
  readonly nodes: Map<string, Node>
}

/** `changes` all lie under `path` and stand in the order of their paths, each path once. The same child says: no change. */
export function updateChild(update: Update, child: Child, at: { path: Path; changes: readonly Change[] }): Child {
  if (at.changes.length === 0) return child
  if (child?.kind === 'branch') return updateBranch(update, child, at)
  return build(update, at.path, mergeLeaf(update, child, at.changes))
}

function updateBranch(
  update: Update,
  branch: Child & { kind: 'branch' },
  { path, changes }: { path: Path; changes: readonly Change[] },
): Child {
  const before = update.store.node(branch, path)
  const parts = bySlot(path, changes)
  const after = before.map((child, slot) =>
    updateChild(update, child, { path: path + slot.toString(16), changes: parts[slot]! }),
  )
  if (after.every((child, slot) => child === before[slot])) return branch
  update.stale.push(nodeKey(branch.version, path))
  const left = after.filter(child => child !== undefined)
  if (left.length === 0) return undefined
  if (left.length === 1 && left[0]!.kind === 'leaf') return left[0]
  return placeNode(update, path, after)
}

/** The leaves that stand in place of `child` after the changes, in the order of their paths. */
function mergeLeaf(update: Update, child: Leaf | undefined, changes: readonly Change[]): readonly Leaf[] {
  const leaves: Leaf[] = []
  let old = child
  for (const change of changes) {
    if (old && old.path < change.path) {
      leaves.push(old)
      old = undefined
    }
    const same = old?.path === change.path ? old : undefined
    if (same) old = undefined
    const leaf = changeLeaf(update, same, change)
    if (leaf) leaves.push(leaf)
  }
  if (old) leaves.push(old)
  return leaves
}

function changeLeaf(update: Update, before: Leaf | undefined, { path, entry }: Change): Leaf | undefined {
  const valueHash = entry && sha256(entry.value)
  if (before && valueHash && Buffer.compare(before.valueHash, valueHash) === 0) return before
  if (before) update.stale.push(valueKey(path, before.version))
  if (!entry || !valueHash) return undefined
  update.writes.push({ key: valueKey(path, update.version), value: encodeValue(entry) })
  return newLeaf(path, valueHash, update.version)
}

function build(update: Update, path: Path, leaves: readonly Leaf[]): Child {
  if (leaves.length <= 1) return leaves[0]
  const parts = bySlot(path, leaves)
  return placeNode(
    update,
    path,
    parts.map((part, slot) => build(update, path + slot.toString(16), part)),
  )
}

function placeNode(update: Update, path: Path, node: Node): Child {
  const key = nodeKey(update.version, path)
  update.writes.push({ key, value: encodeNode(node) })
  update.nodes.set(pathText(key), node)
  return { kind: 'branch', version: update.version, hash: nodeHash(node) }
}

/** Splits by the digit after `path`; the order inside each part stays. */
function bySlot<T extends { readonly path: Path }>(path: Path, items: readonly T[]): readonly (readonly T[])[] {
  const parts: T[][] = Array.from({ length: slotCount }, () => [])
  for (const item of items) parts[Number.parseInt(item.path[path.length]!, 16)]!.push(item)
  return parts
}

/** The changes in the order of their paths; of several writes of one key the last counts. */
export function changesOf(writes: readonly Write[]): readonly Change[] {
  const changes = new Map<Path, Change>()
  for (const { key, value } of writes) {
    const path = pathText(sha256(key))
    changes.set(path, { path, entry: value && { key, value } })
  }
  return [...changes.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The root's own path. */
export const rootPath: Path = ''
