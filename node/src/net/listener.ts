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
import { createBucket } from './bucket.ts'
import { loadCertificate, loadPeerKey } from './identity.ts'

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

export async function createListener(options: ListenerOptions): Promise<Listener> {
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
  await host.handle(queryProtocol, (stream, connection) => serve(stream, connection, options.provider), {
    maxInboundStreams: limits.streamsPerPeerMax,
  })
  return {
    addresses: () => host.getMultiaddrs().map(address => address.toString()),
    connections: () => host.getConnections().length,
    close: async () => {
      // libp2p's stop can hang on a WebRTC listener: the node does not wait for it for ever.
      await Promise.race([host.stop(), new Promise(resolve => setTimeout(resolve, limits.stopTimeoutMs).unref())])
    },
  }
}

async function serve(stream: Stream, connection: Connection, provider: Provider): Promise<void> {
  const frames = lpStream(stream, { maxDataLength: sdkLimits.requestBytesMax })
  const requests = createBucket(limits.requestsPerSecondAndPeer, limits.requestBurst)
  let running = 0
  try {
    for (;;) {
      const request = await frames.read({ signal: AbortSignal.timeout(limits.idleTimeoutMs) })
      if (!requests.take() || running >= limits.requestsAtOncePerPeerMax) return abort(stream)
      running++
      const signal = AbortSignal.timeout(sdkLimits.requestTimeoutMs)
      answerQuery(request.subarray(), provider, signal)
        .then(answer => frames.write(answer, { signal }))
        .catch(() => abort(stream))
        .finally(() => running--)
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
