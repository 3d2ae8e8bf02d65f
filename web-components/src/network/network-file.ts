// The network's file, network.json, asked for before the code that reads it is there.

import type { NetworkErrorCode } from '../events.ts'
import { pauseUntilOnline } from '../signals.ts'

const networkBytesMax: number = 64 * 1024

/** A connection that broke is tried again for as long as a person waits anyway. */
const pausesMs = [1_000, 2_000, 4_000] as const

/** Why there is no network. The codes are those of the verdict that each comes to. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Its text. Rejects as fetch does, and with NetworkError. */
export async function fetchFile(src: string, signal?: AbortSignal): Promise<string> {
  const address = new URL(src, document.baseURI)
  // As the page itself was asked for: a browser opens a connection of its own for requests without credentials.
  const ask = async (): Promise<string> =>
    textOf(await fetch(address, { signal: signal ?? null, credentials: 'same-origin', cache: 'no-cache' }))
  for (const pauseMs of pausesMs) {
    try {
      return await ask()
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof NetworkError) throw error
    }
    await pauseUntilOnline(pauseMs, signal)
  }
  return ask()
}

async function textOf(response: Response): Promise<string> {
  if (!response.ok) throw new NetworkError('offline', `The network’s file was not served (HTTP ${response.status}).`)
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  let text = ''
  let length = 0
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    length += chunk.value.length
    if (length > networkBytesMax) {
      await reader?.cancel()
      throw new NetworkError('no-peers', 'The network’s file is too long.')
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
  return text + decoder.decode()
}
