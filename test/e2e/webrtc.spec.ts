// WebRTC where a browser changes its rules. Chromium's trial NoSdpMangleUfrag refuses the way in which WebRTC-direct v1 names
// its connection; our own dial rewrites nothing, so that a verdict comes over it all the same.

import { chromium } from '@playwright/test'
import { browserFlags } from './browser.ts'
import { blockRpc, expect, nextVerdict, note, passedCodes, type SeenVerdict, test } from './fixtures.ts'

const trial = '--force-fieldtrials=WebRTC-NoSdpMangleUfrag/Enabled/'

test('with Chromium’s trial NoSdpMangleUfrag the verdict comes over WebRTC alone', async ({ portal }) => {
  test.setTimeout(120_000)
  const browser = await chromium.launch({
    executablePath: process.env.MUNIMENT_CHROMIUM!,
    args: [...browserFlags, trial],
  })
  try {
    const [record] = await portal.records()
    const check = async (rpc: boolean): Promise<SeenVerdict> => {
      const page = await browser.newPage()
      await page.addInitScript(() => {
        window.munimentSeen = []
        document.addEventListener('muniment-verdict', event => {
          const { kind, code, sources, steps, evidence } = (event as CustomEvent).detail.verdict
          window.munimentSeen.push({ kind, code, sources, steps, evidence, milliseconds: performance.now() })
        })
      })
      if (!rpc) await blockRpc(page)
      await page.goto(portal.linkOf(record!))
      const verdict = await nextVerdict(page)
      await page.close()
      return verdict
    }
    const both = await check(true)
    expect(both.code).toBe('current')
    const alone = await check(false)
    expect(passedCodes).toContain(alone.code)
    expect(alone.sources[0]).toContain('/muniment-direct/')
    note('NoSdpMangleUfrag', {
      browser: `${process.env.MUNIMENT_BROWSER} ${browser.version()}`,
      withRpc: { code: both.code, sources: both.sources, milliseconds: Math.round(both.milliseconds) },
      webrtcOnly: { code: alone.code, evidence: alone.evidence, milliseconds: Math.round(alone.milliseconds) },
    })
  } finally {
    await browser.close()
  }
})

test('a node’s address that leads nowhere delays a verdict, and does not prevent it', async ({ page, portal }) => {
  const [record] = await portal.records()
  await page.route('**/network.json', async route => {
    const response = await route.fetch()
    const network = (await response.json()) as { peers: string[] }
    const peers = network.peers.map(address => address.replace(/\/udp\/\d+\//, '/udp/9/'))
    await route.fulfill({ response, json: { ...network, peers } })
  })
  await page.goto(portal.linkOf(record!))
  const verdict = await nextVerdict(page)
  expect(verdict.code).toBe('current')
  expect(verdict.sources).toEqual([`${portal.origin}/rpc`])
  note('a dead peer, then RPC', { milliseconds: Math.round(verdict.milliseconds) })
})
