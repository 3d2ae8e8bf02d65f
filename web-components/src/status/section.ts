// What an answer of the ledger looks like in words: headings with items below them, each of a line or more.

import { html, nothing, type TemplateResult } from 'lit'
import { formatDate } from '../format.ts'
import { cleanText, type Part, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'

export type Item = {
  readonly lines: readonly (readonly Part[])[]
  /** Something that is not as it should be. */
  readonly isWarning?: boolean
}

export type Section = {
  /** By which its place is found. */
  readonly name: string
  /** Empty where the element's own heading serves. */
  readonly heading: string
  readonly items: readonly Item[]
}

export function item(...lines: readonly (readonly Part[])[]): Item {
  return { lines }
}

export function warning(...lines: readonly (readonly Part[])[]): Item {
  return { lines, isWarning: true }
}

export function value(text: string): readonly Part[] {
  return [{ kind: 'value', text: cleanText(text, 160) }]
}

export function dateText(
  time: Parameters<typeof formatDate>[0],
  { language, messages }: Words,
  { withTime }: { readonly withTime: boolean } = { withTime: true },
): string {
  return formatDate(time, { language, withTime, unknown: messages.verify.unknownTime })
}

/** "3 days", in the plural forms of the language; hours below two days. */
export function durationText(seconds: bigint, language: string): string {
  const hours = Number(seconds) / 3_600
  const [unit, count] = hours < 48 ? (['hour', Math.floor(hours)] as const) : (['day', Math.floor(hours / 24)] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}

/** `after` stands below the section of this name. */
export function renderSections(
  sections: readonly Section[],
  after: { readonly name: string; readonly content: TemplateResult } | undefined,
): readonly TemplateResult[] {
  return sections.map(
    ({ name, heading, items }) => html`<section class="told" part="section" data-name=${name}>
      ${heading ? html`<h3 part="section-heading" tabindex="-1"><bdi>${heading}</bdi></h3>` : nothing}
      ${
        items.length > 0
          ? html`<ul class="items">
              ${items.map(
                ({ lines, isWarning }) => html`<li part="item" class=${isWarning ? 'item warning' : 'item'}>
                  ${lines.map(line => html`<p>${renderParts(line)}</p>`)}
                </li>`,
              )}
            </ul>`
          : nothing
      }
      ${after?.name === name ? after.content : nothing}
    </section>`,
  )
}
