// One data channel as a connection of libp2p.

import type { Logger, MessageStreamDirection, MultiaddrConnection } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { channelBufferedBytesMax, channelMessageBytesMax, channelWaitingBytesMax } from '../limits.ts'
import type { ByteChannel } from './byte-channel.ts'

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

  /** Throws nothing: libp2p sends from its timers and events, where nobody would catch it. */
  sendData(data: { readonly byteLength: number; subarray(): Uint8Array }): SendResult {
    try {
      this.#channel.send(data.subarray())
      return { sentBytes: data.byteLength, canSendMore: this.#channel.bufferedBytes() < channelBufferedBytesMax }
    } catch (error) {
      // The channel has closed, and its event is still on the way.
      this.abort(error instanceof Error ? error : new Error('the channel is closed'))
      return { sentBytes: data.byteLength, canSendMore: true }
    }
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
