// How a signing ended, as <muniment-sign> shows it.

import { html, nothing, type TemplateResult } from 'lit'
import { formatDate } from '../format.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { fill, renderParts } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { errorText } from './error-text.ts'
import type { Done } from './phase.ts'

type Given = {
  /** The page that checks a link. */
  readonly verifyPage: string
  readonly again: () => void
}

export function renderDone(words: Words, { link, verdict, asked, ...given }: Given & Done): TemplateResult {
  const { messages, language } = words
  const { sign, verify } = messages
  const isValid = verdict.kind === 'valid'
  const recorded = verdict.record?.entry.changes[0]?.time
  const time = recorded
    ? formatDate(recorded, { language, withTime: true, unknown: verify.unknownTime })
    : verify.unknownTime
  return html`<div class="panel appear ${isValid ? 'done' : 'done alone'}" part="done">
    <h3 class="phase-heading" tabindex="-1">${sign.doneHeading}</h3>
    <p>${renderParts(fill(sign.doneText, { time }))}</p>
    ${asked?.view.renderAnswered(words)} ${isValid ? nothing : html`<p>${sign.alone}</p>`} ${renderLink(words, link, given)} ${renderAgain(words, given)}
  </div>`
}

export function renderError(
  words: Words,
  { code, link, ...given }: Given & { readonly code: SignErrorCode; readonly link: string | undefined },
): TemplateResult {
  const { sign } = words.messages
  return html`<div class="panel error appear" part="error" role="alert">
    <h3 class="phase-heading" tabindex="-1">${sign.errorHeading}</h3>
    <p>${errorText(words, code)}</p>
    ${link === undefined ? html`<p class="muted">${sign.kept}</p>` : renderLink(words, link, given)}
    ${renderAgain(words, given)}
  </div>`
}

/** A link of our own making, on the page's own origin. */
function renderLink({ messages }: Words, link: string, { verifyPage }: Given): TemplateResult {
  const { sign } = messages
  const address = new URL(verifyPage, location.href)
  address.hash = link
  const isOwn = address.origin === location.origin
  return html`<p>
    ${isOwn ? html`<a part="link" href=${address.href}>${sign.link}</a>` : nothing}
  </p>
  <label class="visually-hidden" for="link">${sign.link}</label>
  <textarea id="link" class="code" dir="ltr" rows="3" readonly .value=${address.href}></textarea>`
}

function renderAgain({ messages }: Words, { again }: Given): TemplateResult {
  return html`<div class="actions">
    <button type="button" part="button" @click=${again}>${messages.sign.again}</button>
  </div>`
}
