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
import type { NetworkErrorCode } from '../events.ts'
import { unlessAborted } from '../signals.ts'
import { workerSpawner } from './spawn.ts'

const networkBytesMax: number = 64 * 1024
const networkTimeoutMs = 8_000

/** Why there is no client. The codes are those of the verdict that each comes to. */
class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export type ConnectOptions = {
  /** The network's file, asked for already: on a poor line this code takes as long to come. */
  readonly file: Promise<Response>
  readonly root: CompiledRoot
  readonly signal: AbortSignal
  readonly noWasm: boolean
}

/** Rejects with NetworkError for whatever came from outside, and with the signal's reason. */
export async function connect({ file, root: compiled, signal, noWasm }: ConnectOptions): Promise<Client> {
  const root = readRoot(compiled)
  const spawn = noWasm ? undefined : workerSpawner()
  // On its way while the network's file is: on a poor line each is a second.
  const loading = loadCrypto({ forceFallback: noWasm, ...(spawn ? { spawn } : {}) })
  try {
    const network = readNetwork(await textOf(file, signal))
    checkNetwork(network, root)
    const [crypto, store] = await Promise.all([loading, openStore()])
    signal.throwIfAborted()
    return createClient({ root, network, crypto, store, peers: dialPeers, page: location.origin })
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

async function textOf(file: Promise<Response>, signal: AbortSignal): Promise<string> {
  try {
    return await unlessAborted(readAnswer(file), withTimeout(signal))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof NetworkError) throw error
    throw new NetworkError('offline', 'The network’s file could not be fetched.')
  }
}

async function readAnswer(file: Promise<Response>): Promise<string> {
  const response = await file
  if (!response.ok) throw new NetworkError('offline', `The network’s file was not served (HTTP ${response.status}).`)
  return readLimited(response)
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

async function readLimited(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  let text = ''
  let length = 0
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    length += chunk.value.length
    if (length > networkBytesMax) {
      await reader?.cancel()
      throw new NetworkError('no-peers', 'The network’s file is too long.')
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
  return text + decoder.decode()
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
