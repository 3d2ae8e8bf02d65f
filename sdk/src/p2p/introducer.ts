// Carries introductions between the peers of a host: a node, or a page that offers to be asked. It learns who asked for
// whom, and the addresses in the blobs that it carries; it can refuse, and can change nothing.

import type { Connection, Stream } from '@libp2p/interface'
import { check, VerifyError } from '../errors.ts'
import {
  introducedPeersMax,
  introduciblePeersMax,
  introductionBytesMax,
  introductionRequestsPerMinuteAndPeer,
  introductionsAtOnceMax,
  introductionsPerMinuteAndPeer,
  introductionsPerMinuteMax,
  introductionTimeoutMs,
  toldLengthMax,
} from '../limits.ts'
import { unpackBlob } from './blob.ts'
import { type Bucket, createBucket } from './bucket.ts'
import { framesOf } from './frames.ts'
import { askIntroducer, idOf, keyOf } from './introduce.ts'
import {
  answerOf,
  type IntroduceAnswer,
  introduceAnswer,
  introducedPolicy,
  introduceRequest,
  type SignedBlob,
} from './introduction.ts'
import { verifyIntroduction } from './introduction-signature.ts'
import type { PeerConnection, PeerStream } from './serve.ts'

export type Introducer = {
  /** The handler of the protocol. */
  readonly accept: (stream: PeerStream, connection: PeerConnection) => void
  /** Whether the peer waits there to be introduced to others. */
  readonly isJoined: (connection: PeerConnection) => boolean
}

export type IntroducerOptions = {
  /** Answers an offer that another introducer brings; without it all are refused. */
  readonly answer?: (offer: SignedBlob) => Promise<SignedBlob>
  readonly nowMs?: () => number
}

type Rates = { readonly requests: Bucket; readonly introductions: Bucket }
type Desk = {
  readonly joined: Map<string, Connection>
  readonly answer: IntroducerOptions['answer']
  readonly all: Bucket
  readonly ratesOf: (connection: Connection) => Rates
  readonly nowMs: () => number
  running: number
}

const perMinute = (count: number): Bucket => createBucket(count / 60, count)

export function createIntroducer({ answer, nowMs = () => Date.now() }: IntroducerOptions = {}): Introducer {
  const rates = new WeakMap<Connection, Rates>()
  const desk: Desk = {
    joined: new Map(),
    answer,
    all: perMinute(introductionsPerMinuteMax),
    ratesOf(connection) {
      const found = rates.get(connection)
      if (found) return found
      const requests = perMinute(introductionRequestsPerMinuteAndPeer)
      const made = { requests, introductions: perMinute(introductionsPerMinuteAndPeer) }
      rates.set(connection, made)
      return made
    },
    nowMs,
    running: 0,
  }
  return {
    accept(given, connection) {
      const stream = given as Stream
      attend(desk, stream, connection as Connection).then(
        () => stream.close().catch(() => stream.abort(new Error('late'))),
        () => stream.abort(new Error('refused')),
      )
    },
    isJoined: ({ remotePeer }) => desk.joined.has(remotePeer.toString()),
  }
}

/** One stream. What the peer did wrong is told to it in a word. */
async function attend(desk: Desk, stream: Stream, connection: Connection): Promise<void> {
  const frames = framesOf(stream, introductionBytesMax)
  const late = { signal: AbortSignal.timeout(introductionTimeoutMs) }
  const write = (answer: IntroduceAnswer): Promise<void> => frames.write(introduceAnswer.encode(answer), late)
  const read = await frames.read(late)
  try {
    check(desk.ratesOf(connection).requests.take(), 'limited', 'too many requests')
    const request = introduceRequest.decode(read)
    const parts = Object.values(request).filter(part => part !== undefined)
    check(parts.length === 1, 'malformed', 'a request asks for one thing')
    if (request.join) return await join(desk, stream, connection, write)
    if (request.list) return await write(answerOf({ list: { keys: introducible(desk, connection) } }))
    const { introduce, offered } = request
    const answer = introduce ? await carry(desk, introduce, connection) : await answered(desk, offered!)
    await write(answerOf({ answer }))
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    await write(answerOf({ error: { code: error.code, message: error.message.slice(0, toldLengthMax) } }))
  }
}

/** Keeps the peer on the list until its stream ends. */
async function join(
  { joined }: Desk,
  stream: Stream,
  connection: Connection,
  write: (answer: IntroduceAnswer) => Promise<void>,
): Promise<void> {
  const id = connection.remotePeer.toString()
  keyOf(connection.remotePeer)
  check(joined.has(id) || joined.size < introduciblePeersMax, 'limited', 'too many peers wait to be introduced')
  joined.set(id, connection)
  try {
    await write(answerOf({ joined: {} }))
    // It says nothing more: whatever comes ends its turn.
    await new Promise<void>(resolve => {
      for (const event of ['message', 'close', 'remoteCloseWrite'] as const)
        stream.addEventListener(event, () => resolve(), { once: true })
      if (stream.status !== 'open') resolve()
    })
  } finally {
    if (joined.get(id) === connection) joined.delete(id)
  }
}

/** A few at random, so that nobody is asked for standing first. */
function introducible({ joined }: Desk, asker: Connection): readonly Uint8Array[] {
  const others = [...joined.values()].filter(({ remotePeer }) => !remotePeer.equals(asker.remotePeer))
  for (let index = others.length - 1; index > 0; index--) {
    const other = randomBelow(index + 1)
    ;[others[index], others[other]] = [others[other]!, others[index]!]
  }
  return others.slice(0, introducedPeersMax).map(({ remotePeer }) => keyOf(remotePeer))
}

function randomBelow(end: number): number {
  return Math.floor((crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32) * end)
}

/** Brings an offer to its target and the answer back. */
async function carry(desk: Desk, offer: SignedBlob, asker: Connection): Promise<SignedBlob> {
  check(desk.ratesOf(asker).introductions.take() && desk.all.take(), 'limited', 'too many introductions')
  check(desk.running < introductionsAtOnceMax, 'limited', 'too many introductions at once')
  const target = desk.joined.get(idOf(offer.target))
  check(target, 'unavailable', 'this peer does not wait here to be introduced')
  // What its target would refuse is not brought there.
  const sender = keyOf(asker.remotePeer)
  await verifyIntroduction(offer, { kind: 'offer', sender, target: offer.target, nowMs: desk.nowMs() })
  unpackBlob('offer', offer.blob, { ...introducedPolicy, scopes: [] })
  desk.running++
  try {
    const { answer } = await askIntroducer(target, { offered: offer }, AbortSignal.timeout(introductionTimeoutMs))
    check(answer, 'unavailable', 'the peer did not answer')
    return answer
  } finally {
    desk.running--
  }
}

async function answered({ answer }: Desk, offer: SignedBlob): Promise<SignedBlob> {
  check(answer, 'refused', 'nobody can be introduced to this peer')
  return answer(offer)
}
