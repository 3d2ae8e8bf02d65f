// Each phase of <muniment-sign>, drawn.

import { html, nothing, type TemplateResult } from 'lit'
import type { Words } from '../verify/describe.ts'
import type { Prepared } from './flow.ts'
import type { SignMethod } from './key.ts'
import { canUsePasskeys } from './methods.ts'
import { renderDone, renderError } from './outcome.ts'
import type { FirstKey } from './own-keys.ts'
import { type Phase, statusOf } from './phase.ts'
import { renderMethods, renderNotice, renderReview } from './render.ts'
import type { OthersGiven } from './render-others.ts'

/** What a person can press. */
type Given = OthersGiven & {
  readonly methods: readonly SignMethod[]
  readonly method: SignMethod
  /** Somebody else's text was opened. */
  readonly isOpened: boolean
  readonly verifyPage: string
  readonly begin: () => void
  readonly choose: (method: SignMethod) => void
  readonly getPasskey: (way: FirstKey) => void
  readonly confirm: (prepared: Prepared) => void
  readonly refuse: (prepared: Prepared) => void
  readonly stopWaiting: (prepared: Prepared) => void
  readonly decline: () => void
  /** Of the same, from the beginning. */
  readonly retry: () => void
}

export function renderPhase(words: Words, phase: Phase, given: Given): unknown {
  const { sign } = words.messages
  const { verifyPage, reset } = given
  switch (phase.name) {
    case 'idle':
    case 'declined':
      return renderBegin(words, given)
    case 'preparing':
    case 'asking':
      return renderButton(sign.stop, given.decline)
    case 'passkey':
      return renderPasskey(words, phase, given)
    case 'review':
      return renderReviewing(words, phase, given)
    case 'signing':
      return phase.prepared.key.method === 'passkey' ? renderButton(sign.stop, given.decline) : nothing
    case 'waiting':
    case 'verifying':
      return html`<progress aria-label=${statusOf(phase, words.messages)}></progress>
        ${renderButton(sign.stopWaiting, () => given.stopWaiting(phase.prepared))}`
    case 'done':
      return renderDone(words, { ...phase.done, verifyPage, again: reset })
    case 'error':
      return renderError(words, { ...phase, verifyPage, again: given.retry })
    default:
      return phase.view.renderOthers(words, phase, given)
  }
}

function renderBegin(words: Words, given: Given): TemplateResult {
  const { sign } = words.messages
  const { methods, method, choose } = given
  return html`${given.isOpened ? html`<p part="opened">${sign.opened}</p>` : nothing}
    ${renderMethods(words, { methods, chosen: method, canUsePasskeys: canUsePasskeys(), choose })}
    <div class="actions">
      <button type="button" class="primary" part="button-primary" @click=${given.begin}>${sign.review}</button>
    </div>`
}

function renderPasskey(
  words: Words,
  { view, notice }: Phase & { readonly name: 'passkey' },
  given: Given,
): TemplateResult {
  return html`<div class="panel appear" part="passkey">
    ${view.renderPasskeyNeeded(words, {
      make: () => given.getPasskey('make-passkey'),
      find: () => given.getPasskey('find-passkey'),
      back: given.reset,
    })}
    ${renderNotice(words, notice)}
  </div>`
}

function renderReviewing(
  words: Words,
  { prepared, notice }: Phase & { readonly name: 'review' },
  given: Given,
): TemplateResult {
  const { sign } = words.messages
  return html`<div class="panel appear" part="review">
    <h3 class="phase-heading" tabindex="-1">${sign.reviewHeading}</h3>
    ${prepared.asked?.view.renderAsked(words, prepared.asked.code)}
    ${prepared.acting?.view.renderActing(words, prepared, given)} ${renderReview(prepared, words)}
    ${renderNotice(words, notice)}
    <div class="actions">
      <button type="button" class="primary" part="button-primary" @click=${() => given.confirm(prepared)}>
        ${prepared.review.signers.length > 1 ? sign.signOnly : sign.sign}
      </button>
      <button type="button" part="button" @click=${() => given.refuse(prepared)}>${sign.decline}</button>
    </div>
  </div>`
}

function renderButton(text: string, press: () => void): TemplateResult {
  return html`<div><button type="button" part="button" @click=${press}>${text}</button></div>`
}
