// A bench's page in a real Chromium: built by Vite, served to itself, driven by Playwright.

import { createReadStream } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, extname, join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { browserFlags, findBrowser } from '../test/e2e/browser.ts'

export type BenchPageOptions = {
  /** Names the folder of page.html beside this file. */
  readonly bench: string
  /** What the page fetches besides its own files. */
  readonly answers: Readonly<Record<string, () => Iterable<Uint8Array>>>
  readonly flags?: readonly string[]
}

export type BenchPage = {
  readonly browser: string
  readonly page: Page
  readonly close: () => Promise<void>
}

/** Undefined where no Chromium is at hand. */
export async function openBenchPage({ bench, answers, flags = [] }: BenchPageOptions): Promise<BenchPage | undefined> {
  const found = await findBrowser()
  if (!found) return undefined
  const output = join(import.meta.dirname, '..', 'build', 'bench', bench)
  await buildPage(join(import.meta.dirname, bench), output)
  const server = await serve(output, answers)
  const browser = await chromium.launch({ executablePath: found.path, args: [...browserFlags, ...flags] })
  const page = await browser.newPage()
  page.on('pageerror', error => console.error(`page: ${error.message}`))
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/page.html`)
  return {
    browser: `${found.name}, ${browser.version()}`,
    page,
    close: async () => {
      await browser.close()
      server.close()
    },
  }
}

async function buildPage(root: string, outDir: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    worker: { format: 'es' },
    build: {
      target: 'esnext',
      outDir,
      emptyOutDir: true,
      rolldownOptions: { input: join(root, 'page.html') },
    },
  })
}

function serve(output: string, answers: BenchPageOptions['answers']): Promise<Server> {
  const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    // A page that is isolated in this way has a clock of 5 µs instead of 100 µs.
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-embedder-policy', 'require-corp')
    const answer = answers[path]
    if (answer !== undefined) return send(response, answer())
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

function send(response: ServerResponse, pieces: Iterable<Uint8Array>): void {
  for (const piece of pieces) response.write(piece)
  response.end()
}
