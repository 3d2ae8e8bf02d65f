// Signing with a passkey in a real browser, whose authenticator is Chromium's virtual one.

import type { CDPSession, Page } from '@playwright/test'
import { expect, nextVerdict, screenshot, test } from './fixtures.ts'

type Authenticator = { readonly cdp: CDPSession; readonly id: string }

async function addAuthenticator(page: Page, verifies = true): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: verifies,
      automaticPresenceSimulation: true,
    },
  })
  return { cdp, id: authenticatorId }
}

async function fillIn(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/sign`)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('I keep two hives.')
  await page.getByLabel('With a passkey').check()
}

const element = (page: Page) => page.locator('muniment-sign')
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name }).click()
const review = (page: Page): Promise<void> => press(page, 'Review before signing')
const sign = (page: Page): Promise<void> => press(page, 'Sign and hand in')
const done = (page: Page) => expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeFocused()

async function makeAndReview(page: Page): Promise<void> {
  await review(page)
  await press(page, 'Make a passkey')
  await expect(page.getByRole('heading', { name: 'This is what you will sign' })).toBeFocused()
}

/** The codes of the page's errors so far. */
async function codes(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (window as unknown as { signErrors: string[] }).signErrors)
}

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    const told = window as unknown as { signErrors: string[] }
    told.signErrors = []
    document.addEventListener('muniment-error', event => told.signErrors.push((event as CustomEvent).detail.code))
  })
})

test('a passkey signs a declaration from start to end, and anybody can check it', async ({ page, portal }) => {
  await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await screenshot(page, 'passkey-form')
  await review(page)
  await expect(page.getByRole('heading', { name: 'First, your passkey' })).toBeFocused()
  await screenshot(page, 'passkey-needed')
  await press(page, 'Make a passkey')
  await expect(page.getByRole('heading', { name: 'This is what you will sign' })).toBeFocused()
  await expect(element(page)).toContainText('Signed with your passkey')
  await screenshot(page, 'passkey-review')
  await sign(page)
  await done(page)
  await page.getByRole('link', { name: 'Link to the declaration' }).click()
  expect((await nextVerdict(page)).code).toBe('current')

  // The next time it is there, and the account is the same.
  await fillIn(page, portal.origin)
  await review(page)
  await expect(page.getByRole('heading', { name: 'This is what you will sign' })).toBeFocused()
  await sign(page)
  await done(page)
})

test('a passkey of Ed25519 signs too', async ({ page, portal }) => {
  await addAuthenticator(page)
  await page.addInitScript(() => {
    const { create } = CredentialsContainer.prototype
    CredentialsContainer.prototype.create = function (options) {
      const publicKey = { ...options!.publicKey!, pubKeyCredParams: [{ type: 'public-key' as const, alg: -8 }] }
      return Reflect.apply(create, this, [{ ...options, publicKey }])
    }
  })
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await sign(page)
  await done(page)
})

test('a passkey finds its account again where the browser has forgotten it', async ({ page, portal }) => {
  await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await sign(page)
  await done(page)
  await page.evaluate(
    () =>
      new Promise(resolve => {
        indexedDB.deleteDatabase('muniment-keys').addEventListener('success', resolve)
      }),
  )
  await fillIn(page, portal.origin)
  await review(page)
  await press(page, 'Use one that I have')
  await expect(page.getByRole('heading', { name: 'This is what you will sign' })).toBeFocused()
  await element(page).locator('summary').click()
  // The account's second transaction: it is the same account.
  await expect(element(page).locator('.row', { hasText: 'Number of the transaction' })).toContainText('2')
  await sign(page)
  await done(page)
})

test('a passkey that was never used to sign is said to be unknown, and nothing is lost', async ({ page, portal }) => {
  await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await page.evaluate(
    () =>
      new Promise(resolve => {
        indexedDB.deleteDatabase('muniment-keys').addEventListener('success', resolve)
      }),
  )
  await fillIn(page, portal.origin)
  await review(page)
  await press(page, 'Use one that I have')
  await expect(element(page).getByRole('alert')).toContainText('The ledger knows no account of this passkey.')
  await expect(page.getByLabel('Subject')).toHaveValue('Bees')
  expect(await codes(page)).toEqual(['passkey-unknown'])
})

test('a device that does not check who asks signs nothing; the review stays, and once it does, it is signed', async ({
  page,
  portal,
}) => {
  const { cdp, id } = await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false })
  await sign(page)
  await expect(element(page).getByRole('alert')).toContainText('Nothing is lost; try again.')
  await screenshot(page, 'passkey-cancelled')
  expect(await codes(page)).toEqual(['passkey-cancelled'])
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: true })
  await sign(page)
  await done(page)
})

test('a passkey that is gone from the device signs nothing, and the other way to sign is still there', async ({
  page,
  portal,
}) => {
  const { cdp, id } = await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await cdp.send('WebAuthn.clearCredentials', { authenticatorId: id })
  await sign(page)
  await expect(element(page).getByRole('alert')).toContainText('Your device did not sign')
  await press(page, 'Do not sign')
  await page.getByLabel('With a key of this browser').check()
  await review(page)
  await sign(page)
  await done(page)
})

test('a page that names another’s relying party gets no passkey, and says so', async ({ page, portal }) => {
  await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await element(page).evaluate(sign => sign.setAttribute('rp-id', 'id.example'))
  await review(page)
  await press(page, 'Make a passkey')
  await expect(element(page).getByRole('alert')).toContainText('Your passkey does not belong to this site.')
  expect(await codes(page)).toEqual(['passkey-wrong-site'])
})

test('another passkey’s answer is not handed in', async ({ page, portal }) => {
  await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await page.evaluate(() => {
    const { get } = CredentialsContainer.prototype
    CredentialsContainer.prototype.get = async function (options) {
      const create = { rp: { name: 'other' }, user: { id: new Uint8Array([9]), name: 'other', displayName: 'other' } }
      const publicKey = { ...options!.publicKey!, ...create, pubKeyCredParams: [{ type: 'public-key', alg: -7 }] }
      const other = (await navigator.credentials.create({ publicKey } as never)) as PublicKeyCredential
      const allowCredentials = [{ type: 'public-key' as const, id: other.rawId }]
      return Reflect.apply(get, this, [{ ...options, publicKey: { ...options!.publicKey!, allowCredentials } }])
    }
  })
  await sign(page)
  await expect(element(page).getByRole('alert')).toContainText('Another passkey answered')
  expect(await codes(page)).toEqual(['passkey-other'])
})

test('a browser without passkeys says so and proposes its own key', async ({ page, portal }) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, 'PublicKeyCredential'))
  await page.goto(`${portal.origin}/sign`)
  await expect(page.getByLabel('With a passkey')).toBeDisabled()
  await expect(page.getByLabel('With a key of this browser')).toBeChecked()
  await screenshot(page, 'passkey-none')
  await element(page).evaluate(sign => sign.setAttribute('methods', 'passkey'))
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('I keep two hives.')
  await review(page)
  await expect(element(page)).toContainText('This browser or device can’t make or use such a passkey.')
  expect(await codes(page)).toEqual(['passkey-unsupported'])
})

test('whoever stops while the device asks has signed nothing', async ({ page, portal }) => {
  const { cdp, id } = await addAuthenticator(page)
  await fillIn(page, portal.origin)
  await makeAndReview(page)
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: id, enabled: false })
  await sign(page)
  await expect(element(page)).toContainText('Your device is asking you now.')
  await press(page, 'Cancel')
  await expect(element(page)).toContainText('Nothing was signed.')
  await expect(page.getByLabel('Subject')).toHaveValue('Bees')
  expect(await codes(page)).toEqual([])
})
