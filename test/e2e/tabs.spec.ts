// Ten open tabs of one site: what the chain takes to be followed is fetched and checked once, and every tab has its verdict.

import type { BrowserContext, Page } from '@playwright/test'
import { expect, nextVerdict, note, test } from './fixtures.ts'

async function open(context: BrowserContext, link: string, asked: Map<string, number>): Promise<Page> {
  const page = await context.newPage()
  page.on('request', request => {
    if (!new URL(request.url()).pathname.startsWith('/rpc')) return
    const question = request.postDataBuffer()?.toString('base64') ?? request.url()
    asked.set(question, (asked.get(question) ?? 0) + 1)
  })
  await page.addInitScript(() => {
    window.munimentSeen = []
    document.addEventListener('muniment-verdict', event => {
      const { kind, code, sources, steps, evidence } = (event as CustomEvent).detail.verdict
      window.munimentSeen.push({ kind, code, sources, steps, evidence, milliseconds: performance.now() })
    })
  })
  await page.goto(link, { waitUntil: 'commit' })
  return page
}

test('ten tabs that are opened at once work once, and each has its verdict', async ({ browser, portal }) => {
  const [record] = await portal.records()
  const link = portal.linkOf(record!)
  const context = await browser.newContext()
  const asked = new Map<string, number>()
  const tabs = await Promise.all(Array.from({ length: 10 }, () => open(context, link, asked)))
  const verdicts = await Promise.all(tabs.map(tab => nextVerdict(tab)))
  expect(verdicts.map(({ code }) => code)).toEqual(Array(10).fill('current'))
  // After the question's id comes its kind; 3 is light blocks (docs/protocol/peers.md). All others are about what holds now.
  const blocks = [...asked].filter(([question]) => Buffer.from(question, 'base64')[2] === 0x1a)
  expect(blocks.map(([, times]) => times)).toEqual(blocks.map(() => 1))
  expect(blocks.length).toBeGreaterThan(0)
  note('questions of ten tabs, by how often each was asked', [...asked.values()].toSorted())
  await context.close()
})
