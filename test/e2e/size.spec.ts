// What a visitor downloads before a verdict, as a server that compresses would send it.

import { gzipSync } from 'node:zlib'
import { blockRpc, expect, nextVerdict, note, test } from './fixtures.ts'

const firstLoadBytesMax = 35 * 1024

test('the verify element’s first load is at most 35 kB; the network part comes when it is needed', async ({
  page,
  portal,
}) => {
  const sizes = new Map<string, number>()
  page.on('response', async response => {
    const { pathname } = new URL(response.url())
    if (!pathname.endsWith('.js')) return
    const body = await response.body().catch(() => undefined)
    if (body) sizes.set(pathname, gzipSync(body, { level: 9 }).length)
  })
  const total = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0)

  // Without a network's file the page shows the form and fetches nothing more.
  await page.route('**/network.json', route => route.abort())
  await page.goto(`${portal.origin}/verify`)
  await expect(page.getByLabel('Link or text of the document')).toBeVisible()
  await page.waitForLoadState('networkidle')
  const html = await (await page.request.get(`${portal.origin}/verify`)).text()
  const first = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path!)
  expect(first.length).toBeGreaterThan(0)
  const firstLoad = total(first)
  await page.unroute('**/network.json')

  const [record] = await portal.records()
  await page.goto('about:blank')
  await blockRpc(page)
  await page.goto(portal.linkOf(record!))
  expect((await nextVerdict(page)).sources[0]).toContain('muniment-direct')
  await page.waitForLoadState('networkidle')
  const all = [...sizes.keys()]
  const peers = all.filter(path => path.includes('/p2p'))
  expect(peers).toHaveLength(1)
  note('bytes of script, gzip', {
    firstLoad,
    toVerdictByRpc: total(all) - total(peers),
    webrtc: total(peers),
    toVerdictByWebRtc: total(all),
  })
  expect(firstLoad).toBeLessThanOrEqual(firstLoadBytesMax)
})
