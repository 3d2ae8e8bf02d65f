// The host's WebCrypto, asked only for what it can answer soundly, and only after it passed known answers.

import { parseHex } from '../bytes.ts'
import type { SignedMessage } from './crypto.ts'

export type HostVerify = (item: SignedMessage) => Promise<boolean>

/** RFC 8032, 7.1, test 2. */
const ed25519Known: SignedMessage = {
  publicKey: parseHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  message: parseHex('72'),
  signature: parseHex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ),
}

/** RFC 6979, A.2.5, message "sample", with s replaced by n - s, which is the low one; the key uncompressed. */
const p256Known: SignedMessage = {
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

/** Ed25519 by the host, or undefined where it is missing or wrong. Its "no" may be stricter than ZIP-215. */
export function hostEd25519(subtle: SubtleCrypto | null): Promise<HostVerify | undefined> {
  return proven(ed25519Known, async ({ publicKey, message, signature }) => {
    const key = await subtle!.importKey('raw', own(publicKey), 'Ed25519', false, ['verify'])
    return subtle!.verify('Ed25519', key, own(signature), own(message))
  })
}

/** ECDSA P-256 with SHA-256 by the host, for an uncompressed key of 65 bytes; undefined where it is missing or wrong. */
export function hostP256(subtle: SubtleCrypto | null): Promise<HostVerify | undefined> {
  return proven(p256Known, async ({ publicKey, message, signature }) => {
    const curve = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await subtle!.importKey('raw', own(publicKey), curve, false, ['verify'])
    return subtle!.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, own(signature), own(message))
  })
}

/** Known answers, one good and three bad: a host that answers "yes" to everything must not be believed. */
async function proven(known: SignedMessage, verify: HostVerify): Promise<HostVerify | undefined> {
  try {
    const bad = [
      { ...known, message: flipped(known.message, 0) },
      { ...known, signature: flipped(known.signature, 0) },
      { ...known, signature: flipped(known.signature, 40) },
    ]
    const answers = await Promise.all(bad.map(item => verify(item)))
    const works = (await verify(known)) && answers.every(answer => answer === false)
    return works ? verify : undefined
  } catch {
    return undefined
  }
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, i) => (i === index ? byte ^ 1 : byte))
}

/** WebCrypto's types ask for bytes that no other thread shares. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}
