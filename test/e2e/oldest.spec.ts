// The oldest Chromium that is promised, 112 of April 2023: no relaxed SIMD, no Ed25519 in WebCrypto, and little else that is new.

import type { Page } from '@playwright/test'
import { browserFlags } from './browser.ts'
import { blockRpc, changeNetwork, expect, note, openLink, screenshot, test, verdictHeading } from './fixtures.ts'

const oldest = process.env.MUNIMENT_OLDEST
test.use({ launchOptions: { args: [...browserFlags], ...(oldest && { executablePath: oldest }) } })
test.skip(!oldest, 'Chromium 112 comes by npm for x64 Linux alone')

test.beforeEach(({ browser }) => {
  expect(browser.version()).toMatch(/^112\./)
})

test('a record is verified over HTTP alone, by the module without relaxed SIMD', async ({ page, portal }) => {
  await changeNetwork(page, network => ({ ...network, peers: [] }))
  const verdict = await openLink(page, await someLink(portal))
  expect(verdict.code).toBe('current')
  expect(verdict.sources).toEqual([`${portal.origin}/rpc`])
  await expect(verdictHeading(page)).toHaveText('In force')
  expect(await lacking(page)).toEqual({ relaxedSimd: true, ed25519: true, anySignal: true, withResolvers: true })
  await screenshot(page, 'oldest-valid')
  note('Chromium 112, HTTP', { milliseconds: Math.round(verdict.milliseconds) })
})

test('a record is verified over WebRTC alone', async ({ page, portal }) => {
  await blockRpc(page)
  const verdict = await openLink(page, await someLink(portal))
  expect(verdict.code).toBe('current')
  expect(verdict.sources[0]).toContain('/p2p/12D3')
  note('Chromium 112, WebRTC', { milliseconds: Math.round(verdict.milliseconds) })
})

test('an altered document is refused, and its colours can be read on a dark page too', async ({ page, portal }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  const link = await someLink(portal)
  const verdict = await openLink(page, `${link.slice(0, -40)}AAAA${link.slice(-36)}`)
  expect(verdict.kind).not.toBe('valid')
  const { ink, ground } = await page.locator('muniment-verify').evaluate(element => {
    const { color, backgroundColor } = getComputedStyle(element)
    return { ink: color, ground: backgroundColor }
  })
  expect(brightness(ground) - brightness(ink)).toBeGreaterThan(150)
  await screenshot(page, 'oldest-altered')
})

test('a declaration is signed, by a key of the one kind that this browser has', async ({ page, portal }) => {
  await page.goto(`${portal.origin}/sign`)
  await page.getByLabel('Subject').fill('Bees')
  await page.getByLabel('What you declare').fill('I keep two hives.')
  await page.getByLabel('With a key of this browser').check()
  await page.getByRole('button', { name: 'Review before signing' }).click()
  await page.getByRole('button', { name: 'Sign and hand in' }).click()
  await expect(page.getByRole('heading', { name: 'Recorded and checked' })).toBeVisible()
})

test('a document is kept under the browser’s own key, and is there after the page was closed', async ({
  page,
  portal,
}) => {
  await page.goto(`${portal.origin}/show`)
  await page.getByLabel('The document’s link or text').fill(await someLink(portal))
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.getByRole('button', { name: 'Keep on this device' }).click()
  await page.getByRole('button', { name: 'Keep it without a passkey' }).click()
  await expect(page.locator('muniment-record [part=document]')).toHaveCount(1)
  await page.goto('about:blank')
  await page.goto(`${portal.origin}/show`)
  await page.getByRole('button', { name: 'Kept on this device' }).click()
  await page.locator('muniment-record [part=document]').getByRole('button', { name: 'Open' }).click()
  await expect(page.getByRole('heading', { name: 'What do you want to show?' })).toBeFocused()
})

async function someLink(portal: {
  records: () => Promise<readonly { link: string }[]>
  origin: string
}): Promise<string> {
  const [record] = await portal.records()
  return `${portal.origin}/verify#${record!.link}`
}

/** What this browser does not have, so that the test is about what it says. */
function lacking(page: Page): Promise<Record<string, boolean>> {
  return page.evaluate(async () => ({
    // (module (func (result v128) … f64x2.relaxed_madd))
    relaxedSimd: !WebAssembly.validate(
      new Uint8Array([
        0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253,
        15, 65, 0, 253, 15, 253, 135, 2, 11,
      ]),
    ),
    ed25519: await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign']).then(
      () => false,
      () => true,
    ),
    anySignal: !('any' in AbortSignal),
    withResolvers: !('withResolvers' in Promise),
  }))
}

/** Of `rgb(r, g, b)`, from 0 to 255. */
function brightness(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number)
  return (2 * red + 7 * green + blue) / 10
}
