// The network's file, network.json, asked for before the code that reads it is there.

import { pauseUntilOnline } from '../signals.ts'

/** A connection that broke is tried again for as long as a person waits anyway. */
const pausesMs = [1_000, 2_000, 4_000] as const

/** Rejects as fetch does. */
export async function fetchFile(src: string, signal: AbortSignal): Promise<Response> {
  const address = new URL(src, document.baseURI)
  const ask = (): Promise<Response> => fetch(address, { signal, credentials: 'omit', cache: 'no-cache' })
  for (const pauseMs of pausesMs) {
    try {
      return await ask()
    } catch {
      signal.throwIfAborted()
    }
    await pauseUntilOnline(pauseMs, signal)
  }
  return ask()
}
