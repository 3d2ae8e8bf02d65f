// Bytes sealed under a key: AES-256-GCM (NIST SP 800-38D) by the host, a random nonce in front, padded to few lengths, and bound to
// what they are said to be. Nothing but the length class can be seen of them.

import { concat } from '../bytes.ts'
import { assert, check, VerifyError } from '../errors.ts'
import { walletBucketBytesMin } from '../limits.ts'

const nonceLength = 12
const tagLength = 16
const lengthLength = 4

export type SealOptions = {
  /** What is sealed, for whom: opens only under the same. */
  readonly about: Uint8Array
  /** Of the content, before it is padded. */
  readonly bytesMax: number
}

/** `key`: AES-GCM with 256 bits. Nonces are random: one key may seal 2^32 times, far more than limits allow a wallet to hold. */
export async function sealBytes(key: CryptoKey, content: Uint8Array, options: SealOptions): Promise<Uint8Array> {
  assert(content.length <= options.bytesMax, 'more content than its limit')
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
  const padded = new Uint8Array(bucketOf(lengthLength + content.length))
  new DataView(padded.buffer).setUint32(0, content.length)
  padded.set(content, lengthLength)
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: own(options.about) }
  return concat(nonce, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, padded)))
}

/** Rejects with VerifyError: `wrong-key` where key, bytes or what they are about are not those that were sealed; `oversized`. */
export async function openBytes(key: CryptoKey, sealed: Uint8Array, options: SealOptions): Promise<Uint8Array> {
  const { about, bytesMax } = options
  const overhead = nonceLength + tagLength
  check(sealed.length <= overhead + bucketOf(lengthLength + bytesMax), 'oversized', 'sealed bytes are too long')
  check(sealed.length > overhead + lengthLength, 'truncated', 'sealed bytes are too short')
  const algorithm = { name: 'AES-GCM', iv: own(sealed.subarray(0, nonceLength)), additionalData: own(about) }
  let padded: Uint8Array
  try {
    padded = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, own(sealed.subarray(nonceLength))))
  } catch (error) {
    throw new VerifyError('wrong-key', 'this key does not open it, or it was changed', { actual: error })
  }
  const length = new DataView(padded.buffer).getUint32(0)
  check(length <= bytesMax, 'oversized', 'more content than its limit')
  check(padded.length === bucketOf(lengthLength + length), 'malformed', 'sealed bytes are padded otherwise')
  return padded.slice(lengthLength, lengthLength + length)
}

/** The next power of two, and no less than the smallest. */
function bucketOf(length: number): number {
  let bucket = walletBucketBytesMin
  while (bucket < length) bucket *= 2
  return bucket
}

/** WebCrypto's types ask for bytes that no other thread shares. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}
