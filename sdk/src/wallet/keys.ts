// The keys of a wallet: one random store key seals its documents, and is itself sealed for each way to open the wallet: a passkey's
// secret (WebAuthn Level 3, 10.1.4: the PRF extension), or a key of this browser that no script can read out.

import { encodeUtf8 } from '../bytes.ts'
import { assert } from '../errors.ts'
import { frame } from '../tags.ts'
import { openBytes, type SealOptions, sealBytes } from './seal.ts'

export type WalletName = {
  readonly chainId: string
  /** 32 random bytes, also what a passkey's secret is asked for. */
  readonly walletId: Uint8Array
}

/** One way to open a wallet: a passkey's credential id, or nothing for this browser's key. */
export type WalletWay = WalletName & { readonly credentialId: Uint8Array }

const keyLength = 32
const algorithm = 'AES-GCM'

/** 32 random bytes. */
export function makeStoreKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(keyLength))
}

/** The store key as it is used, which no script can read out any more. */
export function importStoreKey(storeKey: Uint8Array): Promise<CryptoKey> {
  assert(storeKey.length === keyLength, 'a store key has 32 bytes')
  return crypto.subtle.importKey('raw', Uint8Array.from(storeKey), algorithm, false, ['encrypt', 'decrypt'])
}

/** A key of this browser, which no script can read out; IndexedDB keeps it. */
export function makeDeviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, ['encrypt', 'decrypt'])
}

/** `secret`: the 32 bytes that a passkey answers to the wallet's id. HKDF-SHA-256 (RFC 5869). */
export async function passkeyWrappingKey(secret: Uint8Array, { chainId, walletId }: WalletName): Promise<CryptoKey> {
  assert(secret.length === keyLength, 'a passkey’s secret has 32 bytes')
  const material = await crypto.subtle.importKey('raw', Uint8Array.from(secret), 'HKDF', false, ['deriveKey'])
  const info = Uint8Array.from(frame('muniment/wallet-passkey/1', encodeUtf8(chainId)))
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: Uint8Array.from(walletId), info }
  return crypto.subtle.deriveKey(derivation, material, { name: algorithm, length: 256 }, false, ['encrypt', 'decrypt'])
}

/** The store key, sealed for one way. */
export function wrapStoreKey(wrapping: CryptoKey, way: WalletWay, storeKey: Uint8Array): Promise<Uint8Array> {
  return sealBytes(wrapping, storeKey, sealOptions(way))
}

/** The store key's 32 bytes. Rejects with VerifyError, `wrong-key` where this is not the key, or something was changed. */
export async function unwrapStoreKey(wrapping: CryptoKey, way: WalletWay, wrapped: Uint8Array): Promise<Uint8Array> {
  return openBytes(wrapping, wrapped, sealOptions(way))
}

function sealOptions({ chainId, walletId, credentialId }: WalletWay): SealOptions {
  return { about: frame('muniment/wallet-key/1', encodeUtf8(chainId), walletId, credentialId), bytesMax: keyLength }
}
