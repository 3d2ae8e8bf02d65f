// What stands in the way of keeping documents loses none of them: each has its code, which <muniment-record> tells in a sentence.

import 'fake-indexeddb/auto'
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { type KeptDocument, limits } from '@muniment/sdk'
import { deleteDB, openDB } from 'idb'
import {
  addPasskey,
  eraseWallet,
  findWallet,
  keepAll,
  listKept,
  lockWallet,
  makeWallet,
  type OpenWallet,
  openWallet,
  removeKept,
} from './wallet.ts'
import { readCopy, saveCopy } from './wallet-copy.ts'
import { WalletError, type WalletErrorCode } from './wallet-error.ts'

const chainId = 'test-1'
const { signal } = new AbortController()
const ask = { name: 'Documents', signal }
const refused = (code: WalletErrorCode) => (error: unknown) => error instanceof WalletError && error.code === code
const made = (number: number): KeptDocument => ({
  link: `1/${chainId}/${'A'.repeat(43)}/7/document.${number}~`,
  title: { en: `Example ${number}` },
  issuer: {},
  keptAt: 1_780_000_000n + BigInt(number),
})
const titles = async (wallet: OpenWallet): Promise<readonly (string | undefined)[]> =>
  (await listKept(wallet)).documents.map(({ title }) => title.en)
const again = async (): Promise<OpenWallet> => openWallet(chainId, (await findWallet(chainId))!, signal)
const raw = () => openDB('muniment-wallet', 1)

/** Passkeys whose secrets are HMACs of a kind: each knows its own answer to a wallet's id. */
function authenticator(hasPrf = true) {
  const passkeys: { id: Uint8Array; secret: Uint8Array }[] = []
  let lost = 0 // The first so many.
  const answer = async (passkey: { id: Uint8Array; secret: Uint8Array } | undefined, asked: Uint8Array) => {
    if (!passkey) throw new DOMException('no such passkey', 'NotAllowedError')
    const first = await crypto.subtle.digest('SHA-256', Uint8Array.from([...passkey.secret, ...asked]))
    const prf = hasPrf ? { enabled: true, results: { first } } : { enabled: false }
    return Object.assign(Object.create(PublicKeyCredential.prototype), {
      rawId: Uint8Array.from(passkey.id).buffer,
      getClientExtensionResults: () => ({ prf }),
    })
  }
  return {
    lose: (count: number) => {
      lost = count
    },
    credentials: {
      async create({ publicKey }: { publicKey: { extensions: { prf: { eval: { first: Uint8Array } } } } }) {
        passkeys.push({
          id: crypto.getRandomValues(new Uint8Array(20)),
          secret: crypto.getRandomValues(new Uint8Array(32)),
        })
        return answer(passkeys.at(-1), publicKey.extensions.prf.eval.first)
      },
      async get({
        publicKey,
      }: {
        publicKey: { allowCredentials: { id: Uint8Array }[]; extensions: { prf: { eval: { first: Uint8Array } } } }
      }) {
        const allowed = publicKey.allowCredentials.map(({ id }) => Buffer.from(id).toString('hex'))
        const found = passkeys.slice(lost).find(({ id }) => allowed.includes(Buffer.from(id).toString('hex')))
        return answer(found, publicKey.extensions.prf.eval.first)
      },
    },
  }
}

function withAuthenticator(device: ReturnType<typeof authenticator>): void {
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: device.credentials })
}

Object.assign(globalThis, { PublicKeyCredential: function Credential() {}, location: { hostname: 'localhost' } })

beforeEach(() => deleteDB('muniment-wallet'))
afterEach(() => mock.restoreAll())

describe('what is kept under this browser’s key', () => {
  it('is there the next time, the newest first, each document once', async () => {
    const wallet = await makeWallet(chainId, 'device')
    assert.equal(await keepAll(wallet, [made(1), made(2)]), 2)
    assert.equal(await keepAll(wallet, [made(2), { ...made(3), keptAt: 0n }]), 1)
    assert.deepEqual(await titles(await again()), ['Example 2', 'Example 1', 'Example 3'])
  })

  it('is of one network: another’s has its own', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1)])
    assert.equal(await findWallet('test-2'), undefined)
    await eraseWallet('test-2')
    assert.deepEqual(await titles(await again()), ['Example 1'])
  })

  it('is gone once it is deleted, one or all', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1), made(2)])
    const [first] = (await listKept(wallet)).documents
    await removeKept(wallet, first!.id)
    assert.deepEqual(await titles(wallet), ['Example 1'])
    await eraseWallet(chainId)
    const database = await raw()
    assert.equal((await database.count('documents')) + (await database.count('wallets')), 0)
    database.close()
  })

  it('can be locked with a passkey later: this browser’s old key opens nothing any more', async () => {
    withAuthenticator(authenticator())
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1), made(2)])
    const locked = await lockWallet(wallet, ask)
    assert.equal(locked.passkeys, 1)
    assert.deepEqual(await titles(locked), ['Example 2', 'Example 1'])
    assert.equal((await findWallet(chainId))!.device, undefined)
    assert.deepEqual(await titles(wallet), [])
    assert.equal((await listKept(wallet)).unreadable, 2)
    await assert.rejects(keepAll(wallet, [made(3)]), refused('changed'))
  })
})

