// Whoever holds the chain's own key signs a second history, and a node serves it. The page says which blocks contradict each
// other, who signed both, and who has taken the evidence; the person saves it, and the ledger itself records it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { loadValidatorKey } from '../../node/src/engine/validator-key.ts'
import { equals, formatHex } from '../../sdk/src/bytes.ts'
import { parseBlock, parseEvidence } from '../../sdk/src/comet/block-json.ts'
import { evidenceId } from '../../sdk/src/comet/evidence.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { formatSignedHeader } from '../../sdk/src/comet/rpc-json.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { misbehaviorEntry } from '../../sdk/src/ledger/entries.ts'
import { misbehaviorKey } from '../../sdk/src/ledger/keys.ts'
import { checkpoint } from '../../sdk/src/light/checkpoint.ts'
import { parseNetwork } from '../../sdk/src/network.ts'
import { createRpcProvider } from '../../sdk/src/rpc/provider.ts'
import { forgedBlock } from '../divergence.ts'
import { changeNetwork, expect, openLink, screenshot, test, verdictHeading } from './fixtures.ts'

type Question = { readonly id: number; readonly method: string }

/** The page then knows two nodes by RPC: the true one, and one whose blocks above the checkpoint are another history. */
async function addLiar(page: Page, origin: string): Promise<{ readonly address: string }> {
  const crypto = await loadCrypto()
  const home = process.env.MUNIMENT_DEMO_HOME!
  const key = await loadValidatorKey(join(home, 'node', 'config', 'priv_validator_key.json'))
  const network = JSON.parse(await (await fetch(`${origin}/network.json`)).text())
  const rpc = new URL(network.rpc[0], origin).href
  const provider = createRpcProvider(rpc)
  const { height: shared } = checkpoint.decode(parseNetwork(network).checkpoint.checkpoint)
  const fork = (block: LightBlock): LightBlock =>
    forgedBlock(
      block,
      {
        header: { appHash: new Uint8Array(32).fill(7) },
        sign: (publicKey, message) => (equals(publicKey, key.publicKey.bytes) ? key.sign(message) : undefined),
      },
      crypto,
    )
  await changeNetwork(page, before => ({ ...before, peers: [], rpc: [...network.rpc, `${origin}/liar/`] }))
  await page.route('**/liar/**', async route => {
    if (route.request().url().endsWith('/query')) return route.fulfill({ status: 404, body: '404 page not found' })
    const { id, method } = route.request().postDataJSON() as Question
    const refusal = { jsonrpc: '2.0', id, error: { code: -32603, message: 'Internal error', data: 'not now' } }
    if (method === 'broadcast_evidence') return route.fulfill({ json: refusal })
    const answer = await (await fetch(rpc, { method: 'POST', body: route.request().postData()! })).json()
    if (method === 'commit' && answer.result && BigInt(answer.result.signed_header.header.height) > shared) {
      const { height } = answer.result.signed_header.header
      const signed = formatSignedHeader(fork(await provider.lightBlock(BigInt(height))))
      return route.fulfill({ json: { ...answer, result: { signed_header: signed, canonical: true } } })
    }
    return route.fulfill({ json: answer })
  })
  return { address: formatHex(key.address).toUpperCase() }
}

test('two proved histories are shown side by side, and the evidence reaches the ledger and the person’s disk', async ({
  page,
  portal,
}) => {
  const { address } = await addLiar(page, portal.origin)
  const [record] = await portal.records()
  const verdict = await openLink(page, portal.linkOf(record!))
  expect(verdict).toMatchObject({ kind: 'unknown', code: 'peers-disagree' })
  await expect(verdictHeading(page)).toHaveText('Not checked: the network disagrees')
  const told = page.locator('muniment-verify [part=contradiction]')
  await expect(told).toContainText('One of the two could never follow from this ledger.')
  await expect(told).toContainText(`${address.slice(0, 8)}…${address.slice(-8)}`)
  await expect(told.locator('.row').filter({ hasText: 'Evidence taken by' })).toContainText('/rpc')
  await expect(page.locator('muniment-verify [part=status]')).toHaveText('Evidence taken by 1 of 2 nodes.')
  // The page's own line on the network, which loads after the check, does not call the newest block confirmed either.
  await expect(page.locator('muniment-status').getByRole('status')).toContainText('contradict each other')
  await screenshot(page, 'verify-contradiction')

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    told.getByRole('button', { name: 'Save the evidence' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^evidence-.*-\d+\.json$/)
  const crypto = await loadCrypto()
  const saved: unknown[] = JSON.parse(readFileSync(await download.path(), 'utf8'))
  const ids = saved.map(each => formatHex(evidenceId(parseEvidence(each), crypto)))
  expect(ids.length).toBeGreaterThan(0)

  const rpc = new URL(JSON.parse(await (await fetch(`${portal.origin}/network.json`)).text()).rpc[0], portal.origin)
    .href
  const recorded = async (): Promise<readonly string[]> => {
    const status = (await (await fetch(`${rpc.replace(/\/$/, '')}/status`)).json()) as {
      result: { sync_info: { latest_block_height: string } }
    }
    const newest = Number(status.result.sync_info.latest_block_height)
    const found: string[] = []
    for (let height = newest; height > Math.max(0, newest - 8); height--) {
      const { result } = await (await fetch(`${rpc.replace(/\/$/, '')}/block?height=${height}`)).json()
      found.push(...parseBlock(result.block).evidence.map(each => formatHex(evidenceId(each, crypto))))
    }
    return found
  }
  await expect.poll(async () => (await recorded()).filter(id => ids.includes(id)).length).toBeGreaterThan(0)
  // And the state says so, with a proof, to whoever asks later.
  const state = createRpcProvider(rpc).query([{ store: 'state', key: misbehaviorKey(crypto) }])
  const entry = misbehaviorEntry.decode((await state).proofs[0]!.exist!.value)
  expect(entry.count).toBeGreaterThan(0n)
  expect(formatHex(entry.newest.at(-1)!.address).toUpperCase()).toBe(address)
})

test('the same in Arabic, on the narrowest screen, can be read by everyone', async ({ page, portal }) => {
  await page.setViewportSize({ width: 320, height: 640 })
  await page.addInitScript(() =>
    addEventListener('DOMContentLoaded', () => {
      document.documentElement.lang = 'ar'
      document.documentElement.dir = 'rtl'
    }),
  )
  await addLiar(page, portal.origin)
  const [record] = await portal.records()
  expect((await openLink(page, portal.linkOf(record!))).code).toBe('peers-disagree')
  await expect(page.locator('muniment-verify [part=contradiction]')).toContainText('تسلّم الدليل')
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  expect(widths[0]).toBeLessThanOrEqual(widths[1]!)
  await screenshot(page, 'verify-contradiction-ar-320')
})
