// "Check on another device": the document that was checked as a QR code, for a screen that one has more reason to trust (security
// rule 3). Loaded when somebody asks for it.

import { readDocument } from '@muniment/sdk'
import type { Qr } from '@muniment/sdk/qr'
import { html, type TemplateResult } from 'lit'
import type { MunimentNetwork } from '../network/network.ts'
import { renderQr } from '../qr-code.ts'
import { qrCodeOf } from '../qr-link.ts'
import type { Words } from './describe.ts'

type Elsewhere = {
  readonly network: MunimentNetwork | undefined
  readonly input: string | Uint8Array
  /** Checks links on the other device. */
  readonly page: URL
}

/** Answers what shows the code, or says that there is none. */
export async function elsewhere(given: Elsewhere): Promise<(words: Words) => TemplateResult> {
  const qr = await codeOf(given).catch(() => undefined)
  return words => renderElsewhere(qr, words)
}

/** Undefined where the document fits no code. */
async function codeOf({ network, input, page }: Elsewhere): Promise<Qr | undefined> {
  const client = await network?.connect()
  if (client === undefined) return undefined
  const { document } = await readDocument(input, client.crypto)
  return qrCodeOf(document, { page, client })
}

function renderElsewhere(qr: Qr | undefined, { messages: { verify } }: Words): TemplateResult {
  if (qr === undefined) return html`<p part="elsewhere" class="panel">${verify.elsewhereTooLong}</p>`
  return html`<section class="panel elsewhere" part="elsewhere" aria-labelledby="elsewhere">
    <h4 id="elsewhere" class="section-heading" tabindex="-1">${verify.elsewhere}</h4>
    <p class="no-print">${verify.elsewhereLead}</p>
    ${renderQr(qr, verify.elsewhereQr)}
    <p class="only-print">${verify.elsewherePrinted}</p>
  </section>`
}
