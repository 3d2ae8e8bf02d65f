// Every language in every element: nothing stays English, nothing sticks out of the narrowest screen. Whether the words are good
// only somebody who speaks the language can say.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { directionOf } from '../../web-components/src/language.ts'
import { elsewhereMessages } from '../../web-components/src/messages/elsewhere.ts'
import { english } from '../../web-components/src/messages/en.ts'
import { holderMessages } from '../../web-components/src/messages/holder.ts'
import { keysMessages } from '../../web-components/src/messages/keys.ts'
import { languages } from '../../web-components/src/messages/languages.ts'
import { publicFactsMessages } from '../../web-components/src/messages/public-facts.ts'
import { recordMessages } from '../../web-components/src/messages/record.ts'
import { signErrorMessages } from '../../web-components/src/messages/sign-errors.ts'
import { statusMessages } from '../../web-components/src/messages/status.ts'
import { togetherMessages } from '../../web-components/src/messages/together.ts'
import { expectGoodLooks, openCatalogue, showStates } from './catalogue-page.ts'
import { embed, serveKit } from './embed-site.ts'
import { expect, screenshot, test } from './fixtures.ts'

type Groups = Readonly<Record<string, unknown>>

const narrow = { width: 320, height: 640 }
/** One state of each kind of verdict, and all of what has few. */
const looks = {
  verify: 'form,problem,busy,current,older-proof,revoked,peers-disagree,destroyed',
  sign: 'all',
  keys: 'all',
  record: 'all',
  status: 'all',
} as const
/** axe looks at these: two of each direction. */
const examined = ['de', 'hi', 'fa', 'he']
/** Pictures of these are for people to look at. */
const pictured = ['de', 'fa', 'hi', 'zh-Hans', 'ta']

const inEnglish = wordsOf({
  ...english,
  together: togetherMessages('en'),
  keys: keysMessages('en'),
  elsewhere: elsewhereMessages('en'),
  holder: holderMessages('en'),
  publicFacts: publicFactsMessages('en'),
  record: recordMessages('en'),
  signErrors: signErrorMessages('en'),
  status: statusMessages('en'),
})

/** What stands between the values, each piece as a text node has it. */
function wordsOf(groups: Groups): ReadonlySet<string> {
  const texts = Object.values(groups).flatMap(texts => (typeof texts === 'object' ? Object.values(texts ?? {}) : []))
  return new Set(texts.flatMap(text => String(text).split(/\{[a-zA-Z]+\}/)).map(piece => piece.trim()))
}

/** The elements' own words: what documents and the network say stands apart from them. */
function textsOf(page: Page, selector: string): Promise<readonly string[]> {
  return page.evaluate(elements => {
    const texts: string[] = []
    for (const element of document.querySelectorAll(elements)) {
      const base = element.shadowRoot!.querySelector('.base')!
      const walker = document.createTreeWalker(base, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode())
        if (!node.parentElement?.closest('bdi, style')) texts.push(node.textContent!.trim())
      for (const labelled of base.querySelectorAll('[aria-label]')) texts.push(labelled.getAttribute('aria-label')!)
    }
    return [...new Set(texts)].filter(text => text !== '')
  }, selector)
}

/** Waits for the language's words, and finds none of English beside them. */
async function expectNoEnglish(page: Page, selector: string, lang: string): Promise<void> {
  const own = wordsOf((await languages[lang]!()).words)
  const ownWords = async (): Promise<number> => (await textsOf(page, selector)).filter(text => own.has(text)).length
  await expect.poll(ownWords, `${lang}: its own words`).toBeGreaterThan(3)
  // Elements change one after the other.
  const left = async (): Promise<readonly string[]> =>
    (await textsOf(page, selector)).filter(text => inEnglish.has(text) && !own.has(text))
  await expect.poll(left, `${lang}: words that stayed English`).toEqual([])
}

function speak(page: Page, lang: string): Promise<void> {
  return page.locator('#stage').evaluate(
    (stage, { tag, direction }) => {
      stage.setAttribute('lang', tag)
      stage.setAttribute('dir', direction)
    },
    { tag: lang, direction: directionOf(lang) },
  )
}

