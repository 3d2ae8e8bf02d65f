// The nodes that a network file names, as providers: dialled when they are first asked.

import { VerifyError } from './errors.ts'
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
  const dialled = peers
    ? network.peers.map(address =>
        createLazyProvider(address, async options => {
          dialer ??= peers()
          return (await dialer).connect(address, options)
        }),
      )
    : []
  const named = [...dialled, ...network.rpc.map(url => createRpcProvider(url))]
  const providers = named.length > 0 ? named : [missingProvider]
  return {
    providers,
    async close() {
      await Promise.allSettled(providers.map(provider => provider.close()))
      await (await dialer)?.close()
    },
  }
}

/** A WebRTC peer that is dialled at the first question, and again after its connection broke. */
function createLazyProvider(
  label: string,
  connect: (options?: { readonly signal?: AbortSignal }) => Promise<Provider>,
): Provider {
  let connection: Promise<Provider> | undefined

  async function ask<T>(
    question: (provider: Provider) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T> {
    connection ??= connect(options)
    try {
      return await question(await connection)
    } catch (error) {
      if (!(error instanceof VerifyError) || error.code === 'unavailable') connection = undefined
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
    close: async () => (await connection?.catch(() => undefined))?.close(),
  }
}

/** Stands where a network names no node: bundles can still be checked. */
const missingProvider: Provider = createLazyProvider('no node', async () => {
  throw new VerifyError('unavailable', 'the network names no node')
})
