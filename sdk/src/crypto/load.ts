// The choice of a Crypto, made once for a page or process.

import type { Crypto } from './crypto.ts'
import type { WorkerLike } from './worker-pool.ts'

export type LoadOptions = {
  /** Uses noble and WebCrypto even where Wasm works. */
  readonly forceFallback?: boolean
  /**
   * Makes a worker from `@muniment/sdk/worker`; only the host knows how its bundler wants that said. With it, batches of
   * signatures leave the thread. The first caller's `spawn` serves all.
   */
  readonly spawn?: () => WorkerLike
  /** The most workers; 1 if not said. */
  readonly workers?: number
}

type Kind = 'fallback' | 'thread' | 'workers'
/** A Crypto in use, and by how many. */
type Lease = { readonly crypto: Promise<Crypto>; users: number }

const leases = new Map<Kind, Lease>()

/**
 * The best Crypto that this host allows: Wasm, or noble where Wasm is refused or fails its known answers. Callers share
 * one, which is given back when each of them has closed it. Verdicts do not depend on the choice; `name` tells which it was.
 */
export async function loadCrypto(options: LoadOptions = {}): Promise<Crypto> {
  const kind = kindOf(options)
  const lease = leases.get(kind) ?? { crypto: create(kind, options), users: 0 }
  leases.set(kind, lease)
  lease.users++
  try {
    const crypto = await lease.crypto
    let open = true
    const close = (): void => {
      if (!open) return
      open = false
      giveBack(kind, lease, crypto)
    }
    return { ...crypto, close }
  } catch (error) {
    if (leases.get(kind) === lease) leases.delete(kind)
    throw error
  }
}

function giveBack(kind: Kind, lease: Lease, crypto: Crypto): void {
  lease.users--
  if (lease.users > 0) return
  if (leases.get(kind) === lease) leases.delete(kind)
  crypto.close()
}

function kindOf({ forceFallback, spawn }: LoadOptions): Kind {
  if (forceFallback === true) return 'fallback'
  return spawn === undefined ? 'thread' : 'workers'
}

async function create(kind: Kind, { spawn, workers }: LoadOptions): Promise<Crypto> {
  if (kind === 'fallback' || spawn === undefined) return createInThread(kind)
  const { createWorkerCrypto } = await import('./worker-crypto.ts')
  const inThread = await createInThread('thread')
  return createWorkerCrypto({ spawn, inThread, ...(workers === undefined ? {} : { size: workers }) })
}

/** Wasm that cannot be had for whatever reason is no reason to have no verdict. */
async function createInThread(kind: Kind): Promise<Crypto> {
  if (kind !== 'fallback') {
    const crypto = await import('./wasm.ts').then(module => module.createWasmCrypto()).catch(() => undefined)
    if (crypto !== undefined) return crypto
  }
  const { createFallbackCrypto } = await import('./fallback.ts')
  return createFallbackCrypto()
}
