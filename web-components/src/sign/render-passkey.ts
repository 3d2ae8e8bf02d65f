// What <muniment-sign> shows where a passkey is wanted first.

import { html, type TemplateResult } from 'lit'
import type { Words } from '../verify/describe.ts'

/** Where this browser knows no passkey yet. */
export function renderPasskeyNeeded(
  { messages }: Words,
  press: { readonly make: () => void; readonly find: () => void; readonly back: () => void },
): TemplateResult {
  const { sign } = messages
  return html`<h3 class="phase-heading" tabindex="-1">${sign.passkeyHeading}</h3>
    <p>${sign.passkeyLead}</p>
    <div class="actions">
      <button type="button" class="primary" part="button-primary" @click=${press.make}>${sign.passkeyMake}</button>
      <button type="button" part="button" @click=${press.find}>${sign.passkeyFind}</button>
      <button type="button" class="plain" part="button" @click=${press.back}>${sign.back}</button>
    </div>`
}
