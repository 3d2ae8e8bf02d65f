// A record link: `https://…/verify#1/CHAIN/KEY/HEIGHT/DOCUMENT`, or of a QR code: `HTTPS://…/verify#2/SHORT`. All of it stands
// in the fragment, which a browser sends to no server. The host is whoever's page one likes to use; it is not part of the record.

import { formatBase43, parseBase43 } from '../base43.ts'
import { formatBase64Url, parseBase64Url } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
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
  check(version === undefined || version === '1', 'format-unknown', 'a link of another version', { actual: version })
  const match = fragmentPattern.exec(fragment)
  check(match && match[1]!.length <= chainIdLengthMax, 'malformed', 'not a record link')
  return { chainId: match[1]!, key: parseBase64Url(match[2]!), height: BigInt(match[3]!), document: match[4]! }
}

/** The fragment of a QR code's link. */
const shortPattern = /^2\/([0-9A-Z$*+\-./:]+)$/

export type ShortLinkOptions = {
  /** The page that checks: an https URL; or http of this device itself, for trying out. */
  readonly page: string
  /** The 16 bytes that the document was issued with, where all its fields are shown: the shortest link. */
  readonly seed?: Uint8Array | undefined
  readonly hasher: Hasher
}

/**
 * The link of a QR code, which any phone's camera opens: short, and almost all of it in the characters that a QR code packs best.
 * `document`: SD-JWT text; a key binding, which is for one asker only, is left out. Rejects with VerifyError: `format-unknown` for
 * a document that has no short form (docs/protocol/records.md), `unavailable` where this part of the code could not be loaded.
 */
export async function formatShortLink(document: string, options: ShortLinkOptions): Promise<string> {
  const { page, seed, hasher } = options
  const before = beginningOf(page)
  const { encodeCarrier } = await loadCarrier()
  const credential = document.slice(0, document.lastIndexOf('~') + 1)
  return `${before}#2/${formatBase43(await encodeCarrier(credential, hasher, seed))}`
}

/**
 * The SD-JWT text in a QR code's link, be it whole or its fragment; undefined where it is another kind of link. Rejects with
 * VerifyError, `unavailable` where this part of the code could not be loaded.
 */
export async function parseShortLink(text: string, hasher: Hasher): Promise<string | undefined> {
  check(text.length <= linkLengthMax, 'oversized', 'a link is too long')
  const fragment = text.slice(text.indexOf('#') + 1)
  if (!fragment.startsWith('2/')) return undefined
  const packed = shortPattern.exec(fragment)?.[1]
  check(packed !== undefined, 'malformed', 'not the link of a QR code')
  const bytes = parseBase43(packed)
  const { decodeCarrier } = await loadCarrier()
  return decodeCarrier(bytes, hasher)
}

/** Scheme and host in capitals, which mean the same (RFC 3986, 6.2.2.1); the path stays, for it may not. */
function beginningOf(page: string): string {
  const { protocol, hostname, origin, pathname, href } = urlOf(page)
  const isHere = protocol === 'http:' && /^(?:localhost|127\.0\.0\.1)$/.test(hostname)
  check(protocol === 'https:' || isHere, 'malformed', 'a page for everybody has an https address')
  check(href === origin + pathname, 'malformed', 'the address of a page ends with its path')
  return origin.toUpperCase() + pathname
}

function urlOf(page: string): URL {
  try {
    return new URL(page)
  } catch {
    throw new VerifyError('malformed', 'not the address of a page')
  }
}

/** CBOR is for whoever has a link of this kind only. */
async function loadCarrier(): Promise<typeof import('../credential/carrier.ts')> {
  try {
    return await import('../credential/carrier.ts')
  } catch {
    throw new VerifyError('unavailable', 'the code that reads short forms could not be loaded')
  }
}
