// A Provider over a libp2p connection: one kept stream, many requests at once, each with its own time limit.

import type { Connection, Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import { check, VerifyError } from '../errors.ts'
import { requestTimeoutMs, responseBytesMax } from '../limits.ts'
import type { Provider } from '../provider.ts'
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

type Frames = LengthPrefixedStream<Stream>

/** Opens the query stream of a connection. Rejects with VerifyError `unavailable` where the peer does not serve it. */
export async function createPeerProvider(connection: Connection, label: string): Promise<Provider> {
  const waiting = new Map<number, Waiting>()
  let kept: Promise<Frames> | undefined
  let lastId = 0

  async function openStream(): Promise<Frames> {
    const stream = await connection.newStream(queryProtocol, { signal: AbortSignal.timeout(requestTimeoutMs) })
    const frames = lpStream(stream, { maxDataLength: responseBytesMax, maxBufferSize: responseBytesMax * 2 })
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
    const signal = joinSignals(options?.signal, AbortSignal.timeout(requestTimeoutMs))
    const answer = new Promise<QueryResponse>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      signal.addEventListener('abort', () =>
        reject(
          options?.signal?.aborted
            ? options.signal.reason
            : new VerifyError('unavailable', 'the node did not answer in time'),
        ),
      )
    })
    answer.catch(() => {})
    try {
      const frames = await open()
      await frames.write(queryRequest.encode({ ...request, id }), { signal }).catch(error => {
        throw options?.signal?.aborted ? options.signal.reason : lost(error)
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

  await open()
  return createQueryProvider(exchange, { kind: 'webrtc', label, close: () => connection.close() })
}

async function readAnswers(frames: Frames, answered: (response: QueryResponse) => void): Promise<void> {
  for (;;) answered(queryResponse.decode((await frames.read()).subarray()))
}

function lost(error: unknown): unknown {
  if (error instanceof VerifyError) return error
  // libp2p also throws the event that closed a stream.
  const why = error instanceof Error ? error.message : 'the stream was closed'
  return new VerifyError('unavailable', `the connection to the node failed: ${why}`)
}

/** AbortSignal.any, which browsers of 2023 do not have. */
function joinSignals(first: AbortSignal | undefined, second: AbortSignal): AbortSignal {
  if (!first) return second
  const joined = new AbortController()
  for (const signal of [first, second]) {
    if (signal.aborted) joined.abort(signal.reason)
    else signal.addEventListener('abort', () => joined.abort(signal.reason), { once: true })
  }
  return joined.signal
}
