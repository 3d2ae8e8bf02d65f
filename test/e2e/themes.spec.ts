// The theme bridges: the elements in the colours of the site around them, readable in each.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { expectGoodLooks, openCatalogue, showStates } from './catalogue-page.ts'
import { expect, screenshot, test } from './fixtures.ts'

/** What the site's own style sheet says. Below are real values of each design system's dark scheme, by its own names. */
const sites: readonly {
  readonly theme: string
  readonly name: string
  readonly scheme?: string
  readonly properties?: Readonly<Record<string, string>>
}[] = [
  { theme: 'govuk', name: 'GOV.UK' },
  { theme: 'uswds', name: 'USWDS' },
  { theme: 'dsfr', name: 'DSFR' },
  {
    theme: 'dsfr',
    name: 'DSFR, dark',
    properties: {
      '--text-default-grey': '#cecece',
      '--text-mention-grey': '#929292',
      '--background-default-grey': '#161616',
      '--background-alt-grey': '#1e1e1e',
      '--border-plain-grey': '#cecece',
      '--border-default-grey': '#353535',
      '--background-action-high-blue-france': '#8585f6',
      '--text-inverted-blue-france': '#000091',
      '--text-default-success': '#27a658',
      '--text-default-warning': '#fc5d00',
      '--text-default-error': '#ff5655',
    },
  },
  { theme: 'sgds', name: 'SGDS' },
  {
    theme: 'sgds',
    name: 'SGDS, night',
    properties: {
      '--sgds-color-default': '#f3f3f3',
      '--sgds-color-subtle': '#aeaeae',
      '--sgds-bg-default': '#0e0e0e',
      '--sgds-surface-raised': '#3b3b3b',
      '--sgds-border-color-default': '#868686',
      '--sgds-border-color-muted': '#3b3b3b',
      '--sgds-primary-color-default': '#a999f3',
      '--sgds-primary-color-emphasis': '#c8bdf7',
      '--sgds-success-color-default': '#16bd5e',
      '--sgds-warning-color-emphasis': '#fcde63',
      '--sgds-danger-color-default': '#e98b8b',
    },
  },
  { theme: 'contrast', name: 'high contrast, light', scheme: 'light' },
  { theme: 'contrast', name: 'high contrast, dark', scheme: 'dark' },
]

/** Each tone of a verdict, the form, and what is amiss with it. */
const state = 'form,problem,current,older-proof,revoked,changed,single-operator,peers-disagree'

for (const { theme, name, scheme = 'system', properties = {} } of sites) {
  test(`in the colours of a site every verdict can be read: ${name}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await openCatalogue(page)
    await page.evaluate(values => {
      for (const [property, value] of Object.entries(values))
        document.documentElement.style.setProperty(property, value)
    }, properties)
    const look = { element: 'verify', state, theme, scheme }
    await showStates(page, look)
    await expectGoodLooks(page, look)
    await screenshot(page, `theme-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`)
  })
}

const ofElement = (page: Page, property: string): Promise<string> =>
  page
    .locator('#stage muniment-verify')
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name).trim(), property)

test('a theme takes what the site itself says, before its own values', async ({ page }) => {
  await openCatalogue(page, '#theme=govuk')
  await expect(page.locator('#stage muniment-verify')).toBeVisible()
  expect(await ofElement(page, '--primary')).toBe('#1a65a6')
  await page.evaluate(() => document.documentElement.style.setProperty('--govuk-link-colour', '#123456'))
  expect(await ofElement(page, '--primary')).toBe('#123456')
})

test('beside GOV.UK Frontend itself the elements have its colours, and nothing of theirs changes', async ({
  page,
  expectedViolations,
}) => {
  // Its fonts are not served here.
  expectedViolations.push(/font-src/)
  const style = fileURLToPath(import.meta.resolve('govuk-frontend/dist/govuk/govuk-frontend.min.css'))
  await page.route('**/govuk-frontend.css', route => route.fulfill({ path: style }))
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await openCatalogue(page)
  const look = { element: 'verify', state, theme: 'govuk' }
  await showStates(page, look)
  const before = await ofElement(page, '--primary')
  await page.evaluate(
    () =>
      new Promise(resolve => {
        const link = document.createElement('link')
        link.rel = 'stylesheet'
        link.href = './govuk-frontend.css'
        link.addEventListener('load', resolve)
        document.head.prepend(link)
      }),
  )
  const said = (name: string): Promise<string> =>
    page.evaluate(property => getComputedStyle(document.documentElement).getPropertyValue(property).trim(), name)
  expect(await said('--govuk-link-colour')).toMatch(/^#/)
  for (const [ours, theirs] of [
    ['--primary', '--govuk-link-colour'],
    ['--text', '--govuk-text-colour'],
    ['--valid', '--govuk-success-colour'],
    ['--invalid', '--govuk-error-colour'],
  ] as const)
    expect(await ofElement(page, ours)).toBe(await said(theirs))
  // The values in the theme are those of this version.
  expect(await ofElement(page, '--primary')).toBe(before)
  await expectGoodLooks(page, look)
  await screenshot(page, 'theme-gov-uk-frontend')
})

test('every property that a theme sets is one that the elements read', () => {
  const folder = join(import.meta.dirname, '..', '..', 'web-components')
  const manifest = JSON.parse(readFileSync(join(folder, 'custom-elements.json'), 'utf8'))
  const known = new Set<string>(
    manifest.modules.flatMap((module: { declarations: { cssProperties: { name: string }[] }[] }) =>
      module.declarations.flatMap(({ cssProperties }) => cssProperties.map(property => property.name)),
    ),
  )
  for (const { theme } of sites) {
    const style = readFileSync(join(folder, 'themes', `${theme}.css`), 'utf8')
    const set = [...style.matchAll(/^ {2}(--[\w-]+):/gm)].map(([, property]) => property!)
    expect(set.length).toBeGreaterThan(15)
    expect(set.filter(property => !known.has(property))).toEqual([])
  }
})
