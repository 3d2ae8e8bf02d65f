// What the verify page costs a citizen: bytes before and after the network part is loaded, and the time from opening the link
// to the verdict, with an empty store and with one that has seen the chain. A real node, portal and browser.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { browserFlags, findBrowser } from '../test/e2e/browser.ts'
import { startPortal } from './portal.ts'
import type { Row } from './run.ts'

const visits = Number(process.env.VISITS ?? 15)

export async function measureWidget(): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'muniment-bench-'))
  const portal = await startPortal(home)
  const found = await findBrowser()
  if (!found) throw new Error('no Chromium is installed')
  const browser = await chromium.launch({ executablePath: found.path, args: [...browserFlags] })
  try {
    const { records } = (await (await fetch(`${portal.origin}/demo/records`)).json()) as { records: { link: string }[] }
    const link = `${portal.origin}/verify#${records[0]!.link}`
    const rows: Row[] = await measureBytes(await browser.newContext(), link)
    for (const transport of ['webrtc', 'rpc'] as const) {
      const cold: number[] = []
      const warm: number[] = []
      for (let visit = 0; visit < visits; visit++) {
        const context = await browser.newContext()
        const page = await newPage(context, transport)
        cold.push(await timeToVerdict(page, link))
        warm.push(await timeToVerdict(page, link))
        await context.close()
      }
      for (const [store, times] of [
        ['empty', cold],
        ['warm', warm],
      ] as const) {
        rows.push({
          what: `link opened to verdict, ms (${transport}, store ${store})`,
          median: median(times),
          least: Math.min(...times),
          most: Math.max(...times),
        })
      }
    }
    return rows
  } finally {
    await browser.close()
    await portal.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

/** One way to the node only: the other is taken out of the network's file. */
async function newPage(context: BrowserContext, transport: 'webrtc' | 'rpc'): Promise<Page> {
  const page = await context.newPage()
  await page.route('**/network.json', async route => {
    const network = await (await route.fetch()).json()
    await route.fulfill({ json: { ...network, [transport === 'webrtc' ? 'rpc' : 'peers']: [] } })
  })
  await page.addInitScript(() => {
    document.addEventListener('muniment-verdict', event => {
      const { code } = (event as CustomEvent).detail.verdict
      ;(window as unknown as { seen: object }).seen = { code, at: performance.now() }
    })
  })
  return page
}

async function timeToVerdict(page: Page, link: string): Promise<number> {
  await page.goto('about:blank')
  await page.goto(link)
  const seen = await (
    await page.waitForFunction(() => (window as unknown as { seen?: object }).seen, undefined, { timeout: 30_000 })
  ).jsonValue()
  const { code, at } = seen as { code: string; at: number }
  if (code !== 'current') throw new Error(`the verdict is ${code}`)
  return Math.round(at)
}

async function measureBytes(context: BrowserContext, link: string): Promise<Row[]> {
  const page = await newPage(context, 'webrtc')
  const loaded: { readonly name: string; readonly raw: number; readonly gzip: number }[] = []
  page.on('response', async response => {
    const path = new URL(response.url()).pathname
    if (!/\.(js|css)$/.test(path)) return
    const body = await response.body()
    loaded.push({ name: path.split('/').at(-1)!, raw: body.length, gzip: gzipSync(body, { level: 9 }).length })
  })
  await page.goto(link.split('#')[0]!)
  await page.waitForTimeout(2_000)
  const before = loaded.length
  await timeToVerdict(page, link)
  await page.waitForTimeout(500)
  const later = [...new Map(loaded.slice(before).map(each => [each.name, each])).values()].filter(
    each => !loaded.slice(0, before).some(({ name }) => name === each.name),
  )
  const sum = (list: typeof loaded): Row => ({
    files: list.length,
    kB: Math.round(list.reduce((total, each) => total + each.raw, 0) / 100) / 10,
    'kB gzip': Math.round(list.reduce((total, each) => total + each.gzip, 0) / 100) / 10,
  })
  await context.close()
  return [
    { what: 'page opened without a link: scripts and style', ...sum(loaded.slice(0, before)) },
    { what: 'loaded for the check, network part and Wasm included', ...sum(later) },
    ...later.map(each => ({
      what: `  ${each.name}`,
      kB: Math.round(each.raw / 100) / 10,
      'kB gzip': Math.round(each.gzip / 100) / 10,
    })),
  ]
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)]!
}
