// The parts of <muniment-sign> that only show.

import { localize, type Timestamp } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import type { SignErrorCode } from '../messages/messages.ts'
import { cleanText, fieldText } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import { errorText } from './error-text.ts'
import type { Prepared } from './flow.ts'
import type { SignMethod } from './key.ts'
import type { Review } from './review.ts'

/** Names come from the ledger's service entry, everything else from the bytes and the document under their commitment. */
export function renderReview({ review, key, place, deadline, act }: Prepared, words: Words): TemplateResult {
  const { messages, language } = words
  const { sign, verify } = messages
  const name = (text: string): TemplateResult => html`<bdi>${cleanText(text, 120)}</bdi>`
  const code = (text: string): TemplateResult => html`<bdi class="code" dir="ltr">${text}</bdi>`
  const isAlone = review.signers.length === 1
  return html`
    <p class="muted">${sign.reviewLead}</p>
    ${renderRows([
      {
        label: sign.service,
        value: html`${name(localize(review.serviceTitle, language))} ${code(`(${review.service})`)}`,
      },
      {
        label: sign.transition,
        value: html`${name(localize(review.transitionLabel, language))} ${code(`(${review.transition})`)}`,
      },
      ...(isAlone ? [] : [{ label: sign.signers, value: renderSigners(review, place, sign.you) }]),
    ])}
    ${act ? renderRows(act.view.argumentRows(words, act.args)) : renderDocument(review, words)}
    ${isAlone ? nothing : html`<p>${sign.signOnlyLead}</p>`}
    <p class="muted">${key.method === 'passkey' ? sign.passkeyKey : key.isNew ? sign.newKey : sign.heldKey}</p>
    <details>
      <summary>${verify.evidence}</summary>
      ${renderRows([
        { label: sign.network, value: code(review.chainId) },
        ...(isAlone ? review.signers.map(({ account }) => ({ label: sign.signer, value: code(account) })) : []),
        { label: sign.role, value: code(review.signers.map(({ role }) => role).join(', ')) },
        { label: sign.nonce, value: formatCount(review.nonce, language) },
        ...deadlineRows({ height: review.validUntil, time: deadline }, words),
        ...(act ? [] : [{ label: sign.commitment, value: code(review.commitment) }]),
        ...(review.documentKey === undefined ? [] : [{ label: sign.documentKey, value: code(review.documentKey) }]),
        { label: sign.transaction, value: code(review.transactionId) },
      ])}
    </details>
  `
}

function renderDocument(review: Review, { messages, language }: Words): TemplateResult {
  const { sign, verify } = messages
  const issued = { seconds: BigInt(review.issuedAt), nanos: 0 }
  return html`<h4>${sign.contentHeading}</h4>
    <p class="muted">${sign.contentLead}</p>
    ${renderRows([
      ...review.fields.map(({ name: field, label, value }) => ({
        label: html`<bdi>${cleanText(localize(label, language) || field, 80)}</bdi>`,
        value: html`<bdi class="declared">${typeof value === 'string' ? value : fieldText(value, verify)}</bdi>`,
      })),
      { label: sign.issuedOn, value: formatDate(issued, { language, withTime: true, unknown: verify.unknownTime }) },
    ])}`
}

function renderSigners({ signers }: Review, own: number, you: string): TemplateResult {
  return html`<ol class="signers">
    ${signers.map(
      ({ account }, place) =>
        html`<li>${place === own ? html`<b>${you}</b> ` : nothing}<bdi class="code" dir="ltr">${account}</bdi></li>`,
    )}
  </ol>`
}

/** A block's height, and about when it comes. */
export function deadlineRows(
  { height, time }: { readonly height: bigint; readonly time: Timestamp | undefined },
  { messages, language }: Words,
): readonly { label: unknown; value: unknown }[] {
  const { sign, verify } = messages
  const about = time && formatDate(time, { language, withTime: true, unknown: verify.unknownTime })
  return [
    ...(about === undefined ? [] : [{ label: sign.openUntil, value: about }]),
    { label: sign.validUntil, value: formatCount(height, language) },
  ]
}

/** The choice of a key, where the page leaves one. */
export function renderMethods(
  { messages }: Words,
  given: {
    readonly methods: readonly SignMethod[]
    readonly chosen: SignMethod
    readonly canUsePasskeys: boolean
    readonly choose: (method: SignMethod) => void
  },
): unknown {
  const { sign } = messages
  if (given.methods.length < 2) return nothing
  const texts = {
    passkey: { name: sign.methodPasskey, hint: given.canUsePasskeys ? sign.methodPasskeyHint : sign.methodPasskeyNone },
    device: { name: sign.methodDevice, hint: sign.methodDeviceHint },
  }
  return html`<fieldset class="methods" part="methods">
    <legend>${sign.methodHeading}</legend>
    ${given.methods.map(
      method => html`<label class="method">
        <input
          type="radio"
          name="method"
          value=${method}
          ?disabled=${method === 'passkey' && !given.canUsePasskeys}
          .checked=${method === given.chosen}
          @change=${() => given.choose(method)}
        />
        <span><b>${texts[method].name}</b><span class="muted">${texts[method].hint}</span></span>
      </label>`,
    )}
  </fieldset>`
}

/** Something was not done, and nothing is lost by it. */
export function renderNotice(words: Words, code: SignErrorCode | undefined): unknown {
  if (code === undefined) return nothing
  return html`<p class="notice" part="notice" role="alert">${errorText(words, code)}</p>`
}
