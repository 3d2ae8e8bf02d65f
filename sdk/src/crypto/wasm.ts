// Crypto by the Wasm of assembly/, in the thread that asks.

import { check } from '../errors.ts'
import type { Crypto } from './crypto.ts'
import { instantiate } from './instantiate.ts'
import { copyItems } from './items.ts'
import { createSignatures, type Signatures } from './signatures.ts'
import { createSignatureEngine, type EngineOptions } from './wasm-ed25519.ts'
import { createWasmHash, type HashModule } from './wasm-hash.ts'

/**
 * Compiles the modules, checks known answers, and answers a Crypto. Rejects with WasmRefusedError where the host forbids
 * Wasm, and with another error where the modules cannot be loaded or answer wrongly.
 */
export async function createWasmCrypto(options: EngineOptions = {}): Promise<Crypto> {
  const [hash, signatures] = await Promise.all([
    import('./hash-module.generated.ts').then(module => instantiate<HashModule>(module.base64)),
    createWasmSignatures(options),
  ])
  let open: Signatures | undefined = signatures
  return {
    name: signatures.name,
    ...createWasmHash(hash),
    verifyEd25519: (items, verifyOptions) =>
      open?.verifyItems(items, verifyOptions) ?? Promise.reject(new Error('this Crypto is closed')),
    verifyP256: createLazyP256(),
    // An instance never gives memory back, so it goes as a whole.
    close: () => {
      open = undefined
    },
  }
}

/** Brings noble's code with the first of these signatures. Rejects with `unavailable` where that can't be loaded. */
function createLazyP256(): Crypto['verifyP256'] {
  let loaded: Promise<Crypto['verifyP256']> | undefined
  return async (items, options) => {
    // Whoever asks may change the bytes while the code is on its way.
    const copies = copyItems(items)
    loaded ??= import('./p256.ts').then(({ createVerifyP256 }) => createVerifyP256(globalThis.crypto?.subtle ?? null))
    const verify = await loaded.catch(() => undefined)
    if (verify === undefined) loaded = undefined
    check(verify, 'unavailable', 'the code for signatures of this kind could not be loaded')
    return verify(copies, options)
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
