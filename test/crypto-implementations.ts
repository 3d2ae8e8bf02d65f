// Every way in which we do cryptography, for the tests that all of them must pass.

import { Worker } from 'node:worker_threads'
import type { Crypto } from '../sdk/src/crypto/crypto.ts'
import { createFallbackCrypto } from '../sdk/src/crypto/fallback.ts'
import { createWasmCrypto } from '../sdk/src/crypto/wasm.ts'
import { createWorkerCrypto } from '../sdk/src/crypto/worker-crypto.ts'
import type { WorkerLike } from '../sdk/src/crypto/worker-pool.ts'

export type Implementation = { readonly name: string; readonly open: () => Promise<Crypto> }

/** The SDK's worker in a thread of Node. */
export function spawnCryptoWorker(): WorkerLike {
  return new Worker(new URL('../sdk/src/crypto/worker.ts', import.meta.url))
}

export const implementations: readonly Implementation[] = [
  { name: 'Wasm', open: createWasmCrypto },
  { name: 'Wasm without relaxed SIMD', open: () => createWasmCrypto({ relaxedSimd: false }) },
  {
    name: 'Wasm in two workers',
    // No batch is too small for a worker here, and none is taken back for being slow on a busy machine.
    open: async () =>
      createWorkerCrypto({
        spawn: spawnCryptoWorker,
        inThread: await createWasmCrypto(),
        size: 2,
        inThreadBelow: 0,
        timeoutMs: 600_000,
      }),
  },
  { name: 'no Wasm, with WebCrypto', open: async () => createFallbackCrypto() },
  { name: 'no Wasm, noble alone', open: async () => createFallbackCrypto({ subtle: null }) },
]
