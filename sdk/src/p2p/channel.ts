// One ordered, reliable data channel as a connection of libp2p. Browsers and the node have different WebRTC libraries; this
// is what both give.

import type { Logger, MessageStreamDirection, MultiaddrConnection } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { channelBufferedBytesMax, channelMessageBytesMax, channelWaitingBytesMax } from '../limits.ts'

/** Messages of at most `channelMessageBytesMax` bytes, of which only the bytes count. */
export type ByteChannel = {
  /** May throw where the channel has closed. */
  readonly send: (message: Uint8Array) => void
  readonly bufferedBytes: () => number
  /** Ends the channel and all that belongs to it, now. Never throws. */
  readonly close: () => void
  /** Called once, before the channel opens. */
  readonly listen: (listener: ChannelListener) => void
}

export type ChannelListener = {
  readonly message: (bytes: Uint8Array) => void
  /** Less than a quarter of `channelBufferedBytesMax` is waiting to be sent. */
  readonly drained: () => void
  /** The other side, or the way to it, is gone. */
  readonly closed: () => void
}

type ChannelOptions = { readonly direction: MessageStreamDirection; readonly address: string; readonly log: Logger }

/** `address` is for libp2p's books: where it ends in a peer id, nobody else is accepted behind it. */
export function createChannelConnection(channel: ByteChannel, options: ChannelOptions): MultiaddrConnection {
  return new ChannelConnection(channel, options)
}

class ChannelConnection extends AbstractMultiaddrConnection {
  readonly #channel: ByteChannel

  constructor(channel: ByteChannel, { direction, address, log }: ChannelOptions) {
    const remoteAddr: Multiaddr = multiaddr(address)
    super({
      direction,
      log,
      remoteAddr,
      maxMessageSize: channelMessageBytesMax,
      maxWriteBufferLength: channelWaitingBytesMax,
    })
    this.#channel = channel
    channel.listen({
      message: bytes => this.onData(bytes),
      drained: () => this.safeDispatchEvent('drain'),
      closed: () => this.onTransportClosed(),
    })
  }

  sendData(data: { readonly byteLength: number; subarray(): Uint8Array }): SendResult {
    this.#channel.send(data.subarray())
    return { sentBytes: data.byteLength, canSendMore: this.#channel.bufferedBytes() < channelBufferedBytesMax }
  }

  async sendClose(): Promise<void> {
    this.#channel.close()
  }

  sendReset(): void {
    this.#channel.close()
  }

  /** A data channel can't be told to wait; streams have windows of their own. */
  sendPause(): void {}

  sendResume(): void {}
}
