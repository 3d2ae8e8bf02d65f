// A check that found no connection goes on by itself when there is one: nobody has to know that a line was cut for a moment.

import type { Verdict } from '@muniment/sdk'
import { pauseUntilOnline } from '../signals.ts'

/** Between attempts; a browser that says that there is a network again cuts a pause short. */
const pausesMs = [3_000, 8_000, 20_000, 60_000] as const

export type Retry = {
  /** Asks again until another answer than "no connection" comes. Nothing is shown meanwhile. */
  readonly begin: () => void
  readonly stop: () => void
}

type Options = {
  readonly ask: (signal: AbortSignal) => Promise<Verdict>
  readonly answered: (verdict: Verdict) => void
}

export function createRetry({ ask, answered }: Options): Retry {
  let running = new AbortController()

  async function run(signal: AbortSignal): Promise<void> {
    for (const pauseMs of pausesMs) {
      await pauseUntilOnline(pauseMs, signal)
      if (signal.aborted) return
      const verdict = await ask(signal)
      if (signal.aborted) return
      if (verdict.code !== 'offline') return answered(verdict)
    }
  }

  function stop(): void {
    running.abort(new DOMException('somebody checks something else', 'AbortError'))
  }

  return {
    begin() {
      stop()
      running = new AbortController()
      // What fails here failed before: the person has been told.
      run(running.signal).catch(() => undefined)
    },
    stop,
  }
}
