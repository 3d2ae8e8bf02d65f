// A Provider over a libp2p connection: one kept stream, many requests at once, each with its own time limit.

import type { Connection, StreamMuxer } from '@libp2p/interface'
import { encodeUtf8, equals } from '../bytes.ts'
import { check, VerifyError } from '../errors.ts'
import { requestTimeoutMs, responseBytesMax } from '../limits.ts'
import type { Provider } from '../provider.ts'
import { withDeadline } from './deadline.ts'
import { type Frames, framesOf } from './frames.ts'
import {
  createQueryProvider,
  type Exchange,
  type QueryResponse,
  queryProtocol,
  queryRequest,
  queryResponse,
  throwTold,
} from './messages.ts'

type Waiting = { readonly resolve: (response: QueryResponse) => void; readonly reject: (error: unknown) => void }

/** What of libp2p's connections is no part of its interface. */
type Muxed = Connection & { readonly muxer: StreamMuxer }

/**
 * multistream-select's two lines, which the other side repeats where it serves. libp2p would wait for that, which on a poor line is
 * half a second; here the first question follows at once, and fails where the answer is another.
 */
const agreement: readonly Uint8Array[] = ['/multistream/1.0.0\n', `${queryProtocol}\n`].map(encodeUtf8)

/** The stream is opened by the first question. Questions reject with VerifyError `unavailable` where the peer serves nobody. */
export function createPeerProvider(connection: Connection, given: Pick<Provider, 'kind' | 'label'>): Provider {
  const waiting = new Map<number, Waiting>()
  let kept: Promise<Frames> | undefined
  let lastId = 0

  async function openStream(): Promise<Frames> {
    const signal = AbortSignal.timeout(requestTimeoutMs)
    const stream = await (connection as Muxed).muxer.createStream({ signal })
    const frames = framesOf(stream, responseBytesMax)
    for (const line of agreement) await frames.write(line, { signal })
    const answered = (response: QueryResponse): void => {
      // An answer to a question that was given up is dropped; one to no question comes from a peer that floods.
      check(response.id > 0 && response.id <= lastId, 'malformed', 'an answer to no question')
      waiting.get(response.id)?.resolve(response)
      waiting.delete(response.id)
    }
    readAnswers(frames, answered).catch(error => {
      kept = undefined
      stream.abort(new Error('the answers can not be read'))
      for (const { reject } of waiting.values()) reject(lost(error))
      waiting.clear()
    })
    return frames
  }

  /** One stream for all questions, also for those that are asked while it is being opened. */
  function open(): Promise<Frames> {
    if (kept) return kept
    const opening = openStream().catch(error => {
      if (kept === opening) kept = undefined
      throw lost(error)
    })
    kept = opening
    return opening
  }

  const exchange: Exchange = async (request, options) => {
    options?.signal?.throwIfAborted()
    const id = nextId()
    const signal = withDeadline(requestTimeoutMs, 'the peer did not answer in time', options?.signal)
    const answer = new Promise<QueryResponse>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    answer.catch(() => {})
    try {
      const frames = await open()
      await frames.write(queryRequest.encode({ ...request, id }), { signal }).catch(error => {
        throw signal.aborted ? signal.reason : lost(error)
      })
      const response = await answer
      throwTold(response)
      return response
    } finally {
      waiting.delete(id)
    }
  }

  function nextId(): number {
    lastId += 1
    return lastId
  }

  return createQueryProvider(exchange, { ...given, close: () => connection.close() })
}

async function readAnswers(frames: Frames, answered: (response: QueryResponse) => void): Promise<void> {
  for (const line of agreement)
    check(equals(await frames.read(), line), 'unavailable', 'the peer does not answer questions')
  for (;;) answered(queryResponse.decode(await frames.read()))
}

function lost(error: unknown): unknown {
  if (error instanceof VerifyError) return error
  // libp2p also throws the event that closed a stream.
  const why = error instanceof Error ? error.message : 'the stream was closed'
  return new VerifyError('unavailable', `the connection to the peer failed: ${why}`)
}
