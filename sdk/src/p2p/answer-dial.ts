// The other end of our own dial, for a node, which has a WebRTC library of its own and hands its channels over here.

import type { ComponentLogger, Upgrader } from '@libp2p/interface'
import type { NoiseComponents } from '@libp2p/noise'
import { candidatePortMin, handshakeTimeoutMs } from '../limits.ts'
import { type DirectAddress, libp2pAddress } from './address.ts'
import { createBoundNoise } from './binding.ts'
import type { ByteChannel, Fingerprints } from './byte-channel.ts'
import { createChannelConnection } from './channel.ts'
import { isIceText, writeDescription } from './description.ts'
import { directUfragPrefix } from './dial.ts'
import { parseIp } from './ip.ts'

/** What libp2p takes for `connectionEncrypters`, in the words that there are without naming its types. */
export type Encrypter = {
  readonly protocol: string
  secureInbound(connection: never, options?: never): Promise<never>
  secureOutbound(connection: never, options?: never): Promise<never>
}

/** The parts of the node's libp2p. */
export type AnswerParts = { readonly upgrader: object; readonly logger: object }

export type Caller = Pick<DirectAddress, 'host' | 'port'> & { readonly fingerprints: Fingerprints }

/** What a STUN request that belongs to no connection yet says; texts as they came. */
export type FirstPacket = {
  /** The caller's user name. */
  readonly ufrag: string
  /** The node's, as the caller made it up. */
  readonly localUfrag: string
  readonly host: string
  readonly port: number
}

export type FirstCall = {
  /** The same for all packets of one attempt. */
  readonly name: string
  readonly host: string
  readonly port: number
  /** User name and password of the node. */
  readonly secret: string
  /** The caller's session description. Its certificate is seen only in the handshake: the fingerprint in it is made up. */
  readonly offer: string
}

/** Undefined for what our own dial would not send: no other text gets as far as a WebRTC library. */
export function readFirstPacket({ ufrag, localUfrag, host, port }: FirstPacket): FirstCall | undefined {
  const ip = parseIp(host)
  const isFromCaller = ip !== undefined && port >= candidatePortMin && port < 65_536
  if (!isFromCaller || !localUfrag.startsWith(directUfragPrefix)) return undefined
  const password = localUfrag.slice(directUfragPrefix.length)
  if (!isIceText(ufrag, 4, 32) || !isIceText(password, 22, 64)) return undefined
  const candidates = [{ type: 'host', address: { ip }, port }] as const
  const offer = writeDescription({ ufrag, password, fingerprint: new Uint8Array(32), candidates }, 'dialled')
  return { name: `${host} ${port} ${ufrag}`, host, port, secret: localUfrag, offer }
}

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
