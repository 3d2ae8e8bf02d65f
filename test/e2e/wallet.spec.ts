// What a citizen keeps in <muniment-record>: behind a passkey or this browser's key, with nothing in clear on the disk; shown, copied to
// another device, and deleted.

import { readFileSync, writeFileSync } from 'node:fs'
import { parseCredential, parseRecordLink } from '@muniment/sdk'
import type { CDPSession, Page } from '@playwright/test'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { addAuthenticator } from './authenticator.ts'
import { expect, screenshot, test } from './fixtures.ts'

const passphrase = 'four words nobody guesses'
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const kept = (page: Page) => page.locator('muniment-record [part=kept]')
const documents = (page: Page) => page.locator('muniment-record [part=document]')

async function openAndKeep(page: Page, origin: string, link: string): Promise<void> {
  await page.goto(`${origin}/show`)
  await page.getByLabel('The document’s link or text').fill(link)
  await button(page, 'Open').click()
  await expect(page.getByRole('heading', { name: 'What do you want to show?' })).toBeFocused()
  await button(page, 'Keep on this device').click()
}

async function look(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/show`)
  await button(page, 'Kept on this device').click()
}

/** Of two authenticators the first answers who opens with a passkey, and the second who makes one. */
async function answersNext(page: Page, cdp: CDPSession, [first, second]: readonly [string, string]): Promise<void> {
  const enable = (authenticatorId: string, enabled: boolean) =>
    cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  await enable(second, false)
  await page.exposeFunction('swapAuthenticators', async () => {
    await enable(first, false)
    await enable(second, true)
  })
  await page.evaluate(() => {
    const create = navigator.credentials.create.bind(navigator.credentials)
    navigator.credentials.create = async options => {
      await (window as unknown as { swapAuthenticators: () => Promise<void> }).swapAuthenticators()
      return create(options)
    }
  })
}

/** All that this origin holds in IndexedDB and beside it, keys and values, as text: bytes as Latin letters and in the usual spellings. */
function everythingStored(page: Page): Promise<{ readonly text: string; readonly documents: number }> {
  return page.evaluate(async () => {
    const seen: string[] = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), ...(await caches.keys())]
    const spell = (value: unknown): unknown => {
      if (!(value instanceof Uint8Array)) return value
      const latin = Array.from(value, byte => String.fromCharCode(byte)).join('')
      return [
        latin,
        btoa(latin).replaceAll('+', '-').replaceAll('/', '_'),
        Array.from(value, byte => byte.toString(16).padStart(2, '0')).join(''),
      ]
    }
    let documents = 0
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name!)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      for (const store of database.objectStoreNames) {
        const read = <T>(request: IDBRequest<T>): Promise<T> =>
          new Promise(resolve => {
            request.onsuccess = () => resolve(request.result)
          })
        const opened = database.transaction(store).objectStore(store)
        const [keys, values] = await Promise.all([read(opened.getAllKeys()), read(opened.getAll())])
        if (name === 'muniment-wallet' && store === 'documents') documents = values.length
        seen.push(
          name!,
          store,
          JSON.stringify([keys, values], (_, value) => spell(value)),
        )
      }
      database.close()
    }
    return { text: seen.join('\n'), documents }
  })
}

test('a document is kept behind a passkey: nothing of it is in clear on the disk, the passkey alone opens it, and deleted is deleted', async ({
  page,
  portal,
}) => {
  const { cdp, id: authenticatorId } = await addAuthenticator(page, { hasPrf: true })
  const title = (await portal.records()).find(({ service }) => service.startsWith('land.title'))!
  await openAndKeep(page, portal.origin, portal.linkOf(title))
  await expect(page.getByRole('heading', { name: 'How shall it be locked?' })).toBeFocused()
  await screenshot(page, 'wallet-protect')
  await button(page, 'Lock it with a passkey').click()
  await expect(documents(page)).toContainText('Land title')
  await expect(kept(page)).toContainText('Only your passkey opens it.')
  await screenshot(page, 'wallet-list')

  const hasher = await loadCrypto({ forceFallback: true })
  const { document, key } = parseRecordLink(title.link)
  const { fields, commitment, issuerName, type } = parseCredential(document, hasher)
  const today = await page.evaluate(() => new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format())
  const spelled = [commitment, key].flatMap(bytes =>
    ['base64url', 'hex', 'latin1'].map(as => Buffer.from(bytes).toString(as as 'hex')),
  )
  const values = Object.values(fields).map(value => (typeof value === 'string' ? value : JSON.stringify(value)))
  const secrets = [
    ...values,
    ...Object.keys(fields),
    ...spelled,
    issuerName,
    type,
    today,
    'Land title',
    document.slice(0, 40),
  ]
  const stored = await everythingStored(page)
  expect(stored.documents).toBe(1)
  expect(stored.text).toContain('muniment-wallet')
  for (const secret of secrets.filter(({ length }) => length > 3)) expect(stored.text).not.toContain(secret)

  await look(page, portal.origin)
  await expect(kept(page)).toContainText('A passkey opens what is kept here.')
  await expect(documents(page)).toHaveCount(0)
  await button(page, 'Open with the passkey').click()
  await button(page, 'Add another passkey').click()
  // One authenticator holds one passkey of a wallet.
  await expect(page.getByRole('alert')).toContainText('already holds a passkey')
  await button(page, 'Open').click()
  await expect(page.getByRole('checkbox', { name: /Parcel/ })).toBeVisible()

  // The first passkey is lost, and the second opens it; then that is lost too: it says so, and loses nothing.
  await look(page, portal.origin)
  await button(page, 'Open with the passkey').click()
  await expect(documents(page)).toHaveCount(1)
  const { id: second } = await addAuthenticator(page, { hasPrf: true, transport: 'usb' })
  await answersNext(page, cdp, [authenticatorId, second])
  await button(page, 'Add another passkey').click()
  await expect(page.getByText('The passkey is added').first()).toBeVisible()
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  await look(page, portal.origin)
  await button(page, 'Open with the passkey').click()
  await expect(documents(page)).toHaveCount(1)
  await cdp.send('WebAuthn.clearCredentials', { authenticatorId: second })
  await look(page, portal.origin)
  await button(page, 'Open with the passkey').click()
  await expect(page.getByRole('alert')).toContainText('Nothing is lost')
  await page.getByText('Have you lost the passkey?').click()
  await screenshot(page, 'wallet-lost')
  expect((await everythingStored(page)).documents).toBe(1)
  await button(page, 'Delete everything that is kept here').click()
  await expect(page.getByRole('heading', { name: 'Delete everything that is kept here' })).toBeFocused()
  await button(page, 'Delete').click()
  await expect(kept(page)).toContainText('Nothing is kept here yet.')
  expect((await everythingStored(page)).documents).toBe(0)
})

test('where passkeys cannot lock, the browser’s key does; a copy under a passphrase brings all of it to another device', async ({
  page,
  portal,
  browser,
}) => {
  await addAuthenticator(page)
  const [record] = await portal.records()
  await openAndKeep(page, portal.origin, portal.linkOf(record!))
  await button(page, 'Lock it with a passkey').click()
  await expect(page.getByRole('alert')).toContainText('cannot lock documents')
  await button(page, 'Keep it without a passkey').click()
  await expect(documents(page)).toHaveCount(1)
  await look(page, portal.origin)
  await expect(documents(page)).toHaveCount(1)
  await screenshot(page, 'wallet-list-device')

  await button(page, 'Save a copy').click()
  for (const [first, second, sentence] of [
    ['too short', 'too short', /At least 12 characters/],
    [passphrase, `${passphrase}!`, 'The two passphrases differ.'],
  ] as const) {
    await page.getByLabel('Passphrase', { exact: true }).fill(first)
    await page.getByLabel('The same passphrase again').fill(second)
    await button(page, 'Save a copy').click()
    await expect(page.getByRole('alert')).toHaveText(sentence)
  }
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await page.getByLabel('The same passphrase again').fill(passphrase)
  await screenshot(page, 'wallet-copy')
  const saving = page.waitForEvent('download')
  await button(page, 'Save a copy').click()
  const path = await (await saving).path()
  const altered = test.info().outputPath('altered.muniment')
  writeFileSync(
    altered,
    readFileSync(path).map((byte, index) => (index === 2_000 ? byte ^ 1 : byte)),
  )

  const other = await browser.newContext({ locale: 'en-GB' })
  const there = await other.newPage()
  await look(there, portal.origin)
  await expect(kept(there)).toContainText('Nothing is kept here yet.')
  await button(there, 'Open a saved copy').click()
  for (const [file, typed, sentence] of [
    [path, 'another passphrase', 'The passphrase is another one, or the copy was changed.'],
    [altered, passphrase, 'The passphrase is another one, or the copy was changed.'],
    ['package.json', passphrase, 'This file is not a copy of kept documents, or it is damaged.'],
  ] as const) {
    await there.getByLabel('The saved copy').setInputFiles(file)
    await there.getByLabel('Passphrase', { exact: true }).fill(typed)
    await button(there, 'Open a saved copy').click()
    await expect(there.getByRole('alert')).toHaveText(sentence)
  }
  await there.getByLabel('The saved copy').setInputFiles(path)
  await there.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await button(there, 'Open a saved copy').click()
  await button(there, 'Keep it without a passkey').click()
  await expect(there.getByText('Documents added: 1.').first()).toBeVisible()
  await button(there, 'Delete').click()
  await expect(there.getByRole('heading', { name: /^Delete .* from this device\?$/ })).toBeFocused()
  await button(there, 'Delete').click()
  await expect(there.getByText('It is deleted.').first()).toBeVisible()
  expect((await everythingStored(there)).documents).toBe(0)
  await other.close()
})
