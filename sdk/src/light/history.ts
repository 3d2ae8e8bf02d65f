// The history log: the ledger commits, under the store `history`, to a tree of RFC 6962 whose leaf 0 is the genesis hash and
// whose leaf h is the hash of block h; a header at height H commits to the tree of H leaves. So a block of any age is proved
// from today's head in one question, and two heads that do not belong to one history are found out.
//
// The log is what the application says of itself: today's signers could write an old block into it that never was. So an
// old block counts only with its own commit besides (security rule 11).

import { type Header, headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { verifyHistoryRoot } from '../ics23/verify.ts'
import { verifyConsistency, verifyInclusion } from '../merkle/rfc6962.ts'
import { merkleLeafHash } from '../merkle/root.ts'
import type { HistoryAnswer } from '../provider.ts'
import type { Trusted } from '../trusted.ts'
import { type Refused, refusal, type Verified, verifyNamed } from './verify.ts'

/** The root of the log of `size` leaves, which a trusted header commits to, or the caller vouches for. */
export type HistoryHead = { readonly size: bigint; readonly root: Uint8Array }

export type ProvenHistory = {
  /** The header that commits to the log. */
  readonly header: Trusted<Pick<Header, 'height' | 'appHash'>>
  readonly answer: HistoryAnswer
}

/** The log under a trusted header. With `old` it is checked that the log begins with that one. */
export function verifyHistory(
  { header, answer, old }: ProvenHistory & { readonly old?: HistoryHead | undefined },
  hasher: Hasher,
): { readonly kind: 'verified'; readonly head: HistoryHead } | Refused {
  try {
    const { root, size } = rootUnder({ header, answer }, hasher)
    if (old !== undefined) {
      const { consistency: proof } = answer
      const answered = verifyConsistency({ oldSize: old.size, oldRoot: old.root, size, root, proof }, hasher)
      if (answered.kind === 'invalid') throw answered.error
    }
    return { kind: 'verified', head: { size, root } }
  } catch (error) {
    return refusal(error)
  }
}

export type OldBlock = ProvenHistory & {
  readonly chainId: string
  /** Of the height that was asked for, below the header's. */
  readonly untrusted: LightBlock
  readonly height: bigint
  readonly signal?: AbortSignal | undefined
}

/** A block of any age: the log has its hash at its height, and more than two thirds of its own set signed it. */
export async function verifyOldBlock(
  { header, answer, chainId, untrusted, height, signal }: OldBlock,
  crypto: Crypto,
): Promise<Verified | Refused> {
  try {
    const { root, size } = rootUnder({ header, answer }, crypto)
    check(untrusted.header.height === height, 'wrong-height', 'the block is of another height', {
      expected: height,
      actual: untrusted.header.height,
    })
    const hash = headerHash(untrusted.header, crypto)
    // Index and size come from heights that are known, never from the proof.
    const leafHash = merkleLeafHash(hash, crypto)
    const included = verifyInclusion({ leafHash, index: height, size, proof: answer.inclusion, root }, crypto)
    if (included.kind === 'invalid') throw included.error
    return await verifyNamed({ chainId, untrusted, headerHash: hash, signal }, crypto)
  } catch (error) {
    return refusal(error)
  }
}

function rootUnder({ header, answer }: ProvenHistory, hasher: Hasher): HistoryHead {
  const verified = verifyHistoryRoot({ proof: answer.store, header }, hasher)
  if (verified.kind === 'invalid') throw verified.error
  return { size: verified.size, root: verified.root }
}