for (const [element, state] of Object.entries(looks)) {
  test(`muniment-${element} speaks every language, on the narrowest screen too`, async ({ page }) => {
    test.setTimeout(120_000)
    await page.setViewportSize(narrow)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await openCatalogue(page)
    // The elements change their language as they stand: to bring each state about anew would only take longer.
    await showStates(page, { element, state, lang: Object.keys(languages)[0]! })
    for (const lang of Object.keys(languages)) {
      await speak(page, lang)
      await expectNoEnglish(page, `#stage muniment-${element}`, lang)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width, `${lang}: sticks out`).toBeLessThanOrEqual(narrow.width)
      if (examined.includes(lang) && element === 'verify') await expectGoodLooks(page, { element, state, lang })
      if (pictured.includes(lang)) await screenshot(page, `language-${lang}-${element}`)
    }
  })
}

test('a language that the page leaves before its words have come gives way to the next one', async ({ page }) => {
  await page.route('**/nl-*.js', async route => {
    await new Promise(resolve => setTimeout(resolve, 500))
    await route.continue()
  })
  await openCatalogue(page)
  await showStates(page, { element: 'verify', state: 'form,current', lang: 'fi' })
  const asked = page.waitForRequest('**/nl-*.js')
  await speak(page, 'nl')
  await asked
  await speak(page, 'pl')
  await page.waitForResponse('**/nl-*.js')
  await expectNoEnglish(page, '#stage muniment-verify', 'pl')
})

test('what somebody will sign is reviewed in every language, and in the one that the page changes to', async ({
  page,
  portal,
}) => {
  await page.setViewportSize(narrow)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(`${portal.origin}/sign`)
  await page.locator('[name=subject]').fill('—')
  await page.locator('[name=statement]').fill('—')
  const sign = page.locator('muniment-sign')
  await sign.locator('[value=device]').check()
  await sign.locator('[part=button-primary]').click()
  await expect(sign.locator('[part=review]')).toBeVisible()
  await sign.locator('summary').click()
  for (const lang of Object.keys(languages)) {
    await page.evaluate(tag => document.documentElement.setAttribute('lang', tag), lang)
    await expectNoEnglish(page, 'muniment-sign', lang)
    const [inside, width] = await sign.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])
    expect(inside, `${lang}: sticks out`).toBeLessThanOrEqual(width!)
    if (pictured.includes(lang)) await screenshot(page, `language-${lang}-review`)
  }
})

test('in an embed kit a page loads its own language only; a file of it that was changed does not run, and English serves', async ({
  page,
  expectedViolations,
}) => {
  expectedViolations.push(/integrity/i)
  const folder = mkdtempSync(join(tmpdir(), 'muniment-languages-'))
  await embed(folder)
  const kit = await serveKit({
    folders: { '/kit/': folder },
    headers: readFileSync(join(folder, 'headers.txt'), 'utf8'),
  })
  try {
    const loaded = (): readonly string[] =>
      kit.asked.filter(path => Object.keys(languages).some(tag => new RegExp(`/${tag}-[0-9a-f]+\\.js$`).test(path)))
    const inFrench = (body: string): string => body.replace('<html lang="en">', '<html lang="fr-CA">')
    kit.change = (path, body) => (path.endsWith('.html') ? inFrench(body) : body)
    await page.goto(`${kit.origin}/kit/example.html`)
    await expect(page.locator('muniment-verify [part=heading]')).toHaveText('Vérifier un document')
    expect(loaded()).toEqual([expect.stringMatching(/\/fr-/)])

    kit.change = (path, body) =>
      path.endsWith('.html') ? inFrench(body) : /\/fr-/.test(path) ? `globalThis.munimentAltered=1;${body}` : body
    await page.goto('about:blank')
    await page.goto(`${kit.origin}/kit/example.html?again`)
    await expect(page.locator('muniment-verify [part=heading]')).toHaveText('Check a document')
    await expect(page.locator('muniment-verify .base')).toHaveAttribute('lang', 'en')
    expect(await page.evaluate(() => 'munimentAltered' in globalThis)).toBe(false)
  } finally {
    kit.close()
    rmSync(folder, { recursive: true })
  }
})
