// ECDSA P-256 with SHA-256: the range of r and s and low S by our own code, the equation by the host or by noble.

import { p256 } from '@noble/curves/nist.js'
import type { SignedMessage, VerifyOptions } from './crypto.ts'
import { isLowP256Signature } from './encoding.ts'
import { badIndices, copyItems } from './items.ts'
import { type HostVerify, hostP256 } from './web-crypto.ts'

const chunkSize = 16

/**
 * The `verifyP256` of a Crypto. `subtle` is the host's WebCrypto; null says that noble does it all. The verdicts are
 * the same: a signature in range is accepted exactly where the equation of FIPS 186-5, 6.4.2 holds.
 */
export function createVerifyP256(
  subtle: SubtleCrypto | null,
): (items: readonly SignedMessage[], options?: VerifyOptions) => Promise<readonly number[]> {
  let host: Promise<HostVerify | undefined> | undefined
  return async (items, options) => {
    const copies = copyItems(items)
    host ??= hostP256(subtle)
    const verify = (await host) ?? verifyByNoble
    return badIndices(
      { items: copies, chunkSize, verify: chunk => Promise.all(chunk.map(item => verifyOne(item, verify))) },
      options,
    )
  }
}

/**
 * The keys under which an ECDSA signature (r | s) over a message would verify, SEC 1 compressed: two as a rule, none where it is no
 * signature (SEC 1, 4.1.6). By them a passkey that says only who it is finds its account again.
 */
export function recoverP256Keys({ message, signature }: Omit<SignedMessage, 'publicKey'>): readonly Uint8Array[] {
  if (!isLowP256Signature(signature)) return []
  return [0, 1].flatMap(bit => {
    try {
      const recovered = new Uint8Array([bit, ...signature])
      return [p256.recoverPublicKey(recovered, message, { prehash: true })]
    } catch {
      return []
    }
  })
}

async function verifyOne(item: SignedMessage, verify: (item: SignedMessage) => Promise<boolean>): Promise<boolean> {
  if (!isLowP256Signature(item.signature)) return false
  const publicKey = uncompressed(item.publicKey)
  if (publicKey === undefined) return false
  const candidate = { ...item, publicKey }
  // A host that fails, rather than answers, has said nothing about the signature.
  return verify(candidate).catch(() => verifyByNoble(candidate))
}

async function verifyByNoble({ publicKey, message, signature }: SignedMessage): Promise<boolean> {
  return p256.verify(signature, message, publicKey, { lowS: true, prehash: true })
}

/** SEC 1, 2.3.4. WebCrypto need not read compressed points, so it never sees one. */
function uncompressed(publicKey: Uint8Array): Uint8Array | undefined {
  if (publicKey.length !== 33) return undefined
  try {
    return p256.Point.fromBytes(publicKey).toBytes(false)
  } catch {
    return undefined
  }
}
