// The strict policy, from the portal's own header. Every test of pages fails for what the policy refuses (fixtures.ts);
// here stand those that change the policy, or that use what it guards.

import type { Page } from '@playwright/test'
import { expect, nextVerdict, openLink, test } from './fixtures.ts'

const strictPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self' https: wss:",
  "worker-src 'self'",
  "img-src 'self' blob:",
  "require-trusted-types-for 'script'",
  'trusted-types muniment muniment-lit',
]

async function changePolicy(
  page: Page,
  change: (policy: string) => string,
  changePage: (html: string) => string = html => html,
): Promise<void> {
  await page.route('**/verify', async route => {
    const response = await route.fetch()
    const policy = change(response.headers()['content-security-policy']!)
    const headers = { ...response.headers(), 'content-security-policy': policy }
    await route.fulfill({ response, headers, body: changePage(await response.text()) })
  })
}

const withoutWasm = (policy: string): string => policy.replace(" 'wasm-unsafe-eval'", '')

const cryptoName = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.querySelector('muniment-network')?.client?.crypto.name)

test('the portal sends the strict policy with every page, and no page has a script or style inside', async ({
  portal,
  request,
}) => {
  for (const path of ['/', '/verify', '/office', '/sign', '/playground']) {
    const response = await request.get(`${portal.origin}${path}`)
    const policy = response.headers()['content-security-policy']
    for (const part of strictPolicy) expect(policy).toContain(part)
    const html = await response.text()
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?:\/\/(?!www\.w3\.org)/)
  }
})

test('where the page refuses Wasm the verdict is the same', async ({ page, portal, expectedViolations }) => {
  // Only by trying does a page learn that Wasm is refused, and each try is reported.
  expectedViolations.push(/^policy: script-src wasm-eval/, /^console: .*(?:WebAssembly|wasm)/i)
  await changePolicy(page, withoutWasm)
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict.code).toBe('current')
  expect(await cryptoName(page)).toMatch(/^no-wasm/)
})

test('a page that says no-wasm gives its policy nothing to report', async ({ page, portal }) => {
  await changePolicy(page, withoutWasm, html => html.replace('<muniment-network ', '<muniment-network no-wasm '))
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict.code).toBe('current')
  expect(await cryptoName(page)).toBe('no-wasm')
})

test('many signatures are checked in a worker whose address the policy knows', async ({ page, portal }) => {
  const [record] = await portal.records()
  await openLink(page, portal.linkOf(record!))
  expect(await cryptoName(page)).toBe('wasm-worker')
  const bad = await page.evaluate(async () => {
    const { crypto } = document.querySelector('muniment-network')!.client!
    const item = {
      publicKey: new Uint8Array(32).fill(2),
      message: new Uint8Array(3),
      signature: new Uint8Array(64).fill(1),
    }
    return crypto.verifyEd25519(Array.from({ length: 300 }, () => item))
  })
  expect(bad).toHaveLength(300)
  expect(page.workers().map(worker => new URL(worker.url()).origin)).toEqual([portal.origin])
})

test('text of a document is only ever text', async ({ page, portal }) => {
  const nasty = '<img src=x onerror=alert(1)>\u202e<a href="javascript:alert(1)">x</a>'
  const title = await portal.act({ action: 'enter', fields: { parcel: '66/6', owner: nasty } })
  expect((await openLink(page, portal.linkOf(title))).code).toBe('current')
  await expect(page.locator('muniment-verify')).toContainText('<img src=x onerror=alert(1)>')
  const made = page.locator('muniment-verify [part=fields]').locator('img, a, script')
  await expect(made).toHaveCount(0)
  await page.goto(`${portal.origin}/office`)
  await expect(page.locator('#records li').filter({ hasText: '66/6' })).toHaveCount(1)
})

test('two bundles of the elements in one page do each other no harm', async ({ page, portal, expectedViolations }) => {
  const [record] = await portal.records()
  for (const allowed of [false, true]) {
    // Trusted types know each policy's name once, unless the page says otherwise.
    if (!allowed) expectedViolations.push(/^policy: trusted-types/, /^console: .*TrustedTypePolicy named 'muniment/)
    await page.unroute('**/verify')
    if (allowed) await changePolicy(page, policy => `${policy} 'allow-duplicates'`)
    await page.goto('about:blank')
    await page.goto(`${portal.origin}/verify`)
    const second = await page.evaluate(loadBundleAgain)
    expect(second).toEqual({ same: true, loaded: allowed })
    await page.evaluate(link => void document.querySelector('muniment-verify')!.verify(link), record!.link)
    expect((await nextVerdict(page)).code).toBe('current')
  }
})

/** The same files by another address are other modules to the browser; what they import is the first bundle's. */
async function loadBundleAgain(): Promise<{ readonly same: boolean; readonly loaded: boolean }> {
  const first = customElements.get('muniment-verify')
  const files = [...document.querySelectorAll('link[rel=modulepreload], script[type=module]')].map(
    element => element.getAttribute('href') ?? element.getAttribute('src'),
  )
  const loads = await Promise.allSettled(files.map(file => import(`${file}?second`)))
  const loaded = loads.every(({ status }) => status === 'fulfilled')
  return { same: customElements.get('muniment-verify') === first, loaded }
}
