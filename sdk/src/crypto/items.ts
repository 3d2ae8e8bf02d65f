// What every implementation of Crypto does with its items, whatever checks them.

import type { SignedMessage, VerifyOptions } from './crypto.ts'

/** Copies, so that a caller who changes its buffers while we wait cannot change what is checked (security rule 23). */
export function copyItems(items: readonly SignedMessage[]): SignedMessage[] {
  return items.map(({ publicKey, message, signature }) => ({
    publicKey: Uint8Array.from(publicKey),
    message: Uint8Array.from(message),
    signature: Uint8Array.from(signature),
  }))
}

export type ChunkCheck = {
  readonly items: readonly SignedMessage[]
  readonly chunkSize: number
  /** One answer an item. */
  readonly verify: (chunk: readonly SignedMessage[]) => readonly boolean[] | Promise<readonly boolean[]>
}

/**
 * Checks items a chunk at a time, letting the host's other work run in between; answers the indices of the bad ones.
 * Rejects with the signal's reason as soon as the chunk under way is done.
 */
export async function badIndices(check: ChunkCheck, options: VerifyOptions = {}): Promise<readonly number[]> {
  const { items, chunkSize, verify } = check
  const bad: number[] = []
  options.signal?.throwIfAborted()
  for (let start = 0; start < items.length; start += chunkSize) {
    if (start > 0) await nextTurn()
    options.signal?.throwIfAborted()
    const chunk = items.slice(start, start + chunkSize)
    const verdicts = await verify(chunk)
    for (let i = 0; i < chunk.length; i++) if (verdicts[i] !== true) bad.push(start + i)
    options.onProgress?.((start + chunk.length) / items.length)
  }
  options.signal?.throwIfAborted()
  return bad
}

/** Lets other work run. Timers wait 4 ms in browsers when they follow each other (HTML, 8.6), and 1 ms in Node. */
export function nextTurn(): Promise<void> {
  const host = globalThis as {
    readonly scheduler?: { readonly yield?: () => Promise<void> }
    readonly setImmediate?: (resume: () => void) => unknown
  }
  if (host.scheduler?.yield !== undefined) return host.scheduler.yield()
  return new Promise(resume => {
    if (host.setImmediate !== undefined) host.setImmediate(resume)
    else setTimeout(resume, 0)
  })
}
