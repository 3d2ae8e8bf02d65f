// What a citizen keeps in this browser: opened by a passkey's secret or this browser's key, listed, added to, deleted. Two tabs may
// do so at once: each writes only to the wallet that it opened, in one transaction.

import {
  equals,
  formatHex,
  importStoreKey,
  type KeptDocument,
  limits,
  makeDeviceKey,
  makeStoreKey,
  openKept,
  parseHex,
  parseRecordLink,
  passkeyWrappingKey,
  sealKept,
  unwrapStoreKey,
  VerifyError,
  type WalletName,
  type WalletWay,
  wrapStoreKey,
} from '@muniment/sdk'
import {
  type DocumentKey,
  newWallet,
  type PasskeyWay,
  rangeOf,
  readWallet,
  type StoredWallet,
  withWallets,
} from './wallet-database.ts'
import { WalletError } from './wallet-error.ts'
import { askWalletPasskey, makeWalletPasskey, type WalletPasskey } from './wallet-passkey.ts'

export type OpenWallet = WalletName & {
  readonly key: CryptoKey
  /** None where this browser opens it by itself. */
  readonly passkeys: number
}

export type KeptEntry = KeptDocument & { readonly id: string }

export type KeptList = {
  /** The newest first. */
  readonly documents: readonly KeptEntry[]
  /** How many others stand there that can't be opened. */
  readonly unreadable: number
}

export type PasskeyAsk = { readonly name: string; readonly signal: AbortSignal }

const noCredential = new Uint8Array(0)
/** Planted ones beyond it are not even read. */
const readMax = 2 * limits.keptDocumentsMax

/** Rejects with WalletError, as all of these do. */
export function findWallet(chainId: string): Promise<StoredWallet | undefined> {
  return withWallets(async database => readWallet(await database.get('wallets', chainId)))
}

/** A new wallet, which a new passkey alone opens, or this browser. */
export async function makeWallet(chainId: string, ask: PasskeyAsk | 'device'): Promise<OpenWallet> {
  const name = { chainId, walletId: randomBytes(32) }
  const storeKey = makeStoreKey()
  const stored = await lockedBy(name, storeKey, ask)
  await withWallets(async database => {
    const transaction = database.transaction('wallets', 'readwrite')
    // Another tab may have been quicker; and what can't be read is not written over.
    if ((await transaction.store.get(chainId)) !== undefined) throw new WalletError('changed', 'there is a wallet')
    await transaction.store.put(stored, chainId)
    await transaction.done
  })
  // Else a browser that runs out of room may delete it. Some ask the person first, and nothing waits for that.
  navigator.storage?.persist?.().catch(() => undefined)
  return opened(name, stored, storeKey)
}

export async function openWallet(chainId: string, stored: StoredWallet, signal: AbortSignal): Promise<OpenWallet> {
  const name = { chainId, walletId: stored.walletId }
  return opened(name, stored, await storeKeyOf(name, stored, signal))
}

/** One more passkey, either of which opens it. A passkey that opens it now is asked first. */
export async function addPasskey(wallet: OpenWallet, ask: PasskeyAsk): Promise<OpenWallet> {
  const { chainId, walletId } = wallet
  const before = await withWallets(async database => current(wallet, await database.get('wallets', chainId)))
  if (before.passkeys.length >= limits.walletPasskeysMax) throw new WalletError('full', 'enough passkeys')
  const storeKey = await storeKeyOf(wallet, before, ask.signal)
  const known = before.passkeys.map(({ credentialId }) => credentialId)
  const way = await wayOf(wallet, storeKey, await makeWalletPasskey({ walletId, known, signal: ask.signal }, ask.name))
  const after = await withWallets(async database => {
    const transaction = database.transaction('wallets', 'readwrite')
    const stored = current(wallet, await transaction.store.get(chainId))
    const next = { ...stored, passkeys: [...stored.passkeys, way] }
    await transaction.store.put(next, chainId)
    await transaction.done
    return next
  })
  return { ...wallet, passkeys: after.passkeys.length }
}

