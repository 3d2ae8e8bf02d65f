// One ordered, reliable data channel. Browsers and the node have different WebRTC libraries; this is what both give.

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

/** SHA-256 of the certificates, 32 bytes each. The offerer is who dials, or whose blob came first. */
export type Fingerprints = { readonly offerer: Uint8Array; readonly answerer: Uint8Array }
