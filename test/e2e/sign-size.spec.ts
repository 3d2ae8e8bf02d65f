// What a visitor downloads to sign, beside what a check of a record takes anyway, as a server that compresses would send it.

import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { expect, nextVerdict, note, test } from './fixtures.ts'

const signBytesMax = 15 * 1024

async function scriptsOf(page: Page, act: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>()
  const listen = async (response: { url: () => string; body: () => Promise<Buffer> }): Promise<void> => {
    const { pathname } = new URL(response.url())
    if (!pathname.endsWith('.js')) return
    const body = await response.body().catch(() => undefined)
    if (body) sizes.set(pathname, gzipSync(body, { level: 9 }).length)
  }
  page.on('response', listen)
  await act()
  await page.waitForLoadState('networkidle')
  page.off('response', listen)
  return sizes
}

test('signing takes at most 15 kB of script beside what a check takes', async ({ page, portal }) => {
  const [record] = await portal.records()
  const checking = await scriptsOf(page, async () => {
    await page.goto(portal.linkOf(record!))
    await nextVerdict(page)
  })
  await page.goto('about:blank')
  const signing = await scriptsOf(page, async () => {
    await page.goto(`${portal.origin}/sign`)
    await page.getByLabel('Subject').fill('Bees')
    await page.getByLabel('What you declare').fill('I keep two hives.')
    await page.getByLabel('With a key of this browser').check()
    await page.getByRole('button', { name: 'Review before signing' }).click()
    await page.getByRole('button', { name: 'Sign and hand in' }).click()
    await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
  })
  const own = [...signing].filter(([path]) => !checking.has(path))
  const bytes = own.reduce((sum, [, size]) => sum + size, 0)
  note('bytes of script to sign, gzip', { bytes, files: Object.fromEntries(own) })
  expect(bytes).toBeLessThanOrEqual(signBytesMax)
})
