// Batches of signatures through one engine: a turn at a time, so that the host's other work runs in between.

import type { SignedMessage, VerifyOptions } from './crypto.ts'
import { nextTurn } from './items.ts'
import { packItems, unpackItems, type Window } from './packed.ts'
import type { SignatureEngine, Verdicts } from './wasm-ed25519.ts'

/** How long a turn should take: what people do not notice in a page (W3C, Long Tasks: 50 ms). */
const turnMs = 45
const leastPerTurn = 256

/** Both answer the indices of the bad ones, in ascending order, and reject only with the signal's reason. */
export type Signatures = {
  readonly name: string
  readonly verifyItems: (items: readonly SignedMessage[], options?: VerifyOptions) => Promise<readonly number[]>
  /** The same for signatures that are packed already. */
  readonly verifyWindows: (windows: readonly Window[], options?: VerifyOptions) => Promise<readonly number[]>
}

/** `instead` checks what an engine that has failed, for want of memory say, leaves undone. */
export function createSignatures(engine: SignatureEngine, instead: Signatures['verifyItems']): Signatures {
  let failed = false
  let perTurn = 4 * leastPerTurn

  /** A turn of the engine; undefined where it has failed. */
  function turn<Answer extends Verdicts>(verify: () => Answer): Answer | undefined {
    if (failed) return undefined
    const began = performance.now()
    try {
      const verdicts = verify()
      if (verdicts.count > perTurn / 2) {
        const asMany = (verdicts.count * turnMs) / (performance.now() - began)
        perTurn = Math.round(Math.min(Math.max(asMany, leastPerTurn), engine.signaturesMax))
      }
      return verdicts
    } catch {
      failed = true
      return undefined
    }
  }

  /** Checks what is packed, after `first`, which stood before it. */
  async function goOn(windows: readonly Window[], first: Verdicts, options: VerifyOptions): Promise<readonly number[]> {
    const total = windows.reduce((sum, { count }) => sum + count, first.count)
    const bad = [...first.bad]
    let done = first.count
    for (let next = 0; next < windows.length; ) {
      if (done > 0) await nextTurn()
      options.signal?.throwIfAborted()
      const verdicts = turn(() => engine.verifyWindows(windows, next, perTurn))
      if (verdicts === undefined) {
        const onProgress = (share: number): void => options.onProgress?.((done + share * (total - done)) / total)
        const left = await instead(unpackItems(windows.slice(next)), { ...options, onProgress })
        return [...bad, ...left.map(index => done + index)]
      }
      for (const index of verdicts.bad) bad.push(done + index)
      done += verdicts.count
      next = verdicts.end
      options.onProgress?.(done / total)
    }
    options.signal?.throwIfAborted()
    return bad
  }

  return {
    name: engine.name,
    verifyItems: async (items, options = {}) => {
      options.signal?.throwIfAborted()
      const first = turn(() => engine.verifyItems(items, perTurn))
      // What is left is copied before the caller's code runs again (security rule 23).
      const rest = packItems(items, first?.count)
      if (first !== undefined && first.count > 0) options.onProgress?.(first.count / items.length)
      if (first?.count === items.length) {
        options.signal?.throwIfAborted()
        return first.bad
      }
      return first === undefined ? instead(unpackItems(rest), options) : goOn(rest, first, options)
    },
    verifyWindows: (windows, options = {}) => goOn(windows, { count: 0, bad: [] }, options),
  }
}
