// Signatures are the dear part of a transaction and do not depend on the state: what was found sound once is not checked
// again when the same bytes come back in a proposal and in a block.

import type { Crypto } from '@muniment/sdk'
import { transactionName } from '../transaction-name.ts'
import type { TransactionResult } from './application.ts'
import type { BlockContext, Kernel } from './kernel.ts'

export type VerifyTransactions = (
  transactions: readonly Uint8Array[],
  context: Pick<BlockContext, 'chainId' | 'genesisHash'>,
) => Promise<readonly (TransactionResult | undefined)[]>

/** The kernel's `verify` with a memory of at most `countMax` transactions of one chain. */
export function rememberingVerify(kernel: Kernel, crypto: Crypto, countMax: number): VerifyTransactions {
  const sound = new Set<string>()

  return async function verify(transactions, context) {
    const names = transactions.map(transactionName)
    const unknown = transactions.flatMap((transaction, i) => (sound.has(names[i]!) ? [] : [{ transaction, i }]))
    const answers: (TransactionResult | undefined)[] = new Array(transactions.length).fill(undefined)
    if (unknown.length === 0) return answers
    const checked = await kernel.verify(
      unknown.map(({ transaction }) => transaction),
      context,
      crypto,
    )
    unknown.forEach(({ i }, position) => {
      answers[i] = checked[position]
      if (answers[i] === undefined) sound.add(names[i]!)
    })
    for (const oldest of sound) {
      if (sound.size <= countMax) break
      sound.delete(oldest)
    }
    return answers
  }
}
