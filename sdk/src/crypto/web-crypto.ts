// The host's WebCrypto, asked only for what it can answer soundly, and only after it passed known answers.

import type { SignedMessage } from './crypto.ts'
import { ed25519Known, p256Known, spoiled } from './known-answers.ts'

export type HostVerify = (item: SignedMessage) => Promise<boolean>

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

async function proven(known: SignedMessage, verify: HostVerify): Promise<HostVerify | undefined> {
  try {
    const refused = await Promise.all(spoiled(known).map(item => verify(item)))
    const works = (await verify(known)) && refused.every(answer => answer === false)
    return works ? verify : undefined
  } catch {
    return undefined
  }
}

/** WebCrypto's types ask for bytes that no other thread shares. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}
