// Which Chromium the tests drive: the one that MUNIMENT_CHROMIUM names, else Playwright's own, an installed Chrome, Debian's,
// or the one that comes by npm.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

export type Browser = { readonly name: string; readonly path: string }

const chromes: Readonly<Record<string, readonly string[]>> = {
  linux: ['/usr/bin/google-chrome-stable', '/usr/bin/google-chrome', '/opt/google/chrome/chrome'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  win32: ['C:/Program Files/Google/Chrome/Application/chrome.exe'],
}

/** Undefined where no browser is at hand. */
export async function findBrowser(): Promise<Browser | undefined> {
  const named = process.env.MUNIMENT_CHROMIUM
  if (named) return { name: 'the Chromium that was named', path: named }
  const candidates: readonly Browser[] = [
    { name: 'Playwright’s Chromium', path: chromium.executablePath() },
    ...(chromes[process.platform] ?? []).map(path => ({ name: 'Chrome', path })),
    { name: 'Debian’s Chromium', path: '/usr/bin/chromium' },
  ]
  return candidates.find(({ path }) => existsSync(path)) ?? unpackChromium()
}

/** The npm package, for x64 Linux only, unpacks into TMPDIR and takes what it finds there: so it gets a folder of its own. */
async function unpackChromium(): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const folder = join(import.meta.dirname, '..', 'output', 'chromium')
  mkdirSync(folder, { recursive: true })
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    return { name: 'Chromium from npm', path: await packed.executablePath() }
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

export const browserFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