/**
 * From now on a new passkey alone opens what this browser opened: under another store key, since the old one may be on the disk still.
 * All is sealed anew and put in place at once, or nothing changes. What can't be opened stays as it is.
 */
export async function lockWallet(wallet: OpenWallet, ask: PasskeyAsk): Promise<OpenWallet> {
  const { chainId } = wallet
  const name = { chainId, walletId: randomBytes(32) }
  const storeKey = makeStoreKey()
  const stored = await lockedBy(name, storeKey, ask)
  const next = await opened(name, stored, storeKey)
  const before = await readSealed(wallet)
  const { documents } = await openAll(wallet, before)
  const sealed = await Promise.all(documents.map(async each => [each.id, await seal(next, each.id, each)] as const))
  await write(wallet, async ({ documents: store, wallets }) => {
    // Another tab may have kept or deleted one meanwhile.
    const there = await store.getAllKeys(rangeOf(chainId), readMax)
    const isSame = there.length === before.length && there.every(([, id], index) => id === before[index]!.id)
    if (!isSame) throw new WalletError('changed', 'another tab changed it')
    for (const [id, bytes] of sealed) await store.put(bytes, [chainId, id])
    await wallets.put(stored, chainId)
  })
  return next
}

export async function listKept(wallet: OpenWallet): Promise<KeptList> {
  return openAll(wallet, await readSealed(wallet))
}

/** Keeps all of them or none; answers how many are new. */
export async function keepAll(wallet: OpenWallet, documents: readonly KeptDocument[]): Promise<number> {
  const there = await readSealed(wallet)
  const known = new Set((await openAll(wallet, there)).documents.map(documentOf))
  const added = documents.filter(each => !known.has(documentOf(each)) && known.add(documentOf(each)))
  if (there.length + added.length > limits.keptDocumentsMax) throw new WalletError('full', 'enough documents')
  const sealed = await Promise.all(
    added.map(async each => {
      const id = formatHex(randomBytes(16))
      return [id, await seal(wallet, id, each)] as const
    }),
  )
  await write(wallet, async ({ documents: store }) => {
    for (const [id, bytes] of sealed) await store.put(bytes, [wallet.chainId, id])
  })
  return added.length
}

export function removeKept(wallet: OpenWallet, id: string): Promise<void> {
  return write(wallet, ({ documents: store }) => store.delete([wallet.chainId, id]))
}

/** Deletes all that is kept for a network, whether it can be opened or not. */
export function eraseWallet(chainId: string): Promise<void> {
  return withWallets(async database => {
    const transaction = database.transaction(['wallets', 'documents'], 'readwrite')
    await transaction.objectStore('documents').delete(rangeOf(chainId))
    await transaction.objectStore('wallets').delete(chainId)
    await transaction.done
  })
}

type Stores = {
  readonly wallets: { readonly put: (value: unknown, key: string) => Promise<unknown> }
  readonly documents: {
    readonly put: (value: unknown, key: DocumentKey) => Promise<unknown>
    readonly delete: (key: DocumentKey) => Promise<void>
    readonly getAllKeys: (range: IDBKeyRange, count: number) => Promise<readonly DocumentKey[]>
  }
}

/** In one transaction, and only while the wallet is the one that was opened. */
function write(wallet: OpenWallet, work: (stores: Stores) => Promise<void>): Promise<void> {
  return withWallets(async database => {
    const transaction = database.transaction(['wallets', 'documents'], 'readwrite')
    const wallets = transaction.objectStore('wallets')
    const ended = transaction.done
    try {
      current(wallet, await wallets.get(wallet.chainId))
      await work({ wallets, documents: transaction.objectStore('documents') })
    } catch (error) {
      ended.catch(() => undefined)
      abort(transaction)
      throw error
    }
    await ended
  })
}

function abort(transaction: { readonly abort: () => void }): void {
  try {
    transaction.abort()
  } catch {
    // What failed has ended it already.
  }
}

