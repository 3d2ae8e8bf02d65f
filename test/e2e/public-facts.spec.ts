// What the ledger makes public of a case, an account's recovery and the network, as people see it: each state in both directions, on the
// narrowest screen, with a picture of each.

import type { Page } from '@playwright/test'
import { expectGoodLooks, openCatalogue, showStates } from './catalogue-page.ts'
import { expect, picturePath, test } from './fixtures.ts'

const status = (page: Page) => page.locator('muniment-status')
const told = (page: Page, name: string) => status(page).locator(`[data-name="${name}"]`)
const stateNames = [
  'standing',
  'case-form',
  'case-unreadable',
  'case-none',
  'case-closed',
  'case-unseen',
  'case-looked',
  'case-late',
  'case-destroyed',
  'case-destroy-due',
  'account-none',
  'account-running',
  'account-ready',
  'account-done',
  'account-stopped',
]

for (const [lang, scheme] of [
  ['en', 'light'],
  ['ar', 'light'],
  ['en', 'dark'],
] as const) {
  test(`each state can be read by everyone: ${lang}, ${scheme}, 320 pixels`, async ({ page }) => {
    test.setTimeout(120_000)
    await page.setViewportSize({ width: 320, height: 640 })
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: scheme })
    await openCatalogue(page)
    for (const state of stateNames) {
      const look = { element: 'status', state, lang, scheme }
      await showStates(page, look)
      await expectGoodLooks(page, look)
      const path = picturePath(`public-${state}-${lang}-${scheme}`)
      await page.locator('#stage > div').screenshot({ path, animations: 'disabled' })
    }
  })
}

test('a stranger sees the state, the clock and how officials were chosen, and is asked for the secret before looks are shown', async ({
  page,
}) => {
  await openCatalogue(page, '#element=status&state=case-closed')
  await expect(told(page, 'state')).toContainText('Waits for the registrar, since')
  await expect(told(page, 'officials').getByRole('listitem')).toHaveCount(3)
  await expect(told(page, 'looks').getByRole('listitem')).toHaveCount(0)
  const secret = page.getByLabel('Secret of the case')
  await secret.fill('not it')
  await secret.press('Enter')
  await expect(status(page).getByRole('alert').last()).toHaveText('This can’t be read. Copy all of it.')
  await expect(secret).toHaveAttribute('aria-invalid', 'true')
  // Whoever types it by hand is led to what it opens.
  await secret.fill(Buffer.alloc(32, 0x51).toString('base64url'))
  await secret.press('Enter')
  await expect(told(page, 'looks')).toContainText('Nobody looked')
  await expect(told(page, 'looks').getByRole('heading')).toBeFocused()
})

test('whoever has the secret sees who looked; a look that does not fit is shown with the name of who made it', async ({
  page,
}) => {
  await openCatalogue(page, '#element=status&state=case-looked')
  const items = told(page, 'looks').getByRole('listitem')
  await expect(items).toHaveCount(3)
  await expect(items.first()).toContainText('Example Civil Registry · registrar')
  await expect(items.first()).toContainText('Reason: correction')
  await expect(items.first()).toContainText('Opened: Child and Parents')
  await expect(items.last()).toContainText('does not fit the case')
  await expect(items.last()).toContainText('Example Civil Registry · registrar')
})

test('another number shows nothing of the case before it, and forgets its secret', async ({ page }) => {
  await openCatalogue(page, '#element=status&state=case-looked')
  await expect(told(page, 'looks').getByRole('listitem')).toHaveCount(3)
  await page.getByLabel('Number of the case').fill(Buffer.alloc(32, 1).toString('base64url'))
  await page.getByRole('button', { name: 'Show' }).first().click()
  await expect(status(page)).toContainText('The ledger proves that there is no such case.')
  await expect(told(page, 'looks')).toHaveCount(0)
  expect(await status(page).evaluate((element: HTMLElementTagNameMap['muniment-status']) => element.secret)).toBe(
    undefined,
  )
})

test('a number that is entered while another is asked about gets its own answer', async ({ page }) => {
  await openCatalogue(page, '#element=status&state=case-looked')
  await expect(told(page, 'looks').getByRole('listitem')).toHaveCount(3)
  await status(page).evaluate((element: HTMLElementTagNameMap['muniment-status']) => {
    const network = element.network!
    const client = network.client!
    const sync = async () => {
      await new Promise(resolve => setTimeout(resolve, 600))
      return client.status()
    }
    network.client = { ...client, sync }
  })
  const show = page.getByRole('button', { name: 'Show' }).first()
  await show.click()
  await expect(status(page).getByRole('status')).toContainText('is asked')
  await page.getByLabel('Number of the case').fill(Buffer.alloc(32, 1).toString('base64url'))
  await show.click()
  await expect(status(page)).toContainText('The ledger proves that there is no such case.')
  await expect(told(page, 'state')).toHaveCount(0)
})

test('promises that validators did not keep stand beside their keys, and late cases beside their office', async ({
  page,
}) => {
  await openCatalogue(page, '#element=status&state=standing')
  const validators = told(page, 'validators').getByRole('listitem')
  await expect(validators).toHaveCount(2)
  await expect(validators.last()).toContainText('Promises reported as not kept: 3')
  const figures = told(page, 'civil.birth@1')
  await expect(figures).toContainText('Cases opened: 1,206')
  await expect(figures).toContainText('Corrections: 31')
  await expect(figures).toContainText('Half of the corrections took at most 8 days.')
  await expect(figures.getByRole('listitem').filter({ hasText: 'Example Civil Registry' })).toContainText(
    'Cases past their deadline: 7',
  )
})

for (const lang of ['en', 'ar']) {
  test(`a verdict says in a sentence of its own that the case behind the document was destroyed, and stays what it is: ${lang}`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 320, height: 640 })
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await openCatalogue(page)
    const look = { element: 'verify', state: 'destroyed', lang }
    await showStates(page, look)
    const sentence = page.locator('muniment-verify [part=destroyed]')
    await expect(sentence).toBeVisible()
    if (lang === 'en') {
      await expect(sentence).toHaveText(
        'An official signed on March 12, 2026 that the private content of the case behind this document was destroyed. That does not change the verdict.',
      )
      await expect(page.locator('muniment-verify [part=verdict-heading]')).toHaveText('In force')
    }
    await expectGoodLooks(page, look)
    await page.locator('#stage > div').screenshot({ path: picturePath(`public-destroyed-${lang}`) })
  })
}

test('no verdict of a document without such a case says it, and of an end of a check nothing stays', async ({
  page,
}) => {
  await openCatalogue(page, '#element=verify&state=current')
  await expect(page.locator('muniment-verify [part=verdict-heading]')).toHaveText('In force')
  await expect(page.locator('muniment-verify [part=destroyed]')).toHaveCount(0)
  await openCatalogue(page, '#element=verify&state=destroyed')
  await page.reload()
  await expect(page.locator('muniment-verify [part=destroyed]')).toHaveCount(1)
  await page.getByRole('button', { name: 'Check another document' }).click()
  await expect(page.locator('muniment-verify [part=destroyed]')).toHaveCount(0)
})
