// The nodes that a network file names, as providers: dialled when they are first asked.

import { VerifyError } from './errors.ts'
import {
  dialPatienceMs,
  dialTimeoutMs,
  nextAddressAfterMs,
  nextAddressOfLastAfterMs,
  providerSyncTimeoutMs,
  questionTimeoutMs,
  redialAfterMs,
} from './limits.ts'
import type { Network } from './network.ts'
import type { Provider, ProviderOptions } from './provider.ts'
import { createNodeProvider } from './rpc/node-provider.ts'
import type { Fetch } from './rpc/transport.ts'

/** What `@muniment/sdk/p2p` makes; handed in, so that nobody loads libp2p who doesn't use it. */
export type Dialer = {
  readonly connect: (address: string, options?: { readonly signal?: AbortSignal }) => Promise<Provider>
  readonly close: () => Promise<void>
}

export type Sources = {
  readonly providers: readonly Provider[]
  /** As they stand now. */
  readonly peers: () => readonly PeerStatus[]
  /** Nobody is a reserve from now on; answers whether that changes anything. */
  readonly wake: () => boolean
  readonly close: () => Promise<void>
}

/** Whether a node answered the last question that it was asked. What it said may still be refused. */
export type PeerStatus = {
  readonly kind: Provider['kind']
  /** Its address. */
  readonly label: string
  readonly state: 'not-asked' | 'answered' | 'silent'
}

/**
 * The network's nodes in the order of asking. A peer is dialled when it is first asked, and where there are servers that answer it
 * is not: libp2p is many times what a check by HTTPS loads.
 */
export function createSources(
  network: Network,
  peers: (() => Promise<Dialer>) | undefined,
  fetch?: Fetch | undefined,
): Sources {
  let dialer: Promise<Dialer> | undefined
  const addresses = peers ? network.peers : []
  const load = (): Promise<Dialer> => {
    dialer ??= peers!()
    return dialer
  }
  const connect = async (address: string): Promise<Provider> => {
    const made = load()
    try {
      return await (await made).connect(address, { signal: AbortSignal.timeout(dialTimeoutMs) })
    } catch (error) {
      // WebRTC that can't be loaded, or that a page forbids, is one way that is closed; the others stay open.
      if (error instanceof VerifyError) throw error
      if (dialer === made) dialer = undefined
      throw new VerifyError('unavailable', 'the node could not be reached', { actual: error })
    }
  }
  const nodes = nodesOf(addresses)
  const isOnly = nodes.length + network.rpc.length === 1
  let isAwake = false
  const options = network.rpc.length === 0 ? { isOnly } : { isOnly, isReserve: () => !isAwake }
  const afterMs = isOnly || network.rpc.length > 0 ? nextAddressOfLastAfterMs : nextAddressAfterMs
  const reach = async (node: readonly string[]): Promise<Provider> => {
    // Its loading is no time of an address; why it failed is said where it is used.
    await load().catch(() => undefined)
    return connectFirst(node, connect, afterMs)
  }
  const dialled = nodes.map(node => createLazyProvider(node[0]!, () => reach(node), options))
  const named = [...network.rpc.map(url => createNodeProvider(url, fetch ? { fetch } : {})), ...dialled]
  const states = new Map<Provider, PeerStatus['state']>(named.map(provider => [provider, 'not-asked']))
  const providers = (named.length > 0 ? named : [missingProvider]).map(provider =>
    inTime(provider, state => states.set(provider, state)),
  )
  return {
    providers,
    peers: () => named.map(provider => ({ kind: provider.kind, label: provider.label, state: states.get(provider)! })),
    wake() {
      const wakes = !isAwake && network.rpc.length > 0 && dialled.length > 0
      isAwake = true
      return wakes
    },
    async close() {
      await Promise.allSettled(providers.map(provider => provider.close()))
      await dialer?.then(made => made.close()).catch(() => undefined)
    },
  }
}

/** The addresses by the node whose key they end in, in their order: a node is one source, however it is reached. */
function nodesOf(addresses: readonly string[]): readonly (readonly string[])[] {
  const nodes = new Map<string, string[]>()
  for (const address of addresses) {
    const peer = /\/p2p\/(\w+)$/.exec(address)?.[1] ?? address
    nodes.set(peer, [...(nodes.get(peer) ?? []), address])
  }
  return [...nodes.values()]
}

/**
 * The connection by the first address that leads to the node. Where one fails or is slow, the next is tried beside it (RFC
 * 8305, 5); what comes too late is closed. Rejects with the first one's error.
 */
function connectFirst(
  addresses: readonly string[],
  connect: (address: string) => Promise<Provider>,
  afterMs: number,
): Promise<Provider> {
  return new Promise((resolve, reject) => {
    let firstError: unknown
    let begun = 0
    let failed = 0
    let isReached = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const reached = (provider: Provider): void => {
      clearTimeout(timer)
      if (isReached) provider.close().catch(() => undefined)
      isReached = true
      resolve(provider)
    }
    const begin = (): void => {
      clearTimeout(timer)
      if (isReached || begun === addresses.length) return
      const place = begun++
      timer = setTimeout(begin, afterMs)
      connect(addresses[place]!).then(reached, error => {
        failed++
        if (place === 0) firstError = error
        if (failed === addresses.length) reject(firstError)
        begin()
      })
    }
    begin()
  })
}

type LazyOptions = {
  /** No other node can be asked. */
  readonly isOnly: boolean
  /** Asked of a peer that is not connected. */
  readonly isReserve?: () => boolean
}

