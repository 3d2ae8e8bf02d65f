// Which Chromium the tests drive: the one that MUNIMENT_CHROMIUM names, else Playwright's own, an installed Chrome, Debian's,
// or the one that comes by npm.

import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
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

/**
 * The oldest Chromium that pages promise to work in: no relaxed SIMD, no Ed25519 of its own. Undefined where npm has none. Unpacked
 * here: the package itself would take whatever Chromium stands in the machine's folder for temporary files.
 */
export function findOldest(): Promise<Browser | undefined> {
  return unpack('Chromium 112 from npm', 'chromium-112', async folder => {
    const packed = new URL('../bin/chromium.br', import.meta.resolve('chromium-112'))
    const file = createWriteStream(join(folder, 'chromium'), { mode: 0o700 })
    await pipeline(createReadStream(packed), createBrotliDecompress(), file)
  })
}

/** This package unpacks into TMPDIR, and takes what it finds there. */
function unpackChromium(): Promise<Browser | undefined> {
  return unpack('Chromium from npm', 'chromium', async folder => {
    const before = process.env.TMPDIR
    process.env.TMPDIR = folder
    try {
      const { default: packed } = await import('@sparticuz/chromium')
      await packed.executablePath()
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
  })
}

/** For x64 Linux only. The folder has its name only once it is whole. */
async function unpack(
  name: string,
  folderName: string,
  into: (folder: string) => Promise<void>,
): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const folder = join(import.meta.dirname, '..', 'output', folderName)
  const path = join(folder, 'chromium')
  if (existsSync(path)) return { name, path }
  const begun = `${folder}.${process.pid}`
  mkdirSync(begun, { recursive: true })
  await into(begun)
  renameSync(begun, folder)
  return { name, path }
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
