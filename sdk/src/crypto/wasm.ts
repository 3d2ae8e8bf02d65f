// Crypto by the Wasm of assembly/, in the thread that asks.

import type { Crypto } from './crypto.ts'
import { instantiate } from './instantiate.ts'
import { packItems } from './packed.ts'
import { createVerifyPacked, type VerifyPacked } from './signatures.ts'
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
  let verifyPacked: VerifyPacked | undefined = signatures.verifyPacked
  return {
    name: signatures.name,
    ...createWasmHash(hash),
    verifyEd25519: async (items, verifyOptions) => {
      if (verifyPacked === undefined) throw new Error('this Crypto is closed')
      return verifyPacked(packItems(items), verifyOptions)
    },
    verifyP256: createVerifyP256(globalThis.crypto?.subtle ?? null),
    // An instance never gives memory back, so it goes as a whole.
    close: () => {
      verifyPacked = undefined
    },
  }
}

/** Signatures alone, for a worker. Rejects as createWasmCrypto does. */
export async function createWasmSignatures(
  options: EngineOptions = {},
): Promise<{ readonly name: string; readonly verifyPacked: VerifyPacked }> {
  const engine = await createSignatureEngine(options)
  const verifyPacked = createVerifyPacked(engine, async (items, verifyOptions) => {
    const { createFallbackCrypto } = await import('./fallback.ts')
    return createFallbackCrypto().verifyEd25519(items, verifyOptions)
  })
  return { name: engine.name, verifyPacked }
}
