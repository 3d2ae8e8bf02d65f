// Validators that broke the rules stand in the state, where everyone can prove it: a ledger of one signer cannot punish him, but
// it cannot hide what he signed either.

import {
  type Hasher,
  limits,
  type Misbehavior,
  MisbehaviorType,
  misbehaviorEntry,
  misbehaviorKey,
  type RecordedMisbehavior,
} from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { BlockContext, View } from './kernel.ts'

export function recordMisbehavior(
  view: View,
  misbehavior: readonly Misbehavior[],
  { hasher, block }: { readonly hasher: Hasher; readonly block: BlockContext },
): readonly Write[] {
  if (misbehavior.length === 0) return []
  const key = misbehaviorKey(hasher)
  const stored = view.get(key)
  const before = stored ? misbehaviorEntry.decode(stored) : { count: 0n, newest: [] }
  const added = misbehavior.map(({ type, ...told }): RecordedMisbehavior => {
    return { ...told, type: MisbehaviorType[type], recordedHeight: block.height }
  })
  const count = before.count + BigInt(added.length)
  const newest = [...before.newest, ...added].slice(-limits.misbehaviorsMax)
  return [{ key, value: misbehaviorEntry.encode({ count, newest }) }]
}
