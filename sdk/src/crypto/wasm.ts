// Crypto by the Wasm of assembly/, in the thread that asks.

import type { Crypto } from './crypto.ts'
import { instantiate } from './instantiate.ts'
import { createSignatures, type Signatures } from './signatures.ts'
import { createSignatureEngine, type EngineOptions } from './wasm-ed25519.ts'
import { createWasmHash, type HashModule } from './wasm-hash.ts'

/**
 * Compiles the modules, checks known answers, and answers a Crypto. Rejects with WasmRefusedError where the host forbids
 * Wasm, and with another error where the modules cannot be loaded or answer wrongly.
 */
export async function createWasmCrypto(options: EngineOptions = {}): Promise<Crypto> {
  const [hash, signatures, { createVerifyP256 }] = await Promise.all([
    import('./hash-module.generated.ts').then(module => instantiate<HashModule>(module.base64)),
    createWasmSignatures(options),
    import('./p256.ts'),
  ])
  let open: Signatures | undefined = signatures
  return {
    name: signatures.name,
    ...createWasmHash(hash),
    verifyEd25519: (items, verifyOptions) =>
      open?.verifyItems(items, verifyOptions) ?? Promise.reject(new Error('this Crypto is closed')),
    verifyP256: createVerifyP256(globalThis.crypto?.subtle ?? null),
    // An instance never gives memory back, so it goes as a whole.
    close: () => {
      open = undefined
    },
  }
}

/** Signatures alone, for a worker. Rejects as createWasmCrypto does. */
export async function createWasmSignatures(options: EngineOptions = {}): Promise<Signatures> {
  const engine = await createSignatureEngine(options)
  return createSignatures(engine, async (items, verifyOptions) => {
    const { createFallbackCrypto } = await import('./fallback.ts')
    return createFallbackCrypto().verifyEd25519(items, verifyOptions)
  })
}
