// Verify and sign in Firefox, from start to end.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatNetwork, formatTrustRoot } from '@muniment/sdk'
import { expect, test } from '@playwright/test'
import { startTestNetwork } from '../network.ts'
import { embed, serveKit } from './embed-site.ts'
import { type Firefox, findFirefox, startFirefox, type Tab } from './firefox.ts'
import { note, passedCodes } from './fixtures.ts'

const path = findFirefox()
test.skip(path === undefined, 'no Firefox is installed')

let firefox: Firefox
const origin = (): string => process.env.MUNIMENT_PORTAL!

test.beforeEach(async () => {
  firefox = await startFirefox(path!)
})
test.afterEach(() => firefox?.close())

async function someLink(): Promise<string> {
  const { records } = (await (await fetch(`${origin()}/demo/records`)).json()) as { records: { link: string }[] }
  return records[0]!.link
}

type Seen = {
  readonly code: string
  readonly sources: readonly string[]
  readonly heading: string
  readonly evidence: string
}

function verdict(tab: Tab): Promise<Seen> {
  return tab.soon(`(() => {
    const element = document.querySelector('muniment-verify')
    const heading = element?.shadowRoot?.querySelector('[part=verdict-heading]')?.textContent
    const { code, sources, evidence } = element?.verdict ?? {}
    return heading && { heading, code, sources, evidence }
  })()`)
}

test('a record is verified in Firefox over HTTP', async () => {
  const network = await (await fetch(`${origin()}/network.json`)).json()
  await firefox.serve(`${origin()}/network.json`, JSON.stringify({ ...network, peers: [] }))
  const tab = await firefox.tab()
  await tab.open(`${origin()}/verify#${await someLink()}`)
  expect(await verdict(tab)).toMatchObject({ heading: 'In force', code: 'current', sources: [`${origin()}/rpc`] })
  note('Firefox', { version: firefox.version })
})

test('a record is verified in Firefox over WebRTC alone', async () => {
  // Firefox never looks for a node on the loopback.
  const interfaces = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  const host = interfaces.find(({ internal, family }) => !internal && family === 'IPv4')?.address
  test.skip(host === undefined, 'this machine has no network but its own loopback')
  const folder = mkdtempSync(join(tmpdir(), 'muniment-firefox-kit-'))
  const network = await startTestNetwork({ host: host! })
  try {
    writeFileSync(join(folder, 'trust-root.json'), JSON.stringify(formatTrustRoot(network.root)))
    writeFileSync(join(folder, 'network.json'), JSON.stringify(formatNetwork({ ...network.network, rpc: [] })))
    const kit = join(folder, 'kit')
    await embed(kit, folder)
    const site = await serveKit({ folders: { '/': kit }, headers: readFileSync(join(kit, 'headers.txt'), 'utf8') })
    const { link } = await network.issueTitle({ parcel: 'example 1/2' })
    const tab = await firefox.tab()
    await tab.open(`${site.origin}/example.html#${link}`)
    const seen = await verdict(tab)
    site.close()
    expect(passedCodes, seen.evidence).toContain(seen.code)
    expect(seen.sources[0]).toContain(`/ip4/${host}/udp/`)
  } finally {
    await network.close()
    rmSync(folder, { recursive: true })
  }
})

test('an altered document is refused in Firefox', async () => {
  const tab = await firefox.tab()
  const link = await someLink()
  await tab.open(`${origin()}/verify#${link.slice(0, -60)}${link.at(-60) === 'A' ? 'B' : 'A'}${link.slice(-59)}`)
  expect((await verdict(tab)).code).not.toBe('current')
})

test('a declaration is signed in Firefox, and its record is checked before it is called done', async () => {
  const tab = await firefox.tab()
  const inside = (selector: string): string =>
    `document.querySelector('muniment-sign').shadowRoot.querySelector(${JSON.stringify(selector)})`
  const button = (text: string): string =>
    `[...document.querySelector('muniment-sign').shadowRoot.querySelectorAll('button')].find(each => each.textContent.trim() === ${JSON.stringify(text)})`
  await tab.open(`${origin()}/sign`)
  await tab.soon(`!!${button('Review before signing')}`)
  await tab.click(`document.querySelector('input[name=subject], main input')`)
  await tab.type('Bees')
  await tab.click(`document.querySelector('main textarea')`)
  await tab.type('I keep two hives.')
  await tab.click(inside('input[value=device]'))
  await tab.click(button('Review before signing'))
  await tab.soon(`${inside('[part=review]')}?.textContent.includes('I keep two hives.')`)
  await tab.click(button('Sign and hand in'))
  await tab.soon(`${inside('[part=done]')}?.textContent.includes('Recorded and checked')`, 40_000)
})

test('a document is kept in Firefox under the browser’s own key, and nothing of it is in clear', async () => {
  const tab = await firefox.tab()
  const inside = (selector: string): string =>
    `document.querySelector('muniment-record')?.shadowRoot?.querySelector(${JSON.stringify(selector)})`
  const link = await someLink()
  await tab.open(`${origin()}/show`)
  await tab.soon(`!!${inside('#input')}`)
  await tab.soon(`document.querySelector('muniment-record').open(${JSON.stringify(`#${link}`)}).then(() => true)`)
  await tab.click(inside('[part~=button-keep]'))
  await tab.soon(`!!${inside('[part~=button-device]')}`)
  await tab.click(inside('[part~=button-device]'))
  await tab.soon(`!!${inside('[part=document]')}`)
  await tab.open(`${origin()}/show`)
  await tab.soon(`!!${inside('#input')}`)
  await tab.soon(`document.querySelector('muniment-record').showKept().then(() => true)`)
  await tab.soon(`!!${inside('[part=document]')}`)
  const sealed = await tab.soon<string>(`new Promise(resolve => {
    const opening = indexedDB.open('muniment-wallet')
    opening.onsuccess = () => {
      const reading = opening.result.transaction('documents').objectStore('documents').getAll()
      reading.onsuccess = () => {
        opening.result.close()
        resolve(reading.result.map(bytes => Array.from(bytes, byte => String.fromCharCode(byte)).join('')).join())
      }
    }
  })`)
  expect(sealed.length).toBeGreaterThan(4_000)
  expect(sealed).not.toContain(link.slice(-40))
})
