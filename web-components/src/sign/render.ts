// The parts of <muniment-sign> that only show.

import { localize } from '@muniment/sdk'
import { html, type TemplateResult } from 'lit'
import { formatCount, formatDate } from '../format.ts'
import { cleanText, fieldText } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { renderRows } from '../verify/render.ts'
import type { Review } from './review.ts'

/** Names come from the ledger's service entry, everything else from the bytes and the document under their commitment. */
export function renderReview(review: Review, isNewKey: boolean, { messages, language }: Words): TemplateResult {
  const { sign, verify } = messages
  const name = (text: string): TemplateResult => html`<bdi>${cleanText(text, 120)}</bdi>`
  const code = (text: string): TemplateResult => html`<bdi class="code" dir="ltr">${text}</bdi>`
  const issued = { seconds: BigInt(review.issuedAt), nanos: 0 }
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
    ])}
    <h4>${sign.contentHeading}</h4>
    <p class="muted">${sign.contentLead}</p>
    ${renderRows([
      ...review.fields.map(({ name: field, label, value }) => ({
        label: html`<bdi>${cleanText(localize(label, language) || field, 80)}</bdi>`,
        value: html`<bdi class="declared">${typeof value === 'string' ? value : fieldText(value, verify)}</bdi>`,
      })),
      { label: sign.issuedOn, value: formatDate(issued, { language, withTime: true, unknown: verify.unknownTime }) },
    ])}
    <p class="muted">${isNewKey ? sign.newKey : sign.heldKey}</p>
    <details>
      <summary>${verify.evidence}</summary>
      ${renderRows([
        { label: sign.network, value: code(review.chainId) },
        { label: sign.signer, value: code(review.account) },
        { label: sign.role, value: code(review.role) },
        { label: sign.nonce, value: formatCount(review.nonce, language) },
        { label: sign.validUntil, value: formatCount(review.validUntil, language) },
        { label: sign.commitment, value: code(review.commitment) },
        { label: sign.transaction, value: code(review.transactionId) },
      ])}
    </details>
  `
}
