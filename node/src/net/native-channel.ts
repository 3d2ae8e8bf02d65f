// One WebRTC connection of a caller, by the native library, with the one channel that both sides agree on beforehand. An
// exception in a callback of the library ends the whole process, so none leaves one; what nobody holds it collects and stops.

import { limits } from '@muniment/sdk'
import type { ByteChannel, ChannelListener } from '@muniment/sdk/p2p'
import { type DataChannel, PeerConnection } from 'node-datachannel'
import type { Certificate } from './identity.ts'

export type NativeEvents = {
  /** The caller's address answers: packets to it are wanted. */
  readonly onValidated: () => void
  /** `fingerprint`: SHA-256 of the caller's certificate, 32 bytes. */
  readonly onOpen: (channel: ByteChannel, fingerprint: Uint8Array) => void
  /** Told once, when nothing of it is left, also after `close`. */
  readonly onClosed: () => void
}

export type NativeOptions = {
  readonly certificate: Certificate
  /** The listener's port, which all connections share. */
  readonly port: number
  /** Both the user name and the password of this side. */
  readonly secret: string
  /** The caller's session description. */
  readonly offer: string
}

/** Takes one thread and about 0.7 MB, and begins to send to the caller's address. */
export function createNativeConnection(options: NativeOptions, events: NativeEvents): { readonly close: () => void } {
  const peer = new PeerConnection('', {
    iceServers: [],
    // Whose certificate it is the handshake shows, which is bound to both.
    disableFingerprintVerification: true,
    disableAutoNegotiation: true,
    certificatePemFile: options.certificate.pem,
    keyPemFile: options.certificate.privateKey,
    enableIceUdpMux: true,
    portRangeBegin: options.port,
    portRangeEnd: options.port,
    maxMessageSize: limits.channelMessageBytesMax,
  })
  let isClosed = false
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    quietly(() => peer.close())
    events.onClosed()
  }
  peer.onIceStateChange(state => {
    if (state === 'connected' || state === 'completed') events.onValidated()
  })
  peer.onStateChange(state => {
    if (state === 'closed' || state === 'failed') close()
  })
  try {
    peer.setRemoteDescription(options.offer, 'offer')
    const channel = peer.createDataChannel('', { negotiated: true, id: 0 })
    const bytes = byteChannel(channel, close)
    channel.onOpen(() => {
      const fingerprint = quietly(() => readFingerprint(peer))
      if (fingerprint && !isClosed) events.onOpen(bytes, fingerprint)
      else close()
    })
    peer.setLocalDescription('answer', { iceUfrag: options.secret, icePwd: options.secret })
  } catch (error) {
    close()
    throw error
  }
  return { close }
}

function byteChannel(channel: DataChannel, close: () => void): ByteChannel {
  return {
    send(message) {
      if (!channel.isOpen()) throw new Error('the channel is closed')
      channel.sendMessageBinary(message)
    },
    bufferedBytes: () => quietly(() => channel.bufferedAmount()) ?? 0,
    close,
    listen(listener: ChannelListener) {
      channel.setBufferedAmountLowThreshold(limits.channelBufferedBytesMax / 4)
      channel.onBufferedAmountLow(() => void quietly(() => listener.drained()))
      channel.onMessage(message => {
        if (typeof message !== 'string') quietly(() => listener.message(new Uint8Array(message)))
      })
      channel.onClosed(() => {
        quietly(() => listener.closed())
        close()
      })
    },
  }
}

function readFingerprint(peer: PeerConnection): Uint8Array | undefined {
  const { value, algorithm } = peer.remoteFingerprint()
  const hex = value.replaceAll(':', '')
  return algorithm === 'sha-256' && /^[0-9a-f]{64}$/i.test(hex) ? Uint8Array.from(Buffer.from(hex, 'hex')) : undefined
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
