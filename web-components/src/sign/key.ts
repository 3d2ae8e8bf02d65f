// The key of this browser: made here, kept by IndexedDB as a CryptoKey that no script can read out, one for each network, so
// that accounts on two networks have nothing in common.

import { type AccountKey, Algorithm, type Signer, withLowS } from '@muniment/sdk'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { SignError } from './error.ts'

type StoredKey = { readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }
type Schema = DBSchema & { readonly keys: { readonly key: string; readonly value: StoredKey } }

export type HeldKey = { readonly signer: Signer; readonly isNew: boolean }

const databaseName = 'muniment-keys'

/** The network's key, made where there is none yet. Rejects with SignError `no-key`. */
export async function openKey(chainId: string): Promise<HeldKey> {
  try {
    const database = await openDB<Schema>(databaseName, 1, {
      upgrade: created => void created.createObjectStore('keys'),
      blocking: () => database?.close(),
    })
    try {
      return await loadOrMake(database, chainId)
    } finally {
      database.close()
    }
  } catch (error) {
    throw new SignError('no-key', error instanceof Error ? error.message : String(error))
  }
}

async function loadOrMake(database: IDBPDatabase<Schema>, chainId: string): Promise<HeldKey> {
  const held = await database.get('keys', chainId)
  if (isUsable(held)) return { signer: signerOf(held), isNew: false }
  const made = await makeKey()
  const transaction = database.transaction('keys', 'readwrite')
  // Another tab may have been quicker.
  const other = await transaction.store.get(chainId)
  if (!isUsable(other)) await transaction.store.put(made, chainId)
  await transaction.done
  return isUsable(other) ? { signer: signerOf(other), isNew: false } : { signer: signerOf(made), isNew: true }
}

/** Ed25519 where the browser has it, else P-256. */
async function makeKey(): Promise<StoredKey> {
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

/** Any script of the origin can write to the database: what does not have this shape is no key. */
function isUsable(stored: StoredKey | undefined): stored is StoredKey {
  if (!(stored?.privateKey instanceof CryptoKey) || !(stored.publicKey instanceof Uint8Array)) return false
  const { type, extractable, usages, algorithm } = stored.privateKey
  const length = algorithm.name === 'Ed25519' ? 32 : algorithm.name === 'ECDSA' ? 33 : 0
  return type === 'private' && !extractable && usages.includes('sign') && stored.publicKey.length === length
}

function signerOf({ publicKey, privateKey }: StoredKey): Signer {
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
