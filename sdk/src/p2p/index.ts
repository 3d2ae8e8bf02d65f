// WebRTC to a node. This part brings libp2p and is loaded only where a live check is made: `@muniment/sdk/p2p`.

import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { VerifyError } from '../errors.ts'
import { dialTimeoutMs, peersMax } from '../limits.ts'
import type { Provider } from '../provider.ts'
import { createPeerProvider } from './peer.ts'

export { answerQuery, queryProtocol } from './messages.ts'

/** Dials nodes; one for a page. */
export type Peers = {
  /** `/ip4/…/udp/…/webrtc-direct/certhash/…/p2p/…`: the address names the node's key, so nobody can stand in for it. */
  readonly connect: (address: string, options?: { readonly signal?: AbortSignal }) => Promise<Provider>
  readonly close: () => Promise<void>
}

/** A libp2p host with a key of its own that lasts as long as the page: nobody can follow a citizen by it. */
export async function createPeers(): Promise<Peers> {
  const host: Libp2p = await createLibp2p({
    addresses: { listen: [] },
    transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // Only addresses of the page's own configuration are dialled here, so private ones are meant.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { maxConnections: peersMax, dialTimeout: dialTimeoutMs, reconnectRetries: 0 },
    services: { identify: identify() },
  })
  return {
    async connect(address, options) {
      try {
        const connection = await host.dial(multiaddr(address), {
          signal: options?.signal ?? AbortSignal.timeout(dialTimeoutMs),
        })
        return await createPeerProvider(connection, address)
      } catch (error) {
        if (options?.signal?.aborted) throw options.signal.reason
        if (error instanceof VerifyError) throw error
        throw new VerifyError(
          'unavailable',
          `the node could not be reached: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    },
    close: async () => {
      await host.stop()
    },
  }
}
