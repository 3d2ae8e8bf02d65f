// What a developer builds with: React, with the wrapper and without.

import type { Page } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { buildSite, type Site } from './site.ts'

let site: Site
test.beforeAll(async () => {
  if (process.env.MUNIMENT_BROWSER) site = await buildSite('test/e2e/packages')
})
test.afterAll(async () => site?.close())

const propertiesOf = (page: Page, selector: string): Promise<object> =>
  page.locator(selector).evaluate(element => {
    const { types, maxAge, accept } = element as HTMLElementTagNameMap['muniment-verify']
    return { types, maxAge, accept }
  })

test('in React the elements are components: properties as they are, typed events, a ref, children', async ({
  page,
}) => {
  await page.goto(site.origin)
  const element = page.locator('#component')
  await expect(element.getByRole('heading', { name: 'A heading of the page' })).toBeVisible()
  expect(await propertiesOf(page, '#component')).toEqual({
    types: 'urn:gov:land-title:1',
    maxAge: 60,
    accept: 'paste',
  })
  await page.getByRole('button', { name: 'Check it' }).click()
  await expect(page.locator('#codes')).toHaveText('no-peers')
  // The second time another function listens, which knows what the first one told.
  await page.getByRole('button', { name: 'Check it' }).click()
  await expect(page.locator('#codes')).toHaveText('no-peers no-peers')
  await page.getByRole('button', { name: 'Licences' }).click()
  expect(await propertiesOf(page, '#component')).toMatchObject({ types: 'urn:gov:licence:1' })
  await page.getByRole('button', { name: 'Away with it' }).click()
  await expect(element).toHaveCount(0)
})

test('React 19 takes them as tags too', async ({ page }) => {
  await page.goto(site.origin)
  expect(await propertiesOf(page, '#tag')).toMatchObject({ maxAge: 30, accept: 'paste' })
  await page.locator('#tag').evaluate(element => (element as HTMLElementTagNameMap['muniment-verify']).verify('x'))
  await expect(page.locator('#code')).toHaveText('no-peers')
})
