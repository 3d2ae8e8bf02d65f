// Pages in a real Chromium. `npm test -- e2e` runs just these.

import { defineConfig } from '@playwright/test'
import { browserFlags, findBrowser, findOldest } from './browser.ts'
import { takePlace } from './places.ts'

const browser = await findBrowser()
if (browser) {
  // The processes that run the tests read this file too, and shall find the same.
  process.env.MUNIMENT_BROWSER ??= browser.name
  process.env.MUNIMENT_CHROMIUM ??= browser.path
  process.env.MUNIMENT_OLDEST ??= (await findOldest())?.path ?? ''
}

takePlace()

export default defineConfig({
  testDir: '.',
  outputDir: '../output/playwright',
  globalSetup: './setup.ts',
  // Much of a test is waiting: two keep two cores busy.
  workers: 2,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    // Playwright changes no answers that pass through one.
    serviceWorkers: 'block',
    locale: 'en-GB',
    timezoneId: 'UTC',
    // What appears softly is still pale when a test looks at its contrast.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: { ...(browser ? { executablePath: browser.path } : {}), args: [...browserFlags] },
  },
})
