// The portal's pages and each stage of signing, in both directions of reading and on the narrowest screen: nothing that axe finds,
// nothing that sticks out, and a picture of each in test/output/screenshots. The elements by themselves: catalogue.spec.ts.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { addAuthenticator } from './authenticator.ts'
import { expect, screenshot, test } from './fixtures.ts'

const narrow = { width: 320, height: 640 }

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join(' | ')}`,
  )
  expect(found, what).toEqual([])
}

/** No sideways scrolling: the page is as wide as its window (WCAG 2.2, 1.4.10). */
async function expectFits(page: Page, what: string): Promise<void> {
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  expect(widths[0], what).toBeLessThanOrEqual(widths[1]!)
}

for (const language of ['en', 'ar']) {
  test(`the portal’s pages can be read by everyone: ${language}`, async ({ page, portal }) => {
    test.setTimeout(120_000)
    for (const path of ['/', '/verify', '/case', '/office', '/sign', '/identity']) {
      for (const viewport of [narrow, { width: 1_200, height: 800 }]) {
        await page.setViewportSize(viewport)
        await page.goto(`${portal.origin}${path}?lang=${language}`)
        await expect(page.locator('html')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr')
        if (path === '/' || path === '/office') await expect(page.locator('#records li').first()).toBeVisible()
        await expectAccessible(page, path)
        await expectFits(page, path)
        await screenshot(page, `page-${path.slice(1) || 'index'}-${language}-${viewport.width}`)
      }
    }
  })

  test(`each stage of signing too: ${language}`, async ({ page, portal }) => {
    await page.setViewportSize(narrow)
    // Colours are judged when nothing fades in any more.
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(`${portal.origin}/sign?lang=${language}`)
    const stage = async (name: string): Promise<void> => {
      await expect(page.locator(`muniment-sign [part=${name}]`)).toBeVisible()
      await expectAccessible(page, name)
      await expectFits(page, name)
      await screenshot(page, `sign-${name}-${language}-320`)
    }
    const primary = page.locator('muniment-sign [part=button-primary]')
    await primary.click()
    await stage('error')
    await page.locator('muniment-sign [part=button]').click()
    await page.locator('[name=subject]').fill('Bees')
    await page.locator('[name=statement]').fill('I keep two hives.')
    await page.locator('muniment-sign [value=passkey]').check()
    await primary.click()
    await stage('passkey')
    await page.locator('muniment-sign [part=button]').last().click()
    await page.locator('muniment-sign [value=device]').check()
    await primary.click()
    await page.locator('muniment-sign summary').click()
    await stage('review')
    await primary.click()
    await stage('done')
  })

  test(`one’s own keys too: ${language}`, async ({ page, portal }) => {
    await page.setViewportSize(narrow)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(`${portal.origin}/identity?lang=${language}`)
    await addAuthenticator(page)
    const keys = page.locator('muniment-keys')
    const stage = async (name: string): Promise<void> => {
      await expectAccessible(page, name)
      await expectFits(page, name)
      await screenshot(page, `${name}-${language}-320`)
    }
    await keys.locator('button').click()
    await expect(keys.locator('[part=account]')).toBeVisible()
    await stage('keys-none')
    await keys.locator('[part=account] > .actions [part=button]').last().click()
    await expect(keys.locator('ul.signers > li')).toHaveCount(1)
    await stage('keys-light')
    // Only a passkey names guardians.
    await keys.locator('[part=notice] [part=button]').click()
    await expect(keys.locator('#guardians')).toHaveCount(1)
    for (const summary of await keys.locator('summary').all()) await summary.click()
    await stage('keys-account')
    await keys.locator('#guardians').fill('ab'.repeat(32))
    await keys.locator('#threshold').fill('1')
    await keys.locator('details [part=button]').first().click()
    await expect(keys.locator('[part=review]')).toBeVisible()
    await stage('keys-review')
  })

  test(`signing together too: ${language}`, async ({ page, portal }) => {
    await page.setViewportSize(narrow)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(`${portal.origin}/sign?lang=${language}`)
    const sign = page.locator('muniment-sign')
    const stage = async (name: string): Promise<void> => {
      await expect(sign.locator(`[part=${name}]`)).toBeVisible()
      for (const summary of await sign.locator('summary').all()) await summary.click()
      await expectAccessible(page, name)
      await expectFits(page, name)
      await screenshot(page, `together-${name}-${language}-320`)
    }
    await page.locator('[name=subject]').fill('A fence')
    await page.locator('[name=statement]').fill('We share the costs.')
    await page.locator('main > form summary').click()
    await page.locator('[name=others]').fill('cd'.repeat(32))
    await sign.locator('[value=device]').check()
    await sign.locator('[part=button-primary]').click()
    await stage('review')
    await sign.locator('[part=button-primary]').click()
    await stage('gathering')
  })
}

test('in high contrast the elements keep their borders and marks', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  for (const code of ['single-operator', 'revoked']) {
    await page.goto(`${process.env.MUNIMENT_LOOKS}/?code=${code}`)
    await expect(page.locator('muniment-verify [part=verdict-heading]')).not.toBeEmpty()
    await expectAccessible(page, code)
    await screenshot(page, `look-${code}-forced-colors`)
  }
})

test('a check that takes its time can be cancelled, and leaves the way free', async ({ page }) => {
  await page.goto(`${process.env.MUNIMENT_LOOKS}/?code=busy`)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('status')).toHaveText('The check was cancelled.')
  await expect(page.getByLabel('Link or text of the document')).toBeFocused()
})

test('on paper stands the verdict, not the buttons', async ({ page }) => {
  await page.goto(`${process.env.MUNIMENT_LOOKS}/?code=single-operator`)
  await page.emulateMedia({ media: 'print' })
  await expect(page.locator('muniment-verify [part=verdict-heading]')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Check again' })).toBeHidden()
  await screenshot(page, 'look-print')
})
