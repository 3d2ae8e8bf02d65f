// Somebody asks to be shown a document by its holder (RFC 9901, 7.3 and 11.5): what the asking page hands to the holder's page, behind the #
// of a link or in a QR code. For whom the holder signs is never a member of its own: it is the origin of the page to which the
// answer goes, so that nobody can ask in another's name and get the answer.

import { formatBase64Url, parseBase64Url } from '../bytes.ts'
import { check } from '../errors.ts'
import { addressLengthMax, demandLengthMax, demandNonceLengthMax, demandTypesMax } from '../limits.ts'
import { type Message, message, repeatedString, string } from '../protobuf.ts'

export type PresentationDemand = {
  /** The page that checks the answer, without a fragment: `https://bank.example/check`. */
  readonly page: string
  /** The asker's own, for this one answer. */
  readonly nonce: string
  /** Record types (`vct`) that would do; none: any. */
  readonly types: readonly string[]
}

const demand: Message<PresentationDemand> = message({
  page: string(1, addressLengthMax),
  nonce: string(2, demandNonceLengthMax),
  types: repeatedString(3, demandTypesMax, 200),
})

const textPrefix = 'q1/'
/** Visible ASCII: it is compared, and shown nowhere. */
const noncePattern = /^[\x21-\x7e]{16,128}$/

/** As it stands behind the # of a link, which no server is sent. */
export function formatDemand(value: PresentationDemand): string {
  return textPrefix + formatBase64Url(demand.encode(value))
}

/** The text, or a link that ends in it. Throws VerifyError, `format-unknown` for what is something else. */
export function parseDemand(text: string): PresentationDemand {
  check(text.length <= demandLengthMax, 'oversized', 'a demand is too long')
  const trimmed = text.trim()
  const start = trimmed.indexOf('#') + 1
  check(trimmed.startsWith(textPrefix, start), 'format-unknown', 'nobody asks for a document here')
  const value = demand.decode(parseBase64Url(trimmed.slice(start + textPrefix.length)))
  check(noncePattern.test(value.nonce), 'malformed', 'not a nonce')
  check(audienceOf(value) !== undefined, 'malformed', 'not the address of a page')
  return value
}

/** For whom the holder signs; undefined for what is no page: https, or this very machine, in its one spelling. */
export function audienceOf({ page }: Pick<PresentationDemand, 'page'>): string | undefined {
  let url: URL
  try {
    url = new URL(page)
  } catch {
    return undefined
  }
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost')
  const isPlain = url.username === '' && url.password === '' && url.hash === '' && url.href === page
  return isSafe && isPlain ? url.origin : undefined
}
