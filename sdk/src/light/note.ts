// Heads of the history log as others in the world write them, so that any witness can cosign them and any tool can check
// them: signed notes (c2sp.org/signed-note), checkpoints (c2sp.org/tlog-checkpoint) and the cosignatures of witnesses
// (c2sp.org/tlog-cosignature). A note has one spelling here: what is read is written again and compared.

import { concat, encodeUtf8, equals, formatBase64, formatHex, parseBase64, parseHex } from '../bytes.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import {
  noteBytesMax,
  noteExtensionLengthMax,
  noteExtensionsMax,
  noteNameLengthMax,
  noteSignatureBytesMax,
  noteSignaturesMax,
} from '../limits.ts'
import { hashBytes, sizeMax } from '../merkle/rfc6962.ts'
import type { TrustRoot, Witness } from './trust-root.ts'

/** What a log says of itself at one size; the text that everyone signs. */
export type NoteBody = {
  /** One line that names the log. */
  readonly origin: string
  /** Leaves of the tree. */
  readonly size: bigint
  /** RFC 6962 root over them; 32 bytes. */
  readonly root: Uint8Array
  /** Lines that others have put in and that mean nothing here; none of ours has any. */
  readonly extensions: readonly string[]
}

export type CheckpointNote = NoteBody & {
  /** At least one; of keys that may be known or not. */
  readonly signatures: readonly NoteSignature[]
}

export type NoteSignature = {
  readonly name: string
  /** 4 bytes; with the name it says which key, and which kind of signature. */
  readonly keyId: Uint8Array
  /** 64 bytes of a log's Ed25519; 72 of a cosignature: the time, then 64 bytes. */
  readonly signature: Uint8Array
}

/** The kinds of signature that are known here (signed-note, "Signature types"). */
export const NoteKeyType = { ed25519: 1, cosignature: 4 } as const

/** A key that signs notes: its name, its kind and the public key. */
export type NoteKey = {
  readonly name: string
  readonly type: (typeof NoteKeyType)[keyof typeof NoteKeyType]
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
}

/**
 * The origin of a ledger's log: it names the chain by its genesis too, since two chains may have one id. The id is written as
 * in an address (RFC 3986, 2.1), so that no character of it ends the line or the part.
 */
export function historyOrigin({ chainId, genesisHash }: Pick<TrustRoot, 'chainId' | 'genesisHash'>): string {
  return `muniment/history/1/${encodeURIComponent(chainId)}/${formatHex(genesisHash)}`
}

/** The text of a note without its signatures: what a log signs, in UTF-8. */
export function formatNoteBody({ origin, size, root, extensions }: NoteBody): string {
  return [origin, String(size), formatBase64(root), ...extensions].map(line => `${line}\n`).join('')
}

export function formatCheckpointNote(note: CheckpointNote): string {
  return `${formatNoteBody(note)}\n${formatNoteSignatures(note.signatures)}`
}

/** Strict. Throws VerifyError `malformed`, `oversized` or `non-canonical`. Nothing that it says is verified. */
export function parseCheckpointNote(text: string): CheckpointNote {
  check(text.length <= noteBytesMax, 'oversized', 'a note is too long', { expected: `<= ${noteBytesMax}` })
  // No line of a checkpoint is empty, so the only empty one stands before the signatures.
  const [body = '', tail, ...more] = text.split('\n\n')
  check(tail !== undefined && more.length === 0, 'malformed', 'a checkpoint has one empty line')
  const [origin = '', size = '', root = '', ...extensions] = body.split('\n')
  check(isLine(origin, noteNameLengthMax), 'malformed', 'not the line of an origin')
  check(extensions.length <= noteExtensionsMax, 'oversized', 'too many lines in a note')
  const areLines = extensions.every(line => isLine(line, noteExtensionLengthMax))
  check(areLines, 'malformed', 'an empty or too long line in a note')
  const note = {
    origin,
    size: parseSize(size),
    root: parseBase64(root),
    extensions,
    signatures: parseNoteSignatures(tail),
  }
  check(note.root.length === hashBytes, 'malformed', 'a root has 32 bytes', { actual: note.root.length })
  check(formatCheckpointNote(note) === text, 'non-canonical', 'a note in another spelling')
  return note
}

/** Lines of signatures, each with its end. */
export function formatNoteSignatures(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, signature }) => `\u2014 ${name} ${formatBase64(concat(keyId, signature))}\n`)
    .join('')
}

/** One line at least. Throws VerifyError as above. */
export function parseNoteSignatures(text: string): readonly NoteSignature[] {
  const lines = text.split('\n')
  check(lines.pop() === '' && lines.length > 0, 'malformed', 'each line of signatures has an end')
  check(lines.length <= noteSignaturesMax, 'oversized', 'too many signatures', { expected: `<= ${noteSignaturesMax}` })
  return lines.map(line => {
    const [dash, name = '', base64 = '', ...more] = line.split(' ')
    check(dash === '\u2014' && more.length === 0, 'malformed', 'not a line of a signature')
    check(isNoteKeyName(name), 'malformed', 'not the name of a key')
    const bytes = parseBase64(base64)
    const inBounds = bytes.length > 4 && bytes.length <= noteSignatureBytesMax
    check(inBounds, 'malformed', 'a signature stands behind four bytes', { actual: bytes.length })
    return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
  })
}

/** A size, a time or a number of leaves in decimal digits, without leading zeros. */
export function parseSize(text: string): bigint {
  check(/^(?:0|[1-9][0-9]{0,18})$/.test(text), 'malformed', 'not a size', { actual: text.slice(0, 40) })
  const size = BigInt(text)
  check(size <= sizeMax, 'oversized', 'a size of more than 63 bits')
  return size
}

