// From an address of network.json to a client. Loaded when the first check is made: a page that only offers one stays light.

import {
  type Client,
  createClient,
  createMemoryStore,
  isObject,
  type Json,
  loadCrypto,
  type Network,
  openIndexedDbStore,
  parseJson,
  parseNetwork,
  parseTrustRoot,
  type Store,
  type TrustRoot,
  VerifyError,
} from '@muniment/sdk'
import type { CompiledRoot } from '../configure.ts'
import { unlessAborted } from '../signals.ts'
import type { Fetch } from './bundle.ts'
import { NetworkError } from './network-file.ts'
import { workerSpawner } from './spawn.ts'

const networkTimeoutMs = 8_000

export type ConnectOptions = {
  /** The network's file, asked for already: on a poor line this code takes as long to come. */
  readonly file: Promise<string>
  /** In place of the page's own. */
  readonly fetch: Fetch | undefined
  readonly root: CompiledRoot
  readonly signal: AbortSignal
  readonly noWasm: boolean
}

/** Rejects with NetworkError for whatever came from outside, and with the signal's reason. */
export async function connect({ file, fetch, root: compiled, signal, noWasm }: ConnectOptions): Promise<Client> {
  const root = readRoot(compiled)
  const spawn = noWasm ? undefined : workerSpawner()
  // On its way while the network's file is: on a poor line each is a second.
  const loading = loadCrypto({ forceFallback: noWasm, ...(spawn ? { spawn } : {}) })
  try {
    const network = readNetwork(await textOf(file, signal))
    checkNetwork(network, root)
    const [crypto, store] = await Promise.all([loading, openStore()])
    signal.throwIfAborted()
    const given = { root, network, crypto, store, peers: dialPeers, page: location.origin }
    return createClient(fetch ? { ...given, fetch } : given)
  } catch (error) {
    loading.then(crypto => crypto.close()).catch(() => undefined)
    throw error
  }
}

function checkNetwork(network: Network, root: TrustRoot): void {
  if (network.chainId !== root.chainId) {
    throw new NetworkError('wrong-network', `The network’s file is of ${network.chainId}, the page of ${root.chainId}.`)
  }
  if (network.peers.length + network.rpc.length === 0) {
    throw new NetworkError('no-peers', 'The network’s file names no node.')
  }
}

/** libp2p comes only now, and never where the browser has no WebRTC. */
async function dialPeers(): Promise<Awaited<ReturnType<typeof import('@muniment/sdk/p2p')['createPeers']>>> {
  if (typeof RTCPeerConnection !== 'function') throw new VerifyError('unavailable', 'this browser has no WebRTC')
  const { createPeers } = await import('@muniment/sdk/p2p')
  return createPeers()
}

/** Where a browser keeps nothing for a page, each visit begins at the checkpoint. */
function openStore(): Promise<Store> {
  return openIndexedDbStore().catch(createMemoryStore)
}

async function textOf(file: Promise<string>, signal: AbortSignal): Promise<string> {
  try {
    return await unlessAborted(file, withTimeout(signal))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof NetworkError) throw error
    throw new NetworkError('offline', 'The network’s file could not be fetched.')
  }
}

/** Browsers of 2023 have no AbortSignal.any. */
function withTimeout(signal: AbortSignal): AbortSignal {
  const ended = new AbortController()
  const late = AbortSignal.timeout(networkTimeoutMs)
  for (const each of [signal, late]) {
    if (each.aborted) ended.abort(each.reason)
    each.addEventListener('abort', () => ended.abort(each.reason), { once: true, signal: ended.signal })
  }
  return ended.signal
}

/** A root that can't be read is a fault of the page's build, and every verdict there says that it can't be relied on. */
function readRoot(root: CompiledRoot): TrustRoot {
  if (isTrustRoot(root)) return root
  try {
    return parseTrustRoot(root)
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    throw new NetworkError('wrong-network', `The page’s trust root cannot be read: ${error.message}.`)
  }
}

function isTrustRoot(root: CompiledRoot): root is TrustRoot {
  return isObject(root as Json) && (root as TrustRoot).genesisHash instanceof Uint8Array
}

function readNetwork(text: string): Network {
  try {
    return parseNetwork(parseJson(text))
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    throw new NetworkError('no-peers', `The network’s file cannot be read: ${error.message}.`)
  }
}
