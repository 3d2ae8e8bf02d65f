// The libp2p host of a page, and how a channel becomes one of its connections.

import type { ComponentLogger, Connection, PrivateKey, Upgrader } from '@libp2p/interface'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { VerifyError } from '../errors.ts'
import { dialTimeoutMs, handshakeTimeoutMs, peersMax } from '../limits.ts'
import { agreedChannel } from './agreed.ts'
import { type BoundNoise, createBoundNoise } from './binding.ts'
import type { ByteChannel, Fingerprints } from './byte-channel.ts'
import { createChannelConnection } from './channel.ts'
import type { Link } from './link.ts'
import { supplyMissing } from './older-browsers.ts'

/** What of libp2p's inside our connections are made with. */
type Parts = { readonly upgrader: Upgrader; readonly logger: ComponentLogger; readonly privateKey: PrivateKey }

export type Host = {
  readonly libp2p: Libp2p
  readonly parts: Parts
  readonly boundNoise: BoundNoise
}

/** A key of its own that lasts as long as the page: nobody can follow a citizen by it. */
export async function createHost(): Promise<Host> {
  supplyMissing()
  const boundNoise = createBoundNoise()
  const libp2p = await createLibp2p({
    addresses: { listen: [] },
    transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } })],
    connectionEncrypters: [boundNoise.encrypter],
    streamMuxers: [yamux()],
    // Only addresses of the page's own configuration are dialled here, so private ones are meant.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { maxConnections: peersMax, dialTimeout: dialTimeoutMs, reconnectRetries: 0 },
    // A service, since only services are shown the parts.
    services: { parts: ({ upgrader, logger, privateKey }: Parts): Parts => ({ upgrader, logger, privateKey }) },
  })
  return { libp2p, parts: libp2p.services.parts, boundNoise }
}

export type Upgrade = {
  readonly role: keyof Fingerprints
  readonly fingerprints: Fingerprints
  /** For libp2p's books. */
  readonly address: string
  /** Who must be behind it, where that is known beforehand. */
  readonly peer: string | undefined
  readonly signal: AbortSignal
}

/**
 * Waits for the link's channel and proves who is behind it. Rejects with VerifyError, or the signal's reason; the link is
 * closed then.
 */
export async function upgradeLink(host: Host, link: Link, upgrade: Upgrade): Promise<Connection> {
  try {
    const connection = createOwnConnection(host, link.channel, upgrade)
    await (upgrade.role === 'offerer' ? link.opened(upgrade.signal, link.failure) : link.opened(upgrade.signal))
    const late = AbortSignal.timeout(handshakeTimeoutMs)
    return await host.parts.upgrader.upgradeOutbound(connection, {
      signal: late,
      initiator: upgrade.role === 'offerer',
    })
  } catch (error) {
    link.close()
    upgrade.signal.throwIfAborted()
    if (error instanceof VerifyError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new VerifyError('unavailable', `the other side could not prove itself: ${why}`)
  }
}

function createOwnConnection(
  { parts, boundNoise }: Host,
  channel: ByteChannel,
  { role, fingerprints, address, peer }: Upgrade,
): ReturnType<typeof createChannelConnection> {
  const asks = role === 'offerer'
  const connection = createChannelConnection(asks ? agreedChannel(channel) : channel, {
    direction: asks ? 'outbound' : 'inbound',
    // The handshake fails unless it proves the peer that the address ends in.
    address: peer === undefined ? address : `${address}/p2p/${peer}`,
    log: parts.logger.forComponent('muniment:channel'),
  })
  boundNoise.bind(connection, fingerprints)
  return connection
}
