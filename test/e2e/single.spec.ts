// verifier.html of an embed kit: one file from a disk, in a browser that is cut off from everything.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { embed } from './embed-site.ts'
import { expect, nextVerdict, note, screenshot, test, verdictHeading } from './fixtures.ts'
import { documentOf } from './links.ts'

let folder = ''
let address = ''
/** A record's document, and the file that proves it; made while there was a network. */
let document_ = ''
let proof: Buffer

test.beforeAll(async ({ browser }) => {
  if (!process.env.MUNIMENT_BROWSER) return
  folder = mkdtempSync(join(tmpdir(), 'muniment-single-'))
  await embed(folder)
  address = pathToFileURL(join(folder, 'verifier.html')).href
  const page = await browser.newPage()
  const origin = process.env.MUNIMENT_PORTAL!
  const { records } = (await (await fetch(`${origin}/demo/records`)).json()) as { records: { link: string }[] }
  document_ = documentOf(records[0]!.link)
  await page.goto(`${origin}/verify`)
  const bytes = await page.evaluate(async link => {
    const client = await document.querySelector('muniment-network')!.connect()
    return Array.from(await client.bundle(link))
  }, records[0]!.link)
  proof = Buffer.from(bytes)
  await page.close()
})
test.afterAll(() => {
  if (folder) rmSync(folder, { recursive: true })
})

test.beforeEach(async ({ context }) => {
  await context.setOffline(true)
})

async function check(page: Page, buffer: Buffer, name = 'proof.muniment'): ReturnType<typeof nextVerdict> {
  const before = await page.evaluate(() => window.munimentSeen.length)
  const mimeType = 'application/octet-stream'
  await page.locator('muniment-verify input[type=file]').setInputFiles({ name, mimeType, buffer })
  return nextVerdict(page, before)
}

test('a document’s proof is checked from a disk, without a network, and whom that trusts is said', async ({ page }) => {
  const asked: string[] = []
  page.on('request', request => asked.push(request.url()))
  await page.goto(address)
  const verdict = await check(page, proof)
  expect(verdict.code).toBe('current')
  expect(verdict.sources).toEqual(['the document’s own proof'])
  await expect(verdictHeading(page)).toHaveText('In force')
  await expect(page.getByText(/starting point in this file: block \d+, signed on/)).toBeVisible()
  await expect(page.getByText('Compare the file’s SHA-256')).toBeVisible()
  expect(asked).toEqual([address])
  await screenshot(page, 'single-valid')
  note('single file', { bytes: readFileSync(join(folder, 'verifier.html')).length })
})

test('the file can ask nobody, even if its script wanted to', async ({ page, context, portal, expectedViolations }) => {
  expectedViolations.push(/connect-src/, /Content Security Policy/)
  await context.setOffline(false)
  await page.goto(address)
  const outcome = await page.evaluate(
    origin => fetch(`${origin}/network.json`).then(() => 'answered', String),
    portal.origin,
  )
  expect(outcome).toContain('TypeError')
})

test('a proof with one byte changed, anywhere, is not green, or says the very same', async ({ page }) => {
  await page.goto(address)
  const fields = page.locator('muniment-verify [part=fields]')
  await check(page, proof)
  const told = await fields.allInnerTexts()
  await page.getByRole('button', { name: 'Check another document' }).click()
  let refused = 0
  for (let place = 7; place < proof.length; place += Math.ceil(proof.length / 24)) {
    const altered = Buffer.from(proof)
    altered[place]! ^= 1 << (place % 8)
    // A signature that is one more than needed may be broken.
    if ((await check(page, altered)).kind === 'valid')
      expect(await fields.allInnerTexts(), `byte ${place}`).toEqual(told)
    else refused++
    await page.getByRole('button', { name: 'Check another document' }).click()
  }
  expect(told.join()).toContain('Example')
  expect(refused).toBeGreaterThan(12)
})

test('a document without its proof can’t be checked here, and is not blamed for it', async ({ page }) => {
  await page.goto(address)
  expect(await check(page, Buffer.from(document_), 'document.sd-jwt')).toMatchObject({
    kind: 'unknown',
    code: 'offline',
  })
  await screenshot(page, 'single-no-proof')
})

test('an old file says so, and calls nothing valid', async ({ page }) => {
  await page.clock.setFixedTime(Date.now() + 400 * 86_400_000)
  await page.goto(address)
  await expect(page.getByText('This file has run out')).toBeVisible()
  expect((await check(page, proof)).kind).not.toBe('valid')
})

for (const locale of ['en-GB', 'ar']) {
  test.describe(locale, () => {
    test.use({ locale, viewport: { width: 320, height: 700 } })
    test(`it reads well on the narrowest screen in ${locale}`, async ({ page }) => {
      await page.goto(address)
      await expect(page.locator('html')).toHaveAttribute('dir', locale === 'ar' ? 'rtl' : 'ltr')
      await check(page, proof)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
      await screenshot(page, `single-${locale}`)
    })
  })
}
