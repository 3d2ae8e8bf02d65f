// Values of the state as elements read them: any number, each proved, with the time of the block that proved the newest of them.

import { type Client, limits, type ProvenRead, type Timestamp } from '@muniment/sdk'

export type Proven = { readonly read: ProvenRead; readonly time: () => Timestamp; readonly height: () => bigint }

/** `read` rejects with VerifyError, and with the signal's reason. */
export function provenBy(client: Client, signal: AbortSignal): Proven {
  let newest: { readonly time: Timestamp; readonly height: bigint } = { time: client.now(), height: 0n }
  return {
    time: () => newest.time,
    height: () => newest.height,
    async read(keys) {
      const values: (Uint8Array | undefined)[] = []
      for (let from = 0; from < keys.length; from += limits.stateKeysPerQueryMax) {
        const state = await client.read(keys.slice(from, from + limits.stateKeysPerQueryMax), { signal })
        newest = state.header
        values.push(...state.values)
      }
      return values
    },
  }
}
