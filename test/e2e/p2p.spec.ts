// Peers in real Chromium: the own dial, with and without the trial that forbids WebRTC-direct v1; two pages that pair by two
// texts; two pages that a node introduces, and the node killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { startPortal } from '../../demo/server/portal.ts'
import { browserFlags } from './browser.ts'
import { expect, note, passedCodes, test } from './fixtures.ts'
import type { Given } from './peers/peers.ts'

const repository = join(import.meta.dirname, '..', '..')
const trial = '--force-fieldtrials=WebRTC-NoSdpMangleUfrag/Enabled/'

test.describe.configure({ mode: 'serial' })

let pages: { readonly origin: string; readonly close: () => Promise<void> }
test.beforeAll(async () => {
  test.setTimeout(60_000)
  await build({ configFile: join(import.meta.dirname, 'peers', 'vite.config.ts'), logLevel: 'warn' })
  const server = await startPortal({
    host: '127.0.0.1',
    port: 0,
    folder: join(repository, 'test', 'output', 'peers'),
    rpc: 'http://127.0.0.1:1',
    networkJson: () => '{}',
    demo: async () => undefined,
  })
  pages = { origin: `http://localhost:${server.port}`, close: server.close }
})
test.afterAll(() => pages?.close())

type KillableNode = {
  readonly given: Given
  /** The own dial, and WebRTC-direct v1. */
  readonly direct: string
  readonly v1: string
  readonly kill: () => Promise<void>
}

async function startNode(): Promise<KillableNode> {
  const args = ['--conditions=source', 'test/e2e/p2p-node.ts']
  const child: ChildProcess = spawn(process.execPath, args, { cwd: repository, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    child.once('exit', () => reject(new Error('the node ended')))
  })
  const given = JSON.parse(line) as Given
  const { peers } = given.network as { readonly peers: readonly string[] }
  return {
    given,
    direct: peers.find(address => address.includes('/muniment-direct/'))!,
    v1: peers.find(address => address.includes('/webrtc-direct/'))!,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function openPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(pages.origin)
  await page.waitForFunction(() => window.peersPage !== undefined)
  return page
}

async function withBrowser(flags: readonly string[], use: (browser: Browser) => Promise<void>): Promise<void> {
  const executablePath = process.env.MUNIMENT_CHROMIUM!
  const browser = await chromium.launch({ executablePath, args: [...browserFlags, ...flags] })
  try {
    await use(browser)
  } finally {
    await browser.close()
  }
}

async function withNode(use: (node: KillableNode) => Promise<void>): Promise<void> {
  const node = await startNode()
  try {
    await use(node)
  } finally {
    await node.kill()
  }
}

for (const [name, flags] of [
  ['as it is', []],
  ['with the trial NoSdpMangleUfrag', [trial]],
] as const) {
  test(`Chromium ${name}: the own dial reaches a node and a whole verdict comes over it`, async () => {
    await withNode(async ({ given, direct, v1 }) => {
      await withBrowser(flags, async browser => {
        const page = await openPage(browser)
        const dial = (address: string) => page.evaluate(each => window.peersPage.dial(each), address)
        const times = [await dial(direct), await dial(direct), await dial(direct)]
        for (const time of times) expect(time).toEqual(expect.any(Number))
        const byV1 = await dial(v1)
        // Its description is rewritten, which the trial forbids.
        if (flags.length > 0) expect(byV1).toMatchObject({ code: 'unavailable' })
        else expect(byV1).toEqual(expect.any(Number))
        const verdict = await page.evaluate(([what, address]) => window.peersPage.verifyAt(what, address), [
          given,
          direct,
        ] as const)
        expect(passedCodes).toContain(verdict.code)
        note(`own dial, Chromium ${name}`, { browser: browser.version(), ownDialMs: times, v1: byV1 })
      })
    })
  })
}

test('a node with another certificate or another key than its address says is not taken for it', async () => {
  await withNode(async ({ direct }) => {
    await withBrowser([], async browser => {
      const page = await openPage(browser)
      const dial = (address: string) => page.evaluate(each => window.peersPage.dial(each), address)
      const otherKey = direct.replace(/p2p\/.*/, 'p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
      expect(await dial(otherKey)).toMatchObject({ code: expect.stringMatching(/^(?:unavailable|refused)$/) })
      const at = direct.indexOf('/certhash/') + 20
      const otherCertificate = direct.slice(0, at) + (direct[at] === 'A' ? 'B' : 'A') + direct.slice(at + 1)
      expect(await dial(otherCertificate)).toMatchObject({ code: 'unavailable' })
      expect(await dial(direct.replace('127.0.0.1', 'localhost'))).toMatchObject({ code: 'malformed' })
      expect(await dial(direct)).toEqual(expect.any(Number))
    })
  })
})

test('two pages pair by two texts, though minutes may pass between them, and refuse what is none', async () => {
  test.setTimeout(120_000)
  await withBrowser([], async browser => {
    const [anna, berta] = [await openPage(browser), await openPage(browser)]
    const answerOf = (blob: string) => anna.evaluate(text => window.peersPage.answer(text), blob)
    for (const text of ['', 'hello', 'A'.repeat(600), 'A'.repeat(80)])
      expect(await answerOf(text)).toMatchObject({ code: expect.any(String), message: expect.any(String) })
    const offer = await berta.evaluate(() => window.peersPage.offer())
    const answer = await answerOf(offer)
    expect(typeof answer).toBe('string')
    // As long as a person may take: longer than ICE waits by itself.
    await new Promise(resolve => setTimeout(resolve, 40_000))
    const ms = await berta.evaluate(text => window.peersPage.accept(text), answer as string)
    expect(ms).toEqual(expect.any(Number))
    expect(await anna.evaluate(() => window.peersPage.connected())).toBe(
      await berta.evaluate(() => window.peersPage.id),
    )
    note('pairing', { offerCharacters: offer.length, answerCharacters: (answer as string).length, connectedMs: ms })
  })
})

test('two pages are introduced by a node; the node is killed, and one gives the other a whole verdict', async () => {
  test.setTimeout(120_000)
  await withNode(async ({ given, direct, kill }) => {
    await withBrowser([], async browser => {
      const [anna, berta] = [await openPage(browser), await openPage(browser)]
      await anna.evaluate(([what, address]) => window.peersPage.serveProof(what, address), [given, direct] as const)
      await berta.evaluate(address => window.peersPage.dialAndStay(address), direct)
      const annasId = await anna.evaluate(() => window.peersPage.id)
      const ms = await berta.evaluate(id => window.peersPage.meetIntroduced(id), annasId)
      await kill()
      const verdict = await berta.evaluate(what => window.peersPage.verifyAtNeighbour(what), given)
      expect(passedCodes).toContain(verdict.code)
      expect(verdict.sources.join()).toContain('the-one')
      note('introduction by a node, then SIGKILL', { introducedMs: ms, verdict: verdict.code })
    })
  })
})
