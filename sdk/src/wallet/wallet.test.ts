import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { equals } from '../bytes.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import { passphraseRoundsMin, walletBucketBytesMin } from '../limits.ts'
import { isPassphrase, openWalletFile, sealWalletFile } from './file.ts'
import { type KeptDocument, keptDocument, openKept, sealKept } from './kept.ts'
import {
  importStoreKey,
  makeDeviceKey,
  makeStoreKey,
  passkeyWrappingKey,
  unwrapStoreKey,
  wrapStoreKey,
} from './keys.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
const refused = (code: VerifyErrorCode) => (error: unknown) => error instanceof VerifyError && error.code === code
const wallet = { chainId: 'test-1', walletId: random(32) }
const place = { ...wallet, id: random(16) }
const key = 'A'.repeat(43)
const kept: KeptDocument = {
  link: `1/test-1/${key}/7/example.document~`,
  title: { en: 'Land title', ar: 'سند ملكية' },
  issuer: { en: 'Example land office' },
  keptAt: 1_780_000_000n,
}
const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

describe('a kept document', () => {
  it('opens with its key, in its place', async () => {
    const storeKey = await importStoreKey(makeStoreKey())
    assert.deepEqual(await openKept(storeKey, place, await sealKept(storeKey, place, kept)), kept)
  })

  it('opens with no other key, in no other place, and not when a bit of it was changed', async () => {
    const storeKey = await importStoreKey(makeStoreKey())
    const sealed = await sealKept(storeKey, place, kept)
    const other = await importStoreKey(makeStoreKey())
    await assert.rejects(openKept(other, place, sealed), refused('wrong-key'))
    for (const elsewhere of [{ id: random(16) }, { walletId: random(32) }, { chainId: 'test-2' }])
      await assert.rejects(openKept(storeKey, { ...place, ...elsewhere }, sealed), refused('wrong-key'))
    for (const at of [0, 11, 12, 40, sealed.length - 1])
      await assert.rejects(openKept(storeKey, place, changed(sealed, at)), refused('wrong-key'))
    await assert.rejects(openKept(storeKey, place, sealed.subarray(0, 30)), refused('truncated'))
    await assert.rejects(openKept(storeKey, place, new Uint8Array(1 << 20)), refused('oversized'))
  })

  it('tells by its length only which of a few sizes it has, and is never sealed to the same bytes twice', async () => {
    const storeKey = await importStoreKey(makeStoreKey())
    const withLink = (length: number): KeptDocument => ({ ...kept, link: kept.link + 'x'.repeat(length) })
    const sealedLength = async (length: number): Promise<number> =>
      (await sealKept(storeKey, place, withLink(length))).length - 28
    const lengths = await Promise.all([0, 1, 1_000, 3_000, 5_000, 20_000].map(sealedLength))
    assert.deepEqual(
      lengths,
      [1, 1, 1, 1, 2, 8].map(times => times * walletBucketBytesMin),
    )
    const twice = await Promise.all([sealKept(storeKey, place, kept), sealKept(storeKey, place, kept)])
    assert.ok(!equals(twice[0].subarray(0, 12), twice[1].subarray(0, 12)))
  })

  it('holds a link of its network, and each language once', async () => {
    const storeKey = await importStoreKey(makeStoreKey())
    const foreign = await sealKept(storeKey, place, { ...kept, link: kept.link.replace('test-1', 'test-2') })
    await assert.rejects(openKept(storeKey, place, foreign), refused('wrong-chain'))
    const unreadable = await sealKept(storeKey, place, { ...kept, link: 'javascript:alert(1)' })
    await assert.rejects(openKept(storeKey, place, unreadable), refused('malformed'))
    const encoded = keptDocument.encode({ ...kept, title: { en: 'Land title', zz: 'Land title' } })
    const at = Buffer.from(encoded).indexOf('zz')
    const twice = encoded.with(at, 101).with(at + 1, 110)
    assert.throws(() => keptDocument.decode(twice), refused('malformed'))
  })
})

