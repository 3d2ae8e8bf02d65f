// A document as its holder keeps it: what opens it again, and by what name he finds it, all of it sealed.

import { encodeUtf8 } from '../bytes.ts'
import type { Localized } from '../catalogue/service-head.ts'
import { check } from '../errors.ts'
import { keptBytesMax, languagesMax, linkLengthMax, nameBytesMax } from '../limits.ts'
import { type Message, message, repeated, string, uint64 } from '../protobuf.ts'
import { parseRecordLink } from '../record/link.ts'
import { frame } from '../tags.ts'
import type { WalletName } from './keys.ts'
import { openBytes, type SealOptions, sealBytes } from './seal.ts'

export type KeptDocument = {
  /** The fragment of its link, which holds the whole document. */
  readonly link: string
  /** What kind of document, and who issued it, as they were called when it was kept. */
  readonly title: Localized
  readonly issuer: Localized
  /** Seconds since 1970. */
  readonly keptAt: bigint
}

type Text = { readonly language: string; readonly text: string }
type Fields = {
  readonly link: string
  readonly title: readonly Text[]
  readonly issuer: readonly Text[]
  readonly keptAt: bigint
}

const text: Message<Text> = message({ language: string(1, 40), text: string(2, nameBytesMax) })
const fields: Message<Fields> = message({
  link: string(1, linkLengthMax),
  title: repeated(2, text, languagesMax),
  issuer: repeated(3, text, languagesMax),
  keptAt: uint64(4),
})

/** Decoding throws VerifyError, also for a link that is none. */
export const keptDocument: Message<KeptDocument> = {
  encode: kept => fields.encode({ ...kept, title: listOf(kept.title), issuer: listOf(kept.issuer) }),
  decode(encoded) {
    const kept = fields.decode(encoded)
    parseRecordLink(kept.link)
    return { ...kept, title: localizedOf(kept.title), issuer: localizedOf(kept.issuer) }
  },
}

export type KeptPlace = WalletName & {
  /** 16 random bytes, under which it is stored. */
  readonly id: Uint8Array
}

/** `key`: of `importStoreKey`. */
export function sealKept(key: CryptoKey, place: KeptPlace, kept: KeptDocument): Promise<Uint8Array> {
  return sealBytes(key, keptDocument.encode(kept), sealOptions(place))
}

/** Rejects with VerifyError: `wrong-key` where it was sealed under another key or id, or was changed; else why it can't be read. */
export async function openKept(key: CryptoKey, place: KeptPlace, sealed: Uint8Array): Promise<KeptDocument> {
  const kept = keptDocument.decode(await openBytes(key, sealed, sealOptions(place)))
  const { chainId } = parseRecordLink(kept.link)
  check(chainId === place.chainId, 'wrong-chain', 'a document of another network')
  return kept
}

function sealOptions({ chainId, walletId, id }: KeptPlace): SealOptions {
  return { about: frame('muniment/wallet-document/1', encodeUtf8(chainId), walletId, id), bytesMax: keptBytesMax }
}

function listOf(localized: Localized): readonly Text[] {
  return Object.entries(localized).map(([language, each]) => ({ language, text: each }))
}

function localizedOf(list: readonly Text[]): Localized {
  const names = new Set(list.map(({ language }) => language))
  check(names.size === list.length, 'malformed', 'a language stands twice')
  return Object.fromEntries(list.map(({ language, text: each }) => [language, each]))
}
