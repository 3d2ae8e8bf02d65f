// A lost account, recovered on a new device by the word of its guardians: asked by a link, seen by everyone, and stopped by an old key.

import type { Browser, Page } from '@playwright/test'
import { addAuthenticator } from './authenticator.ts'
import { expect, screenshot, test } from './fixtures.ts'

const keys = (page: Page) => page.locator('muniment-keys')
const sign = (page: Page) => page.locator('muniment-sign')
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const accountOf = async (page: Page): Promise<string> =>
  (await keys(page).locator('[part=account] bdi.code').first().textContent())!
/** What anybody sees of an account, who knows its number. */
async function recoveryOf(page: Page, account: string): Promise<string> {
  const status = page.locator('muniment-status#account')
  await status.getByLabel('Number of the account').fill(account)
  await status.getByRole('button', { name: 'Show', exact: true }).click()
  await expect(status.getByRole('status')).not.toContainText('is asked')
  return (await status.locator('[data-name=recovery], [data-name=none]').textContent())!.trim()
}
const standing = (page: Page) => keys(page).locator('[part=standing]')

async function deviceOf(browser: Browser, origin: string): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await addAuthenticator(page)
  await page.goto(`${origin}/identity`)
  await press(page, 'Show my keys')
  return page
}

async function personAt(browser: Browser, origin: string): Promise<{ readonly page: Page; readonly account: string }> {
  const page = await deviceOf(browser, origin)
  await press(page, 'Make a passkey')
  await expect(keys(page).locator('[part=account]')).toContainText('Your account')
  return { page, account: await accountOf(page) }
}

async function nameGuardians(page: Page, accounts: readonly string[]): Promise<void> {
  await keys(page).locator('summary').filter({ hasText: 'lose your keys' }).click()
  await page.getByLabel('Accounts of your guardians').fill(accounts.join('\n'))
  await press(page, 'Name these guardians')
  await press(page, 'Sign and hand in')
  await expect(keys(page)).toContainText('Done, and proved by the ledger.')
}

async function findLost(page: Page, account: string): Promise<void> {
  const input = page.getByLabel('The lost account')
  if (!(await input.isVisible())) await keys(page).getByText('I have lost the keys of an account').click()
  await input.fill(account)
  await press(page, 'Find it')
}

async function openLink(page: Page, link: string): Promise<void> {
  await page.goto('about:blank')
  await page.goto(link)
  await press(page, 'Review before signing')
}

