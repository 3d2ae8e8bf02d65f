// What a page may want of a document: that there is one, whose it is, what it shows; and how little room it gives the element.

import { AxeBuilder } from '@axe-core/playwright'
import { formatRecordLink, parseCredential, parseRecordLink, presentCredential } from '@muniment/sdk'
import type { Page } from '@playwright/test'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { expect, nextVerdict, screenshot, test } from './fixtures.ts'

/** The page's element inside of a form that counts how often it is sent. */
async function intoForm(page: Page, attributes: Readonly<Record<string, string>>): Promise<void> {
  await page.evaluate(given => {
    const form = document.createElement('form')
    const element = document.querySelector('muniment-verify')!
    for (const [name, value] of Object.entries(given)) element.setAttribute(name, value)
    const button = Object.assign(document.createElement('button'), { textContent: 'Send' })
    element.replaceWith(form)
    form.append(element, button)
    form.addEventListener('submit', event => {
      event.preventDefault()
      form.dataset.sent = String(Number(form.dataset.sent ?? 0) + 1)
    })
  }, attributes)
}

const sent = (page: Page) => page.locator('form[data-sent]')
const messageOf = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector('muniment-verify')!.validationMessage)

test('a form is sent only with a document that passed and shows what the page needs; until then it says what lacks', async ({
  page,
  portal,
}) => {
  const title = (await portal.records()).find(({ service }) => service.startsWith('land.title'))!
  const hasher = await loadCrypto({ forceFallback: true })
  const whole = parseRecordLink(title.link)
  const credential = parseCredential(whole.document, hasher)
  const part = formatRecordLink({ ...whole, document: presentCredential(credential, ['parcel']) })
  await page.goto(`${portal.origin}/verify`)
  await intoForm(page, { required: '', fields: 'parcel owner', name: 'title' })
  const send = page.getByRole('button', { name: 'Send', exact: true })

  await send.click()
  expect(await messageOf(page)).toBe('Check a document first.')
  await expect(page.getByLabel('Link or text of the document')).toBeFocused()
  await page.evaluate(link => document.querySelector('muniment-verify')!.verify(link), `#${part}`)
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(page.locator('muniment-verify [part=lacking]')).toHaveText(
    'This page asks to see more of this document: owner.',
  )
  await send.click()
  expect(await messageOf(page)).toBe('This page asks to see more of this document: owner.')
  await expect(sent(page)).toHaveCount(0)
  await screenshot(page, 'verify-lacking')

  await page.evaluate(link => document.querySelector('muniment-verify')!.verify(link), `#${title.link}`)
  expect((await nextVerdict(page, 1)).code).toBe('current')
  await expect(page.locator('muniment-verify [part=lacking]')).toHaveCount(0)
  await send.click()
  await expect(sent(page)).toHaveAttribute('data-sent', '1')
  await page.evaluate(() => document.querySelector('form')!.reset())
  await send.click()
  await expect(sent(page)).toHaveAttribute('data-sent', '1')
  expect(await messageOf(page)).toBe('Check a document first.')
})

test('a document of another office than the page names is not called false, and does not pass', async ({
  page,
  portal,
}) => {
  const [record] = await portal.records()
  const { issuer } = parseCredential(parseRecordLink(record!.link).document, await loadCrypto({ forceFallback: true }))
  await page.goto(`${portal.origin}/verify`)
  await intoForm(page, { required: '', issuers: 'another-office' })
  await page.evaluate(link => document.querySelector('muniment-verify')!.verify(link), `#${record!.link}`)
  expect(await nextVerdict(page)).toMatchObject({ kind: 'unknown', code: 'format-unknown' })
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  expect(await messageOf(page)).toMatch(/^The document was not confirmed/)
  await expect(sent(page)).toHaveCount(0)
  const office = (issuer as { readonly office: string }).office
  await page.evaluate(
    id => document.querySelector('muniment-verify')!.setAttribute('issuers', `another-office ${id}`),
    office,
  )
  await page.getByRole('button', { name: 'Check again' }).click()
  expect((await nextVerdict(page, 1)).code).toBe('current')
})

test('compact, it is one line that says what it came to and opens by keyboard, on the narrowest screen too', async ({
  page,
  portal,
}) => {
  await page.setViewportSize({ width: 320, height: 640 })
  const [record] = await portal.records()
  await page.goto(`${portal.origin}/verify`)
  const element = page.locator('muniment-verify')
  await element.evaluate(each => each.toggleAttribute('compact', true))
  const line = element.locator('[part=summary]')
  await expect(page.getByLabel('Link or text of the document')).toBeHidden()
  await line.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Link or text of the document')).toBeVisible()
  await page.keyboard.press('Enter')
  await page.evaluate(link => void document.querySelector('muniment-verify')!.verify(link), `#${record!.link}`)
  expect((await nextVerdict(page)).code).toBe('current')
  await expect(line).toContainText('In force')
  expect((await line.boundingBox())!.height).toBeLessThan(110)
  await expect(element.locator('[part=steps]')).toBeHidden()
  await screenshot(page, 'verify-compact')
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  await line.click()
  await expect(element.locator('[part=verdict-heading]')).toBeVisible()
  await page.evaluate(() => void document.querySelector('muniment-verify')!.verify(''))
  await expect(element.locator('[part=error-summary]')).toBeFocused()
  await screenshot(page, 'verify-compact-problem')
})
