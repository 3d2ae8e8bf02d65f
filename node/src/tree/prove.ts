// ICS-23 proofs out of the state tree, for the stock ics23.SmtSpec: the place of a key is its SHA-256, and a proof of
// absence shows the nearest leaves on both sides in that order.

import { type CommitmentProof, type ExistenceProof, HashOp, type InnerOp, type LeafOp, LengthOp } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import { type Child, type Leaf, type Node, nodeSteps, pathText, slotCount } from './node.ts'
import type { NodeStore, Path } from './node-store.ts'

const leafOp: LeafOp = {
  hash: HashOp.sha256,
  prehashKey: HashOp.sha256,
  prehashValue: HashOp.sha256,
  length: LengthOp.noPrefix,
  prefix: Uint8Array.of(0),
}

/** Existence of the key with its value, or else absence with its neighbours, under the root `root`. */
export function proveKey(store: NodeStore, root: Child, key: Uint8Array): CommitmentProof {
  const path = pathText(sha256(key))
  const walk = { store, path }
  const { leaf, steps } = descend(walk, root)
  if (leaf?.path === path) return { exist: existence(store, leaf, steps), nonexist: undefined }
  const left = neighbour(walk, { child: root, at: '' }, 'left')
  const right = neighbour(walk, { child: root, at: '' }, 'right')
  return {
    exist: undefined,
    nonexist: { key, left: left && proveLeaf(store, root, left), right: right && proveLeaf(store, root, right) },
  }
}

type Walk = { readonly store: NodeStore; readonly path: Path }

function proveLeaf(store: NodeStore, root: Child, leaf: Leaf): ExistenceProof {
  const { steps } = descend({ store, path: leaf.path }, root)
  return existence(store, leaf, steps)
}

function existence(store: NodeStore, leaf: Leaf, steps: readonly InnerOp[]): ExistenceProof {
  const { key, value } = store.value(leaf)
  return { key, value, leaf: leafOp, path: steps }
}

/** The leaf at the end of a path, and the steps from it up to the root. */
function descend({ store, path }: Walk, root: Child): { leaf: Leaf | undefined; steps: readonly InnerOp[] } {
  let child = root
  const nodes: Node[] = []
  for (let depth = 0; child?.kind === 'branch'; depth++) {
    const node = store.node(child, path.slice(0, depth))
    nodes.push(node)
    child = node[slotOf(path, depth)]
  }
  const steps = nodes.flatMap((_, i) => {
    const depth = nodes.length - 1 - i
    return nodeSteps(nodes[depth]!, slotOf(path, depth))
  })
  return { leaf: child, steps }
}

function slotOf(path: Path, depth: number): number {
  return Number.parseInt(path[depth]!, 16)
}

/** The leaf next to an absent path on one side, in the part of the tree under `child`. */
function neighbour(walk: Walk, { child, at }: { child: Child; at: Path }, side: 'left' | 'right'): Leaf | undefined {
  if (child === undefined) return undefined
  if (child.kind === 'leaf')
    return (side === 'left' ? child.path < walk.path : child.path > walk.path) ? child : undefined
  const node = walk.store.node(child, at)
  const own = slotOf(walk.path, at.length)
  const inside = neighbour(walk, { child: node[own], at: at + own.toString(16) }, side)
  if (inside) return inside
  const step = side === 'left' ? -1 : 1
  for (let slot = own + step; slot >= 0 && slot < slotCount; slot += step) {
    const beside = node[slot]
    if (beside) return outermost(walk.store, { child: beside, at: at + slot.toString(16) }, side)
  }
  return undefined
}

/** The rightmost leaf of what lies to the left, or the leftmost of what lies to the right. */
function outermost(
  store: NodeStore,
  { child, at }: { child: Child; at: Path },
  side: 'left' | 'right',
): Leaf | undefined {
  if (child?.kind !== 'branch') return child
  const node = store.node(child, at)
  const filled = node.flatMap((inner, slot) => (inner ? [slot] : []))
  const slot = side === 'left' ? filled.at(-1)! : filled[0]!
  return outermost(store, { child: node[slot], at: at + slot.toString(16) }, side)
}
