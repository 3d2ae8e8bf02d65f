import type {} from '@muniment/web-components'
// What every test of pages has: the portal's address, the verdicts that a page has come to, and a watch for whatever the
// strict policy refused: a test fails for it unless it said which it expects.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test as base, expect, type Page } from '@playwright/test'

export { expect }

/** A verdict as a page's event told it, without what JSON can't hold. */
export type SeenVerdict = {
  readonly kind: string
  readonly code: string
  readonly sources: readonly string[]
  readonly steps: readonly { readonly code: string; readonly state: string }[]
  readonly evidence: string
  /** Since the page began to load. */
  readonly milliseconds: number
}

type ListedRecord = {
  readonly id: string
  readonly service: string
  readonly title: string
  readonly link: string
}

/** Codes under which a page says that every step passed. */
export const passedCodes: readonly string[] = ['current', 'older-proof', 'single-operator']

declare global {
  interface Window {
    munimentSeen: SeenVerdict[]
    munimentRefused: string[]
  }
}

type Fixtures = {
  readonly portal: Portal
  /** Violations that a test expects: each must match one of these. */
  readonly expectedViolations: RegExp[]
  readonly watch: undefined
}

type Portal = {
  readonly origin: string
  readonly records: () => Promise<readonly ListedRecord[]>
  /** Acts at the desk by its API, for what a test needs to be there. */
  readonly act: (body: object) => Promise<ListedRecord>
  readonly linkOf: (record: ListedRecord) => string
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures here.
  portal: async ({}, use) => {
    const origin = process.env.MUNIMENT_PORTAL ?? ''
    await use({
      origin,
      records: async () =>
        ((await (await fetch(`${origin}/demo/records`)).json()) as { records: ListedRecord[] }).records,
      act: async body => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
        const answer = (await (await fetch(`${origin}/demo/office`, init)).json()) as {
          record: ListedRecord
          error?: string
        }
        if (answer.error) throw new Error(answer.error)
        return answer.record
      },
      linkOf: record => `${origin}/verify#${record.link}`,
    })
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures here.
  expectedViolations: async ({}, use) => use([]),
  watch: [
    async ({ context, page, expectedViolations }, use) => {
      const refused: string[] = []
      await context.exposeBinding('munimentRefusal', (_, what: string) => refused.push(what))
      await context.addInitScript(watchPage)
      context.on('console', message => {
        if (/Content Security Policy|Trusted ?Type/i.test(message.text())) refused.push(`console: ${message.text()}`)
      })
      context.on('weberror', error => refused.push(`error: ${error.error().message}`))
      await use(undefined)
      // Answers that are still on their way concern nobody any more.
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      const unexpected = refused.filter(what => !expectedViolations.some(expected => expected.test(what)))
      expect(unexpected, 'what the policy refused, and errors of the page').toEqual([])
    },
    { auto: true },
  ],
})

test.beforeEach(() => {
  test.skip(!process.env.MUNIMENT_BROWSER, 'no Chromium is installed')
})

/** Runs in the page before any of its scripts. */
function watchPage(): void {
  window.munimentSeen = []
  const tell = (what: string): void =>
    (window as unknown as { munimentRefusal: (what: string) => void }).munimentRefusal(what)
  document.addEventListener('securitypolicyviolation', event => {
    tell(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
  })
  document.addEventListener('muniment-verdict', event => {
    const { verdict } = (event as CustomEvent).detail
    const { kind, code, sources, steps, evidence } = verdict
    window.munimentSeen.push({ kind, code, sources, steps, evidence, milliseconds: performance.now() })
  })
}

/** The page's next verdict after those that it had. */
export async function nextVerdict(page: Page, before = 0, timeout = 40_000): Promise<SeenVerdict> {
  await page.waitForFunction(count => window.munimentSeen?.length > count, before, { timeout })
  return page.evaluate(count => window.munimentSeen[count]!, before)
}

/** Opens a link in a page of its own load, and waits for its verdict. */
export async function openLink(page: Page, address: string): Promise<SeenVerdict> {
  await page.goto('about:blank')
  await page.goto(address)
  return nextVerdict(page)
}

/** What a visitor reads as the outcome. */
export function verdictHeading(page: Page): ReturnType<Page['locator']> {
  return page.locator('muniment-verify [part=verdict-heading]')
}

export function picturePath(name: string): string {
  return join(import.meta.dirname, '..', 'output', 'screenshots', `${name}.png`)
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: picturePath(name), fullPage: true, animations: 'disabled' })
}

/** network.json as the page gets it, changed. */
export async function changeNetwork(page: Page, change: (network: Record<string, unknown>) => object): Promise<void> {
  await page.route('**/network.json', async route => {
    const response = await route.fetch()
    await route.fulfill({ response, json: change(await response.json()) })
  })
}

/** Nothing comes by HTTP from the node. */
export async function blockRpc(page: Page): Promise<() => number> {
  let blocked = 0
  await page.route(/\/rpc(\/|$|\?)/, route => {
    blocked++
    return route.abort()
  })
  return () => blocked
}

const figures: Record<string, unknown> = {}

/** Figures for the report: test/output/pages-figures.json. */
export function note(name: string, figure: unknown): void {
  figures[name] = figure
  test.info().annotations.push({ type: 'figure', description: `${name}: ${JSON.stringify(figure)}` })
  const path = join(import.meta.dirname, '..', 'output', `figure-${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`)
  writeFileSync(path, `${JSON.stringify({ [name]: figure }, null, 2)}\n`)
}
