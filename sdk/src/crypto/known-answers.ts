// What an engine or a host must answer rightly before it is believed.

import { parseHex } from '../bytes.ts'
import type { SignedMessage } from './crypto.ts'

/** RFC 8032, 7.1, test 2. */
export const ed25519Known: SignedMessage = {
  publicKey: parseHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  message: parseHex('72'),
  signature: parseHex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ),
}

/** RFC 6979, A.2.5, message "sample", with s replaced by n - s, which is the low one; the key uncompressed. */
export const p256Known: SignedMessage = {
  publicKey: parseHex(
    '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' +
      '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  ),
  message: parseHex('73616d706c65'),
  signature: parseHex(
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      '0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9',
  ),
}

/** FIPS 180-4's first example: SHA-256 of "abc". */
export const sha256Known: { readonly message: Uint8Array; readonly digest: Uint8Array } = {
  message: parseHex('616263'),
  digest: parseHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
}

/** The known signature spoiled in its message, its R and its S: an engine that says "yes" to all must not be believed. */
export function spoiled(known: SignedMessage): readonly SignedMessage[] {
  return [
    { ...known, message: flipped(known.message, 0) },
    { ...known, signature: flipped(known.signature, 0) },
    { ...known, signature: flipped(known.signature, 40) },
  ]
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, i) => (i === index ? byte ^ 1 : byte))
}
