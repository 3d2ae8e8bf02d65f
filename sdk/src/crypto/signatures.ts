// Batches of signatures through one engine: a turn at a time, so that the host's other work runs in between.

import type { SignedMessage, VerifyOptions } from './crypto.ts'
import { nextTurn } from './items.ts'
import { unpackItems } from './packed.ts'
import type { SignatureEngine } from './wasm-ed25519.ts'

/** How long a turn should take: what people do not notice in a page. */
const turnMs = 30
const leastPerTurn = 256

/** What checks packed signatures (packed.ts): the indices of the bad ones, in ascending order. */
export type VerifyPacked = (packed: Uint8Array, options?: VerifyOptions) => Promise<readonly number[]>

/** `instead` checks what an engine that has failed, for want of memory say, leaves undone. */
export function createVerifyPacked(
  engine: SignatureEngine,
  instead: (items: readonly SignedMessage[], options?: VerifyOptions) => Promise<readonly number[]>,
): VerifyPacked {
  let failed = false
  let perTurn = 4 * leastPerTurn
  const turnFor = (count: number, tookMs: number): number =>
    Math.round(Math.min(Math.max((count * turnMs) / tookMs, leastPerTurn), engine.signaturesMax))
  return async (packed, options = {}) => {
    const bad: number[] = []
    let done = 0
    options.signal?.throwIfAborted()
    for (let offset = 0; offset < packed.length && !failed; ) {
      const began = performance.now()
      try {
        const judged = engine.verify(packed, offset, perTurn)
        for (const index of judged.bad) bad.push(done + index)
        done += judged.count
        offset = judged.end
        if (judged.count === perTurn) perTurn = turnFor(perTurn, performance.now() - began)
      } catch {
        failed = true
        break
      }
      options.onProgress?.(offset / packed.length)
      if (offset === packed.length) break
      await nextTurn()
      options.signal?.throwIfAborted()
    }
    options.signal?.throwIfAborted()
    return failed ? instead(unpackItems(packed), options) : bad
  }
}
