// A Provider over a libp2p connection: one kept stream, many requests at once, each with its own time limit.

import type { Connection, Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import { VerifyError } from '../errors.ts'
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

/** Opens the query stream of a connection. Rejects with VerifyError `unavailable` where the peer does not serve it. */
export async function createPeerProvider(connection: Connection, label: string): Promise<Provider> {
  const waiting = new Map<number, Waiting>()
  let kept: { readonly stream: Stream; readonly frames: LengthPrefixedStream<Stream> } | undefined
  let lastId = 0

  function failAll(error: unknown): void {
    kept = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  async function open(): Promise<LengthPrefixedStream<Stream>> {
    if (kept) return kept.frames
    const stream = await connection.newStream(queryProtocol, { signal: AbortSignal.timeout(requestTimeoutMs) })
    const frames = lpStream(stream, { maxDataLength: responseBytesMax, maxBufferSize: responseBytesMax * 2 })
    kept = { stream, frames }
    readAnswers(frames, waiting).catch(error => failAll(lost(error)))
    return frames
  }

  const exchange: Exchange = async (request, options) => {
    const id = ++lastId
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
      const frames = await open().catch(error => {
        throw lost(error)
      })
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

  await open().catch(error => {
    throw lost(error)
  })
  return createQueryProvider(exchange, { kind: 'webrtc', label, close: () => connection.close() })
}

async function readAnswers(frames: LengthPrefixedStream<Stream>, waiting: ReadonlyMap<number, Waiting>): Promise<void> {
  for (;;) {
    const response = queryResponse.decode((await frames.read()).subarray())
    // An answer to no question, or to one that was given up, is dropped.
    waiting.get(response.id)?.resolve(response)
  }
}

function lost(error: unknown): unknown {
  if (error instanceof VerifyError) return error
  return new VerifyError(
    'unavailable',
    `the connection to the node failed: ${error instanceof Error ? error.message : String(error)}`,
  )
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
