// One lets another act: given, told by a link, used in the giver's name, seen in the record, and ended.

import type { Browser, Page } from '@playwright/test'
import { addAuthenticator } from './authenticator.ts'
import { expect, screenshot, test, verdictHeading } from './fixtures.ts'

const keys = (page: Page) => page.locator('muniment-keys')
const sign = (page: Page) => page.locator('muniment-sign')
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const accountOf = async (page: Page): Promise<string> =>
  (await keys(page).locator('[part=account] bdi.code').first().textContent())!

async function personAt(browser: Browser, origin: string): Promise<{ readonly page: Page; readonly account: string }> {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await addAuthenticator(page)
  await page.goto(`${origin}/identity`)
  await press(page, 'Show my keys')
  await press(page, 'Make a passkey')
  await expect(keys(page).locator('[part=account]')).toContainText('Your account')
  return { page, account: await accountOf(page) }
}

/** A day of the calendar, so many days from now. */
const dayIn = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

async function fillDelegation(page: Page, to: string, days: number): Promise<void> {
  await keys(page).getByText('Who may act for you').click()
  await page.getByLabel('That person’s account').fill(to)
  await page.locator('[value="citizen.declaration@1/declare"]').check()
  await page.getByLabel('Until the end of').fill(dayIn(days))
  await press(page, 'Let this person act for me')
}

async function declareFor(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/sign`)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('They keep two hives.')
  await page.getByLabel('With a passkey').check()
  await press(page, 'Review before signing')
}

test('somebody acts in another’s name, sees so before signing, and the record says in whose name it is', async ({
  portal,
  browser,
}) => {
  test.setTimeout(120_000)
  const { origin } = portal
  const alice = await personAt(browser, origin)
  const bob = await personAt(browser, origin)
  await fillDelegation(alice.page, bob.account, 3)
  await expect(keys(alice.page)).toContainText('Let somebody act for me')
  await expect(keys(alice.page)).toContainText(bob.account)
  await expect(keys(alice.page)).toContainText('Can be handed in until about')
  await screenshot(alice.page, 'delegation-review')
  await press(alice.page, 'Sign and hand in')
  await expect(keys(alice.page)).toContainText('Done, and proved by the ledger.')
  await keys(alice.page).getByText('Who may act for you').click()
  await expect(keys(alice.page)).toContainText(`${bob.account} acts for you until`)
  await screenshot(alice.page, 'delegation-given')
  const link = await alice.page.getByLabel('Give the other person this link').inputValue()

  await bob.page.goto('about:blank')
  await bob.page.goto(link)
  await keys(bob.page).getByText('Who may act for you').click()
  await expect(keys(bob.page)).toContainText(`You act for ${alice.account} until`)
  await declareFor(bob.page, origin)
  const review = sign(bob.page).locator('[part=review]')
  await expect(review.getByLabel('In my own name')).toBeChecked()
  await review.getByLabel(`You act for ${alice.account}`).check()
  await expect(review.locator('.row', { hasText: 'In the name of' })).toContainText(alice.account)
  await screenshot(bob.page, 'delegation-acting')
  await press(bob.page, 'Sign and hand in')
  await expect(bob.page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
  await bob.page.getByRole('link', { name: 'Link to the declaration' }).click()
  await expect(verdictHeading(bob.page)).toContainText('In force', { timeout: 40_000 })
  await expect(bob.page.locator('muniment-verify')).toContainText(alice.account.slice(0, 8))

  // A step that was not named is not offered; nor is any once it was ended.
  await bob.page.goto(`${origin}/sign`)
  await bob.page.getByLabel('Subject').fill('Bees')
  await bob.page.getByLabel('What you declare').fill('They keep two hives.')
  await bob.page.getByLabel('On oath').check()
  await press(bob.page, 'Review before signing')
  await expect(review).toBeVisible()
  await expect(review.getByText('In whose name?')).toHaveCount(0)
  await press(alice.page, 'End this delegation')
  await press(alice.page, 'Sign and hand in')
  await expect(keys(alice.page)).toContainText('Done, and proved by the ledger.')
  await keys(alice.page).getByText('Who may act for you').click()
  await expect(keys(alice.page)).toContainText('over')
  await declareFor(bob.page, origin)
  await expect(review).toBeVisible()
  await expect(review.getByText('In whose name?')).toHaveCount(0)
  await Promise.all([alice, bob].map(({ page }) => page.context().close()))
})

test('a delegation without another person, a step or a day to come is not given', async ({ portal, browser }) => {
  const { page, account } = await personAt(browser, portal.origin)
  const reviewed = page.getByRole('heading', { name: 'This is what you will sign' })
  await fillDelegation(page, account, 3)
  await expect(reviewed).toHaveCount(0)
  await page.getByLabel('That person’s account').fill('abc')
  await press(page, 'Let this person act for me')
  await page.getByLabel('That person’s account').fill('0'.repeat(64))
  await page.getByLabel('Until the end of').fill(dayIn(-3))
  await press(page, 'Let this person act for me')
  await page.getByLabel('Until the end of').fill(dayIn(3))
  await page.locator('[value="citizen.declaration@1/declare"]').uncheck()
  await press(page, 'Let this person act for me')
  await expect(reviewed).toHaveCount(0)
  await page.locator('[value="citizen.declaration@1/declare"]').check()
  await press(page, 'Let this person act for me')
  await expect(reviewed).toBeVisible()
  await page.context().close()
})

test('a link of a delegation that is somebody else’s, or none, lets nobody act', async ({ portal, browser }) => {
  const { page, account } = await personAt(browser, portal.origin)
  await page.goto('about:blank')
  await page.goto(`${portal.origin}/identity#d1/${'ab'.repeat(32)}`)
  await expect(keys(page).locator('[part=account]')).toContainText(account)
  await expect(keys(page)).not.toContainText('You act for')
  await page.goto('about:blank')
  await page.goto(`${portal.origin}/identity#d1/nonsense`)
  await expect(keys(page).locator('[part=account]')).toContainText(account)
  await page.context().close()
})
