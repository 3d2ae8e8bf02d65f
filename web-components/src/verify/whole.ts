// <muniment-verify> as a whole: heading, what is being done, and the rest below; or, `compact`, one line that says what it came to, and
// opens.

import { localize, type Verdict } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { directionOf } from '../language.ts'
import { cleanText, renderTranslationNote } from '../text.ts'
import { toneOf, type Words } from './describe.ts'
import { toneIcon } from './icons.ts'

type Whole = {
  readonly compact: boolean
  readonly verdict: Verdict | undefined
  /** What is being done, or was. */
  readonly status: string
  readonly isBusy: boolean
  /** Something inside the line must be seen. */
  readonly isOpen: boolean
  readonly problem: unknown
  readonly inside: unknown
}

export function renderWhole(words: Words, whole: Whole): TemplateResult {
  return html`<div class="base" part="base" lang=${words.language} dir=${directionOf(words.language)}>
    <slot class="no-script"></slot>
    ${whole.compact ? renderCompact(words, whole) : renderOpen(words, whole)}
    ${renderTranslationNote(words)}
    <slot name="footer"></slot>
  </div>`
}

function renderOpen({ messages: { verify } }: Words, { problem, isBusy, status, inside }: Whole): TemplateResult {
  return html`<slot name="heading"><h2 part="heading">${verify.heading}</h2></slot>
    ${problem}
    <p class=${isBusy ? 'status' : 'status visually-hidden'} part="status" role="status">${status}</p>
    ${inside}`
}

function renderCompact({ messages, language }: Words, whole: Whole): TemplateResult {
  const { verdict, status, isBusy, isOpen, problem, inside } = whole
  const heading = html`<slot name="heading">${messages.verify.heading}</slot>`
  return html`<p class="status visually-hidden" part="status" role="status">${status}</p>
    <details class="compact" part="compact" ?open=${isOpen}>
      <summary part="summary">
        ${verdict ? renderLine(verdict, { messages, language }) : isBusy && status ? status : heading}
      </summary>
      <div class="inside">${problem} ${inside}</div>
    </details>`
}

function renderLine(verdict: Verdict, { messages, language }: Words): TemplateResult {
  const tone = toneOf(verdict)
  const title = verdict.record ? cleanText(localize(verdict.record.typeTitle, language), 80) : ''
  return html`<span class="line ${tone}">
    ${toneIcon(tone)}
    <span>${messages.verdictHeadings[verdict.code]}</span>
    ${title ? html`<bdi class="muted">${title}</bdi>` : nothing}
  </span>`
}

/** What the focus goes to: the line that is closed, the verdict, or the first field. */
export function focusableOf(root: ParentNode, verdict: Verdict | undefined): HTMLElement | undefined {
  const wanted = verdict ? ['#verdict-heading'] : ['#input', '#file']
  const found = ['.compact:not([open]) > summary', ...wanted].map(each => root.querySelector<HTMLElement>(each))
  return found.find(each => each !== null) ?? undefined
}
