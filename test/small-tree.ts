// A small state tree that proves what it holds, by the state tree's rules; or, with places of one's own choosing, one that
// breaks them. For tests of verifiers: the node's own tree is another program.

import { concat, encodeUtf8 } from '../sdk/src/bytes.ts'
import type { Hasher } from '../sdk/src/crypto/crypto.ts'
import { leafHash } from '../sdk/src/ics23/ops.ts'
import type { CommitmentProof, ExistenceProof, InnerOp } from '../sdk/src/ics23/proof.ts'
import { smtSpec, tendermintSpec } from '../sdk/src/ics23/spec.ts'
import { merkleInnerHash, merkleLeafHash } from '../sdk/src/merkle/root.ts'

export type Entry = {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** Bits of the way down from the root, the first at the root. */
  readonly place: string
}

export type SmallTree = {
  readonly entry: (key: string, value: string, place?: string) => Entry
  readonly rootOf: (entries: readonly Entry[]) => Uint8Array
  readonly prove: (entries: readonly Entry[], target: Entry) => ExistenceProof
  readonly proveAbsence: (entries: readonly Entry[], key: Uint8Array) => CommitmentProof
  /** Existence or absence, whichever holds. */
  readonly answer: (entries: readonly Entry[], key: Uint8Array) => CommitmentProof
  /** The app hash of two stores, and the proof of each under it. */
  readonly stores: (roots: StoreRoots) => Stores
  readonly storeLeaf: (name: string, value: Uint8Array) => Uint8Array
}

type StoreRoots = { readonly history: Uint8Array; readonly state: Uint8Array }
export type Stores = { readonly appHash: Uint8Array; readonly history: ExistenceProof; readonly state: ExistenceProof }

const one = new Uint8Array([1])
const nothing = new Uint8Array(0)

export const exists = (exist: ExistenceProof): CommitmentProof => ({ exist, nonexist: undefined })

export function createSmallTree(hasher: Hasher): SmallTree {
  function placeOf(key: Uint8Array): string {
    return [...hasher.sha256(key)].map(byte => byte.toString(2).padStart(8, '0')).join('')
  }

  function nodeHash(entries: readonly Entry[], depth: number): Uint8Array {
    const [first, ...others] = entries
    if (first === undefined) return new Uint8Array(32)
    if (others.length === 0) return leafHash(smtSpec.leaf, first, hasher)
    const [left, right] = ['0', '1'].map(bit => nodeHash(half(entries, depth, bit), depth + 1))
    return hasher.sha256(one, left!, right!)
  }

  function prove(all: readonly Entry[], target: Entry): ExistenceProof {
    const path: InnerOp[] = []
    let entries = all
    for (let depth = 0; entries.length > 1; depth++) {
      const left = target.place[depth] === '0'
      const sibling = nodeHash(half(entries, depth, left ? '1' : '0'), depth + 1)
      path.unshift(step(sibling, left ? 'left' : 'right'))
      entries = half(entries, depth, target.place[depth]!)
    }
    return { key: target.key, value: target.value, leaf: smtSpec.leaf, path }
  }

  function proveAbsence(entries: readonly Entry[], key: Uint8Array): CommitmentProof {
    const place = placeOf(key)
    const sorted = [...entries].sort((a, b) => (a.place < b.place ? -1 : 1))
    const left = sorted.findLast(other => other.place < place)
    const right = sorted.find(other => other.place > place)
    const nonexist = { key, left: left && prove(entries, left), right: right && prove(entries, right) }
    return { exist: undefined, nonexist }
  }

  function storeLeaf(name: string, value: Uint8Array): Uint8Array {
    const hash = hasher.sha256(value)
    return merkleLeafHash(concat(new Uint8Array([name.length]), encodeUtf8(name), new Uint8Array([32]), hash), hasher)
  }

  return {
    entry: (key, value, place) => ({
      key: encodeUtf8(key),
      value: encodeUtf8(value),
      place: place ?? placeOf(encodeUtf8(key)),
    }),
    rootOf: entries => nodeHash(entries, 0),
    prove,
    proveAbsence,
    answer(entries, key) {
      const found = entries.find(entry => String(entry.key) === String(key))
      return found ? exists(prove(entries, found)) : proveAbsence(entries, key)
    },
    storeLeaf,
    stores({ history, state }) {
      const [left, right] = [storeLeaf('history', history), storeLeaf('state', state)]
      const leaf = tendermintSpec.leaf
      return {
        appHash: merkleInnerHash(left, right, hasher),
        history: { key: encodeUtf8('history'), value: history, leaf, path: [step(right, 'left')] },
        state: { key: encodeUtf8('state'), value: state, leaf, path: [step(left, 'right')] },
      }
    },
  }
}

function half(entries: readonly Entry[], depth: number, bit: string): readonly Entry[] {
  return entries.filter(({ place }) => place[depth] === bit)
}

/** The op of a child on this side of its sibling. */
function step(sibling: Uint8Array, side: 'left' | 'right'): InnerOp {
  if (side === 'left') return { hash: 1, prefix: one, suffix: sibling }
  return { hash: 1, prefix: concat(one, sibling), suffix: nothing }
}
