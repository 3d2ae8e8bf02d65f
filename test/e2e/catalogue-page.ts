// The catalogue as tests use it: all states of an element in one page, looked at once.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { elements, statesOf } from '../../demo/catalogue/states.ts'
import { expect } from './fixtures.ts'

export const elementNames: readonly string[] = elements.map(({ name }) => name)

/** What stands in the address. */
export type Look = {
  readonly element: string
  /** Several with commas between them; all where they are left out. */
  readonly state?: string
  readonly lang?: string
  readonly theme?: string
  readonly scheme?: string
}

/** The address is the setup's. */
export async function openCatalogue(page: Page, hash = ''): Promise<void> {
  await page.goto(`${process.env.MUNIMENT_CATALOGUE}/${hash}`)
}

/** Shows an element's states, without loading the page again. */
export async function showStates(page: Page, look: Look): Promise<void> {
  const { element, state = 'all' } = look
  const hash = `#${new URLSearchParams({ ...look, state })}`
  await page.evaluate(wanted => {
    location.hash = wanted
  }, hash)
  await expect(page.locator('#stage')).toHaveAttribute('data-shown', hash)
  await expect(page.locator('#shown')).toHaveText(`muniment-${element}: ${state}`)
  await expect(page.locator(`#stage muniment-${element}`)).toHaveCount(statesOf(element, state).length)
  await page.evaluate(settle)
}

/** Until nothing more is drawn: what a state needs loads when it is needed. */
async function settle(): Promise<void> {
  const roots = [...document.querySelectorAll('#stage > div > :first-child')].map(each => each.shadowRoot)
  const textOf = (): string => roots.map(root => root?.querySelector('.base')?.textContent ?? '').join()
  for (let text = '', times = 0; times < 5; ) {
    await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 20)))
    const now = textOf()
    times = now === text ? times + 1 : 0
    text = now
  }
  for (const details of roots.flatMap(root => [...(root?.querySelectorAll('details') ?? [])])) details.open = true
}

/** Nothing that axe finds in the elements, and nothing that sticks out of the window (WCAG 2.2, 1.4.10). */
export async function expectGoodLooks(page: Page, look: Look): Promise<void> {
  const what = JSON.stringify(look)
  const { violations } = await new AxeBuilder({ page }).include('#stage').analyze()
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, target, failureSummary }) => `${target} ${html.slice(0, 120)} ${failureSummary}`).join(' | ')}`,
  )
  expect(found, what).toEqual([])
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  expect(widths[0], what).toBeLessThanOrEqual(widths[1]!)
}
