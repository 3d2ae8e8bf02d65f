// Answers `/muniment/query/1` from a Provider: a node's listener, and a page that offers to be asked. What a connection may
// ask counts over all of its streams, since a new stream is no new start.

import type { Stream } from '@libp2p/interface'
import {
  idleTimeoutMs,
  requestBurst,
  requestBytesMax,
  requestsAtOncePerPeerMax,
  requestsPerSecondAndPeer,
  requestTimeoutMs,
} from '../limits.ts'
import type { Provider } from '../provider.ts'
import { type Bucket, createBucket } from './bucket.ts'
import { framesOf } from './frames.ts'
import { answerQuery } from './messages.ts'

/** What we use of libp2p's streams and connections, which this package's declarations can't name: libp2p is inside it. */
export type PeerStream = { readonly abort: (error: Error) => void }
export type PeerConnection = { readonly remotePeer: { toString(): string }; readonly streams: readonly PeerStream[] }

export type QueryServer = {
  /** The handler of the protocol, for at most `streamsPerPeerMax` streams of a connection. */
  readonly accept: (stream: PeerStream, connection: PeerConnection) => void
  /** For how long this connection has asked nothing, in milliseconds; from the first call on, where it never did. */
  readonly idleMs: (connection: PeerConnection) => number
}

export type QueryServerOptions = {
  readonly provider: Provider
  /** Told when a stream has ended: the peer closed it, was idle for too long, or sent what can't be read. */
  readonly onEnd?: (connection: PeerConnection) => void
}

type Allowance = { readonly requests: Bucket; running: number; lastMs: number }

export function createQueryServer({ provider, onEnd }: QueryServerOptions): QueryServer {
  const allowances = new WeakMap<PeerConnection, Allowance>()

  function allowanceOf(connection: PeerConnection): Allowance {
    const found = allowances.get(connection)
    if (found) return found
    const requests = createBucket(requestsPerSecondAndPeer, requestBurst)
    const made = { requests, running: 0, lastMs: performance.now() }
    allowances.set(connection, made)
    return made
  }

  return {
    accept(stream, connection) {
      serve(stream as Stream, provider, allowanceOf(connection)).then(end => {
        stream.abort(new Error(end))
        // Whoever asked for too much keeps the connection, and with it an allowance that is used up.
        if (end === 'ended') onEnd?.(connection)
      })
    },
    idleMs: connection => performance.now() - allowanceOf(connection).lastMs,
  }
}

/** Never rejects. */
async function serve(stream: Stream, provider: Provider, allowance: Allowance): Promise<'ended' | 'limited'> {
  const frames = framesOf(stream, requestBytesMax)
  for (;;) {
    const request = await frames.read({ signal: AbortSignal.timeout(idleTimeoutMs) }).catch(() => undefined)
    if (!request) return 'ended'
    allowance.lastMs = performance.now()
    if (!allowance.requests.take() || allowance.running >= requestsAtOncePerPeerMax) return 'limited'
    allowance.running++
    const signal = AbortSignal.timeout(requestTimeoutMs)
    answerQuery(request, provider, signal)
      .then(answer => frames.write(answer, { signal }))
      .catch(() => stream.abort(new Error('the answer could not be sent')))
      .finally(() => allowance.running--)
  }
}
