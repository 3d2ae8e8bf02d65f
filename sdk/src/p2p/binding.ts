// Noise over a channel, bound to that channel: both sides mix the fingerprints of both certificates into the handshake. Who
// stands between two sides has a certificate of his own towards each, so their handshakes differ and fail (security rule 29).

import {
  type ConnectionEncrypter,
  type MessageStream,
  type SecureConnectionOptions,
  type SecuredConnection,
  serviceCapabilities,
} from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'
import { VerifyError } from '../errors.ts'
import { frame } from '../tags.ts'
import type { Fingerprints } from './byte-channel.ts'

export type BoundNoise = {
  /** To be said of each connection before it is upgraded. */
  readonly bind: (connection: MessageStream, fingerprints: Fingerprints) => void
  /** For libp2p's `connectionEncrypters`. Refuses connections that were not bound. */
  readonly encrypter: (components: NoiseComponents) => CapableEncrypter
}

/** libp2p's services ask for the capability by its name. */
type CapableEncrypter = ConnectionEncrypter & { readonly [serviceCapabilities]: readonly string[] }

export function createBoundNoise(): BoundNoise {
  const prologues = new WeakMap<MessageStream, Uint8Array>()

  function encrypter(components: NoiseComponents): CapableEncrypter {
    const noiseOf = (connection: MessageStream): ConnectionEncrypter => {
      const prologueBytes = prologues.get(connection)
      if (!prologueBytes) throw new VerifyError('refused', 'a connection that is bound to no certificates')
      return noise({ prologueBytes })(components)
    }
    return {
      protocol: '/noise',
      [serviceCapabilities]: ['@libp2p/connection-encryption'],
      secureInbound: async (connection: MessageStream, options?: SecureConnectionOptions): Promise<SecuredConnection> =>
        noiseOf(connection).secureInbound(connection, options),
      secureOutbound: async (
        connection: MessageStream,
        options?: SecureConnectionOptions,
      ): Promise<SecuredConnection> => noiseOf(connection).secureOutbound(connection, options),
    }
  }

  return {
    bind: (connection, fingerprints) => prologues.set(connection, prologueOf(fingerprints)),
    encrypter,
  }
}

export function prologueOf({ offerer, answerer }: Fingerprints): Uint8Array {
  return frame('muniment/direct/1', offerer, answerer)
}
