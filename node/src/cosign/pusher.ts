// Hands each new head to one witness: one at a time, the newest wins, and a witness that fails is tried less and less often.

import { type CheckpointNote, type NoteSignature, VerifyError } from '@muniment/sdk'
import { pushRetriesMax, pushRetryMsMax, pushRetryMsMin } from '../limits.ts'
import type { WitnessClient } from './witness-client.ts'

export type PusherOptions = {
  readonly client: Pick<WitnessClient, 'url' | 'cosign'>
  readonly onCosigned: (size: bigint, signatures: readonly NoteSignature[]) => void
  /** One sentence for the operator, when a witness begins to fail and when it cosigns again. */
  readonly onWarning: (sentence: string) => void
  /** Told of our own mistakes, and of a home that can't be read. */
  readonly onFailure: (error: unknown) => void
}

export type Pusher = {
  readonly offer: (note: CheckpointNote) => void
  /** Resolves when nothing is under way any more. */
  readonly close: () => Promise<void>
}

export function createPusher({ client, onCosigned, onWarning, onFailure }: PusherOptions): Pusher {
  const closed = new AbortController()
  let next: CheckpointNote | undefined
  let running: Promise<void> | undefined
  let failures = 0
  /** Of the last warning: another kind of failure is told too. */
  let warned: string | undefined

  function start(): void {
    if (closed.signal.aborted) return
    running ??= run()
      .catch(onFailure)
      .finally(() => {
        running = undefined
        if (next !== undefined) start()
      })
  }

  async function run(): Promise<void> {
    while (next !== undefined && !closed.signal.aborted) {
      const note = next
      next = undefined
      try {
        onCosigned(note.size, await client.cosign(note, closed.signal))
        if (warned !== undefined) onWarning(`The witness ${client.url} cosigns again.`)
        warned = undefined
        failures = 0
      } catch (error) {
        if (closed.signal.aborted) return
        if (!(error instanceof VerifyError)) throw error
        if (warned !== error.code) onWarning(`The witness ${client.url} does not cosign: ${error.message}.`)
        warned = error.code
        failures += 1
        // A head that is refused for what it is will not do better later; the next one may.
        const mayPass = error.code === 'unavailable' || error.code === 'limited'
        if (mayPass && failures <= pushRetriesMax) next ??= note
        await pause(Math.min(pushRetryMsMin * 2 ** (failures - 1), pushRetryMsMax), closed.signal)
      }
    }
  }

  return {
    offer(note) {
      next = note
      start()
    },
    async close() {
      closed.abort()
      await running
    },
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
