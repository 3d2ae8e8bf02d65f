// The state tree's rules in their simplest form, for tests to compare with: one recursion over all entries.

import { sha256 } from '../hasher.ts'
import type { Entry } from '../storage/database.ts'

/** Root by ics23.SmtSpec: nothing is 32 zero bytes, a single leaf stands wherever it is alone, else two halves by the next bit. */
export function modelRoot(entries: readonly Entry[]): Uint8Array {
  const leaves = entries.map(({ key, value }) => ({ path: sha256(key), value: sha256(value) }))
  return rootOf(leaves, 0)
}

type ModelLeaf = { readonly path: Uint8Array; readonly value: Uint8Array }

function rootOf(leaves: readonly ModelLeaf[], bit: number): Uint8Array {
  const [first] = leaves
  if (!first) return new Uint8Array(32)
  if (leaves.length === 1) return sha256(Uint8Array.of(0), first.path, first.value)
  const isRight = ({ path }: ModelLeaf): boolean => ((path[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1
  const left = leaves.filter(leaf => !isRight(leaf))
  return sha256(Uint8Array.of(1), rootOf(left, bit + 1), rootOf(leaves.filter(isRight), bit + 1))
}
