// Our own engine as the bench opens it, in Node and in pages: the one place that follows the SDK's seams.

import type { Crypto, SignedMessage } from '../../sdk/src/crypto/crypto.ts'
import { createWasmCrypto } from '../../sdk/src/crypto/wasm.ts'
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

/** SHA-256 of each 64 bytes of `input`, written to `output` one after the other. */
export type HashPairs = (input: Uint8Array, output: Uint8Array) => void

export async function openHashPairs(): Promise<HashPairs> {
  const { sha256 } = await openEngine()
  return (input, output) => {
    for (let i = 0; 64 * i < input.length; i++) output.set(sha256(input.subarray(64 * i, 64 * i + 64)), 32 * i)
  }
}
