// A page at an introducer: asks who can be met there, meets one of them, and lets itself be met.

import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { equals, formatHex } from '../bytes.ts'
import { check, VerifyError, type VerifyErrorCode } from '../errors.ts'
import { introductionBytesMax, introductionTimeoutMs, offersPerMinuteMax } from '../limits.ts'
import type { CandidatePolicy } from './blob.ts'
import { createBucket } from './bucket.ts'
import { withDeadline } from './deadline.ts'
import { framesOf } from './frames.ts'
import {
  type IntroduceAnswer,
  type IntroduceRequest,
  introduceAnswer,
  introduceProtocol,
  introduceRequest,
  requestOf,
  type SignedBlob,
} from './introduction.ts'
import { introductionEndsMs, signIntroduction, verifyIntroduction } from './introduction-signature.ts'
import { type Meetings, meetByAnswer, meetByOffer } from './meet.ts'

/** The raw key of a peer. Throws VerifyError `refused` for one that has no Ed25519 key. */
export function keyOf({ publicKey }: PeerId): Uint8Array {
  check(publicKey?.type === 'Ed25519', 'refused', 'only peers with an Ed25519 key are introduced')
  return publicKey.raw
}

export function idOf(key: Uint8Array): string {
  check(key.length === 32, 'malformed', 'a peer’s key has 32 bytes')
  return peerIdFromPublicKey(publicKeyFromRaw(key)).toString()
}

/** One request and its answer, on a stream of its own. Rejects with VerifyError, as the other side says, or `unavailable`. */
export async function askIntroducer(
  connection: Connection,
  request: Partial<IntroduceRequest>,
  signal: AbortSignal,
): Promise<IntroduceAnswer> {
  const { answer, stream } = await openRequest(connection, request, signal)
  stream.close().catch(() => stream.abort(new Error('late')))
  return answer
}

/** Lets others be introduced by this peer until the signal; resolves when that is so, and when it is refused. */
export async function joinIntroducer(connection: Connection, until: AbortSignal): Promise<void> {
  const { stream } = await openRequest(connection, { join: {} }, until)
  const leave = (): void => stream.abort(new Error('not any more'))
  if (until.aborted) return leave()
  until.addEventListener('abort', leave, { once: true })
  stream.addEventListener('close', () => until.removeEventListener('abort', leave))
}

async function openRequest(
  connection: Connection,
  request: Partial<IntroduceRequest>,
  signal: AbortSignal,
): Promise<{ readonly answer: IntroduceAnswer; readonly stream: Stream }> {
  const late = { signal: withDeadline(introductionTimeoutMs, 'the introducer did not answer in time', signal) }
  let stream: Stream | undefined
  try {
    stream = await connection.newStream(introduceProtocol, late)
    const frames = framesOf(stream, introductionBytesMax)
    await frames.write(introduceRequest.encode(requestOf(request)), late)
    const answer = introduceAnswer.decode(await frames.read(late))
    if (answer.error) throw told(answer.error)
    return { answer, stream }
  } catch (error) {
    stream?.abort(new Error('failed'))
    late.signal.throwIfAborted()
    throw error instanceof VerifyError ? error : new VerifyError('unavailable', 'the introducer could not be asked')
  }
}

/** Codes that an introducer may tell. */
const toldCodes: readonly VerifyErrorCode[] = ['limited', 'refused', 'expired', 'malformed', 'oversized']

function told({ code, message }: { readonly code: string; readonly message: string }): VerifyError {
  const known = toldCodes.find(each => each === code) ?? 'unavailable'
  return new VerifyError(known, `the introducer says: ${message}`)
}

export type Introducing = {
  readonly meetings: Meetings
  /** What a peer may be told of where this page is, and may make it try. */
  readonly policyFor: (peer: string) => CandidatePolicy
}

/** Meets a peer that waits at the introducer. Rejects with VerifyError or the signal's reason. */
export async function meetThrough(
  { meetings, policyFor }: Introducing,
  introducer: Connection,
  { target, signal }: { readonly target: Uint8Array; readonly signal: AbortSignal },
): Promise<Connection> {
  const { privateKey } = meetings.host.parts
  const peer = idOf(target)
  const { blob, accept, cancel } = await meetByOffer(meetings, { policy: policyFor(peer), peer, signal })
  try {
    const offer = await signIntroduction({ kind: 'offer', blob, target }, privateKey, Date.now())
    const { answer } = await askIntroducer(introducer, { introduce: offer }, signal)
    check(answer, 'malformed', 'the introducer answered another question')
    const expected = { kind: 'answer', sender: target, target: privateKey.publicKey.raw } as const
    await verifyIntroduction(answer, { ...expected, offer: offer.signature, nowMs: Date.now() })
    return await accept(answer.blob)
  } catch (error) {
    cancel()
    throw error
  }
}

/** Answers offers that introducers bring: each once, a few a minute, whoever brings them. */
export function createTarget({ meetings, policyFor }: Introducing): (offer: SignedBlob) => Promise<SignedBlob> {
  const offers = createBucket(offersPerMinuteMax / 60, offersPerMinuteMax)
  const seen = new Map<string, number>()
  const { privateKey } = meetings.host.parts

  return async offer => {
    check(offers.take(), 'limited', 'too many offers')
    const own = privateKey.publicKey.raw
    check(!equals(offer.sender, own), 'refused', 'an offer of this peer’s own')
    await verifyIntroduction(offer, { kind: 'offer', sender: offer.sender, target: own, nowMs: Date.now() })
    const name = formatHex(offer.signature)
    check(!seen.has(name), 'refused', 'an offer that was answered before')
    // What has expired is refused for that, so it need not be remembered.
    for (const [known, endsMs] of seen) if (endsMs < Date.now()) seen.delete(known)
    seen.set(name, introductionEndsMs(offer))
    const peer = idOf(offer.sender)
    const { blob } = await meetByAnswer(meetings, offer.blob, {
      policy: policyFor(peer),
      peer,
      signal: withDeadline(introductionTimeoutMs, 'the other side did not come'),
    })
    const answer = { kind: 'answer', blob, target: offer.sender, offer: offer.signature } as const
    return signIntroduction(answer, privateKey, Date.now())
  }
}
