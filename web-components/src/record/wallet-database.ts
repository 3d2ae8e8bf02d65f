// Where a wallet stands in this browser: IndexedDB, one wallet for each network, and its documents, sealed. Any script of the origin
// can write there, so whatever is read is checked before it is used, and what cannot be read is left as it is.

import { limits } from '@muniment/sdk'
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { WalletError } from './wallet-error.ts'

/** Opens with a passkey's answer to the wallet's id. */
export type PasskeyWay = { readonly credentialId: Uint8Array; readonly wrapped: Uint8Array }
/** Opens in this browser. */
type DeviceWay = { readonly key: CryptoKey; readonly wrapped: Uint8Array }

export type StoredWallet = {
  readonly version: typeof walletVersion
  readonly walletId: Uint8Array
  readonly passkeys: readonly PasskeyWay[]
  readonly device?: DeviceWay | undefined
}

/** Chain id, and the document's id in hexadecimal. */
export type DocumentKey = [chainId: string, id: string]

type Schema = DBSchema & {
  readonly wallets: { readonly key: string; readonly value: unknown }
  readonly documents: { readonly key: DocumentKey; readonly value: unknown }
}

export type WalletDatabase = IDBPDatabase<Schema>

const databaseName = 'muniment-wallet'
const walletVersion = 1
/** A store key of 32 bytes in the smallest bucket, with nonce and tag. */
const wrappedLength = 28 + limits.walletBucketBytesMin

/** Opens the database for one piece of work and closes it again. Rejects with WalletError. */
export async function withWallets<T>(work: (database: WalletDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase()
  try {
    return await work(database)
  } catch (error) {
    // Also where a browser cannot store keys, or another tab closed the database.
    throw error instanceof DOMException ? walletError(error) : error
  } finally {
    database.close()
  }
}

async function openDatabase(): Promise<WalletDatabase> {
  let opened: WalletDatabase | undefined
  try {
    opened = await within(
      openDB<Schema>(databaseName, walletVersion, {
        upgrade(created) {
          created.createObjectStore('wallets')
          created.createObjectStore('documents')
        },
        // A tab with a newer version of this page goes first.
        blocking: () => opened?.close(),
      }),
    )
    return opened
  } catch (error) {
    throw walletError(error)
  }
}

/** Private windows have been seen to let an opening hang. */
async function within<T>(opening: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WalletError('unavailable', 'IndexedDB does not open')), limits.storeTimeoutMs)
  })
  try {
    return await Promise.race([opening, late])
  } finally {
    clearTimeout(timer)
  }
}

function walletError(error: unknown): WalletError {
  if (error instanceof WalletError) return error
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (name === 'QuotaExceededError') return new WalletError('full', message)
  return new WalletError(name === 'VersionError' ? 'newer' : 'unavailable', message)
}

/** Undefined where nothing is kept. Throws WalletError: `newer`, or `damaged` where there is a wallet that nothing opens. */
export function readWallet(stored: unknown): StoredWallet | undefined {
  if (stored === undefined) return undefined
  const { version, walletId, passkeys, device } = (stored ?? {}) as Partial<Record<keyof StoredWallet, unknown>>
  if (typeof version === 'number' && version > walletVersion) throw new WalletError('newer', `version ${version}`)
  const usable = Array.isArray(passkeys) ? passkeys.slice(0, limits.walletPasskeysMax).filter(isPasskeyWay) : []
  const deviceWay = isDeviceWay(device) ? device : undefined
  const isWhole = version === walletVersion && isBytes(walletId, 32) && (usable.length > 0 || deviceWay)
  if (!isWhole) throw new WalletError('damaged', 'what opens the wallet cannot be read')
  return { version: walletVersion, walletId, passkeys: usable, device: deviceWay }
}

export function newWallet(given: Omit<StoredWallet, 'version'>): StoredWallet {
  return { version: walletVersion, ...given }
}

/** Every document of a network. */
export function rangeOf(chainId: string): IDBKeyRange {
  return IDBKeyRange.bound([chainId, ''], [chainId, 'g'], false, true)
}

function isPasskeyWay(value: unknown): value is PasskeyWay {
  const { credentialId, wrapped } = (value ?? {}) as Partial<PasskeyWay>
  const isId = credentialId instanceof Uint8Array && credentialId.length <= limits.credentialIdBytesMax
  return isId && isBytes(wrapped, wrappedLength)
}

function isDeviceWay(value: unknown): value is DeviceWay {
  const { key, wrapped } = (value ?? {}) as Partial<DeviceWay>
  if (!(key instanceof CryptoKey) || !isBytes(wrapped, wrappedLength)) return false
  return key.algorithm.name === 'AES-GCM' && !key.extractable && key.usages.includes('decrypt')
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}
