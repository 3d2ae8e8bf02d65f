// The nodes that a network file names, as providers: dialled when they are first asked.

import { VerifyError } from './errors.ts'
import { dialPatienceMs, dialTimeoutMs, providerSyncTimeoutMs, questionTimeoutMs, redialAfterMs } from './limits.ts'
import type { Network } from './network.ts'
import type { Provider } from './provider.ts'
import { createRpcProvider } from './rpc/provider.ts'

/** What `@muniment/sdk/p2p` makes; handed in, so that nobody loads libp2p who doesn't use it. */
export type Dialer = {
  readonly connect: (address: string, options?: { readonly signal?: AbortSignal }) => Promise<Provider>
  readonly close: () => Promise<void>
}

export type Sources = { readonly providers: readonly Provider[]; readonly close: () => Promise<void> }

/** The network's nodes in the order of asking, WebRTC first. A peer is dialled when it is first asked. */
export function createSources(network: Network, peers: (() => Promise<Dialer>) | undefined): Sources {
  let dialer: Promise<Dialer> | undefined
  const addresses = peers ? network.peers : []
  const connect = async (address: string): Promise<Provider> => {
    const made = dialer ?? peers!()
    dialer = made
    try {
      return await (await made).connect(address, { signal: AbortSignal.timeout(dialTimeoutMs) })
    } catch (error) {
      // WebRTC that can't be loaded, or that a page forbids, is one way that is closed; the others stay open.
      if (error instanceof VerifyError) throw error
      if (dialer === made) dialer = undefined
      throw new VerifyError('unavailable', 'the node could not be reached', { actual: error })
    }
  }
  const isOnly = addresses.length + network.rpc.length === 1
  const dialled = addresses.map(address => createLazyProvider(address, () => connect(address), isOnly))
  const named = [...dialled, ...network.rpc.map(url => createRpcProvider(url))]
  const providers = (named.length > 0 ? named : [missingProvider]).map(inTime)
  return {
    providers,
    async close() {
      await Promise.allSettled(providers.map(provider => provider.close()))
      await dialer?.then(made => made.close()).catch(() => undefined)
    },
  }
}

/** One attempt to reach a peer. It belongs to no single question, so whoever stops asking stops nobody else. */
type Dial = { readonly connection: Promise<Provider>; readonly begunMs: number; failedMs: number | undefined }

/**
 * A WebRTC peer that is dialled at the first question, and again after its connection broke. Where others can be asked, a
 * question waits only a moment for a slow dial, which goes on for the next ones, and a failed dial is not repeated at once.
 */
export function createLazyProvider(label: string, connect: () => Promise<Provider>, isOnly: boolean): Provider {
  let dial: Dial | undefined

  function begin(): Dial {
    const begun: Dial = { connection: connect(), begunMs: performance.now(), failedMs: undefined }
    begun.connection.catch(() => {
      begun.failedMs = performance.now()
    })
    return begun
  }

  function current(): Dial {
    const failedMs = dial?.failedMs
    if (failedMs !== undefined && (isOnly || performance.now() - failedMs > redialAfterMs)) dial = undefined
    dial ??= begin()
    return dial
  }

  async function ask<T>(
    question: (provider: Provider) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T> {
    const asked = current()
    const patienceMs = isOnly ? undefined : Math.max(0, asked.begunMs + dialPatienceMs - performance.now())
    const provider = await unlessLate(asked.connection, { patienceMs, signal: options?.signal })
    try {
      return await question(provider)
    } catch (error) {
      const broke = !options?.signal?.aborted && (!(error instanceof VerifyError) || error.code === 'unavailable')
      if (broke && dial === asked) {
        dial = undefined
        provider.close().catch(() => undefined)
      }
      throw error
    }
  }

  return {
    kind: 'webrtc',
    label,
    status: options => ask(provider => provider.status(options), options),
    lightBlocks: (range, options) => ask(provider => provider.lightBlocks(range, options), options),
    state: (query, options) => ask(provider => provider.state(query, options), options),
    submit: (transaction, options) => ask(provider => provider.submit(transaction, options), options),
    close: async () => (await dial?.connection.catch(() => undefined))?.close(),
  }
}

/** Rejects with `unavailable` when patience is at its end, and with the signal's reason; the connection goes on either way. */
function unlessLate(
  connection: Promise<Provider>,
  { patienceMs, signal }: { readonly patienceMs: number | undefined; readonly signal: AbortSignal | undefined },
): Promise<Provider> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new VerifyError('unavailable', 'the node has not been reached yet'))
    const stop = (): void => reject(signal?.reason)
    const timer = patienceMs === undefined ? undefined : setTimeout(late, patienceMs)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
    connection.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    })
  })
}

/** Stands where a network names no node: bundles can still be checked. */
const missing = async (): Promise<Provider> => {
  throw new VerifyError('unavailable', 'the network names no node')
}
export const missingProvider: Provider = createLazyProvider('no node', missing, true)

/**
 * The provider with an end to every question, whether or not it keeps its own promise to end: after a while it was not
 * answered, and where the caller calls off his reason is the answer.
 */
function inTime(provider: Provider): Provider {
  function ended<T>(question: Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new VerifyError('unavailable', 'the node did not answer in time'))
      const stop = (): void => reject(signal?.reason)
      const timer = setTimeout(late, timeoutMs)
      signal?.addEventListener('abort', stop, { once: true })
      if (signal?.aborted) stop()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      }
      question.finally(done).then(resolve, reject)
    })
  }
  return {
    ...provider,
    status: options => ended(provider.status(options), questionTimeoutMs, options?.signal),
    lightBlocks: (range, options) => {
      const timeoutMs = range === 'latest' ? questionTimeoutMs : providerSyncTimeoutMs
      return ended(provider.lightBlocks(range, options), timeoutMs, options?.signal)
    },
    state: (query, options) => ended(provider.state(query, options), questionTimeoutMs, options?.signal),
    submit: (transaction, options) => ended(provider.submit(transaction, options), questionTimeoutMs, options?.signal),
  }
}
