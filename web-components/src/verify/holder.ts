// The holder is asked: the link and the code with which a document is shown to this page. Loaded where a page asks so.

import { formatDemand, type KeyBindingDemand, limits } from '@muniment/sdk'
import { html, nothing } from 'lit'
import { holderMessages } from '../messages/holder.ts'
import { renderQr } from '../qr-code.ts'
import { qrOfText } from '../qr-link.ts'
import type { Words } from './describe.ts'
import type { MunimentVerify } from './verify.ts'

/** What an answer must say: to this origin, with this nonce, just now by this device's clock. */
export function keyBindingDemand({ holderNonce: nonce }: MunimentVerify): KeyBindingDemand {
  const seconds = Math.floor(Date.now() / 1000)
  return {
    audience: location.origin,
    nonce,
    issuedAfter: seconds - limits.presentationSecondsMax,
    issuedBefore: seconds + limits.signRequestAheadSecondsMax,
  }
}

export function renderAskHolder(words: Words, asking: MunimentVerify): unknown {
  const { holderNonce: nonce } = asking
  const page = asking.getAttribute('holder-page') ?? '/show'
  if (!nonce) return nothing
  const types = asking.types.split(/\s+/).filter(Boolean)
  const texts = holderMessages(words.language)
  const own = new URL(location.href)
  own.hash = ''
  const address = new URL(page, location.href)
  address.hash = formatDemand({ page: own.href, nonce, types })
  const qr = qrOfText(address.href)
  return html`<details part="ask-holder">
    <summary>${texts.ask}</summary>
    <div class="fields">
      <p>${texts.askLead}</p>
      ${qr ? renderQr(qr, texts.askQr) : nothing}
      <p><a part="link" href=${address.href}>${texts.askOpen}</a></p>
      <label for="ask-link">${texts.askLink}</label>
      <textarea id="ask-link" class="code" dir="ltr" rows="3" readonly .value=${address.href}></textarea>
    </div>
  </details>`
}
