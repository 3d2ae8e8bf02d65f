// The node's WebRTC doors: one UDP port for our own dial, one for WebRTC-direct v1 as libp2p speaks it. Behind both, the same
// questions are answered from a Provider, and browsers are introduced to each other.

import { identify } from '@libp2p/identify'
import type { Connection } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { type Provider, limits as sdkLimits } from '@muniment/sdk'
import {
  type AnswerParts,
  createBucket,
  createDialAnswerer,
  createIntroducer,
  createQueryServer,
  type DialAnswerer,
  introduceProtocol,
  queryProtocol,
} from '@muniment/sdk/p2p'
import { createLibp2p, type Libp2p } from 'libp2p'
import * as limits from '../limits.ts'
import { openDirectDoor } from './direct.ts'
import { type Certificate, loadCertificate, loadPeerKey } from './identity.ts'
import { requireFreePort } from './port.ts'

export type Listener = {
  /** Dialable addresses, with certificate hash and peer id: first those of our own dial, then those of WebRTC-direct v1. */
  readonly addresses: () => readonly string[]
  readonly connections: () => number
  readonly close: () => Promise<void>
}

export type ListenerOptions = {
  readonly provider: Provider
  /** IP address, not a name. */
  readonly host: string
  /** Of WebRTC-direct v1, and of our own dial; 0: any that is free. */
  readonly port: number
  readonly directPort: number
  readonly keyFile: string
  readonly certificateFile: string
}

/** Throws HomeError: port-in-use, permission, file-malformed. */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  await requireFreePort(options.host, options.port)
  const certificate = await loadCertificate(options.certificateFile)
  const answerer = createDialAnswerer()
  const host = await createHost(options, { certificate, encrypter: answerer.encrypter })
  const introducer = createIntroducer()
  // Whoever asks nothing takes the place of one who would, unless it waits there for others to ask it.
  const closeUnused = (connection: Connection): void => {
    if (connection.streams.length === 0 && !introducer.isJoined(connection)) close(connection)
  }
  const server = createQueryServer({
    provider: options.provider,
    onEnd: connection => closeUnused(connection as Connection),
  })
  const closeIdle = (): void => {
    for (const connection of host.getConnections()) {
      if (server.idleMs(connection) >= sdkLimits.idleTimeoutMs && !introducer.isJoined(connection)) close(connection)
    }
  }
  await host.handle(queryProtocol, server.accept, { maxInboundStreams: sdkLimits.streamsPerPeerMax })
  await host.handle(introduceProtocol, introducer.accept, {
    maxInboundStreams: sdkLimits.introductionStreamsPerPeerMax,
  })
  const sweep = setInterval(closeIdle, sdkLimits.idleTimeoutMs / 4)
  sweep.unref()
  const door = await openDirectDoor({
    host: options.host,
    port: options.directPort,
    certificate,
    peer: host.peerId.toString(),
    admit: (channel, caller) => answerer.admit(channel, caller, host.services.parts),
  }).catch(async error => {
    clearInterval(sweep)
    await stopInTime(host)
    throw error
  })
  return {
    addresses: () => [...door.addresses(), ...host.getMultiaddrs().map(address => address.toString())],
    connections: () => host.getConnections().length,
    async close() {
      clearInterval(sweep)
      await stopInTime(host)
      door.close()
    },
  }
}

type HostParts = { readonly certificate: Certificate; readonly encrypter: DialAnswerer['encrypter'] }

/** libp2p with the door of WebRTC-direct v1. */
async function createHost(
  { host, port, keyFile }: ListenerOptions,
  { certificate, encrypter }: HostParts,
): Promise<Libp2p<{ parts: AnswerParts }>> {
  // Asked before each native connection is made: without it one forged packet costs a thread (p2p design, 5).
  const handshakes = createBucket(limits.handshakesPerSecond, limits.handshakeBurst)
  return createLibp2p({
    privateKey: await loadPeerKey(keyFile),
    addresses: { listen: [`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/udp/${port}/webrtc-direct`] },
    transports: [
      webRTCDirect({
        certificate,
        rtcConfiguration: () => {
          if (!handshakes.take()) throw new Error('too many handshakes')
          return { iceServers: [] }
        },
      }),
    ],
    connectionEncrypters: [encrypter],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: limits.connectionsMax,
      inboundConnectionThreshold: limits.inboundPerSecondAndAddressMax,
      maxIncomingPendingConnections: limits.pendingConnectionsMax,
    },
    // Only services are shown the parts that connections are made with.
    services: {
      identify: identify(),
      ping: ping(),
      parts: ({ upgrader, logger }: AnswerParts): AnswerParts => ({ upgrader, logger }),
    },
  })
}

function close(connection: Connection): void {
  connection.close({ signal: AbortSignal.timeout(limits.stopTimeoutMs) }).catch(error => connection.abort(error))
}

/** libp2p's stop can hang on a WebRTC listener: the node does not wait for it for ever. */
async function stopInTime(host: Libp2p<{ parts: AnswerParts }>): Promise<void> {
  await Promise.race([host.stop(), new Promise(resolve => setTimeout(resolve, limits.stopTimeoutMs).unref())])
}