/** Four bytes of SHA-256(name, newline, type, key). */
export function noteKeyId({ name, type, key }: NoteKey, hasher: Hasher): Uint8Array {
  return hasher.sha256(encodeUtf8(`${name}\n`), new Uint8Array([type]), key).slice(0, 4)
}

/** A verifier key, as operators give it to each other in one line: `NAME+HEX8+BASE64`. */
export function formatNoteKey(key: NoteKey, hasher: Hasher): string {
  const typed = concat(new Uint8Array([key.type]), key.key)
  return `${key.name}+${formatHex(noteKeyId(key, hasher))}+${formatBase64(typed)}`
}

/** Throws VerifyError `malformed`, `format-unknown`, `non-canonical`, or `wrong-hash` where the key does not have this id. */
export function parseNoteKey(text: string, hasher: Hasher): NoteKey {
  // Base64 may hold a plus, names and ids can't.
  const [name = '', id = '', ...rest] = text.split('+')
  check(isNoteKeyName(name), 'malformed', 'not the name of a key')
  const typed = parseBase64(rest.join('+'))
  const type = typed[0]
  const isKnown = type === NoteKeyType.ed25519 || type === NoteKeyType.cosignature
  check(isKnown, 'format-unknown', 'a key of another kind', { actual: type })
  check(typed.length === 33, 'malformed', 'an Ed25519 key has 32 bytes', { actual: typed.length - 1 })
  const key: NoteKey = { name, type, key: typed.slice(1) }
  check(equals(parseHex(id), noteKeyId(key, hasher)), 'wrong-hash', 'the key does not have this id')
  check(formatNoteKey(key, hasher) === text, 'non-canonical', 'a key in another spelling')
  return key
}

/** What a log signs with its own key, of kind `ed25519`. */
export function noteSignBytes(note: NoteBody): Uint8Array {
  return encodeUtf8(formatNoteBody(note))
}

/** What a witness signs: "at this time, this is the largest consistent tree that I have seen". Seconds since 1970. */
export function cosignatureSignBytes(note: NoteBody, time: bigint): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${time}\n${formatNoteBody(note)}`)
}

/** The line of a log's signature; 64 bytes over `noteSignBytes`. */
export function logSignature(key: NoteKey, signature: Uint8Array, hasher: Hasher): NoteSignature {
  return { name: key.name, keyId: noteKeyId(key, hasher), signature }
}

/** The line of a cosignature; 64 bytes over `cosignatureSignBytes`. */
export function cosignature(
  key: NoteKey,
  { time, signature }: { readonly time: bigint; readonly signature: Uint8Array },
  hasher: Hasher,
): NoteSignature {
  const timed = new Uint8Array(8)
  new DataView(timed.buffer).setBigUint64(0, time)
  return { name: key.name, keyId: noteKeyId(key, hasher), signature: concat(timed, signature) }
}

/** Whether one of the keys, of kind `ed25519`, signed the note under its own name. */
export async function isSignedByLog(
  note: CheckpointNote,
  keys: readonly NoteKey[],
  crypto: Pick<Crypto, 'sha256' | 'verifyEd25519'>,
): Promise<boolean> {
  const message = noteSignBytes(note)
  const candidates = keys.flatMap(key => {
    const keyId = noteKeyId(key, crypto)
    return note.signatures
      .filter(each => each.name === key.name && equals(each.keyId, keyId) && each.signature.length === 64)
      .map(({ signature }) => ({ publicKey: key.key, message, signature }))
  })
  const bad = await crypto.verifyEd25519(candidates)
  return bad.length < candidates.length
}

export type Cosigned = {
  readonly witness: Witness
  /** By the witness's clock, in seconds since 1970; the newest where it signed more than once. */
  readonly time: bigint
}

/**
 * Which of the named keys cosigned the note, each once, in the order of the trust root. A trust root names bodies and keys,
 * and no names of keys: a cosignature counts whatever name its line has, for no name is signed. Lines of other keys, or
 * whose signature is bad, count for nothing and hurt nothing, since whoever carries a note could add them.
 */
export async function verifyCosignatures(
  note: CheckpointNote,
  { keys }: Pick<TrustRoot['witnesses'], 'keys'>,
  crypto: Pick<Crypto, 'sha256' | 'verifyEd25519'>,
): Promise<readonly Cosigned[]> {
  const timed = note.signatures.filter(({ signature }) => signature.length === 72)
  const claims = timed.flatMap(({ name, keyId, signature }) => {
    const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0)
    if (time > sizeMax) return []
    return keys
      .filter(({ key }) => equals(noteKeyId({ name, type: NoteKeyType.cosignature, key }, crypto), keyId))
      .map(witness => ({ witness, time, signature: signature.slice(8) }))
  })
  const bad = new Set(
    await crypto.verifyEd25519(
      claims.map(({ witness, time, signature }) => ({
        publicKey: witness.key,
        message: cosignatureSignBytes(note, time),
        signature,
      })),
    ),
  )
  const good = claims.filter((_, index) => !bad.has(index))
  return keys.flatMap(witness => {
    const own = good.filter(claim => claim.witness === witness)
    if (own.length === 0) return []
    const { time } = own.reduce((newest, each) => (each.time > newest.time ? each : newest))
    return [{ witness, time }]
  })
}

/** Whether a key may be called so: signed notes allow no spaces, no plus and no control characters in a name. */
export function isNoteKeyName(name: string): boolean {
  return isLine(name, noteNameLengthMax) && !/[\p{White_Space}+]/u.test(name)
}

function isLine(line: string, lengthMax: number): boolean {
  if (line.length === 0 || line.length > lengthMax || /\p{Surrogate}/u.test(line)) return false
  return ![...line].some(character => character < ' ')
}
