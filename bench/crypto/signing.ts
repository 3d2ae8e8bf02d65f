// Signs what is measured, in two threads that are idle while clocks run. Every alternation has messages of its own.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import type { SignRequest } from './signing-worker.ts'
import { unpackItems } from './wire.ts'
import type { SignatureWorkload } from './workloads.ts'

export type Sample = {
  /** In the order of the headers, and within a header in that of its validators. */
  readonly items: readonly SignedMessage[]
  /** The same as wire.ts packs them, in a few pieces. */
  readonly packed: readonly ArrayBuffer[]
}

export type Signer = {
  /** Commits to so many headers that were never signed before. */
  readonly sign: (workload: SignatureWorkload, headers?: number) => Promise<Sample>
  readonly close: () => Promise<void>
}

const threads = 2

export function createSigner(): Signer {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./signing-worker.ts', import.meta.url)))
  const lasting = new Map<string, readonly Uint8Array[]>()
  let nextHeight = 1_000_000

  function seedsOf({ name, validators, newKeys }: SignatureWorkload): readonly Uint8Array[] {
    const seeds = lasting.get(name) ?? Array.from({ length: validators }, () => randomBytes(32))
    if (!newKeys) lasting.set(name, seeds)
    return seeds
  }

  return {
    sign: async (workload, headers = workload.headers) => {
      const seeds = seedsOf(workload)
      const firstHeight = nextHeight
      nextHeight += headers
      const count = headers * seeds.length
      const packed = await Promise.all(
        workers.map(async (worker, i) => {
          const [start, end] = [i, i + 1].map(part => Math.floor((count * part) / threads)) as [number, number]
          const answer = once(worker, 'message')
          worker.postMessage({ seeds, firstHeight, start, end } satisfies SignRequest)
          return (await answer)[0] as ArrayBuffer
        }),
      )
      return { packed, items: packed.flatMap(unpackItems) }
    },
    close: async () => {
      await Promise.all(workers.map(worker => worker.terminate()))
    },
  }
}
