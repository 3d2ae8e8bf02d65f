// Which encryption is spoken over a channel of ours is no question: there is one. libp2p asks nevertheless, and says nothing more
// until it is answered, which on a poor line is half a second. Here it hears the answer at once; what the other side says
// instead is compared when it comes. On the wire it is what libp2p says, only sooner.

import { equals } from '../bytes.ts'
import type { ByteChannel, ChannelListener } from './byte-channel.ts'

/** multistream-select's two lines, each behind its length: what is asked, and word for word what is answered. */
const agreement: Uint8Array = new TextEncoder().encode('\x13/multistream/1.0.0\n\x07/noise\n')

/** The channel of the side that asks. */
export function agreedChannel(channel: ByteChannel): ByteChannel {
  let listener: ChannelListener | undefined
  let isFirst = true
  /** Bytes of the answer that have not come. */
  let owed = 0

  function withoutAnswer(bytes: Uint8Array): Uint8Array | undefined {
    const from = agreement.length - owed
    const length = Math.min(owed, bytes.length)
    if (!equals(bytes.subarray(0, length), agreement.subarray(from, from + length))) return undefined
    owed -= length
    return bytes.subarray(length)
  }

  return {
    ...channel,
    send(message) {
      channel.send(message)
      if (!isFirst) return
      isFirst = false
      // Where libp2p asks in other words it waits, as it always did.
      if (!equals(message, agreement)) return
      owed = agreement.length
      queueMicrotask(() => listener?.message(agreement.slice()))
    },
    listen(given) {
      listener = given
      channel.listen({
        ...given,
        message(bytes) {
          const rest = owed === 0 ? bytes : withoutAnswer(bytes)
          if (rest === undefined) channel.close()
          else if (rest.length > 0) given.message(rest)
        },
      })
    },
  }
}
