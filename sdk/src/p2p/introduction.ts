// What is said over `/muniment/introduce/1`: one request a stream, and its answer, each behind its length as a varint. An
// introducer only carries blobs: each is signed by its sender for its target and soon worthless (security rule 29).

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { concat, encodeUtf8, equals } from '../bytes.ts'
import { check } from '../errors.ts'
import {
  blobBytesMax,
  introducedCandidatesMax,
  introducedPeersMax,
  introductionDriftSeconds,
  introductionLifetimeSeconds,
  toldBytesMax,
} from '../limits.ts'
import { bytes, type Message, message, optional, repeatedBytes, string, uint64 } from '../protobuf.ts'
import { frame } from '../tags.ts'
import type { BlobKind, CandidatePolicy } from './blob.ts'

export const introduceProtocol = '/muniment/introduce/1'

/** Nobody is led into another's network by one he was introduced to; whom the user paired may know more. */
export const introducedPolicy: CandidatePolicy = { countMax: introducedCandidatesMax, scopes: ['public'] }

/** A blob from one peer to another. Keys are raw Ed25519 keys, 32 bytes: what peer ids are made of. */
export type SignedBlob = {
  readonly blob: Uint8Array
  readonly sender: Uint8Array
  readonly target: Uint8Array
  /** Unix time in seconds. */
  readonly expires: bigint
  readonly signature: Uint8Array
}

type Nothing = Readonly<Record<never, never>>

/** Exactly one. */
export type IntroduceRequest = {
  /** Who can be introduced? */
  readonly list: Nothing | undefined
  /** I can be introduced as long as this stream is open. */
  readonly join: Nothing | undefined
  /** Carry this offer to its target. */
  readonly introduce: SignedBlob | undefined
  /** From the introducer: an offer for you. */
  readonly offered: SignedBlob | undefined
}

export type IntroduceAnswer = {
  readonly error: { readonly code: string; readonly message: string } | undefined
  readonly list: { readonly keys: readonly Uint8Array[] } | undefined
  readonly joined: Nothing | undefined
  readonly answer: SignedBlob | undefined
}

const nothing: Message<Nothing> = message<Nothing>({})
const signedBlob: Message<SignedBlob> = message<SignedBlob>({
  blob: bytes(1, blobBytesMax),
  sender: bytes(2, 32),
  target: bytes(3, 32),
  expires: uint64(4),
  signature: bytes(5, 64),
})

export const introduceRequest: Message<IntroduceRequest> = message<IntroduceRequest>({
  list: optional(1, nothing),
  join: optional(2, nothing),
  introduce: optional(3, signedBlob),
  offered: optional(4, signedBlob),
})

export const introduceAnswer: Message<IntroduceAnswer> = message<IntroduceAnswer>({
  error: optional(
    1,
    message<{ code: string; message: string }>({ code: string(1, 40), message: string(2, toldBytesMax) }),
  ),
  list: optional(2, message<{ keys: readonly Uint8Array[] }>({ keys: repeatedBytes(1, introducedPeersMax, 32) })),
  joined: optional(3, nothing),
  answer: optional(4, signedBlob),
})

/** A request with only the given part. */
export function requestOf(part: Partial<IntroduceRequest>): IntroduceRequest {
  return { list: undefined, join: undefined, introduce: undefined, offered: undefined, ...part }
}

export function answerOf(part: Partial<IntroduceAnswer>): IntroduceAnswer {
  return { error: undefined, list: undefined, joined: undefined, answer: undefined, ...part }
}

export type Introduction = {
  readonly kind: BlobKind
  readonly blob: Uint8Array
  readonly target: Uint8Array
  /** The signature of the offer that an answer belongs to. */
  readonly offer?: Uint8Array
}

/** `nowMs` in milliseconds of Unix time. */
export async function signIntroduction(
  introduction: Introduction,
  key: PrivateKey,
  nowMs: number,
): Promise<SignedBlob> {
  const expires = BigInt(Math.floor(nowMs / 1_000) + introductionLifetimeSeconds)
  const unsigned = { blob: introduction.blob, sender: key.publicKey.raw, target: introduction.target, expires }
  const signature = await key.sign(signBytes(introduction.kind, unsigned, introduction.offer))
  // In Node it is a Buffer, whose slices are no copies.
  return { ...unsigned, signature: new Uint8Array(signature) }
}

export type Expected = {
  readonly kind: BlobKind
  readonly sender: Uint8Array
  readonly target: Uint8Array
  readonly offer?: Uint8Array
  readonly nowMs: number
}

/** Throws VerifyError unless the blob is what is expected: `wrong-key`, `expired`, `from-future` or `bad-signature`. */
export async function verifyIntroduction(signed: SignedBlob, expected: Expected): Promise<void> {
  check(equals(signed.sender, expected.sender), 'wrong-key', 'an introduction from somebody else')
  check(equals(signed.target, expected.target), 'wrong-key', 'an introduction for somebody else')
  const now = BigInt(Math.floor(expected.nowMs / 1_000))
  const drift = BigInt(introductionDriftSeconds)
  check(signed.expires + drift >= now, 'expired', 'an introduction that has expired')
  const latest = now + drift + BigInt(introductionLifetimeSeconds)
  check(signed.expires <= latest, 'from-future', 'an introduction that holds for too long')
  check(signed.sender.length === 32 && signed.signature.length === 64, 'bad-signature', 'not an Ed25519 signature')
  const key = publicKeyFromRaw(signed.sender)
  const holds = await key.verify(signBytes(expected.kind, signed, expected.offer), signed.signature)
  check(holds, 'bad-signature', 'an introduction that its sender did not sign')
}

/** From when on verifyIntroduction refuses it as expired, in milliseconds of Unix time. */
export function introductionEndsMs({ expires }: SignedBlob): number {
  return (Number(expires) + introductionDriftSeconds + 1) * 1_000
}

function signBytes(kind: BlobKind, signed: Omit<SignedBlob, 'signature'>, offer?: Uint8Array): Uint8Array {
  const expires = new Uint8Array(8)
  new DataView(expires.buffer).setBigUint64(0, signed.expires)
  const parts = [encodeUtf8(kind), signed.sender, signed.target, expires, signed.blob, offer ?? concat()]
  return frame('muniment/introduction/1', ...parts)
}
