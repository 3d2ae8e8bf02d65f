// What is said over `/muniment/introduce/1`: one request a stream, and its answer, each behind its length as a varint. An
// introducer only carries blobs: each is signed by its sender for its target and soon worthless (security rule 29).

import { blobBytesMax, introducedCandidatesMax, introducedPeersMax, toldBytesMax } from '../limits.ts'
import { bytes, type Message, message, optional, repeatedBytes, string, uint64 } from '../protobuf.ts'
import type { CandidatePolicy } from './blob.ts'

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
