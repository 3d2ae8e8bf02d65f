// Signatures given as three lists, for tools that know no more of the SDK than that.

import { assert } from '../errors.ts'
import type { Crypto, VerifyOptions } from './crypto.ts'
import { copyItems } from './items.ts'
import { loadCrypto } from './load.ts'

export type Ed25519Batch = {
  /** 32 bytes each; other lengths are bad signatures. */
  readonly publicKeys: readonly Uint8Array[]
  readonly messages: readonly Uint8Array[]
  /** 64 bytes each: R | S. */
  readonly signatures: readonly Uint8Array[]
  /** What `loadCrypto` gives when it is left out. */
  readonly crypto?: Crypto
}

/** Whether each signature is good by ZIP-215. Throws where the lists differ in length; rejects with the signal's reason. */
export async function verifyEd25519Batch(
  batch: Ed25519Batch,
  options: VerifyOptions = {},
): Promise<readonly boolean[]> {
  const { publicKeys, messages, signatures } = batch
  const same = publicKeys.length === messages.length && messages.length === signatures.length
  assert(same, 'as many keys as messages and signatures')
  const items = publicKeys.map((publicKey, i) => ({ publicKey, message: messages[i]!, signature: signatures[i]! }))
  // The bytes are taken before anything is awaited (security rule 23), and loading is.
  const given = batch.crypto === undefined ? copyItems(items) : items
  const crypto = batch.crypto ?? (await loadCrypto())
  const bad = new Set(await crypto.verifyEd25519(given, options))
  return items.map((_, i) => !bad.has(i))
}
