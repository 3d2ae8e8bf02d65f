// Cold starts in a real Chromium: each in a context of its own, so that nothing is stored and nothing cached.

import { openBenchPage } from '../browser.ts'
import type { OldNetwork } from './network.ts'
import type { ColdStart, ColdStartFigures } from './page.ts'

export type ColdStartBrowser = {
  readonly name: string
  readonly start: (
    asked: Pick<ColdStart, 'transport' | 'latencyMs'> & { readonly network: OldNetwork },
  ) => Promise<ColdStartFigures>
  readonly close: () => Promise<void>
}

/** Undefined where no Chromium is at hand. */
export async function openColdStartBrowser(): Promise<ColdStartBrowser | undefined> {
  const opened = await openBenchPage({ bench: 'cold-start', answers: {} })
  if (opened === undefined) return undefined
  const { page: first, browser: name, close } = opened
  return {
    name,
    async start({ network, transport, latencyMs }) {
      const context = await first.context().browser()!.newContext()
      try {
        const page = await context.newPage()
        page.on('pageerror', error => console.error(`page: ${error.message}`))
        if (process.env.COLD_START_DEBUG) page.on('console', message => console.log(message.text()))
        await page.goto(first.url())
        await page.waitForFunction(() => window.munimentColdStart !== undefined)
        const address = transport === 'http' ? network.rpc : network.address
        const start: ColdStart = { given: network.given, transport, address, latencyMs }
        return await page.evaluate(asked => window.munimentColdStart(asked), start)
      } finally {
        await context.close()
      }
    },
    close,
  }
}