describe('what is kept behind a passkey', () => {
  it('opens with it, and with another one that was added, when the first is lost', async () => {
    const device = authenticator()
    withAuthenticator(device)
    const wallet = await makeWallet(chainId, ask)
    await keepAll(wallet, [made(1)])
    assert.equal((await again()).passkeys, 1)
    assert.equal((await addPasskey(wallet, ask)).passkeys, 2)
    device.lose(1)
    assert.deepEqual(await titles(await again()), ['Example 1'])
  })

  it('stays where it is when every passkey is lost, or tells no secret', async () => {
    const device = authenticator()
    withAuthenticator(device)
    const wallet = await makeWallet(chainId, ask)
    await keepAll(wallet, [made(1)])
    device.lose(1)
    await assert.rejects(again(), refused('passkey-cancelled'))
    assert.deepEqual(await titles(wallet), ['Example 1'])
    withAuthenticator(authenticator(false))
    await assert.rejects(lockWallet(wallet, ask), refused('noSecret'))
    assert.deepEqual(await titles(wallet), ['Example 1'])
  })

  it('is not begun where the authenticator has no secret to give: nothing is stored', async () => {
    withAuthenticator(authenticator(false))
    await assert.rejects(makeWallet(chainId, ask), refused('noSecret'))
    assert.equal(await findWallet(chainId), undefined)
  })
})

describe('a database that was damaged or planted', () => {
  it('shows what can be opened, counts what cannot, and leaves it there', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1), made(2), made(3)])
    const database = await raw()
    const [one, two] = (await database.getAllKeys('documents')) as [string, string][]
    const bytes = (await database.get('documents', one!)) as Uint8Array
    await database.put('documents', bytes.with(100, bytes[100]! ^ 1), one)
    await database.put('documents', 'a string', two)
    // Moved to another place, and planted by somebody else.
    await database.put('documents', bytes, [chainId, 'ff'.repeat(16)])
    await database.put('documents', bytes, [chainId, 'no id'])
    const { documents, unreadable } = await listKept(wallet)
    assert.deepEqual([documents.length, unreadable], [1, 3])
    await keepAll(wallet, [made(4)])
    assert.equal(await database.count('documents'), 6)
    database.close()
  })

  it('whose key is no key is not opened, not written over, and can only be deleted', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1)])
    const database = await raw()
    const stored = await database.get('wallets', chainId)
    const extractable = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt'])
    const { key, wrapped } = stored.device
    const planted = [
      'a string',
      null,
      {},
      { ...stored, version: 0 },
      { ...stored, walletId: new Uint8Array(31) },
      { ...stored, device: undefined },
      { ...stored, device: { key, wrapped: wrapped.subarray(1) } },
      { ...stored, device: { key: extractable, wrapped } },
    ]
    for (const value of planted) {
      await database.put('wallets', value, chainId)
      await assert.rejects(findWallet(chainId), refused('damaged'))
      await assert.rejects(makeWallet(chainId, 'device'), refused('changed'))
    }
    await database.put('wallets', { ...stored, walletId: stored.walletId.with(0, stored.walletId[0] ^ 1) }, chainId)
    await assert.rejects(again(), refused('damaged'))
    await database.put('wallets', stored, chainId)
    database.close()
    assert.deepEqual(await titles(await again()), ['Example 1'])
  })

  it('of a later version is told from a damaged one', async () => {
    await makeWallet(chainId, 'device')
    const database = await raw()
    await database.put('wallets', { version: 2, something: 'else' }, chainId)
    await assert.rejects(findWallet(chainId), refused('newer'))
    database.close()
    ;(await openDB('muniment-wallet', 2)).close()
    await assert.rejects(findWallet(chainId), refused('newer'))
  })
})

