// A phone whose clock is wrong: the page says so, and shows both times where nothing but the network's word stands against it.

import type { Page } from '@playwright/test'
import {
  changeNetwork,
  expect,
  nextVerdict,
  openLink,
  passedCodes,
  screenshot,
  test,
  verdictHeading,
} from './fixtures.ts'

const day = 86_400_000
const year = 365 * day

/** From the next load on, the page's clock is off by this much. Its timers run as ever. */
async function shiftClock(page: Page, milliseconds: number): Promise<void> {
  await page.addInitScript(shift => {
    const now = Date.now
    Date.now = () => now() + shift
  }, milliseconds)
}

for (const [words, milliseconds] of [
  ['a day', day],
  ['a year', year],
] as const) {
  test(`a device whose clock is ${words} ahead is told so, with both times, and the document is not blamed`, async ({
    page,
    portal,
  }) => {
    await shiftClock(page, milliseconds)
    const [record] = await portal.records()
    const verdict = await openLink(page, portal.linkOf(record!))
    expect(verdict).toMatchObject({ kind: 'unknown', code: 'clock-wrong' })
    const years = [Date.now() + milliseconds, Date.now()].map(time => new Date(time).getUTCFullYear())
    const element = page.locator('muniment-verify')
    await expect(verdictHeading(page)).toHaveText('Not checked: this device’s clock')
    await expect(element).toContainText(
      new RegExp(`This device says .*${years[0]}.*, the network says .*${years[1]}.*if this device’s date is right`),
    )
    await expect(element.locator('.verdict')).toHaveClass(/unknown/)
    await screenshot(page, `verify-clock-${words.replace(' ', '-')}-ahead`)
  })
}

test('the same over RPC alone, and in Arabic', async ({ page, portal }) => {
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  await page.addInitScript(() =>
    addEventListener('DOMContentLoaded', () => document.documentElement.setAttribute('lang', 'ar')),
  )
  await shiftClock(page, year)
  const [record] = await portal.records()
  expect((await openLink(page, portal.linkOf(record!))).code).toBe('clock-wrong')
  await expect(page.locator('muniment-verify')).toContainText('فلا تصدّق الشبكة')
  await screenshot(page, 'verify-clock-ar')
})

for (const [words, milliseconds] of [
  ['a day', -day],
  ['a year', -year],
] as const) {
  test(`a device whose clock is ${words} behind is told so`, async ({ page, portal }) => {
    await shiftClock(page, milliseconds)
    const [record] = await portal.records()
    const verdict = await openLink(page, portal.linkOf(record!))
    expect(verdict).toMatchObject({ kind: 'unknown', code: 'clock-wrong' })
    await expect(page.locator('muniment-verify')).toContainText('The clock of this device seems to be wrong.')
  })
}

test('once the clock is set right, the same page passes the same document', async ({ page, portal }) => {
  await page.addInitScript(() => {
    const now = Date.now
    const shift = { milliseconds: 86_400_000 }
    Date.now = () => now() + shift.milliseconds
    Object.assign(window, { setClockRight: () => Object.assign(shift, { milliseconds: 0 }) })
  })
  const [record] = await portal.records()
  expect((await openLink(page, portal.linkOf(record!))).code).toBe('clock-wrong')
  await page.evaluate(() => (window as unknown as { setClockRight: () => void }).setClockRight())
  await page.getByRole('button', { name: 'Check again' }).click()
  expect(passedCodes).toContain((await nextVerdict(page, 1)).code)
})
