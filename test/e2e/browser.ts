// Which Chromium the tests drive: Playwright's own, else an installed Chrome, else Debian's, else the one that comes by npm.

import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
  const candidates: readonly Browser[] = [
    { name: 'Playwright’s Chromium', path: chromium.executablePath() },
    ...(chromes[process.platform] ?? []).map(path => ({ name: 'Chrome', path })),
    { name: 'Debian’s Chromium', path: '/usr/bin/chromium' },
  ]
  return candidates.find(({ path }) => existsSync(path)) ?? unpackChromium()
}

/** The npm package unpacks into the temporary folder, for x64 Linux only; a folder of its own keeps strangers' files out. */
async function unpackChromium(): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const before = process.env.TMPDIR
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'muniment-chromium-'))
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