/** One attempt to reach a peer. It belongs to no single question, so whoever stops asking stops nobody else. */
type Dial = {
  readonly connection: Promise<Provider>
  readonly begunMs: number
  isConnected: boolean
  failedMs: number | undefined
}

/**
 * A WebRTC peer that is dialled at the first question, and again after its connection broke. Where others can be asked, a
 * question waits only a moment for a slow dial, which goes on for the next ones, and a failed dial is not repeated at once.
 */
export function createLazyProvider(label: string, connect: () => Promise<Provider>, options: LazyOptions): Provider {
  const { isOnly, isReserve = () => false } = options
  // Who asks a reserve has nobody else left.
  const isPatient = isOnly || options.isReserve !== undefined
  let dial: Dial | undefined

  function begin(): Dial {
    const begun: Dial = {
      connection: connect(),
      begunMs: performance.now(),
      isConnected: false,
      failedMs: undefined,
    }
    begun.connection.then(
      () => {
        begun.isConnected = true
      },
      () => {
        begun.failedMs = performance.now()
      },
    )
    return begun
  }

  function current(): Dial {
    const failedMs = dial?.failedMs
    if (failedMs !== undefined && (isOnly || performance.now() - failedMs > redialAfterMs)) dial = undefined
    dial ??= begin()
    return dial
  }

  async function ask<T>(question: (provider: Provider) => Promise<T>, options?: ProviderOptions): Promise<T> {
    const asked = current()
    const patienceMs = isPatient ? undefined : Math.max(0, asked.begunMs + dialPatienceMs - performance.now())
    const provider = await unlessLate(asked.connection, { patienceMs, signal: options?.signal })
    try {
      return await question(provider)
    } catch (error) {
      const refused = error instanceof VerifyError && (error.told || error.code !== 'unavailable')
      const broke = !options?.signal?.aborted && !refused
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
    get isReserve() {
      return isReserve() && !dial?.isConnected
    },
    lightBlock: (height, options) => ask(provider => provider.lightBlock(height, options), options),
    lightBlocks: (from, to, options) => ask(provider => provider.lightBlocks(from, to, options), options),
    validatorSet: (hash, options) => ask(provider => provider.validatorSet(hash, options), options),
    query: (questions, height, options) => ask(provider => provider.query(questions, height, options), options),
    submit: (transaction, options) => ask(provider => provider.submit(transaction, options), options),
    reportEvidence: (evidence, options) => ask(provider => provider.reportEvidence(evidence, options), options),
    lightPath: (path, options) => ask(async provider => (await provider.lightPath?.(path, options)) ?? [], options),
    history: (query, options) => ask(provider => provider.history(query, options), options),
    witnessedHead: options => ask(provider => provider.witnessedHead(options), options),
    checkpoint: options => ask(provider => provider.checkpoint(options), options),
    time: options =>
      ask(async provider => {
        if (provider.time === undefined) throw new VerifyError('refused', 'the node does not say what the time is')
        return provider.time(options)
      }, options),
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
export const missingProvider: Provider = createLazyProvider('no node', missing, { isOnly: true })

/**
 * The provider with an end to every question, whether or not it keeps its own promise to end: after a while it was not
 * answered, and where the caller calls off his reason is the answer.
 */
function inTime(provider: Provider, seen: (state: PeerStatus['state']) => void): Provider {
  function ended<T>(question: Promise<T>, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => {
        seen('silent')
        reject(new VerifyError('unavailable', 'the node did not answer in time'))
      }
      const stop = (): void => reject(signal?.reason)
      const timer = setTimeout(late, timeoutMs)
      signal?.addEventListener('abort', stop, { once: true })
      if (signal?.aborted) stop()
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
      }
      question.finally(done).then(
        answer => {
          seen('answered')
          resolve(answer)
        },
        error => {
          // Whoever called off learnt nothing of the node.
          if (!signal?.aborted) seen(hasAnswered(error) ? 'answered' : 'silent')
          reject(error)
        },
      )
    })
  }
  const soon = <T>(question: Promise<T>, options: ProviderOptions | undefined): Promise<T> =>
    ended(question, questionTimeoutMs, options?.signal)
  const { lightPath, time } = provider
  return {
    ...provider,
    get isReserve() {
      return provider.isReserve ?? false
    },
    lightBlock: (height, options) => soon(provider.lightBlock(height, options), options),
    lightBlocks: (from, to, options) =>
      ended(provider.lightBlocks(from, to, options), providerSyncTimeoutMs, options?.signal),
    validatorSet: (hash, options) => soon(provider.validatorSet(hash, options), options),
    query: (questions, height, options) => soon(provider.query(questions, height, options), options),
    submit: (transaction, options) => soon(provider.submit(transaction, options), options),
    reportEvidence: (evidence, options) => soon(provider.reportEvidence(evidence, options), options),
    ...(lightPath === undefined ? {} : { lightPath: (path, options) => soon(lightPath(path, options), options) }),
    history: (query, options) => soon(provider.history(query, options), options),
    witnessedHead: options => soon(provider.witnessedHead(options), options),
    checkpoint: options => soon(provider.checkpoint(options), options),
    ...(time === undefined ? {} : { time: options => soon(time(options), options) }),
  }
}

/** A refusal is an answer too. */
function hasAnswered(error: unknown): boolean {
  return error instanceof VerifyError && (error.told || error.code !== 'unavailable')
}
