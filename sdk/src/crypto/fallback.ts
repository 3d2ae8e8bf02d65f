// Crypto where a page forbids Wasm: noble for hashes and for the verdict, the host's WebCrypto for speed.

import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { merkleRoot } from '../merkle/root.ts'
import type { Crypto, SignedMessage, VerifyOptions } from './crypto.ts'
import { isCanonicalPoint, isEd25519Scalar } from './encoding.ts'
import { badIndices, copyItems } from './items.ts'
import { createVerifyP256 } from './p256.ts'
import { type HostVerify, hostEd25519 } from './web-crypto.ts'

/** Without a host a signature takes about a millisecond; the page stays alive in between. */
const chunkSize = 16

/** `subtle` is the host's WebCrypto (the default: the global one); null says that noble does it all. */
export function createFallbackCrypto(options: { readonly subtle?: SubtleCrypto | null } = {}): Crypto {
  const subtle = options.subtle === undefined ? (globalThis.crypto?.subtle ?? null) : options.subtle
  return {
    name: 'no-wasm',
    sha256,
    merkleRoot: leaves => merkleRoot(leaves, { sha256 }),
    verifyEd25519: createVerifyEd25519(subtle),
    verifyP256: createVerifyP256(subtle),
    close: () => {},
  }
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = nobleSha256.create()
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function createVerifyEd25519(subtle: SubtleCrypto | null): Crypto['verifyEd25519'] {
  let host: Promise<HostVerify | undefined> | undefined
  return async (items: readonly SignedMessage[], options?: VerifyOptions) => {
    const copies = copyItems(items)
    host ??= hostEd25519(subtle)
    const hostVerify = await host
    return badIndices(
      { items: copies, chunkSize, verify: chunk => Promise.all(chunk.map(item => verifyOne(item, hostVerify))) },
      options,
    )
  }
}

/**
 * ZIP-215. The host's "yes" is believed where the encodings are canonical, for then it says that SB = R + kA (or eight
 * times that), from which ZIP-215's equation follows; its "no" says nothing, because it may be stricter.
 */
async function verifyOne(item: SignedMessage, hostVerify: HostVerify | undefined): Promise<boolean> {
  const { publicKey, message, signature } = item
  if (publicKey.length !== 32 || signature.length !== 64) return false
  if (!isEd25519Scalar(signature.subarray(32))) return false
  const canonical = isCanonicalPoint(publicKey) && isCanonicalPoint(signature.subarray(0, 32))
  if (hostVerify !== undefined && canonical && (await hostVerify(item).catch(() => false))) return true
  return ed25519.verify(signature, message, publicKey, { zip215: true })
}
