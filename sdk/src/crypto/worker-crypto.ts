// Crypto that hashes in the thread that asks and has signatures checked by workers.

import type { Crypto, SignedMessage, VerifyOptions } from './crypto.ts'
import { packItems } from './packed.ts'
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

/** What a batch's cost for each signature hardly falls beyond, and below which it is dear. */
const chunkMost = 8192
const chunkLeast = 512

/** Verdicts are those of `inThread`, whatever the workers do. */
export function createWorkerCrypto(options: WorkerCryptoOptions): Crypto {
  const { spawn, inThread, size = 1, inThreadBelow = 256, timeoutMs = 30_000 } = options
  const pool = createPool({ spawn, inThread, size, timeoutMs })
  return {
    ...inThread,
    name: `${inThread.name}-worker`,
    verifyEd25519: async (items: readonly SignedMessage[], verifyOptions: VerifyOptions = {}) => {
      if (items.length < inThreadBelow) return inThread.verifyEd25519(items, verifyOptions)
      const { signal, onProgress } = verifyOptions
      signal?.throwIfAborted()
      const total = items.length
      let done = 0
      const checkChunk = async (start: number, end: number): Promise<readonly number[]> => {
        const count = end - start
        const bad = await pool.check({ windows: packItems(items, start, end), count }, signal)
        done += count
        if (signal?.aborted !== true) onProgress?.(done / total)
        return bad.map(index => start + index)
      }
      const length = chunkLength(total, size)
      const chunks: Promise<readonly number[]>[] = []
      for (let start = 0; start < total; start += length) {
        chunks.push(checkChunk(start, Math.min(start + length, total)))
      }
      const bad = await unlessAborted(Promise.all(chunks), signal)
      return bad.flat().sort((left, right) => left - right)
    },
    close: () => {
      pool.close()
      inThread.close()
    },
  }
}

/** Chunks of one length, as many for each worker as for the others. */
function chunkLength(total: number, workers: number): number {
  const rounds = Math.ceil(total / (workers * chunkMost))
  return Math.max(Math.ceil(total / (workers * rounds)), chunkLeast)
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
