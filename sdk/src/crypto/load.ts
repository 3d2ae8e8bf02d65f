// The choice of a Crypto, made once for a page or process.

import type { Crypto } from './crypto.ts'

export type LoadOptions = {
  /** Uses noble and WebCrypto even where Wasm works. */
  readonly forceFallback?: boolean
}

type Kind = 'fallback' | 'thread'
/** A Crypto in use, and by how many. */
type Lease = { readonly crypto: Promise<Crypto>; users: number }

const leases = new Map<Kind, Lease>()

/**
 * The best Crypto that this host allows: Wasm, or noble where Wasm is refused or fails its known answers. Callers share
 * one, which is given back when each of them has closed it. Verdicts do not depend on the choice; `name` tells which it was.
 */
export async function loadCrypto(options: LoadOptions = {}): Promise<Crypto> {
  const kind: Kind = options.forceFallback === true ? 'fallback' : 'thread'
  const lease = leases.get(kind) ?? { crypto: create(kind), users: 0 }
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

async function create(kind: Kind): Promise<Crypto> {
  if (kind === 'thread') {
    const crypto = await import('./wasm.ts').then(module => module.createWasmCrypto()).catch(() => undefined)
    if (crypto !== undefined) return crypto
  }
  const { createFallbackCrypto } = await import('./fallback.ts')
  return createFallbackCrypto()
}
