// The one table of tags (security rule 17). Every hash and every signed message of our own starts with one of these, and
// each part carries its length, so that no two different lists of parts give the same bytes. docs/protocol/hashes.md
// explains each row; test/golden pins the results.

import { encodeUtf8 } from './bytes.ts'
import type { Hasher } from './crypto/crypto.ts'

export type Tag =
  | 'muniment/genesis/1'
  | 'muniment/transaction/1'
  | 'muniment/sign/1'
  | 'muniment/decline/1'
  | 'muniment/checkpoint/1'
  | 'muniment/commitment/1'
  | 'muniment/type/1'
  | 'muniment/account/1'
  | 'muniment/mandate/1'
  | 'muniment/delegation/1'
  | 'muniment/request/1'
  | 'muniment/request-salt/1'
  | 'muniment/request-key/1'
  | 'muniment/key/record/1'
  | 'muniment/key/account/1'
  | 'muniment/key/office/1'
  | 'muniment/key/mandate/1'
  | 'muniment/key/delegation/1'
  | 'muniment/key/service/1'
  | 'muniment/key/closed-service/1'
  | 'muniment/key/chain/1'
  | 'muniment/key/misbehavior/1'
  | 'muniment/key/identity/1'
  | 'muniment/key/request/1'
  | 'muniment/case/1'
  | 'muniment/key/case/1'
  | 'muniment/key/obligation/1'
  | 'muniment/key/receipt/1'
  | 'muniment/key/unique/1'
  | 'muniment/key/listeners/1'
  | 'muniment/key/roster/1'
  | 'muniment/key/timers/1'
  | 'muniment/key/timer-chunk/1'
  | 'muniment/key/timer-count/1'
  | 'muniment/key/timer-day/1'
  | 'muniment/key/counters/1'
  | 'muniment/field/1'
  | 'muniment/field-salt/1'
  | 'muniment/fields/1'
  | 'muniment/looks/1'
  | 'muniment/look/1'
  | 'muniment/look-salt/1'
  | 'muniment/look-commitment/1'
  | 'muniment/key/look/1'
  | 'muniment/key/validators/1'
  | 'muniment/key/beacon/1'
  | 'muniment/key/beacon-member/1'
  | 'muniment/key/beacon-mix/1'
  | 'muniment/key/draw/1'
  | 'muniment/key/waiting-draw/1'
  | 'muniment/key/decided-draws/1'
  | 'muniment/key/pair/1'
  | 'muniment/key/unmet-receipts/1'
  | 'muniment/key/reported-receipt/1'
  | 'muniment/beacon/1'
  | 'muniment/beacon-commitment/1'
  | 'muniment/beacon-mix/1'
  | 'muniment/beacon-secret/1'
  | 'muniment/draw-pool/1'
  | 'muniment/draw/1'
  | 'muniment/inclusion/1'
  | 'muniment/direct/1'
  | 'muniment/introduction/1'
  | 'muniment/wallet-key/1'
  | 'muniment/wallet-passkey/1'
  | 'muniment/wallet-document/1'
  | 'muniment/wallet-file/1'

/** tag and parts, each behind its length as four bytes, big endian: an injective encoding of the list. */
export function frame(tag: Tag, ...parts: readonly Uint8Array[]): Uint8Array {
  const head = encodeTag(tag)
  let length = head.length
  for (const part of parts) length += 4 + part.length
  const bytes = new Uint8Array(length)
  bytes.set(head)
  let offset = head.length
  for (const part of parts) {
    putLength(bytes, offset, part.length)
    bytes.set(part, offset + 4)
    offset += 4 + part.length
  }
  return bytes
}

function putLength(bytes: Uint8Array, offset: number, length: number): void {
  bytes[offset] = length >>> 24
  bytes[offset + 1] = length >>> 16
  bytes[offset + 2] = length >>> 8
  bytes[offset + 3] = length
}

/** Of the table, so there are few; a ledger asks for the same ones many thousand times a second. */
const encodedTags = new Map<Tag, Uint8Array>()

/** Behind its length. */
function encodeTag(tag: Tag): Uint8Array {
  const known = encodedTags.get(tag)
  if (known) return known
  const text = encodeUtf8(tag)
  const encoded = new Uint8Array(4 + text.length)
  putLength(encoded, 0, text.length)
  encoded.set(text, 4)
  encodedTags.set(tag, encoded)
  return encoded
}

/** H(tag, …parts) of the design: SHA-256 of the frame; 32 bytes. */
export function taggedHash(hasher: Hasher, tag: Tag, ...parts: readonly Uint8Array[]): Uint8Array {
  return hasher.sha256(frame(tag, ...parts))
}
