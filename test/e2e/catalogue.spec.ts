// The public catalogue: every element in every state, and the examples that it shows.

import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { elementNames, expectGoodLooks, openCatalogue, showStates } from './catalogue-page.ts'
import { type EmbedSite, embed, serveKit } from './embed-site.ts'
import { expect, nextVerdict, picturePath, screenshot, test } from './fixtures.ts'

const examples = join(import.meta.dirname, '..', '..', 'demo', 'catalogue', 'examples')
const narrow = { width: 320, height: 640 }
/** 1280 × 1024 at 400 %. */
const zoomed = { width: 320, height: 256 }

test.describe(() => {
  test.describe.configure({ mode: 'parallel' })
  for (const [lang, scheme] of [
    ['en', 'light'],
    ['en', 'dark'],
    ['ar', 'light'],
    ['ar', 'dark'],
  ] as const) {
    test(`every state of every element can be read by everyone, on the narrowest screen and at 400 %: ${lang}, ${scheme}`, async ({
      page,
    }) => {
      // A busy machine takes its time over the pictures.
      test.setTimeout(120_000)
      await page.setViewportSize(narrow)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await openCatalogue(page)
      for (const element of elementNames) {
        await showStates(page, { element, lang, scheme })
        await expectGoodLooks(page, { element, lang, scheme })
        await expectSameWhenZoomed(page)
        await screenshot(page, `catalogue-${element}-${lang}-${scheme}`)
        if (scheme === 'light') await takePictures(page, lang)
      }
    })
  }
})

/** Nothing moves in a window that is less high, so what was found in the higher one holds there. */
async function expectSameWhenZoomed(page: Page): Promise<void> {
  const boxes = (): Promise<readonly string[]> =>
    page.locator('#stage').evaluate(stage => {
      const roots = [...stage.querySelectorAll('*')].flatMap(each => each.shadowRoot ?? [])
      const inside = roots.flatMap(root => [...root.querySelectorAll('*')])
      return [stage, ...inside].map(each => {
        const { x, width, height } = each.getBoundingClientRect()
        return `${each.localName} ${[x, width, height].map(Math.round)}`
      })
    })
  const before = await boxes()
  await page.setViewportSize(zoomed)
  expect(await boxes()).toEqual(before)
  await page.setViewportSize(narrow)
}

/** One of each state, as a citizen sees it. */
async function takePictures(page: Page, lang: string): Promise<void> {
  for (const state of await page.locator('#stage > div').all()) {
    const [tag, name] = await state.evaluate(({ dataset, firstElementChild }) => [
      firstElementChild!.localName,
      dataset.state,
    ])
    await state.screenshot({ path: picturePath(`look-${tag}-${name}-${lang}`), animations: 'disabled' })
  }
}

test('the frame around the elements can be read too, and an address leads to a state', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await openCatalogue(page, '#element=verify&state=revoked&theme=govuk&width=480')
  await expect(page.locator('muniment-verify [part=verdict-heading]')).toHaveText('Revoked')
  await expect(page.getByLabel('Theme')).toHaveValue('govuk')
  await expect(page.locator('#stage')).toHaveCSS('inline-size', '480px')
  await expect(page.getByRole('link', { name: 'revoked', exact: true })).toHaveAttribute('aria-current', 'page')
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  await screenshot(page, 'catalogue')
  await page.getByLabel('Language').selectOption('ar')
  await expect(page.locator('#stage')).toHaveAttribute('dir', 'rtl')
  expect(page.url()).toContain('lang=ar')
  await page.goBack()
  await expect(page.locator('#stage')).toHaveAttribute('dir', 'ltr')
  // What nobody knows is no state.
  await openCatalogue(page, '#element=verify&state=<b>&lang=xx')
  await expect(page.locator('#shown')).toHaveText('muniment-verify: form')
})

test.describe('the examples that it shows, beside the files of an embed kit', () => {
  let folder = ''
  let kit: EmbedSite
  test.beforeAll(async () => {
    if (!process.env.MUNIMENT_BROWSER) return
    folder = mkdtempSync(join(tmpdir(), 'muniment-catalogue-'))
    await embed(folder)
    cpSync(examples, folder, { recursive: true })
    kit = await serveKit({ folders: { '/': folder }, headers: readFileSync(join(folder, 'headers.txt'), 'utf8') })
  })
  test.afterAll(() => {
    kit?.close()
    if (folder) rmSync(folder, { recursive: true })
  })

  test('a document is checked', async ({ page, portal }) => {
    const [record] = await portal.records()
    await page.goto(`${kit.origin}/verify.html#${record!.link}`)
    expect((await nextVerdict(page)).code).toBe('current')
  })

  test('a document is opened to be shown', async ({ page, portal }) => {
    const [record] = await portal.records()
    await page.goto(`${kit.origin}/record.html`)
    await page.getByLabel('The document’s link or text').fill(record!.link)
    await page.getByRole('button', { name: 'Open' }).click()
    await expect(page.getByRole('heading', { name: 'What do you want to show?' })).toBeVisible()
  })

  test('a declaration is reviewed, and keys are shown', async ({ page }) => {
    await page.goto(`${kit.origin}/sign.html`)
    await page.locator('muniment-sign [value=device]').check()
    await page.getByRole('button', { name: 'Review before signing' }).click()
    await expect(page.locator('muniment-sign [part=review]')).toContainText('I keep two hives.')
    await page.goto(`${kit.origin}/keys.html`)
    await page.locator('muniment-keys').getByRole('button').click()
    await expect(page.locator('muniment-keys [part=account]')).toBeVisible()
  })

  test('the network is asked', async ({ page }) => {
    await page.goto(`${kit.origin}/status.html`)
    await page.getByRole('button', { name: 'Ask the network' }).click()
    await expect(page.locator('muniment-status').getByRole('status')).toContainText(
      'confirmed by independent witnesses',
    )
  })
})
