// Messages on a stream, each behind its length as a varint.

import type { Stream } from '@libp2p/interface'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import { framesWaitingBytesMax } from '../limits.ts'

export type Frames = {
  /** Rejects where the stream ends, at a frame that is too long, and with the signal's reason. */
  readonly read: (options?: { readonly signal?: AbortSignal }) => Promise<Uint8Array>
  readonly write: (frame: Uint8Array, options?: { readonly signal?: AbortSignal }) => Promise<void>
}

/** `lengthMax` in bytes, of what is read. */
export function framesOf(stream: Stream, lengthMax: number): Frames {
  const frames: LengthPrefixedStream<Stream> = lpStream(stream, {
    maxDataLength: lengthMax,
    maxBufferSize: lengthMax + framesWaitingBytesMax,
  })
  return {
    async read(options) {
      const frame = (await frames.read(options)).subarray()
      // In Node it may be a Buffer, whose slices are no copies.
      return new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength)
    },
    write: (frame, options) => frames.write(frame, options),
  }
}
