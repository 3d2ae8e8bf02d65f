// The other end of our own dial, for a node, which has a WebRTC library of its own and hands its channels over here.

import type { ComponentLogger, Upgrader } from '@libp2p/interface'
import type { NoiseComponents } from '@libp2p/noise'
import { handshakeTimeoutMs } from '../limits.ts'
import { type DirectAddress, libp2pAddress } from './address.ts'
import { createBoundNoise, type Fingerprints } from './binding.ts'
import { type ByteChannel, createChannelConnection } from './channel.ts'

/** What libp2p takes for `connectionEncrypters`, in the words that there are without naming its types. */
export type Encrypter = {
  readonly protocol: string
  secureInbound(connection: never, options?: never): Promise<never>
  secureOutbound(connection: never, options?: never): Promise<never>
}

/** The parts of the node's libp2p. */
export type AnswerParts = { readonly upgrader: object; readonly logger: object }

export type Caller = Pick<DirectAddress, 'host' | 'port'> & { readonly fingerprints: Fingerprints }

export type DialAnswerer = {
  readonly encrypter: (components: object) => Encrypter
  /** Proves who is behind an open channel and gives libp2p the connection. Rejects for any reason; the channel is closed then. */
  readonly admit: (channel: ByteChannel, caller: Caller, parts: AnswerParts) => Promise<void>
}

export function createDialAnswerer(): DialAnswerer {
  const boundNoise = createBoundNoise()
  return {
    encrypter: components => boundNoise.encrypter(components as NoiseComponents) as unknown as Encrypter,
    async admit(channel, caller, parts) {
      const { upgrader, logger } = parts as { readonly upgrader: Upgrader; readonly logger: ComponentLogger }
      try {
        const connection = createChannelConnection(channel, {
          direction: 'inbound',
          address: libp2pAddress(caller),
          log: logger.forComponent('muniment:channel'),
        })
        boundNoise.bind(connection, caller.fingerprints)
        await upgrader.upgradeInbound(connection, { signal: AbortSignal.timeout(handshakeTimeoutMs) })
      } catch (error) {
        channel.close()
        throw error
      }
    },
  }
}
