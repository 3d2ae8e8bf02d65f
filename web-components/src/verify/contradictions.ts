// What a person is told where two nodes proved different blocks. Loaded only then.

import { type Contradiction, formatHex } from '@muniment/sdk'
import { html, type TemplateResult } from 'lit'
import { formatCount } from '../format.ts'
import { cleanText, fill, type Part, partsText, renderParts } from '../text.ts'
import type { Words } from './describe.ts'
import { renderRows } from './render.ts'

/** Of contradictions, the newest first, and of names in one row. */
const contradictionsMax = 3
const namesMax = 6

export function renderContradictions(
  contradictions: readonly Contradiction[],
  words: Words,
  save: () => void,
): TemplateResult {
  const { contradiction: texts } = words.messages
  return html`<section part="contradiction">
    <h4 class="section-heading">${texts.heading}</h4>
    <p>${texts.lead}</p>
    ${contradictions
      .slice(-contradictionsMax)
      .toReversed()
      .map(told => renderRows(rowsOf(told, words)))}
    <div class="actions no-print">
      <button type="button" part="button" @click=${save}>${texts.save}</button>
    </div>
  </section>`
}

function rowsOf(told: Contradiction, words: Words): { readonly label: unknown; readonly value: unknown }[] {
  const { messages, language } = words
  const texts = messages.contradiction
  const { kind, blocks, signedBoth, sentTo, takenBy } = told
  const sources = (labels: readonly string[]): readonly string[] => labels.map(label => cleanText(label, 120))
  return [
    { label: texts.kind, value: texts[kind] },
    ...blocks.map(({ height, hash, source }) => ({
      label: renderParts(fill(texts.block, { height: formatCount(height, language) })),
      value: html`${renderCode(shortened(hash))}
        <div class="muted">${renderParts(fill(texts.source, { source: cleanText(source, 120) }))}</div>`,
    })),
    { label: texts.signedBoth, value: renderList(signedBoth.map(addressText), texts.nobody, words) },
    { label: texts.sentTo, value: renderList(sources(sentTo), texts.notSent, words) },
    ...(sentTo.length > 0 ? [{ label: texts.takenBy, value: renderList(sources(takenBy), texts.notYet, words) }] : []),
  ]
}

/** Enough of both ends to tell two apart by eye; the whole stands in the file. */
function shortened(bytes: Uint8Array): string {
  const text = formatHex(bytes)
  return text.length <= 20 ? text : `${text.slice(0, 8)}…${text.slice(-8)}`
}

/** As CometBFT writes addresses. */
function addressText(address: Uint8Array): string {
  return shortened(address).toUpperCase()
}

function renderCode(text: string): TemplateResult {
  return html`<bdi class="code" dir="ltr">${text}</bdi>`
}

function renderList(names: readonly string[], none: string, { messages, language }: Words): unknown {
  if (names.length === 0) return none
  const more = names.length - namesMax
  const count = formatCount(more, language)
  return html`<ul class="plain">
    ${names.slice(0, namesMax).map(name => html`<li>${renderCode(name)}</li>`)}
    ${more > 0 ? html`<li>${renderParts(fill(messages.contradiction.more, { count }))}</li>` : ''}
  </ul>`
}

/** For those who do not see the rows change. */
export function takenText(contradictions: readonly Contradiction[], { messages, language }: Words): string {
  const [sent, taken] = [contradictions.flatMap(told => told.sentTo), contradictions.flatMap(told => told.takenBy)]
  const count = (labels: readonly string[]): string => formatCount(new Set(labels).size, language)
  const parts: readonly Part[] = fill(messages.contradiction.taken, { count: count(taken), total: count(sent) })
  return partsText(parts)
}