describe('the store key', () => {
  it('comes from a passkey’s secret, and from this browser’s key, each in its own way only', async () => {
    const storeKey = makeStoreKey()
    const secret = random(32)
    const byPasskey = { ...wallet, credentialId: random(20) }
    const byDevice = { ...wallet, credentialId: new Uint8Array(0) }
    const passkey = await passkeyWrappingKey(secret, wallet)
    const device = await makeDeviceKey()
    const wrapped = await wrapStoreKey(passkey, byPasskey, storeKey)
    const onDevice = await wrapStoreKey(device, byDevice, storeKey)
    assert.deepEqual(await unwrapStoreKey(await passkeyWrappingKey(secret, wallet), byPasskey, wrapped), storeKey)
    assert.deepEqual(await unwrapStoreKey(device, byDevice, onDevice), storeKey)
    await assert.rejects(unwrapStoreKey(device, byPasskey, wrapped), refused('wrong-key'))
    await assert.rejects(unwrapStoreKey(passkey, byDevice, wrapped), refused('wrong-key'))
    await assert.rejects(unwrapStoreKey(passkey, byPasskey, changed(wrapped, 50)), refused('wrong-key'))
    for (const other of [{ walletId: random(32) }, { chainId: 'test-2' }]) {
      const elsewhere = await passkeyWrappingKey(secret, { ...wallet, ...other })
      await assert.rejects(unwrapStoreKey(elsewhere, byPasskey, wrapped), refused('wrong-key'))
    }
  })

  it('and no key made of it can be read out by a script', async () => {
    const keys = [
      await importStoreKey(makeStoreKey()),
      await makeDeviceKey(),
      await passkeyWrappingKey(random(32), wallet),
    ]
    for (const each of keys) {
      assert.equal(each.extractable, false)
      await assert.rejects(crypto.subtle.exportKey('raw', each))
    }
  })
})

describe('a wallet’s file', () => {
  const passphrase = 'correct horse battery é'
  const options = { passphrase, chainId: 'test-1' }

  it('opens on another device with its passphrase, however that was typed, and with no other', async () => {
    const file = await sealWalletFile([kept, { ...kept, title: {} }], options)
    assert.deepEqual(await openWalletFile(file, options), [kept, { ...kept, title: {} }])
    const decomposed = passphrase.normalize('NFD')
    assert.notEqual(decomposed, passphrase)
    assert.equal((await openWalletFile(file, { ...options, passphrase: decomposed })).length, 2)
    await assert.rejects(openWalletFile(file, { ...options, passphrase: `${passphrase}!` }), refused('wrong-key'))
    await assert.rejects(openWalletFile(file, { ...options, chainId: 'test-2' }), refused('wrong-chain'))
    assert.ok(!Buffer.from(file).includes('Land') && !Buffer.from(file).includes('test-1'))
  })

  it('is refused when it was altered, is of a later version, asks for too little or too much work, or is something else', async () => {
    const file = await sealWalletFile([kept], options)
    const text = Buffer.from(file)
    await assert.rejects(openWalletFile(changed(file, file.length - 1), options), refused('wrong-key'))
    await assert.rejects(
      openWalletFile(changed(file, text.indexOf('wallet/1') + 7), options),
      refused('format-unknown'),
    )
    const later = file.with(text.indexOf('wallet/1') + 7, 50)
    await assert.rejects(openWalletFile(later, options), refused('format-unknown'))
    // 600,000 and 2^31 as varints.
    const at = text.indexOf(Buffer.from([0xc0, 0xcf, 0x24]))
    assert.ok(at > 0)
    assert.equal(passphraseRoundsMin, 600_000)
    await assert.rejects(openWalletFile(file.with(at + 2, 0x23), options), refused('malformed'))
    const dear = Buffer.concat([
      text.subarray(0, at),
      Buffer.from([0x80, 0x80, 0x80, 0x80, 0x08]),
      text.subarray(at + 3),
    ])
    await assert.rejects(openWalletFile(dear, options), refused('malformed'))
    for (const other of [new Uint8Array(0), random(300), new TextEncoder().encode('%PDF-1.7')])
      await assert.rejects(openWalletFile(other, options), VerifyError)
    await assert.rejects(openWalletFile(new Uint8Array(17 << 20), options), refused('oversized'))
  })

  it('is sealed under no short passphrase', async () => {
    assert.ok(!isPassphrase('eleven char') && isPassphrase('twelve chars') && !isPassphrase('x'.repeat(1_025)))
    // Twelve UTF-16 units, six characters.
    assert.ok(!isPassphrase('😀'.repeat(6)))
    await assert.rejects(sealWalletFile([kept], { ...options, passphrase: 'short' }))
  })
})
