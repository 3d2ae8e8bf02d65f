// Transactions that wait for a block, in the order of their arrival. Bounded in number, in bytes, and for each sender.

import { limits as formatLimits } from '@muniment/sdk'
import { poolBytesMax, poolTransactionsMax, poolTransactionsPerSenderMax } from '../limits.ts'
import { transactionName } from '../transaction-name.ts'

export type Pool = {
  readonly count: () => number
  readonly bytes: () => number
  readonly has: (transaction: Uint8Array) => boolean
  /** Why a transaction has no place, in words for its sender; undefined when it has. No bound where nobody knows the sender. */
  readonly refuses: (transaction: Uint8Array, sender: string | undefined) => string | undefined
  readonly add: (transaction: Uint8Array, sender: string | undefined) => void
  readonly remove: (transactions: readonly Uint8Array[]) => void
  /** As many of the oldest as fit into so many bytes of a block; stops at the first that does not. */
  readonly reap: (bytesMax: number) => readonly Uint8Array[]
  readonly all: () => readonly Uint8Array[]
}

export type PoolLimits = {
  readonly transactionsMax: number
  readonly bytesMax: number
  readonly perSenderMax: number
}

const defaultLimits: PoolLimits = {
  transactionsMax: poolTransactionsMax,
  bytesMax: poolBytesMax,
  perSenderMax: poolTransactionsPerSenderMax,
}

type Waiting = { readonly transaction: Uint8Array; readonly sender: string | undefined }

export function newPool(limits: PoolLimits = defaultLimits): Pool {
  const waiting = new Map<string, Waiting>()
  const perSender = new Map<string, number>()
  let bytes = 0

  function refuses(transaction: Uint8Array, sender: string | undefined): string | undefined {
    if (waiting.size >= limits.transactionsMax || bytes + transaction.length > limits.bytesMax) {
      return 'the pool is full; try again later'
    }
    const open = sender === undefined ? 0 : (perSender.get(sender) ?? 0)
    return open >= limits.perSenderMax ? 'too many transactions of this sender wait for a block' : undefined
  }

  function add(transaction: Uint8Array, sender: string | undefined): void {
    const name = transactionName(transaction)
    if (waiting.has(name)) return
    waiting.set(name, { transaction, sender })
    if (sender !== undefined) perSender.set(sender, (perSender.get(sender) ?? 0) + 1)
    bytes += transaction.length
  }

  function removeOne(transaction: Uint8Array): void {
    const found = waiting.get(transactionName(transaction))
    if (!found) return
    waiting.delete(transactionName(transaction))
    bytes -= transaction.length
    if (found.sender === undefined) return
    const open = (perSender.get(found.sender) ?? 1) - 1
    if (open === 0) perSender.delete(found.sender)
    else perSender.set(found.sender, open)
  }

  function reap(bytesMax: number): readonly Uint8Array[] {
    const taken: Uint8Array[] = []
    let left = bytesMax
    for (const { transaction } of waiting.values()) {
      // Tag and length of a field take at most five bytes at these sizes.
      left -= transaction.length + 5
      if (left < 0 || taken.length === formatLimits.blockTransactionsMax) break
      taken.push(transaction)
    }
    return taken
  }

  return {
    count: () => waiting.size,
    bytes: () => bytes,
    has: transaction => waiting.has(transactionName(transaction)),
    refuses,
    add,
    remove: transactions => transactions.forEach(removeOne),
    reap,
    all: () => [...waiting.values()].map(({ transaction }) => transaction),
  }
}