/** The wallet that stands there, where it is the one that was opened. */
function current({ walletId }: OpenWallet, value: unknown): StoredWallet {
  const stored = readWallet(value)
  if (!stored || !equals(stored.walletId, walletId)) throw new WalletError('changed', 'another tab changed the wallet')
  return stored
}

type Sealed = { readonly id: string; readonly sealed: unknown }

async function readSealed({ chainId }: OpenWallet): Promise<readonly Sealed[]> {
  return withWallets(async database => {
    const { store } = database.transaction('documents')
    const range = rangeOf(chainId)
    const [keys, values] = await Promise.all([store.getAllKeys(range, readMax), store.getAll(range, readMax)])
    return keys.map(([, id], index) => ({ id, sealed: values[index] }))
  })
}

async function openAll(wallet: OpenWallet, all: readonly Sealed[]): Promise<KeptList> {
  const found = await Promise.all(all.map(each => openOne(wallet, each)))
  const documents = found.filter(each => each !== undefined)
  documents.sort((a, b) => (a.keptAt === b.keptAt ? 0 : a.keptAt > b.keptAt ? -1 : 1))
  return { documents, unreadable: found.length - documents.length }
}

async function openOne({ key, ...name }: OpenWallet, { id, sealed }: Sealed): Promise<KeptEntry | undefined> {
  if (!(sealed instanceof Uint8Array)) return undefined
  try {
    return { ...(await openKept(key, { ...name, id: parseHex(id) }, sealed)), id }
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

function seal({ key, ...name }: OpenWallet, id: string, kept: KeptDocument): Promise<Uint8Array> {
  return sealKept(key, { ...name, id: parseHex(id) }, kept)
}

function documentOf({ link }: KeptDocument): string {
  return parseRecordLink(link).document
}

/** A new wallet as it is stored. */
async function lockedBy(name: WalletName, storeKey: Uint8Array, ask: PasskeyAsk | 'device'): Promise<StoredWallet> {
  const { walletId } = name
  if (ask === 'device') {
    const key = await makeDeviceKey()
    const wrapped = await wrapStoreKey(key, { ...name, credentialId: noCredential }, storeKey)
    return newWallet({ walletId, passkeys: [], device: { key, wrapped } })
  }
  const passkey = await makeWalletPasskey({ walletId, known: [], signal: ask.signal }, ask.name)
  return newWallet({ walletId, passkeys: [await wayOf(name, storeKey, passkey)] })
}

async function wayOf(
  name: WalletName,
  storeKey: Uint8Array,
  { credentialId, secret }: WalletPasskey,
): Promise<PasskeyWay> {
  const way = { ...name, credentialId }
  return { credentialId, wrapped: await wrapStoreKey(await passkeyWrappingKey(secret, name), way, storeKey) }
}

/** By this browser's key where there is one, else by a passkey, which asks the person. */
async function storeKeyOf(name: WalletName, stored: StoredWallet, signal: AbortSignal): Promise<Uint8Array> {
  const { device, passkeys, walletId } = stored
  if (device) return unwrap(device.key, { ...name, credentialId: noCredential }, device.wrapped)
  const known = passkeys.map(({ credentialId }) => credentialId)
  const { credentialId, secret } = await askWalletPasskey({ walletId, known, signal })
  const way = passkeys.find(each => equals(each.credentialId, credentialId))
  if (!way) throw new WalletError('passkey-other', 'a passkey that was not asked for')
  return unwrap(await passkeyWrappingKey(secret, name), { ...name, credentialId }, way.wrapped)
}

async function unwrap(key: CryptoKey, way: WalletWay, wrapped: Uint8Array): Promise<Uint8Array> {
  try {
    return await unwrapStoreKey(key, way, wrapped)
  } catch (error) {
    if (error instanceof VerifyError) throw new WalletError('damaged', error.message)
    throw error
  }
}

async function opened(name: WalletName, { passkeys }: StoredWallet, storeKey: Uint8Array): Promise<OpenWallet> {
  const { chainId, walletId } = name
  return { chainId, walletId, key: await importStoreKey(storeKey), passkeys: passkeys.length }
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
