// The bench's page in a real Chromium: built by Vite, served to itself, driven by Playwright.

import { createReadStream } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, extname, join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { browserFlags, findBrowser } from '../../test/e2e/browser.ts'
import type { Lane } from './lane.ts'
import type {} from './page.ts'
import type { Sample } from './signing.ts'
import type { SignatureWorkload } from './workloads.ts'

export type BenchBrowser = {
  readonly name: string
  readonly open: (workload: SignatureWorkload) => Promise<BrowserLane>
  readonly close: () => Promise<void>
}

/** As a Lane of this process, but the page fetches what it is to check. */
type BrowserLane = {
  readonly check: (sample: Sample) => Promise<void>
  readonly measure: (sample: Sample) => ReturnType<Lane['measure']>
  readonly close: () => Promise<void>
}

const output = join(import.meta.dirname, '..', '..', 'build', 'bench')

/** Undefined where no Chromium is at hand. */
export async function openBrowser(): Promise<BenchBrowser | undefined> {
  const found = await findBrowser()
  if (!found) return undefined
  await buildPage()
  let items: Sample['packed'] = []
  const server = await serve(response => sendItems(response, items))
  const browser = await chromium.launch({ executablePath: found.path, args: [...browserFlags] })
  const page = await browser.newPage()
  page.on('pageerror', error => console.error(`page: ${error.message}`))
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/page.html`)
  await page.waitForFunction(() => window.munimentBench !== undefined)
  return {
    name: `${found.name}, ${browser.version()}`,
    open: async workload => {
      await page.evaluate(asked => window.munimentBench.open(asked), workload)
      return laneOf(page, sample => {
        items = sample.packed
      })
    },
    close: async () => {
      await browser.close()
      server.close()
    },
  }
}

function laneOf(page: Page, hand: (sample: Sample) => void): BrowserLane {
  return {
    check: sample => {
      hand(sample)
      return page.evaluate(() => window.munimentBench.check())
    },
    measure: sample => {
      hand(sample)
      return page.evaluate(() => window.munimentBench.measure())
    },
    close: () => page.evaluate(() => window.munimentBench.close()),
  }
}

async function buildPage(): Promise<void> {
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'warn',
    worker: { format: 'es' },
    build: {
      target: 'esnext',
      outDir: output,
      emptyOutDir: true,
      rolldownOptions: { input: join(import.meta.dirname, 'page.html') },
    },
  })
}

/** The page's files, and the signatures of the alternation under `/items`. */
function serve(answerItems: (response: ServerResponse) => void): Promise<Server> {
  const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    // A page that is isolated in this way has a clock of 5 µs instead of 100 µs.
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-embedder-policy', 'require-corp')
    if (path === '/items') return answerItems(response)
    const file = join(output, path.startsWith('/assets/') ? 'assets' : '', basename(path))
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
  })
  return new Promise(resolve => {
    server.listen(0, 'localhost', () => resolve(server))
  })
}

function sendItems(response: ServerResponse, items: Sample['packed']): void {
  for (const piece of items) response.write(new Uint8Array(piece))
  response.end()
}
