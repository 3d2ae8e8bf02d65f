// The node's WebRTC door: one UDP port, answers queries from a Provider, with limits before anything dear happens.

import { identify } from '@libp2p/identify'
import type { Connection, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { lpStream } from '@libp2p/utils'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { type Provider, limits as sdkLimits } from '@muniment/sdk'
import { answerQuery, queryProtocol } from '@muniment/sdk/p2p'
import { createLibp2p } from 'libp2p'
import * as limits from '../limits.ts'
import { type Bucket, createBucket } from './bucket.ts'
import { loadCertificate, loadPeerKey } from './identity.ts'
import { requireFreePort } from './port.ts'

export type Listener = {
  /** Dialable addresses, with certificate hash and peer id. */
  readonly addresses: () => readonly string[]
  readonly connections: () => number
  readonly close: () => Promise<void>
}

export type ListenerOptions = {
  readonly provider: Provider
  /** IP address, not a name. */
  readonly host: string
  readonly port: number
  readonly keyFile: string
  readonly certificateFile: string
}

/** Throws HomeError: port-in-use, permission, file-malformed. */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  await requireFreePort(options.host, options.port)
  const family = options.host.includes(':') ? 'ip6' : 'ip4'
  const certificate = await loadCertificate(options.certificateFile)
  // Asked before each native connection is made: without it one forged packet costs a thread (p2p design, 5).
  const handshakes = createBucket(limits.handshakesPerSecond, limits.handshakeBurst)
  const host = await createLibp2p({
    privateKey: await loadPeerKey(options.keyFile),
    addresses: { listen: [`/${family}/${options.host}/udp/${options.port}/webrtc-direct`] },
    transports: [
      webRTCDirect({
        certificate,
        rtcConfiguration: () => {
          if (!handshakes.take()) throw new Error('too many handshakes')
          return { iceServers: [] }
        },
      }),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: limits.connectionsMax,
      inboundConnectionThreshold: limits.inboundPerSecondAndAddressMax,
      maxIncomingPendingConnections: limits.pendingConnectionsMax,
    },
    services: { identify: identify(), ping: ping() },
  })
  const peers = createAllowances()
  const door: Door = { provider: options.provider, allowanceOf: peers.of }
  await host.handle(queryProtocol, (stream, connection) => serve(stream, connection, door), {
    maxInboundStreams: limits.streamsPerPeerMax,
  })
  // Whoever holds a connection and asks nothing takes the place of one who would.
  const sweep = setInterval(() => closeIdle(host.getConnections(), peers.of), limits.idleTimeoutMs / 4)
  sweep.unref()
  return {
    addresses: () => host.getMultiaddrs().map(address => address.toString()),
    connections: () => host.getConnections().length,
    close: async () => {
      clearInterval(sweep)
      // libp2p's stop can hang on a WebRTC listener: the node does not wait for it for ever.
      await Promise.race([host.stop(), new Promise(resolve => setTimeout(resolve, limits.stopTimeoutMs).unref())])
    },
  }
}

/** What one connection may still do, on all of its streams together: a new stream is no new start. */
type Allowance = { readonly requests: Bucket; running: number; lastMs: number }
type Door = { readonly provider: Provider; readonly allowanceOf: (connection: Connection) => Allowance }

function createAllowances(): { readonly of: (connection: Connection) => Allowance } {
  const known = new WeakMap<Connection, Allowance>()
  return {
    of(connection) {
      const found = known.get(connection)
      if (found) return found
      const requests = createBucket(limits.requestsPerSecondAndPeer, limits.requestBurst)
      const made = { requests, running: 0, lastMs: performance.now() }
      known.set(connection, made)
      return made
    },
  }
}

function closeIdle(connections: readonly Connection[], allowanceOf: Door['allowanceOf']): void {
  for (const connection of connections) {
    if (performance.now() - allowanceOf(connection).lastMs < limits.idleTimeoutMs) continue
    connection.close({ signal: AbortSignal.timeout(limits.stopTimeoutMs) }).catch(error => connection.abort(error))
  }
}

async function serve(stream: Stream, connection: Connection, door: Door): Promise<void> {
  const frames = lpStream(stream, { maxDataLength: sdkLimits.requestBytesMax })
  const allowance = door.allowanceOf(connection)
  try {
    for (;;) {
      const request = await frames.read({ signal: AbortSignal.timeout(limits.idleTimeoutMs) })
      allowance.lastMs = performance.now()
      if (!allowance.requests.take() || allowance.running >= limits.requestsAtOncePerPeerMax) return abort(stream)
      allowance.running++
      const signal = AbortSignal.timeout(sdkLimits.requestTimeoutMs)
      answerQuery(request.subarray(), door.provider, signal)
        .then(answer => frames.write(answer, { signal }))
        .catch(() => abort(stream))
        .finally(() => allowance.running--)
    }
  } catch {
    // The peer closed the stream, was idle for too long, or sent a frame over the limit.
    abort(stream)
    if (connection.streams.length === 0) await connection.close().catch(() => {})
  }
}

function abort(stream: Stream): void {
  stream.abort(new Error('limit'))
}
