// That an embed kit's parts are pinned in Firefox too: browsers enforce `integrity` on modulepreload each by code of its own.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { embed, serveKit } from './embed-site.ts'
import { type Firefox, findFirefox, startFirefox, type Tab } from './firefox.ts'
import { note } from './fixtures.ts'

const path = findFirefox()
test.skip(path === undefined, 'no Firefox is installed')

let firefox: Firefox
test.beforeEach(async () => {
  firefox = await startFirefox(path!)
})
test.afterEach(() => firefox?.close())

const verdictCode = (tab: Tab): Promise<string> =>
  tab.soon(`document.querySelector('muniment-verify')?.verdict?.code`, 40_000)

test('of the files that a check in Firefox loads, none runs changed, and none is fetched twice', async () => {
  test.setTimeout(240_000)
  const folder = mkdtempSync(join(tmpdir(), 'muniment-firefox-embed-'))
  await embed(folder)
  const site = await serveKit({ folders: { '/': folder }, headers: readFileSync(join(folder, 'headers.txt'), 'utf8') })
  try {
    const { records } = (await (await fetch(`${process.env.MUNIMENT_PORTAL}/demo/records`)).json()) as {
      readonly records: readonly { readonly link: string }[]
    }
    const address = `${site.origin}/example.html#${records[0]!.link}`
    const tab = await firefox.tab()
    await tab.open(address)
    expect(await verdictCode(tab)).toBe('current')
    const files = site.asked.filter(each => each.endsWith('.js') && each !== '/verify.js')
    expect(files.length).toBeGreaterThan(4)
    expect(new Set(files).size).toBe(files.length)
    for (const file of files) {
      site.asked.length = 0
      site.change = (asked, body) => (asked === file ? `globalThis.munimentAltered=true;${body}` : body)
      // A tab of its own, so that nothing is at hand from before.
      const other = await firefox.tab()
      await other.open(address)
      await expect.poll(() => site.asked.includes(file)).toBe(true)
      await new Promise(resolve => setTimeout(resolve, 700))
      expect(await other.value(`'munimentAltered' in globalThis`), file).toBe(false)
      const kind = await other.value(`document.querySelector('muniment-verify')?.verdict?.code ?? ''`)
      expect(['', 'offline', 'no-peers', 'current', 'blocked-by-policy'], `${file}: ${kind}`).toContain(kind)
    }
    note('files of an embed kit that were changed by a byte and did not run in Firefox', files.length)
  } finally {
    site.close()
    rmSync(folder, { recursive: true })
  }
})
