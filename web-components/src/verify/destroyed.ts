// Of the case behind a record, that what opens its private content was destroyed: a sentence beside the verdict, which stays what it is.

import { type Client, caseEntry, caseKey } from '@muniment/sdk'
import { html, type TemplateResult } from 'lit'
import { formatDate } from '../format.ts'
import { publicFactsMessages } from '../messages/public-facts.ts'
import { fill, renderParts } from '../text.ts'
import type { Words } from './describe.ts'

/** Undefined where the ledger does not prove that it was. Rejects with VerifyError. */
export async function readDestroyed(
  client: Client,
  id: Uint8Array,
): Promise<((words: Words) => TemplateResult) | undefined> {
  const [value] = (await client.read([caseKey(client.crypto, id)])).values
  const time = value && caseEntry.decode(value).shreddedTime
  if (!time) return undefined
  return words => {
    const { language, messages } = words
    const date = formatDate(time, { language, withTime: false, unknown: messages.verify.unknownTime })
    return html`<p class="destroyed" part="destroyed">
      ${renderParts(fill(publicFactsMessages(language).documentDestroyed, { date }))}
    </p>`
  }
}
