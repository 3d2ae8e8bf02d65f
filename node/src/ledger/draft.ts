// A block in the making: what stands in it so far, what came of that, and what it would change. The pool has one, in which transactions are
// tried as they come; so has every proposal, and every block that was decided.

import { compareTime, equals, type Misbehavior, ResultCode } from '@muniment/sdk'
import type { ComingBlock, LedgerEvent, TransactionResult } from './application.ts'
import type { BlockContext, Kernel, View } from './kernel.ts'
import { newOverlay, type Overlay } from './overlay.ts'

export type Draft = {
  readonly context: BlockContext
  readonly overlay: Overlay
  /** What its proposer gave to chance is the first of them, where draws waited for it. */
  readonly transactions: Uint8Array[]
  readonly results: TransactionResult[]
  /** What clocks told. */
  readonly events: LedgerEvent[]
}

/** Of a block that is not known yet: clocks and chance come when it is. */
export function looseDraft(view: View, context: BlockContext): Draft {
  return { context, overlay: newOverlay(view), transactions: [], results: [], events: [] }
}

/** Evidence, chance and clocks come before transactions. */
export function beginDraft(
  kernel: Kernel,
  view: View,
  given: {
    readonly context: BlockContext
    /** What the proposer gave. */
    readonly own: Uint8Array | undefined
    readonly misbehavior?: readonly Misbehavior[]
    /** The block is decided: what is refused stands in it nevertheless. */
    readonly isDecided?: boolean
  },
): Draft {
  const { context, own, misbehavior = [], isDecided = false } = given
  const draft = looseDraft(view, context)
  const { overlay, events } = draft
  if (misbehavior.length > 0) overlay.add(kernel.misbehave(overlay, misbehavior, context))
  const begun = kernel.chance?.begin(overlay, own, context)
  overlay.add(begun?.writes ?? [])
  overlay.add(kernel.tick(overlay, context, event => events.push(event)))
  if (own && begun?.result && (isDecided || begun.result.code === ResultCode.ok)) {
    draft.transactions.push(own)
    draft.results.push(begun.result)
  }
  return draft
}

/** Takes it in if it is good. */
export function tryTransaction(kernel: Kernel, draft: Draft, transaction: Uint8Array): TransactionResult {
  const { result, writes } = kernel.apply(draft.overlay, transaction, draft.context)
  if (result.code === ResultCode.ok) keep(draft, transaction, { result, writes })
  return result
}

/** Takes it in as it is decided; what its signatures were found to be stands for it where they are bad. */
export function takeDecided(
  kernel: Kernel,
  draft: Draft,
  decided: { readonly transaction: Uint8Array; readonly unsound: TransactionResult | undefined },
): void {
  const { transaction, unsound } = decided
  const applied = unsound ? { result: unsound, writes: [] } : kernel.apply(draft.overlay, transaction, draft.context)
  keep(draft, transaction, applied)
}

function keep(draft: Draft, transaction: Uint8Array, { result, writes }: ReturnType<Kernel['apply']>): void {
  draft.overlay.add(writes)
  draft.transactions.push(transaction)
  draft.results.push(result)
}

/** Whether the draft is of that block, as far as transactions are told. */
export function isDraftOf({ context }: Draft, { height, time, proposerAddress }: ComingBlock): boolean {
  const { proposer } = context
  const isSameTime = compareTime(context.time, time) === 0
  return context.height === height && isSameTime && proposer !== undefined && equals(proposer, proposerAddress)
}

export function holdsJust({ transactions }: Draft, others: readonly Uint8Array[]): boolean {
  return transactions.length === others.length && transactions.every((each, i) => equals(each, others[i]!))
}
