// The picture of the README: a real verdict. Written only when asked for, so that a run of the tests changes no file.

import { join } from 'node:path'
import { expect, openLink, test } from './fixtures.ts'

test('the README’s picture shows a real verdict', async ({ browser, page, portal }) => {
  const title = (await portal.records())[0]!
  const context = await browser.newContext({
    viewport: { width: 1_060, height: 1_010 },
    deviceScaleFactor: 1.5,
    reducedMotion: 'reduce',
  })
  try {
    expect((await openLink(page, portal.linkOf(title))).code).toBe('current')
    if (process.env.UPDATE_IMAGES !== '1') return
    const picture = await context.newPage()
    await picture.goto(portal.linkOf(title))
    await expect(picture.locator('muniment-verify [part=verdict-heading]')).toBeVisible()
    await picture.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await picture.evaluate(() =>
      document.querySelector('muniment-verify')!.shadowRoot!.querySelector<HTMLElement>(':focus')?.blur(),
    )
    const path = join(import.meta.dirname, '..', '..', 'docs', 'images', 'verdict.png')
    await picture.screenshot({ path, fullPage: true })
  } finally {
    await context.close()
  }
})
