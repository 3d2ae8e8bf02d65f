// The parts of <muniment-sign> that show what is signed on the identity page: here the way there, and there whose request it is.

import { localize } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { type ElsewhereMessages, elsewhereMessages } from '../messages/elsewhere.ts'
import { renderQr } from '../qr-code.ts'
import { cleanText, fill, partsText, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import type { Sent } from './elsewhere.ts'

export function renderElsewhere(words: Words, sent: Sent, stop: () => void): TemplateResult {
  const { language, messages } = words
  const texts = elsewhereMessages(language)
  const { origin, address, code, qr, request, service } = sent
  const host = new URL(origin).host
  const name = (text: string): TemplateResult => html`<bdi>${cleanText(text, 120)}</bdi>`
  return html`<div class="panel appear" part="elsewhere">
    <h3 class="phase-heading" tabindex="-1">${renderParts(fill(texts.heading, { host }))}</h3>
    <p>${renderParts(fill(texts.lead, { host }))}</p>
    ${renderRows([
      { label: messages.sign.service, value: name(localize(service.title, language)) },
      { label: messages.sign.transition, value: name(localize(sent.transitionLabel, language)) },
    ])}
    <div class="actions">
      <a class="button primary" part="button-primary" href=${address} target="_blank" rel="noopener noreferrer">
        ${renderParts(fill(texts.open, { host }))}
      </a>
    </div>
    <p class="muted">${renderParts(fill(texts.opens, { origin }))}</p>
    ${code === '' ? nothing : renderCode(texts, code, texts.codeLead)}
    <details>
      <summary>${texts.otherDevice}</summary>
      <div class="fields">
        ${
          qr
            ? html`<p>${texts.qrLead}</p>
                ${renderQr(qr, partsText(fill(texts.qr, { host })))}`
            : html`<p>${texts.qrTooLong}</p>`
        }
        <label for="elsewhere-link">${texts.link}</label>
        <textarea id="elsewhere-link" class="code" dir="ltr" rows="3" readonly .value=${address}></textarea>
        <p class="muted">${texts.linkHint}</p>
      </div>
    </details>
    ${
      request
        ? html`<p role="status">${texts.waiting}</p>
            <progress aria-label=${texts.waiting}></progress>`
        : nothing
    }
    <div class="actions"><button type="button" part="button" @click=${stop}>${messages.sign.stopWaiting}</button></div>
  </div>`
}

/** On the identity page, above what will be signed. */
export function renderAsked({ language }: Words, code: string): TemplateResult {
  const texts = elsewhereMessages(language)
  return html`<p class="notice advice" part="notice">${texts.asked}</p>
    ${renderCode(texts, code, texts.codeHere)}`
}

/** After it was signed there. */
export function renderAnswered({ language }: Words): TemplateResult {
  return html`<p>${elsewhereMessages(language).askedDone}</p>`
}

function renderCode(texts: ElsewhereMessages, code: string, lead: string): TemplateResult {
  return html`<div class="comparison" part="comparison">
    <span>${texts.code}</span>
    <b class="code" dir="ltr">${code}</b>
    <span class="muted">${lead}</span>
  </div>`
}
