// Crypto that hashes in the thread that asks and has signatures checked by workers.

import type { Crypto, SignedMessage, VerifyOptions } from './crypto.ts'
import { copyItems } from './items.ts'
import { createPool, type WorkerLike } from './worker-pool.ts'

export type WorkerCryptoOptions = {
  /** Called when a worker is first needed; SharedWorkers do not serve. */
  readonly spawn: () => WorkerLike
  /** Hashes, checks P-256 and small batches, and steps in for a worker that failed. Closed with this one. */
  readonly inThread: Crypto
  /** The most workers; they are spawned as chunks wait for one. */
  readonly size?: number
  /** Batches below this many signatures are checked in the thread: that is quicker than a worker's start. */
  readonly inThreadBelow?: number
  /** How long a worker may take for a chunk before it is given up. */
  readonly timeoutMs?: number
}

/** Some 20 ms of a worker's time: often enough for progress and for an abort. */
const chunkSize = 256

/** Verdicts are those of `inThread`, whatever the workers do. */
export function createWorkerCrypto(options: WorkerCryptoOptions): Crypto {
  const { spawn, inThread, size = 1, inThreadBelow = 16, timeoutMs = 30_000 } = options
  const pool = createPool({ spawn, inThread, size, timeoutMs })
  return {
    ...inThread,
    name: `${inThread.name}-worker`,
    verifyEd25519: async (items: readonly SignedMessage[], verifyOptions: VerifyOptions = {}) => {
      const copies = copyItems(items)
      if (copies.length < inThreadBelow) return inThread.verifyEd25519(copies, verifyOptions)
      const { signal, onProgress } = verifyOptions
      signal?.throwIfAborted()
      let done = 0
      const checkChunk = async (start: number): Promise<readonly number[]> => {
        const chunk = copies.slice(start, start + chunkSize)
        const bad = await pool.check(chunk, signal)
        done += chunk.length
        if (signal?.aborted !== true) onProgress?.(done / copies.length)
        return bad.map(index => start + index)
      }
      const starts = Array.from({ length: Math.ceil(copies.length / chunkSize) }, (_, i) => i * chunkSize)
      const bad = await unlessAborted(Promise.all(starts.map(checkChunk)), signal)
      return bad.flat().sort((left, right) => left - right)
    },
    close: () => {
      pool.close()
      inThread.close()
    },
  }
}

/** What `promise` gives, or a rejection with the signal's reason as soon as it fires. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
