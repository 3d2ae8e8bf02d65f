// Our verifier in a page, as a follower.

import { openBenchPage } from '../browser.ts'
import { withLength } from './blocks.ts'
import type { Followed, Following } from './follower.ts'
import type {} from './page.ts'

/** As a Follower of this process, but the page fetches the chain and checks itself. */
type BrowserFollower = {
  readonly check: (encoded: readonly Uint8Array[]) => Promise<void>
  readonly follow: () => Promise<Followed>
  readonly close: () => Promise<void>
}

export type LightBenchBrowser = {
  readonly name: string
  readonly open: (following: Following) => Promise<BrowserFollower>
  readonly close: () => Promise<void>
}

/** Undefined where no Chromium is at hand. */
export async function openBrowser(): Promise<LightBenchBrowser | undefined> {
  let blocks: readonly Uint8Array[] = []
  const pieces = (): Iterable<Uint8Array> => blocks.flatMap(withLength)
  const opened = await openBenchPage({
    bench: 'light',
    answers: { '/blocks': pieces },
    flags: ['--js-flags=--expose-gc'],
  })
  if (opened === undefined) return undefined
  const { browser, page, close } = opened
  await page.waitForFunction(() => window.munimentLightBench !== undefined)
  return {
    name: browser,
    open: async following => {
      await page.evaluate(asked => window.munimentLightBench.open(asked), following)
      return {
        check: async encoded => {
          blocks = encoded
          await page.evaluate(() => window.munimentLightBench.check())
          blocks = []
        },
        follow: () => page.evaluate(() => window.munimentLightBench.follow()),
        close: () => page.evaluate(() => window.munimentLightBench.close()),
      }
    },
    close,
  }
}
