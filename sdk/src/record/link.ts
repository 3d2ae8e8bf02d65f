// A record link: `https://…/verify#1/CHAIN/KEY/HEIGHT/DOCUMENT`. All of it stands in the fragment, which a browser sends to
// no server. The host is whoever's page one likes to use; it is not part of the record.

import { formatBase64Url, parseBase64Url } from '../bytes.ts'
import { check } from '../errors.ts'
import { chainIdLengthMax, linkLengthMax } from '../limits.ts'

export type RecordLink = {
  readonly chainId: string
  /** The record's key in the state tree, 32 bytes: shows when the document is not the one that was linked. */
  readonly key: Uint8Array
  /** A height at which the record is known to stand; a hint for waiting, never the height that is checked. */
  readonly height: bigint
  /** SD-JWT text. */
  readonly document: string
}

const fragmentPattern = /^1\/([A-Za-z0-9._-]+)\/([A-Za-z0-9_-]{43})\/(0|[1-9][0-9]{0,18})\/([A-Za-z0-9_.~-]+)$/

/** The fragment without `#`. */
export function formatRecordLink(link: RecordLink): string {
  return `1/${link.chainId}/${formatBase64Url(link.key)}/${link.height}/${link.document}`
}

/**
 * Reads a whole URL or its fragment. Throws VerifyError: `format-unknown` for a later version of links, `malformed` else.
 * One link has one spelling.
 */
export function parseRecordLink(text: string): RecordLink {
  check(text.length <= linkLengthMax, 'oversized', 'a link is too long')
  const fragment = text.slice(text.indexOf('#') + 1)
  const version = /^([0-9]{1,3})\//.exec(fragment)?.[1]
  check(version === undefined || version === '1', 'format-unknown', 'a link of a later version', { actual: version })
  const match = fragmentPattern.exec(fragment)
  check(match && match[1]!.length <= chainIdLengthMax, 'malformed', 'not a record link')
  return { chainId: match[1]!, key: parseBase64Url(match[2]!), height: BigInt(match[3]!), document: match[4]! }
}
