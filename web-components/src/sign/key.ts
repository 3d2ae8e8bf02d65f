// The key of this browser: made here, kept by IndexedDB as a CryptoKey that no script can read out, one for each network, so
// that accounts on two networks have nothing in common.

import {
  type AccountKey,
  Algorithm,
  type AnySigner,
  accountId,
  type Hasher,
  type Signer,
  withLowS,
} from '@muniment/sdk'
import { SignError } from './error.ts'
import { type KeyDatabase, withKeys } from './store.ts'

export type SignMethod = 'passkey' | 'device'

/** A key with which this browser can sign, and for whom. */
export type SigningKey = {
  readonly method: SignMethod
  readonly signer: AnySigner
  /** 32 bytes. */
  readonly account: Uint8Array
  /** Made just now. */
  readonly isNew: boolean
}

export type StoredKey = {
  readonly publicKey: Uint8Array
  readonly privateKey: CryptoKey
  /** Whose key it is; its own account's where this is left out. */
  readonly account?: Uint8Array
}

/** The network's key of this browser, made where there is none yet. Rejects with SignError `no-key`. */
export async function openKey(chainId: string, hasher: Hasher): Promise<SigningKey & { readonly signer: Signer }> {
  try {
    const { held, isNew } = await withKeys(database => loadOrMake(database, chainId))
    const signer = signerOf(held)
    return { method: 'device', signer, account: held.account ?? accountId(hasher, signer.key), isNew }
  } catch (error) {
    throw new SignError('no-key', error instanceof Error ? error.message : String(error))
  }
}

/** A key for one document, kept nowhere: a passkey signs no documents. */
export async function makeDocumentKey(): Promise<Signer> {
  try {
    return signerOf(await makeKey())
  } catch (error) {
    throw new SignError('no-key', error instanceof Error ? error.message : String(error))
  }
}

async function loadOrMake(
  database: KeyDatabase,
  chainId: string,
): Promise<{ readonly held: StoredKey; readonly isNew: boolean }> {
  const held = await database.get('keys', chainId)
  if (isUsable(held)) return { held, isNew: false }
  const made = await makeKey()
  const transaction = database.transaction('keys', 'readwrite')
  // Another tab may have been quicker.
  const other = await transaction.store.get(chainId)
  if (!isUsable(other)) await transaction.store.put(made, chainId)
  await transaction.done
  return isUsable(other) ? { held: other, isNew: false } : { held: made, isNew: true }
}

/** Ed25519 where the browser has it, else P-256. */
export async function makeKey(): Promise<StoredKey> {
  const pair = await makePair({ name: 'Ed25519' }).catch(() => makePair({ name: 'ECDSA', namedCurve: 'P-256' }))
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return { publicKey: raw.length === 65 ? compressPoint(raw) : raw, privateKey: pair.privateKey }
}

async function makePair(algorithm: { readonly name: string; readonly namedCurve?: string }): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])) as CryptoKeyPair
}

/** SEC 1, 2.3.3: the sign of y, then x. */
export function compressPoint(uncompressed: Uint8Array): Uint8Array {
  const compressed = uncompressed.slice(0, 33)
  compressed[0] = 2 + (uncompressed[64]! & 1)
  return compressed
}

/** What does not have this shape is no key. */
export function isUsable(value: unknown): value is StoredKey {
  if (typeof value !== 'object' || value === null) return false
  const { privateKey, publicKey, account } = value as Partial<StoredKey>
  if (!(privateKey instanceof CryptoKey) || !(publicKey instanceof Uint8Array)) return false
  if (account !== undefined && !(account instanceof Uint8Array && account.length === 32)) return false
  const { type, extractable, usages, algorithm } = privateKey
  const length = algorithm.name === 'Ed25519' ? 32 : algorithm.name === 'ECDSA' ? 33 : 0
  return type === 'private' && !extractable && usages.includes('sign') && publicKey.length === length
}

export function signerOf({ publicKey, privateKey }: StoredKey): Signer {
  const isEd25519 = privateKey.algorithm.name === 'Ed25519'
  const key: AccountKey = { algorithm: isEd25519 ? Algorithm.ed25519 : Algorithm.p256, bytes: publicKey }
  const algorithm = isEd25519 ? { name: 'Ed25519' } : { name: 'ECDSA', hash: 'SHA-256' }
  return {
    key,
    async sign(message) {
      const bytes = new Uint8Array(message)
      const signature = new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, bytes))
      return isEd25519 ? signature : withLowS(signature)
    },
  }
}
