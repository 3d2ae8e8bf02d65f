// Our own engine as the bench opens it, in Node and in pages: the one place that follows the SDK's seams.

import type { Crypto, SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { instantiate } from '../../sdk/src/crypto/instantiate.ts'
import { createWasmCrypto } from '../../sdk/src/crypto/wasm.ts'
import { createWasmHash, type HashModule, type WasmHash } from '../../sdk/src/crypto/wasm-hash.ts'
import { type Contender, expectGood, type SignatureCall, secondsEach } from './contender.ts'
import type { SignatureWorkload } from './workloads.ts'

/** `relaxedSimd: false` says that the module without relaxed operations is to be used, whatever the host has. */
type OpenEngine = (options?: { readonly relaxedSimd?: boolean }) => Promise<Crypto>
export const openEngine: OpenEngine = createWasmCrypto

/** The name of each module among the contenders, and the suffix of the rows in which it stands for us. */
export const ourModules = [
  { name: 'ours', suffix: '', options: {} },
  { name: 'ours-simd', suffix: '-simd', options: { relaxedSimd: false } },
] as const

/** Each module in an instance of its own, which has seen no key yet. */
export function openOurs(workload: SignatureWorkload): Promise<readonly Contender<SignatureCall>[]> {
  return Promise.all(
    ourModules.map(async ({ name, options }) => ours(name, workload, { crypto: await openEngine(options) })),
  )
}

/** Any Crypto of ours as a contender that is given whole batches. */
export function ours(
  name: string,
  { oneByOne }: SignatureWorkload,
  { crypto }: { readonly crypto: Crypto },
): Contender<SignatureCall> {
  const check = async (items: readonly SignedMessage[]): Promise<void> => {
    expectGood((await crypto.verifyEd25519(items)).length === 0)
  }
  return {
    name,
    run: ({ batch }) =>
      secondsEach(batch.length, async () => {
        if (!oneByOne) return check(batch)
        for (const item of batch) await check([item])
      }),
    close: crypto.close,
  }
}

/** Hashes many messages of 64 bytes at once; a part of the engine that the Crypto seam does not show. */
export async function openHashPairs(): Promise<WasmHash['hashPairs']> {
  const { base64 } = await import('../../sdk/src/crypto/hash-module.generated.ts')
  return createWasmHash(await instantiate<HashModule>(base64)).hashPairs
}
