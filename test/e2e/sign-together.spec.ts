// Acts of several persons: each has a browser of his own, and a proposal goes from one to the next as a link or a file.

import { readFile } from 'node:fs/promises'
import type { Browser, Page } from '@playwright/test'
import { expect, screenshot, test, verdictHeading } from './fixtures.ts'

const element = (page: Page) => page.locator('muniment-sign')
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const standing = (page: Page) => element(page).locator('[part=gathering]')
const linkOf = (page: Page): Promise<string> => page.getByLabel('Link to this proposal').inputValue()

/** Somebody at a device of his own, and the account that his key has there. */
type Person = { readonly page: Page; readonly account: string }

async function personAt(browser: Browser, origin: string, method: 'passkey' | 'device', own?: Page): Promise<Person> {
  const page = own ?? (await (await browser.newContext({ locale: 'en-GB' })).newPage())
  const context = page.context()
  if (method === 'passkey') {
    const cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
    } as const
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
    })
  }
  // A look at what he would sign alone tells the account.
  await fillIn(page, origin)
  await page.locator(`muniment-sign [value=${method}]`).check()
  await press(page, 'Review before signing')
  if (method === 'passkey') await press(page, 'Make a passkey')
  await element(page).locator('summary').click()
  const account = await element(page).locator('.row', { hasText: 'Signed by' }).locator('bdi').textContent()
  await press(page, 'Do not sign')
  return { page, account: account! }
}

async function fillIn(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/sign`)
  await page.getByLabel('Subject').fill('A fence')
  await page.getByLabel('What you declare').fill('We share the costs of the fence.')
}

async function propose({ page }: Person, origin: string, others: readonly string[]): Promise<void> {
  await fillIn(page, origin)
  await page.getByText('Sign it together with somebody').click()
  await page.getByLabel('That person’s account').fill(others.join(' '))
  await page.getByLabel('With a key of this browser').check()
  await press(page, 'Review before signing')
}

async function openLink({ page }: Person, link: string, method: string): Promise<void> {
  await page.goto('about:blank')
  await page.goto(link)
  await page.locator(`muniment-sign [value=${method}]`).check()
  await press(page, 'Review before signing')
}

const done = (page: Page) => expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeFocused()

test('three persons with keys of two kinds sign one declaration, and the last one hands it in', async ({
  page,
  portal,
  browser,
}) => {
  test.setTimeout(120_000)
  const { origin } = portal
  const alice = await personAt(browser, origin, 'device', page)
  const bob = await personAt(browser, origin, 'passkey')
  const carol = await personAt(browser, origin, 'passkey')
  await propose(alice, origin, [bob.account, carol.account])
  const review = element(alice.page).locator('[part=review]')
  await expect(review).toContainText('Several persons sign this.')
  await expect(review).toContainText(bob.account)
  await screenshot(alice.page, 'together-review')
  await press(alice.page, 'Sign')
  await expect(standing(alice.page)).toContainText('Nothing is handed in before everyone has signed.')
  await expect(standing(alice.page).locator('.signed')).toHaveCount(1)
  await screenshot(alice.page, 'together-first')

  // The second opens the link, sees the document, and signs with a passkey.
  await openLink(bob, await linkOf(alice.page), 'passkey')
  await expect(element(bob.page)).toContainText('We share the costs of the fence.')
  await screenshot(bob.page, 'together-second')
  await press(bob.page, 'Sign')
  await expect(standing(bob.page).locator('.signed')).toHaveCount(2)
  await expect(standing(bob.page).locator('.missing')).toContainText(carol.account)

  // The third gets a file, and whoever signs last hands it in.
  const saved = bob.page.waitForEvent('download')
  await press(bob.page, 'Save as a file')
  const text = await readFile(await (await saved).path(), 'utf8')
  await openLink(carol, `${origin}/sign#${text}`, 'passkey')
  await press(carol.page, 'Sign')
  await done(carol.page)
  await carol.page.getByRole('link', { name: 'Link to the declaration' }).click()
  await expect(verdictHeading(carol.page)).toContainText('In force')

  // Whoever opens the old link later sees that it is done.
  await openLink(bob, await linkOf(alice.page), 'passkey')
  await done(bob.page)
})

test('who declines says why; the others read it, and nothing is handed in', async ({ page, portal, browser }) => {
  test.setTimeout(90_000)
  const { origin } = portal
  const alice = await personAt(browser, origin, 'device', page)
  const bob = await personAt(browser, origin, 'device')
  await propose(alice, origin, [bob.account])
  await press(alice.page, 'Sign')
  const link = await linkOf(alice.page)
  await openLink(bob, link, 'device')
  await press(bob.page, 'Do not sign')
  await expect(bob.page.getByRole('heading', { name: 'Decline' })).toBeFocused()
  await bob.page.getByLabel('Your reason').fill('The fence is yours.')
  await screenshot(bob.page, 'together-declining')
  await press(bob.page, 'Sign that I decline')
  await expect(standing(bob.page)).toContainText('Reason: The fence is yours.')
  await alice.page.getByText('Did an answer come back?').click()
  await alice.page.getByLabel('Link or text of the answer').fill(await linkOf(bob.page))
  await press(alice.page, 'Add the answer')
  await expect(standing(alice.page)).toContainText('Reason: The fence is yours.')
  await expect(standing(alice.page)).toContainText('It will not be handed in')
  await expect(alice.page.getByRole('button', { name: 'Hand in' })).toHaveCount(0)
  await screenshot(alice.page, 'together-declined')
})

test('who has signed takes it back: nobody can hand it in any more', async ({ page, portal, browser }) => {
  test.setTimeout(120_000)
  const { origin } = portal
  const alice = await personAt(browser, origin, 'device', page)
  const bob = await personAt(browser, origin, 'device')
  await propose(alice, origin, [bob.account])
  await press(alice.page, 'Sign')
  const link = await linkOf(alice.page)
  await alice.page.getByText('Take my signature back').click()
  await press(alice.page, 'Yes, take it back')
  await expect(standing(alice.page)).toContainText('took the signature back', { timeout: 40_000 })
  await screenshot(alice.page, 'together-void')
  await openLink(bob, link, 'device')
  await expect(standing(bob.page)).toContainText('It can’t be handed in any more')
  await expect(bob.page.getByRole('button', { name: 'Sign', exact: true })).toHaveCount(0)
})

test('a proposal that is broken, another’s, or was tampered with is not signed', async ({ page, portal, browser }) => {
  test.setTimeout(90_000)
  const { origin } = portal
  const alice = await personAt(browser, origin, 'device', page)
  const bob = await personAt(browser, origin, 'device')
  const eve = await personAt(browser, origin, 'device')
  await propose(alice, origin, [bob.account])
  await press(alice.page, 'Sign')
  const link = await linkOf(alice.page)
  await openLink(eve, link, 'device')
  await expect(element(eve.page)).toContainText('This proposal does not ask your account to sign.')
  await screenshot(eve.page, 'together-not-asked')
  await openLink(bob, link.slice(0, -60), 'device')
  await expect(element(bob.page)).toContainText('This is not a proposal that can be read')
  // One letter of the first signature, near the end.
  const at = link.length - 20
  const changed = `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`
  await openLink(bob, changed, 'device')
  await expect(element(bob.page)).toContainText('was not signed by the person it names')
  await propose(alice, origin, [alice.account])
  await expect(element(alice.page)).toContainText('You named yourself')
  await propose(alice, origin, ['abc'])
  await expect(element(alice.page)).toContainText('missing or mistyped')
})
