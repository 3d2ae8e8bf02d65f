// A document as a QR code of a link that a phone's camera opens. Loaded where one is wanted.

import { type Client, formatShortLink, VerifyError } from '@muniment/sdk'
import { type Qr, qrOf } from '@muniment/sdk/qr'

/** The short form packs best; a document that has none may still fit as the link that is given. Undefined where neither fits. */
export async function qrCodeOf(
  document: string,
  { page, link, client }: { readonly page: URL; readonly link?: string; readonly client: Client },
): Promise<Qr | undefined> {
  const { origin, pathname, search } = page
  const short = await formatShortLink(document, { page: origin + pathname + search, hasher: client.crypto }).catch(
    () => undefined,
  )
  return qrOfText(short) ?? qrOfText(link)
}

/** Undefined for what is too long for one, and for nothing. */
export function qrOfText(text: string | undefined): Qr | undefined {
  try {
    return text === undefined ? undefined : qrOf(text)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}
