// A server draws the elements, without a window; a browser shows them before any script runs, and then takes them over.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { expect, screenshot, test } from './fixtures.ts'
import { buildSite, type Site } from './site.ts'

const tags = ['muniment-verify', 'muniment-record', 'muniment-sign', 'muniment-keys', 'muniment-status']
const repository = join(import.meta.dirname, '..', '..')

let site: Site
let drawn: Readonly<Record<string, string>>
test.beforeAll(async () => {
  if (!process.env.MUNIMENT_BROWSER) return
  site = await buildSite('test/e2e/ssr')
  const command = ['--conditions=source', 'test/e2e/ssr/render.ts']
  drawn = JSON.parse((await promisify(execFile)(process.execPath, command, { cwd: repository })).stdout)
})
test.afterAll(async () => site?.close())

/** Serves the page with what the server drew, and a policy that knows the styles in it unless it shall not. */
async function serve(page: Page, { language = 'en', namesStyles = true } = {}): Promise<void> {
  const styles = [...drawn[language]!.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(
    ([, style]) => `'sha256-${createHash('sha256').update(style!).digest('base64')}'`,
  )
  await page.route(`${site.origin}/`, async route => {
    const response = await route.fetch()
    const policy = response.headers()['content-security-policy']!
    const named = policy.replace("style-src 'self'", `style-src 'self' ${[...new Set(styles)].join(' ')}`)
    const headers = { ...response.headers(), 'content-security-policy': namesStyles ? named : policy }
    const body = (await response.text()).replace('<!-- elements -->', () => drawn[language]!)
    await route.fulfill({ response, headers, body })
  })
}

/** Of each element, as a reader sees it. */
function textOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    names =>
      names.map(name => {
        const drawn = document.querySelector(name)!.shadowRoot!.querySelector<HTMLElement>('.base')!
        // biome-ignore lint/performance/useDomNodeTextContent: not what is hidden.
        return drawn.innerText
      }),
    tags,
  )
}

for (const language of ['en', 'ar']) {
  test(`what a server drew is taken over as it stands, and works then: ${language}`, async ({ page }) => {
    await serve(page, { language })
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route('**/*.js', async route => {
      await held
      await route.continue()
    })
    await page.goto(site.origin, { waitUntil: 'commit' })
    await expect(page.locator('muniment-status')).toContainText(/\S/)
    const before = await textOf(page)
    await screenshot(page, `ssr-${language}`)
    await page.evaluate(names => {
      for (const name of names) document.querySelector(name)!.shadowRoot!.querySelector('.base')!.id = 'drawn'
    }, tags)
    release()
    await page.waitForFunction(
      names =>
        Promise.all(
          names.map(async name => {
            await customElements.whenDefined(name)
            return (document.querySelector(name) as HTMLElementTagNameMap['muniment-verify']).updateComplete
          }),
        ).then(() => true),
      tags,
    )
    const isTakenOver = await page.evaluate(
      names =>
        names.every(name => document.querySelector(name)!.shadowRoot!.querySelectorAll('.base#drawn').length === 1),
      tags,
    )
    expect(isTakenOver).toBe(true)
    // Only what a browser alone can offer is added: it has a camera.
    const after = await textOf(page)
    expect(after.slice(1)).toEqual(before.slice(1))
    for (const line of before[0]!.split('\n').filter(Boolean)) expect(after[0]).toContain(line)
    await page.locator('muniment-verify').getByRole('button').last().click()
    await expect(page.locator('muniment-verify [part=error-summary]')).toBeVisible()
  })
}

test('where the page’s policy refuses the styles in it, the elements bring their own once they are alive', async ({
  page,
  expectedViolations,
}) => {
  expectedViolations.push(/^policy: style-src-elem inline/, /^console: .*inline style/)
  await serve(page, { namesStyles: false })
  await page.goto(site.origin)
  await expect(page.locator('muniment-verify .base')).toHaveCSS('display', 'grid')
})

test.describe('where no script runs', () => {
  test.use({ javaScriptEnabled: false })

  test('what the page wrote inside an element is shown, whether or not a server drew it', async ({ page }) => {
    await serve(page)
    await page.goto(site.origin)
    await expect(page.getByText('Visit an office.')).toBeVisible()
    await expect(page.getByText('Bring the paper.')).toBeVisible()
    await expect(page.getByRole('button')).toHaveCount(0)
    await screenshot(page, 'ssr-no-script')
    await page.unroute(`${site.origin}/`)
    await page.route(`${site.origin}/`, async route => {
      const response = await route.fetch()
      const element = '<muniment-verify><p>Visit an office.</p></muniment-verify>'
      await route.fulfill({ response, body: (await response.text()).replace('<!-- elements -->', element) })
    })
    await page.goto(site.origin)
    await expect(page.getByText('Visit an office.')).toBeVisible()
  })
})
