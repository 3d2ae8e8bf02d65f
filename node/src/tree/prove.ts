// ICS-23 proofs out of the state tree, for the stock ics23.SmtSpec: the place of a key is its SHA-256, and a proof of
// absence shows the nearest leaves on both sides in that order.

import { type CommitmentProof, type ExistenceProof, HashOp, type LeafOp, LengthOp } from '@muniment/sdk'
import {
  type Child,
  childAt,
  comparePaths,
  isLeaf,
  leafAtPath,
  leafSlot,
  slotCount,
  usedMask,
  withSlot,
} from './node.ts'
import type { NodeStore } from './node-store.ts'

const leafOp: LeafOp = {
  hash: HashOp.sha256,
  prehashKey: HashOp.sha256,
  prehashValue: HashOp.sha256,
  length: LengthOp.noPrefix,
  prefix: Uint8Array.of(0),
}

/** The nodes from the root down to where a path ends, and the leaf that stands there, if one does. */
type Way = { readonly nodes: readonly Uint8Array[]; readonly leaf: Child }

/** The leaf of a path, under the root `root`. */
export function findLeaf(store: NodeStore, root: Child, path: Uint8Array): Child {
  const wanted = leafAtPath(path)
  const { leaf } = wayTo(store, root, wanted)
  return leaf && comparePaths(leaf, wanted) === 0 ? leaf : undefined
}

/** Existence of the key with its value, or else absence with its neighbours, under the root `root`. */
export function proveKey(store: NodeStore, root: Child, key: Uint8Array): CommitmentProof {
  const wanted = leafAtPath(store.hasher.sha256(key))
  const way = wayTo(store, root, wanted)
  if (way.leaf && comparePaths(way.leaf, wanted) === 0) return { exist: existence(store, way), nonexist: undefined }
  const beside = (side: Side): ExistenceProof | undefined => {
    const leaf = neighbour({ store, wanted, side }, root, 0)
    return leaf && existence(store, wayTo(store, root, leaf))
  }
  return { exist: undefined, nonexist: { key, left: beside('left'), right: beside('right') } }
}

/** `wanted` is a leaf, of which only the path counts. */
function wayTo(store: NodeStore, root: Child, wanted: Uint8Array): Way {
  const nodes: Uint8Array[] = []
  let child = root
  for (let depth = 0; child && !isLeaf(child); depth++) {
    const node = store.node({ branch: child, leaf: wanted, depth })
    nodes.push(node)
    child = childAt(node, leafSlot(wanted, depth))
  }
  return { nodes, leaf: child }
}

function existence(store: NodeStore, { nodes, leaf }: Way): ExistenceProof {
  const { key, value } = store.value(leaf!)
  const slots = nodes.map((_, depth) => leafSlot(leaf!, depth))
  return { key, value, leaf: leafOp, path: store.levels.steps(nodes.toReversed(), slots.toReversed()) }
}

type Side = 'left' | 'right'
type Search = { readonly store: NodeStore; readonly wanted: Uint8Array; readonly side: Side }

/** The leaf next to an absent path on one side, in the part of the tree under `child`, whose place is on the path. */
function neighbour(search: Search, child: Child, depth: number): Child {
  if (child === undefined) return undefined
  const { store, wanted, side } = search
  if (isLeaf(child)) return comparePaths(child, wanted) < 0 === (side === 'left') ? child : undefined
  const node = store.node({ branch: child, leaf: wanted, depth })
  const own = leafSlot(wanted, depth)
  const inside = neighbour(search, childAt(node, own), depth + 1)
  if (inside) return inside
  const step = side === 'left' ? -1 : 1
  for (let slot = own + step; slot >= 0 && slot < slotCount; slot += step) {
    const beside = childAt(node, slot)
    if (beside) return outermost(search, beside, { leaf: withSlot(wanted, depth, slot), depth: depth + 1 })
  }
  return undefined
}

/** The rightmost leaf of what lies to the left, or the leftmost of what lies to the right. */
function outermost(search: Search, child: Uint8Array, at: { leaf: Uint8Array; depth: number }): Uint8Array {
  if (isLeaf(child)) return child
  const node = search.store.node({ branch: child, ...at })
  const used = usedMask(node)
  const slot = 31 - Math.clz32(search.side === 'left' ? used : used & -used)
  return outermost(search, childAt(node, slot)!, { leaf: withSlot(at.leaf, at.depth, slot), depth: at.depth + 1 })
}
