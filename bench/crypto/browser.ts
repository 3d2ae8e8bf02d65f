// The bench's page as a lane.

import type { Page } from '@playwright/test'
import { openBenchPage } from '../browser.ts'
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

/** Undefined where no Chromium is at hand. */
export async function openBrowser(): Promise<BenchBrowser | undefined> {
  let items: Sample['packed'] = []
  const pieces = (): Iterable<Uint8Array> => items.map(piece => new Uint8Array(piece))
  const opened = await openBenchPage({ bench: 'crypto', answers: { '/items': pieces } })
  if (opened === undefined) return undefined
  const { browser, page, close } = opened
  await page.waitForFunction(() => window.munimentBench !== undefined)
  return {
    name: browser,
    open: async workload => {
      await page.evaluate(asked => window.munimentBench.open(asked), workload)
      return laneOf(page, sample => {
        items = sample.packed
      })
    },
    close,
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
