// A Provider over HTTP to a node of our own: the questions of `/muniment/query/1`, one a POST, so that a page that may not use
// WebRTC misses nothing. Where the server knows only CometBFT's RPC, that is spoken with it.

import { check, VerifyError } from '../errors.ts'
import { requestTimeoutMs, responseBytesMax } from '../limits.ts'
import { createQueryProvider, type Exchange, queryRequest, queryResponse, throwTold } from '../p2p/messages.ts'
import type { Provider, ProviderOptions } from '../provider.ts'
import { joinSignals } from '../signals.ts'
import type { Timestamp } from '../time.ts'
import { createRpcProvider, type RpcProviderOptions } from './provider.ts'
import { type Fetch, readLimited } from './transport.ts'

/** What the node answers with; anything else is not one of ours. */
export const queryContentType = 'application/vnd.muniment.query'

/** `url` is the root of the RPC, absolute or of the page. Nothing is asked until the first call, which shows what the server speaks. */
export function createNodeProvider(url: string, options: RpcProviderOptions = {}): Provider {
  const rpc = createRpcProvider(url, options)
  const ask = options.fetch ?? ((address, init) => fetch(address, init))
  const address = new URL('query', rpc.label.endsWith('/') ? rpc.label : `${rpc.label}/`).href
  let isForeign = false

  const exchange: Exchange = async (request, asked) => {
    const body = new Uint8Array(queryRequest.encode({ ...request, id: 1 }))
    const response = await post(ask, address, { body, signal: asked?.signal })
    isForeign = response === undefined
    check(response !== undefined, 'unavailable', 'the server is no node of ours')
    throwTold(response)
    return response
  }
  const node = createQueryProvider(exchange, { kind: 'rpc', label: rpc.label, close: async () => undefined })

  async function over<T>(question: (provider: Provider) => Promise<T>): Promise<T> {
    if (isForeign) return question(rpc)
    try {
      return await question(node)
    } catch (error) {
      if (isForeign) return question(rpc)
      throw error
    }
  }

  return {
    ...node,
    lightBlock: (height, asked) => over(provider => provider.lightBlock(height, asked)),
    lightBlocks: (from, to, asked) => over(provider => provider.lightBlocks(from, to, asked)),
    validatorSet: (hash, asked) => over(provider => provider.validatorSet(hash, asked)),
    query: (questions, height, asked) => over(provider => provider.query(questions, height, asked)),
    submit: (transaction, asked) => over(provider => provider.submit(transaction, asked)),
    reportEvidence: (evidence, asked) => over(provider => provider.reportEvidence(evidence, asked)),
    lightPath: (path, asked) => over(async provider => (await provider.lightPath?.(path, asked)) ?? []),
    history: (query, asked) => over(provider => provider.history(query, asked)),
    witnessedHead: asked => over(provider => provider.witnessedHead(asked)),
    checkpoint: asked => over(provider => provider.checkpoint(asked)),
    time: asked => over(provider => timeOf(provider, asked)),
  }
}

/** CometBFT's RPC has no such question: the times that it tells are those of blocks. */
async function timeOf(provider: Provider, asked: ProviderOptions | undefined): Promise<Timestamp> {
  check(provider.time !== undefined, 'unavailable', 'the server does not say what the time is')
  return provider.time(asked)
}

/** The answer; undefined where the server does not speak this. */
async function post(
  ask: Fetch,
  address: string,
  { body, signal }: { readonly body: Uint8Array<ArrayBuffer>; readonly signal: AbortSignal | undefined },
): Promise<ReturnType<typeof queryResponse.decode> | undefined> {
  signal?.throwIfAborted()
  try {
    const response = await ask(address, {
      method: 'POST',
      // Without a type of its own, so that a browser asks another origin at once and sends no preflight.
      body,
      signal: joinSignals(signal, AbortSignal.timeout(requestTimeoutMs)),
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    })
    check(response.status !== 429, 'limited', 'the server asks us to slow down')
    if (response.headers.get('content-type') !== queryContentType) return undefined
    return queryResponse.decode(await readLimited(response, responseBytesMax))
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof VerifyError) throw error
    throw new VerifyError('unavailable', 'the server did not answer', { actual: error })
  }
}
