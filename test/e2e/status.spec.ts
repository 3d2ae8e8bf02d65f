// What a page says of the network itself, in the portal's footer and by itself.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { blockRpc, changeNetwork, expect, nextVerdict, openLink, screenshot, test } from './fixtures.ts'

const status = (page: Page): ReturnType<Page['locator']> => page.locator('muniment-status')
const headline = (page: Page): ReturnType<Page['locator']> => status(page).getByRole('status')

/** The whole element, not the line that the footer has. */
async function showAll(page: Page): Promise<void> {
  await status(page).evaluate(element => element.removeAttribute('compact'))
}

test('it asks nobody by itself; at its button it shows the newest block that this browser checked, and who confirmed it', async ({
  page,
  portal,
}) => {
  const asked: string[] = []
  page.on('request', request => asked.push(new URL(request.url()).pathname))
  await page.goto(`${portal.origin}/verify`)
  await expect(headline(page)).toHaveText('This page has not asked the network yet.')
  expect(asked.filter(path => path.startsWith('/rpc'))).toEqual([])
  await showAll(page)
  await status(page).getByRole('button', { name: 'Ask the network' }).click()
  await expect(headline(page)).toHaveText('The newest block checked here is confirmed by independent witnesses.')
  const rows = status(page).locator('[part=field]')
  await expect(rows.filter({ hasText: 'Confirmed by' })).toContainText(/Confirmed by\s*[12] of the [12] needed: \S/)
  await expect(rows.filter({ hasText: 'Newest block checked' })).toContainText(/\d/)
  await expect(rows.filter({ hasText: 'Computers of the network' })).toContainText('answered')
  expect(await status(page).evaluate(element => element.matches(':state(confirmed)'))).toBe(true)
  // What its validators owe stands beside, each figure proved.
  const validators = status(page).locator('[data-name=validators]').getByRole('listitem')
  await expect(validators).toHaveCount(1)
  await expect(validators).toContainText('Promises reported as not kept: 0')
  const proved = await page.evaluate(() =>
    String(document.querySelector('muniment-network')!.client!.status().head!.height),
  )
  expect(await rows.filter({ hasText: 'Newest block checked' }).textContent()).toMatch(
    new RegExp(Number(proved).toLocaleString('en-GB')),
  )
})

test('a check of a document is seen in it, and the age that goes by is not announced', async ({ page, portal }) => {
  const [record] = await portal.records()
  const before = await openLink(page, portal.linkOf(record!))
  expect(before.code).toBe('current')
  await expect(headline(page)).toContainText('is confirmed')
  const brief = status(page).locator('[part=brief]')
  const [first, spoken] = [await brief.textContent(), headline(page)]
  await spoken.evaluate(element => {
    const seen = new MutationObserver(changes => element.setAttribute('data-changes', String(changes.length)))
    seen.observe(element, { childList: true, characterData: true, subtree: true })
  })
  await expect.poll(() => brief.textContent()).not.toBe(first)
  await expect(spoken).not.toHaveAttribute('data-changes')
})

test('where nobody answers, and where the device is cut off, it says so and keeps what was checked', async ({
  page,
  portal,
  context,
}) => {
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  const blocked = await blockRpc(page)
  await page.goto(`${portal.origin}/verify`)
  await status(page).getByRole('button').click()
  await expect(headline(page)).toContainText('The network can’t be reached.')
  expect(blocked()).toBeGreaterThan(0)
  await screenshot(page, 'status-offline')

  await page.unroute(/\/rpc(\/|$|\?)/)
  await status(page).getByRole('button', { name: 'Ask again' }).click()
  await expect(headline(page)).toContainText('is confirmed')
  await context.setOffline(true)
  await expect(headline(page)).toContainText('The network can’t be reached.')
  await expect(status(page).locator('[part=brief]')).toContainText(/^Block [\d,]+, /)
  await context.setOffline(false)
  await expect(headline(page)).toContainText('is confirmed')
})

test('a network’s file of another network is no question of the line', async ({ page, portal }) => {
  await changeNetwork(page, network => ({ ...network, chainId: 'another-1' }))
  await page.goto(`${portal.origin}/verify`)
  await status(page).getByRole('button').click()
  await expect(headline(page)).toHaveText('The network gave nothing that could be checked.')
})

for (const language of ['en', 'ar']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`it can be read by everyone: ${language}, ${colorScheme}, 320 pixels`, async ({ page, portal }) => {
      await page.setViewportSize({ width: 320, height: 640 })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const [record] = await portal.records()
      await page.goto(`${portal.origin}/verify?lang=${language}#${record!.link}`)
      await nextVerdict(page)
      for (const look of ['compact', 'whole']) {
        if (look === 'whole') await showAll(page)
        await expect(status(page).locator('[part=base]')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr')
        await expect(status(page).getByRole('button')).toBeVisible()
        const { violations } = await new AxeBuilder({ page }).include('muniment-status').analyze()
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
        await screenshot(page, `status-${look}-${language}-${colorScheme}`)
      }
    })
  }
}