test('guardians give a new key, everyone sees until when it can be stopped, and one old key stops it', async ({
  portal,
  browser,
}) => {
  test.setTimeout(150_000)
  const { origin } = portal
  const alice = await personAt(browser, origin)
  const [bob, carol] = [await personAt(browser, origin), await personAt(browser, origin)]
  await nameGuardians(alice.page, [bob.account, carol.account])

  const phone = await deviceOf(browser, origin)
  await findLost(phone, alice.account)
  await expect(keys(phone)).toContainText('At least 2 must agree.')
  await expect(keys(phone).getByRole('checkbox', { checked: true })).toHaveCount(2)
  await screenshot(phone, 'recovery-guardians')
  await press(phone, 'Make a new passkey and ask them')
  await expect(standing(phone)).toContainText('The ledger has not heard of it yet.')
  await screenshot(phone, 'recovery-asking')
  const link = await phone.getByLabel('Link for the guardians').inputValue()
  expect(link.startsWith(`${origin}/identity#p1/`)).toBe(true)

  await openLink(bob.page, link)
  const review = sign(bob.page).locator('[part=review]')
  await expect(review).toContainText('Recover an account as its guardians')
  await expect(review).toContainText(alice.account)
  await screenshot(bob.page, 'recovery-guardian')
  await press(bob.page, 'Sign')
  const onward = await bob.page.getByLabel('Link to this proposal').inputValue()
  await expect(sign(bob.page)).toContainText('All must have signed by about')
  await openLink(carol.page, onward)
  await press(carol.page, 'Sign')
  await expect(sign(carol.page).getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()

  await press(phone, 'See how it stands')
  await expect(standing(phone)).toContainText('Your new key can take over from')
  await expect(standing(phone)).toContainText(String(new Date(Date.now() + 7 * 86_400_000).getUTCFullYear()))
  await expect(phone.getByRole('button', { name: 'Take over with the new key' })).toHaveCount(0)
  await screenshot(phone, 'recovery-running')
  // It is found again after the browser was closed.
  await phone.reload()
  await press(phone, 'Show my keys')
  await expect(standing(phone)).toContainText('Your new key can take over from')

  await expect
    .poll(() => recoveryOf(bob.page, alice.account))
    .toContain('Somebody is replacing the keys of this account.')
  expect(await recoveryOf(bob.page, carol.account)).toBe('Nobody is replacing the keys of this account.')
  expect(await recoveryOf(bob.page, '0'.repeat(64))).toBe('The ledger proves that there is no such account.')

  await alice.page.reload()
  await press(alice.page, 'Show my keys')
  await expect(keys(alice.page).getByRole('alert')).toContainText('Somebody is replacing your keys')
  await press(alice.page, 'Cancel it')
  await press(alice.page, 'Sign and hand in')
  await expect(keys(alice.page)).toContainText('Done, and proved by the ledger.')
  // Whoever saw it under way is told that it was stopped; whoever did not, that none is.
  await expect
    .poll(() => recoveryOf(bob.page, alice.account))
    .toBe('The replacement that was under way when you last looked here was stopped. The keys stay as they were.')
  await screenshot(bob.page, 'recovery-stopped')
  expect(await recoveryOf(carol.page, alice.account)).toBe('Nobody is replacing the keys of this account.')
  await press(phone, 'See how it stands')
  await expect(standing(phone)).toContainText('The ledger has not heard of it yet.')
  await press(phone, 'Give up this recovery')
  await expect(keys(phone)).toContainText('This browser knows no key of yours yet.')
  await Promise.all([alice.page, bob.page, carol.page, phone].map(page => page.context().close()))
})

test('whoever is no guardian cannot sign for one; an account without guardians is told to go to an office', async ({
  portal,
  browser,
}) => {
  test.setTimeout(90_000)
  const { origin } = portal
  const alice = await personAt(browser, origin)
  const [bob, eve] = [await personAt(browser, origin), await personAt(browser, origin)]
  const phone = await deviceOf(browser, origin)
  await findLost(phone, '0'.repeat(64))
  await expect(keys(phone).getByRole('alert')).toContainText('The ledger knows no such account.')
  await findLost(phone, 'abc')
  await expect(keys(phone).locator('[part=lost]')).toHaveCount(0)

  await nameGuardians(alice.page, [bob.account, eve.account])
  await findLost(phone, alice.account)
  await press(phone, 'Make a new key of this browser and ask them')
  const link = await phone.getByLabel('Link for the guardians').inputValue()
  const stranger = await personAt(browser, origin)
  await openLink(stranger.page, link)
  await expect(sign(stranger.page)).toContainText('This proposal does not ask your account to sign.')

  await phone.getByText('Or go to an office').click()
  await expect(phone.getByLabel('Two officials can name your new key')).toHaveValue(/"identity":true/)
  await press(phone, 'Give up this recovery')
  await findLost(phone, await accountThatActed(bob.page))
  await expect(keys(phone)).toContainText('This account has named no guardians.')
  await screenshot(phone, 'recovery-office')

  // Two officials name the new key when they have seen the person.
  await press(phone, 'Make a new passkey and ask them')
  const text = await phone.getByLabel('Two officials can name your new key').inputValue()
  const desk = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await desk.goto(`${origin}/office`)
  await desk.getByLabel('The text that the person’s new device shows').fill('{"account":"AA"}')
  await press(desk, 'Name the new key')
  await expect(desk.locator('#notice')).toContainText('Not done')
  await desk.getByLabel('The text that the person’s new device shows').fill(text)
  await press(desk, 'Name the new key')
  await expect(desk.locator('#notice')).toContainText('Done: checked on the ledger.')
  await press(phone, 'See how it stands')
  await expect(standing(phone)).toContainText('Your new key can take over from')
  await desk.context().close()
  await Promise.all([alice.page, bob.page, eve.page, stranger.page, phone].map(page => page.context().close()))
})

/** An account is on the ledger from its first act on. */
async function accountThatActed(page: Page): Promise<string> {
  await page.goto(page.url().replace(/#.*/, ''))
  await press(page, 'Show my keys')
  await press(page, 'Add a key of this browser')
  await press(page, 'Sign and hand in')
  await expect(keys(page)).toContainText('Done, and proved by the ledger.')
  return accountOf(page)
}
