// A wallet as a file, for another device: every document of one network, sealed under a passphrase. PBKDF2-HMAC-SHA-256 (RFC 8018,
// 5.2) because every browser has it; what it lacks in cost of memory its rounds and a long passphrase make up for.

import { encodeUtf8 } from '../bytes.ts'
import { assert, check } from '../errors.ts'
import {
  chainIdLengthMax,
  keptBytesMax,
  keptDocumentsMax,
  passphraseLengthMax,
  passphraseLengthMin,
  passphraseRoundsMax,
  passphraseRoundsMin,
  walletFileBytesMax,
} from '../limits.ts'
import { bytes, type Message, message, repeatedBytes, string, uint32 } from '../protobuf.ts'
import { parseRecordLink } from '../record/link.ts'
import { frame } from '../tags.ts'
import { type KeptDocument, keptDocument } from './kept.ts'
import { openBytes, type SealOptions, sealBytes } from './seal.ts'

export type WalletFileOptions = { readonly passphrase: string; readonly chainId: string }

const format = 'muniment/wallet/1'
const saltLength = 16

type Fields = {
  readonly format: string
  readonly rounds: number
  readonly salt: Uint8Array
  readonly sealed: Uint8Array
}

const fileMessage: Message<Fields> = message({
  format: string(1, 40),
  rounds: uint32(2),
  salt: bytes(3, saltLength),
  sealed: bytes(4, walletFileBytesMax),
})

type Content = { readonly chainId: string; readonly documents: readonly Uint8Array[] }

const content: Message<Content> = message({
  chainId: string(1, chainIdLengthMax),
  documents: repeatedBytes(2, keptDocumentsMax, keptBytesMax),
})

/** Whether a passphrase is long enough to seal with. */
export function isPassphrase(text: string): boolean {
  return text.length <= passphraseLengthMax && [...text.normalize('NFC')].length >= passphraseLengthMin
}

/** Throws VerifyError `oversized` where all together is too much for one file. */
export async function sealWalletFile(
  documents: readonly KeptDocument[],
  { passphrase, chainId }: WalletFileOptions,
): Promise<Uint8Array> {
  assert(isPassphrase(passphrase), 'the passphrase is too short or too long')
  const encoded = content.encode({ chainId, documents: documents.map(each => keptDocument.encode(each)) })
  check(encoded.length <= contentBytesMax, 'oversized', 'too much for one file')
  const header = { rounds: passphraseRoundsMin, salt: crypto.getRandomValues(new Uint8Array(saltLength)) }
  const sealed = await sealBytes(await keyOf(passphrase, header), encoded, sealOptions(header))
  return fileMessage.encode({ format, ...header, sealed })
}

/**
 * Rejects with VerifyError: `wrong-key` where passphrase or file are others, `wrong-chain` where the documents are another network's,
 * `format-unknown` for a file of a later version, else why it is no such file. What it holds was checked by nobody yet.
 */
export async function openWalletFile(
  file: Uint8Array,
  { passphrase, chainId }: WalletFileOptions,
): Promise<readonly KeptDocument[]> {
  check(file.length <= walletFileBytesMax, 'oversized', 'a wallet’s file is too long')
  const { format: named, sealed, ...header } = fileMessage.decode(file)
  check(named.startsWith('muniment/wallet/'), 'malformed', 'not a wallet’s file')
  check(named === format, 'format-unknown', 'a wallet of a later version', { expected: format, actual: named })
  const { rounds, salt } = header
  check(salt.length === saltLength, 'malformed', 'a salt of another length')
  check(rounds >= passphraseRoundsMin && rounds <= passphraseRoundsMax, 'malformed', 'rounds out of their limits')
  const opened = content.decode(await openBytes(await keyOf(passphrase, header), sealed, sealOptions(header)))
  const documents = opened.documents.map(each => keptDocument.decode(each))
  const chainIds = [opened.chainId, ...documents.map(({ link }) => parseRecordLink(link).chainId)]
  check(
    chainIds.every(each => each === chainId),
    'wrong-chain',
    'the documents belong to another network',
  )
  return documents
}

type Header = Pick<Fields, 'rounds' | 'salt'>

async function keyOf(passphrase: string, { rounds, salt }: Header): Promise<CryptoKey> {
  // One passphrase may be typed as different code points on two devices.
  const typed = Uint8Array.from(encodeUtf8(passphrase.normalize('NFC')))
  const material = await crypto.subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveKey'])
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt: Uint8Array.from(salt), iterations: rounds }
  const algorithm = { name: 'AES-GCM', length: 256 }
  return crypto.subtle.deriveKey(derivation, material, algorithm, false, ['encrypt', 'decrypt'])
}

/** With padding and the rest it still is a file of the limit. */
const contentBytesMax = walletFileBytesMax / 2 - 4

function sealOptions({ rounds, salt }: Header): SealOptions {
  const roundBytes = new Uint8Array(4)
  new DataView(roundBytes.buffer).setUint32(0, rounds)
  return { about: frame('muniment/wallet-file/1', roundBytes, salt), bytesMax: contentBytesMax }
}
