// `offline` on <muniment-network>: a page that was seen once opens with every server dead, and still checks a document's proof.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type EmbedSite, embed, serveKit } from './embed-site.ts'
import { expect, nextVerdict, screenshot, test } from './fixtures.ts'

test.use({ serviceWorkers: 'allow' })

let kit = ''
let site: EmbedSite

test.beforeAll(async () => {
  if (!process.env.MUNIMENT_BROWSER) return
  kit = mkdtempSync(join(tmpdir(), 'muniment-offline-'))
  await embed(kit)
})
test.afterAll(() => {
  if (kit) rmSync(kit, { recursive: true })
})
test.beforeEach(async () => {
  const headers = readFileSync(join(kit, 'headers.txt'), 'utf8')
  site = await serveKit({ folders: { '/muniment/1/': kit, '/': kit }, headers })
  site.change = (path, body) => (path.endsWith('.html') ? withOffline(body, '/muniment/1/offline.js') : body)
})
test.afterEach(() => site?.close())

function withOffline(html: string, script: string): string {
  return html
    .replace('src="./verify.js"', 'src="/muniment/1/verify.js"')
    .replace('<muniment-network ', `<muniment-network offline="${script}" `)
}

/** Resolves when the worker has the page and all files of the kit. */
async function kept(page: Page): Promise<void> {
  const addresses = (): Promise<readonly string[]> =>
    page.evaluate(async () => {
      const keys = await (await caches.open('muniment/pages')).keys()
      return keys.map(({ url }) => new URL(url).pathname)
    })
  await expect.poll(addresses).toEqual(expect.arrayContaining(['/example.html', '/network.json']))
}

test('a page that was seen once opens when its server is dead, says so of a link, and checks a proof', async ({
  page,
  context,
  portal,
}) => {
  const [record] = await portal.records()
  await page.goto(`${site.origin}/example.html#${record!.link}`)
  expect((await nextVerdict(page)).code).toBe('current')
  const proof = await page.evaluate(async link => {
    const client = await document.querySelector('muniment-network')!.connect()
    return Array.from(await client.bundle(link))
  }, record!.link)
  await kept(page)
  await page.goto('about:blank')
  site.close()
  await context.setOffline(true)

  const again = await context.newPage()
  await again.goto(`${site.origin}/example.html#${record!.link}`)
  expect(await nextVerdict(again)).toMatchObject({ kind: 'unknown', code: 'offline' })
  await again.getByRole('button', { name: 'Check another document' }).click()
  await again.locator('muniment-verify input[type=file]').setInputFiles({
    name: 'proof.muniment',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(proof),
  })
  expect((await nextVerdict(again, 1)).code).toBe('current')
  await screenshot(again, 'offline-page')
})

test('the portal’s own page opens with portal and node out of reach', async ({ page, context, portal }) => {
  const [record] = await portal.records()
  await page.goto(portal.linkOf(record!))
  await nextVerdict(page)
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open('muniment/pages')).keys()).map(({ url }) => url)))
    .toEqual(expect.arrayContaining([`${portal.origin}/verify`, `${portal.origin}/network.json`]))
  await context.setOffline(true)
  await page.goto('about:blank')
  await page.goto(portal.linkOf(record!))
  expect((await nextVerdict(page)).kind).not.toBe('invalid')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check a document')
  await screenshot(page, 'offline-portal')
})

test('nothing is fetched for later while somebody may be about to check', async ({ page, portal }) => {
  await page.goto(`${site.origin}/example.html`)
  await page.waitForTimeout(2_000)
  expect(site.asked).not.toContain('/muniment/1/offline.js')
  const [record] = await portal.records()
  await page.getByRole('textbox').fill(portal.linkOf(record!))
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await nextVerdict(page)
  await kept(page)
  expect(site.asked).toContain('/muniment/1/offline.js')
})

test('a file that is not the kit’s own is not kept, and the page works on as before', async ({ page, portal }) => {
  const [record] = await portal.records()
  const { change } = site
  site.change = (path, body, before) =>
    path.startsWith('/muniment/1/bls12381') ? `${body};` : change(path, body, before)
  await page.goto(`${site.origin}/example.html#${record!.link}`)
  expect((await nextVerdict(page)).code).toBe('current')
  await expect.poll(() => site.asked.some(path => path.includes('bls12381'))).toBe(true)
  await page.waitForTimeout(500)
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active ?? null)).toBeNull()
})

test('no other script of the site becomes a service worker by an attribute', async ({
  page,
  portal,
  expectedViolations,
}) => {
  expectedViolations.push(/offline names a file offline\.js/)
  site.change = (path, body) => (path.endsWith('.html') ? withOffline(body, '/muniment/1/verify.js') : body)
  const [record] = await portal.records()
  await page.goto(`${site.origin}/example.html#${record!.link}`)
  await nextVerdict(page)
  await page.waitForTimeout(300)
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
})
