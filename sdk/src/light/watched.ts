// A chain that remembers how its calls ended, for those who want to be told without asking anyone.

import { VerifyError } from '../errors.ts'
import type { Chain, ChainHead } from './chain.ts'

export type WatchedChain = Chain & {
  /** What `newest` answered last. */
  readonly lastNewest: () => ChainHead | undefined
  /** A call has ended in `conflicting-headers`, and none of `newest` has succeeded since. */
  readonly isContradicted: () => boolean
}

export function watchedChain(chain: Chain): WatchedChain {
  let last: ChainHead | undefined
  let isContradicted = false

  async function noting<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      if (error instanceof VerifyError && error.code === 'conflicting-headers') isContradicted = true
      throw error
    }
  }

  return {
    ...chain,
    lastNewest: () => last,
    isContradicted: () => isContradicted,
    async newest(asked) {
      const head = await noting(chain.newest(asked))
      isContradicted = false
      // Of two calls at once the older answer may come last.
      if (head.height >= (last?.height ?? 0n)) last = head
      return head
    },
    trustedAt: (height, asked) => noting(chain.trustedAt(height, asked)),
    confirmHistory: (head, asked) => noting(chain.confirmHistory(head, asked)),
  }
}
