// `npm run bench -- first-visit`: what a citizen on a poor line waits for, who opens a document's link for the first time on a site
// that embeds the kit: until there is something to read, and until the verdict; by HTTPS and by WebRTC, and with the line cut on the
// way. Beside it the same page without any script. VISITS says how many of each kind (9).

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { browserFlags, findBrowser } from '../test/e2e/browser.ts'
import { type EmbedSite, embed, serveKit } from '../test/e2e/embed-site.ts'
import { quantile } from './crypto/statistics.ts'
import { createSlowLine, type SlowLine } from './first-visit/slow-line.ts'
import { type Portal, startPortal } from './portal.ts'
import type { Outcome, Row } from './run.ts'

const visitsMin = 9
const visits = Number(process.env.VISITS ?? visitsMin)
/** The line that a design page names, and TLS 1.3 over it. */
const line = { bitsPerSecond: 400_000, roundTripMs: 400, handshakes: 2 }
const slowness = 6
const cut = { afterMs: 2_500, forMs: 10_000 }
const verdictTimeoutMs = 90_000

type Kind = 'plain page' | 'HTTPS' | 'WebRTC' | 'HTTPS, line cut'

export async function measureFirstVisit(): Promise<Outcome> {
  if (!Number.isInteger(visits) || visits < 1) throw new Error('VISITS is a number from 1')
  const found = await findBrowser()
  if (!found) throw new Error('no Chromium is installed')
  const home = mkdtempSync(join(tmpdir(), 'muniment-first-visit-'))
  const portal = await startPortal(home, ['--allow-origin', '*'])
  // With this flag, which Playwright sets too, a browser opens no connection ahead of its first question.
  const unlikeCitizens = '--disable-background-networking'
  const browser = await chromium.launch({
    executablePath: found.path,
    args: browserFlags.filter(flag => flag !== unlikeCitizens),
    ignoreDefaultArgs: [unlikeCitizens],
  })
  try {
    const { records } = (await (await fetch(`${portal.origin}/demo/records`)).json()) as { records: { link: string }[] }
    const kit = join(home, 'kit')
    await embed(kit, home)
    const rows: Row[] = []
    for (const kind of ['plain page', 'HTTPS', 'WebRTC', 'HTTPS, line cut'] as const) {
      const seen: Visit[] = []
      for (let visit = 0; visit < visits; visit++)
        seen.push(await visitOnce(kind, { browser, home, kit, portal, link: records[0]!.link }))
      const middle = (part: keyof Visit): number =>
        Math.round(
          quantile(
            seen.map(each => each[part]),
            0.5,
          ),
        )
      rows.push({
        visit: kind,
        'something to read, ms': middle('readMs'),
        ...(kind === 'plain page' ? {} : { 'verdict, ms': middle('verdictMs') }),
        'worst, ms': Math.round(Math.max(...seen.map(each => Math.max(each.readMs, each.verdictMs)))),
        kB: Math.round(middle('bytes') / 100) / 10,
      })
    }
    return {
      rows,
      notes: [
        `${line.bitsPerSecond / 1000} kbit/s, ${line.roundTripMs} ms a round trip, ${line.handshakes} of them before a connection's first byte; processor slowed by ${slowness}; ${found.name}, ${browser.version()}.`,
        `The line is cut ${cut.afterMs} ms after the visit begins, for ${cut.forMs} ms. Medians of ${visits}; bytes of both ways, headers of TCP and UDP included.`,
      ],
      isWhole: visits >= visitsMin,
    }
  } finally {
    await browser.close()
    await portal.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

type Setting = {
  readonly browser: Browser
  readonly home: string
  readonly kit: string
  readonly portal: Portal
  readonly link: string
}
type Visit = { readonly readMs: number; readonly verdictMs: number; readonly bytes: number }

async function visitOnce(kind: Kind, { browser, home, kit, link }: Setting): Promise<Visit> {
  const slow = createSlowLine(line)
  const folder = mkdtempSync(join(home, 'visit-'))
  const site = await serveSite(kind, { slow, folder, home, kit })
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowness })
    await page.addInitScript(() => {
      document.addEventListener('muniment-verdict', event => {
        const { code } = (event as CustomEvent).detail.verdict
        ;(window as unknown as { seen: object }).seen = { code, at: performance.now() }
      })
    })
    const port = await slow.tcp(Number(new URL(site.origin).port))
    const timers = kind === 'HTTPS, line cut' ? cutLater(slow) : []
    await page.goto(`http://localhost:${port}/example.html#${link}`, { waitUntil: 'commit', timeout: verdictTimeoutMs })
    const verdictMs = kind === 'plain page' ? 0 : await verdictOf(page)
    const readMs = await paintOf(page)
    timers.forEach(clearTimeout)
    return { readMs, verdictMs, bytes: slow.bytes() }
  } finally {
    await context.close()
    site.close()
    slow.close()
    rmSync(folder, { recursive: true })
  }
}

function cutLater(slow: SlowLine): readonly NodeJS.Timeout[] {
  return [setTimeout(slow.cut, cut.afterMs), setTimeout(slow.mend, cut.afterMs + cut.forMs)]
}

/** The kit behind the line: with one of the two ways to the node, or as a page without scripts. */
async function serveSite(
  kind: Kind,
  {
    slow,
    folder,
    home,
    kit,
  }: { readonly slow: SlowLine; readonly folder: string; readonly home: string; readonly kit: string },
): Promise<EmbedSite> {
  const network = JSON.parse(readFileSync(join(home, 'network.json'), 'utf8')) as { rpc: string[]; peers: string[] }
  const rpc = await Promise.all(
    network.rpc.map(async url => `http://localhost:${await slow.tcp(Number(new URL(url).port))}`),
  )
  const peers = await Promise.all(
    network.peers.map(async address => {
      const port = /\/udp\/(\d+)\//.exec(address)![1]!
      return address.replace(`/udp/${port}/`, `/udp/${await slow.udp(Number(port))}/`)
    }),
  )
  mkdirSync(folder, { recursive: true })
  // The policy and the page name the node's own origin.
  const behindLine = (text: string): string =>
    network.rpc.reduce((before, url, place) => before.replaceAll(new URL(url).origin, rpc[place]!), text)
  const headers = behindLine(readFileSync(join(kit, 'headers.txt'), 'utf8'))
  const site = await serveKit({ folders: { '/': kit }, headers })
  site.change = (path, body) => {
    if (path === '/network.json')
      return JSON.stringify({ ...network, ...(kind === 'WebRTC' ? { rpc: [], peers } : { rpc, peers }) })
    if (!path.endsWith('.html')) return body
    return kind === 'plain page' ? body.replace(/<script[\s\S]*?<\/script>|<link[^>]*>/g, '') : behindLine(body)
  }
  return site
}

async function verdictOf(page: Page): Promise<number> {
  const options = { timeout: verdictTimeoutMs }
  const seen = await (
    await page.waitForFunction(() => (window as unknown as { seen?: object }).seen, undefined, options)
  ).jsonValue()
  const { code, at } = seen as { code: string; at: number }
  if (code !== 'current') throw new Error(`the verdict is ${code}`)
  return at
}

async function paintOf(page: Page): Promise<number> {
  const seen = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  return (await seen.jsonValue()) as number
}
