// Keys of CometBFT's validators that are not Ed25519's. Hardly any chain has them, so each kind comes when a set asks for it.

import { check } from '../../errors.ts'
import type { Hasher, SignedMessage, VerifyOptions } from '../crypto.ts'
import { badIndices, copyItems } from '../items.ts'
import type { KeySupport } from './support.ts'

export type OtherKeyType = 'secp256k1' | 'bls12381' | 'mldsa65' | 'secp256k1eth'

export type ValidatorKeys = { readonly [Type in OtherKeyType]?: KeySupport }

const loaders: { readonly [Type in OtherKeyType]: () => Promise<{ readonly support: KeySupport }> } = {
  secp256k1: () => import('./secp256k1.ts'),
  secp256k1eth: () => import('./secp256k1eth.ts'),
  bls12381: () => import('./bls12381.ts'),
  mldsa65: () => import('./mldsa65.ts'),
}

/** The hasher with support for these kinds of keys besides those that it has; itself where it has them all. Throws `unavailable`. */
export async function withValidatorKeys<H extends Hasher>(types: Iterable<OtherKeyType>, hasher: H): Promise<H> {
  const missing = [...new Set(types)].filter(type => hasher.validatorKeys?.[type] === undefined)
  if (missing.length === 0) return hasher
  const loaded = await Promise.all(missing.map(async type => [type, await load(type)] as const))
  return { ...hasher, validatorKeys: { ...hasher.validatorKeys, ...Object.fromEntries(loaded) } }
}

async function load(type: OtherKeyType): Promise<KeySupport> {
  const module = await loaders[type]().catch(() => undefined)
  check(module, 'unavailable', 'support for validator keys of this type could not be loaded', { actual: type })
  return module.support
}

/** Some take twenty milliseconds each; the page stays alive in between. */
const chunkSize = 2

/** As a Crypto's `verifyEd25519`: the indices of the bad ones, ascending. */
export function verifyKeys(
  { verify }: KeySupport,
  items: readonly SignedMessage[],
  options?: VerifyOptions,
): Promise<readonly number[]> {
  return badIndices({ items: copyItems(items), chunkSize, verify: chunk => chunk.map(verify) }, options)
}