describe('a second tab', () => {
  it('that made a wallet first keeps it; the other is told', async () => {
    const first = await makeWallet(chainId, 'device')
    await assert.rejects(makeWallet(chainId, 'device'), refused('changed'))
    await keepAll(first, [made(1)])
    assert.deepEqual(await titles(await again()), ['Example 1'])
  })

  it('that deleted everything, or locked it, is written to by nobody', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1)])
    await eraseWallet(chainId)
    await assert.rejects(keepAll(wallet, [made(2)]), refused('changed'))
    const next = await makeWallet(chainId, 'device')
    await assert.rejects(keepAll(wallet, [made(2)]), refused('changed'))
    await assert.rejects(removeKept(wallet, '00'.repeat(16)), refused('changed'))
    assert.deepEqual(await titles(next), [])
  })

  it('that keeps one at the same time loses neither', async () => {
    const one = await makeWallet(chainId, 'device')
    const two = await again()
    await Promise.all([keepAll(one, [made(1)]), keepAll(two, [made(2)])])
    assert.deepEqual(await titles(one), ['Example 2', 'Example 1'])
  })
})

describe('where there is no room, or no database at all', () => {
  it('a full disk keeps what was there, and none of what was half written', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1)])
    let puts = 0
    const { put } = IDBObjectStore.prototype
    mock.method(IDBObjectStore.prototype, 'put', function (this: IDBObjectStore, ...given: Parameters<typeof put>) {
      if (puts++ === 1) throw new DOMException('no room', 'QuotaExceededError')
      return put.apply(this, given)
    })
    await assert.rejects(keepAll(wallet, [made(2), made(3)]), refused('full'))
    mock.restoreAll()
    assert.deepEqual(await titles(wallet), ['Example 1'])
  })

  it('no more is kept than can be listed', async () => {
    const wallet = await makeWallet(chainId, 'device')
    const many = Array.from({ length: limits.keptDocumentsMax }, (_, index) => made(index))
    assert.equal(await keepAll(wallet, many), limits.keptDocumentsMax)
    await assert.rejects(keepAll(wallet, [made(limits.keptDocumentsMax)]), refused('full'))
  })

  it('a window that is private, a browser that hangs: nothing can be kept, and that is said', async () => {
    const { indexedDB } = globalThis
    const forbidden = () => {
      throw new DOMException('no', 'SecurityError')
    }
    const silent = Object.assign(Object.create(IDBOpenDBRequest.prototype), { addEventListener: () => undefined })
    for (const broken of [undefined, { open: forbidden }, { open: () => silent }]) {
      Object.assign(globalThis, { indexedDB: broken })
      try {
        await assert.rejects(findWallet(chainId), refused('unavailable'))
        await assert.rejects(makeWallet(chainId, 'device'), refused('unavailable'))
      } finally {
        Object.assign(globalThis, { indexedDB })
      }
    }
  })
})

describe('a copy', () => {
  it('that is none, too long, altered, of a later version or another network’s is told apart', async () => {
    const wallet = await makeWallet(chainId, 'device')
    await keepAll(wallet, [made(1)])
    let saved: Blob | undefined
    mock.method(URL, 'createObjectURL', (blob: Blob) => {
      saved = blob
      return 'blob:example'
    })
    mock.method(URL, 'revokeObjectURL', () => undefined)
    Object.assign(globalThis, { document: { createElement: () => ({ click: () => undefined }) } })
    const passphrase = 'four words nobody guesses'
    await assert.rejects(saveCopy(wallet, 'short', 'short'), refused('passphraseHint'))
    await assert.rejects(saveCopy(wallet, passphrase, 'another'), refused('passphraseDiffers'))
    assert.equal(saved, undefined)
    await saveCopy(wallet, passphrase, passphrase)
    const bytes = new Uint8Array(await saved!.arrayBuffer())
    assert.deepEqual(
      (await readCopy(saved!, passphrase, chainId)).map(({ title }) => title.en),
      ['Example 1'],
    )
    await assert.rejects(readCopy(saved!, 'another passphrase', chainId), refused('copyBad'))
    await assert.rejects(readCopy(saved!, passphrase, 'test-2'), refused('copyForeign'))
    const version = Buffer.from(bytes).indexOf('wallet/1') + 7
    await assert.rejects(readCopy(new Blob([bytes.with(version, 50)]), passphrase, chainId), refused('newer'))
    await assert.rejects(
      readCopy(new Blob([bytes.with(900, bytes[900]! ^ 1)]), passphrase, chainId),
      refused('copyBad'),
    )
    await assert.rejects(readCopy(new Blob(['%PDF-1.7']), passphrase, chainId), refused('copyUnknown'))
    const huge = { size: 1 << 30, arrayBuffer: () => assert.fail('it is not read') } as unknown as Blob
    await assert.rejects(readCopy(huge, passphrase, chainId), refused('copyUnknown'))
  })
})
