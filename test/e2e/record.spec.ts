// <muniment-record>: what of a document somebody may see is chosen, seen beforehand, and given; what is kept back is not in it.

import { readFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { parseCredential, parseRecordLink } from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { expect, nextVerdict, openLink, screenshot, test, verdictHeading } from './fixtures.ts'
import { readCode } from './read-code.ts'

async function open(page: Page, origin: string, link: string): Promise<void> {
  await page.goto(`${origin}/show`)
  await page.getByLabel('The document’s link or text').fill(link)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'What do you want to show?' })).toBeFocused()
}

const sharedLink = (page: Page): Promise<string> => page.getByLabel('Link', { exact: true }).inputValue()

test('a citizen shows the parcel and keeps back the owner; the link proves the one and holds nothing of the other', async ({
  page,
  portal,
}) => {
  const title = (await portal.records()).find(({ service }) => service.startsWith('land.title'))!
  await open(page, portal.origin, portal.linkOf(title))
  const element = page.locator('muniment-record')
  await expect(element.getByText('In force', { exact: true })).toBeVisible()
  await page.getByRole('checkbox', { name: /Parcel/ }).check()
  const preview = element.locator('[part=preview]')
  await expect(preview).toContainText('12/345')
  await expect(preview).not.toContainText('Example owner')
  await expect(preview).toContainText('fields are kept back')
  await screenshot(page, 'record-choosing')
  await page.getByRole('button', { name: 'Make the link' }).click()
  await expect(page.getByRole('heading', { name: 'Ready to show' })).toBeFocused()
  await screenshot(page, 'record-shared')

  const link = await sharedLink(page)
  const hasher = await loadCrypto({ forceFallback: true })
  const { document } = parseRecordLink(link)
  expect(parseCredential(document, hasher).fields).toEqual({ parcel: '12/345' })
  expect(Buffer.from(document.split('~').slice(1).join(), 'base64url').toString()).not.toContain('owner')
  expect((await openLink(page, link)).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('12/345')
  await expect(page.locator('muniment-verify')).not.toContainText('Example owner')
})

test('the QR code is the same document: a reader gets from it what was chosen', async ({ page, portal }) => {
  const [record] = await portal.records()
  await open(page, portal.origin, portal.linkOf(record!))
  await page.getByRole('button', { name: 'Everything' }).click()
  await page.getByRole('button', { name: 'Make the link' }).click()
  const code = page.getByRole('img', { name: 'QR code of the link' })
  await expect(code).toBeVisible()
  const text = await readCode(code)
  expect(text.toLowerCase()).toContain(portal.origin)
  await page.goto('about:blank')
  await page.goto(`${portal.origin}/verify${text.slice(text.indexOf('#'))}`)
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(verdictHeading(page)).toHaveText('In force')
})

test('a page can hold a link back, and a document is saved as a file', async ({ page, portal }) => {
  const [record] = await portal.records()
  await open(page, portal.origin, portal.linkOf(record!))
  await page.evaluate(() => {
    document.addEventListener('muniment-disclose', event => event.preventDefault(), { once: true })
  })
  await page.getByRole('button', { name: 'Make the link' }).click()
  await expect(page.getByRole('heading', { name: 'What do you want to show?' })).toBeVisible()
  await page.getByRole('button', { name: 'Make the link' }).click()
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a file' }).click()
  const saved = readFileSync(await (await saving).path(), 'utf8')
  expect(saved).toBe(parseRecordLink(await sharedLink(page)).document)
})

test('what is no document, and what is another network’s, is said', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/show`)
  for (const [input, sentence] of [
    ['nonsense', 'This is not a record link or a document that can be read.'],
    [portal.linkOf(record!).replace('#1/example-1/', '#1/example-2/'), 'This document belongs to another network.'],
    ['<img src=x onerror=alert(1)>~', 'This is not a record link or a document that can be read.'],
  ] as const) {
    await page.getByLabel('The document’s link or text').fill(input)
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await expect(page.getByRole('alert')).toHaveText(sentence)
  }
})

for (const language of ['English', 'العربية']) {
  test(`it can be read by everyone on the narrowest screen: ${language}`, async ({ page, portal }) => {
    await page.setViewportSize({ width: 320, height: 640 })
    const [record] = await portal.records()
    await open(page, portal.origin, portal.linkOf(record!))
    await page.getByRole('button', { name: language }).click()
    const check = async (name: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
      await screenshot(page, `record-${language === 'English' ? 'en' : 'ar'}-${name}`)
    }
    await check('choosing')
    await page.locator('muniment-record [part=button-primary]').click()
    await expect(page.locator('muniment-record [part=link]')).toBeVisible()
    await check('shared')
  })
}
