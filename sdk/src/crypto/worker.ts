// The entry of a crypto worker, for module workers of browsers and for worker_threads of Node. A host either spawns this
// file as it is, or imports it into an entry of its own and calls `serveCrypto`.

import { loadCrypto } from './load.ts'
import { unpackItems, type WorkAnswer, type WorkRequest } from './worker-messages.ts'

/** The worker's end of the wire. */
type Port = {
  readonly listen: (receive: (request: WorkRequest) => void) => void
  readonly post: (answer: WorkAnswer) => void
}

type Threads = {
  readonly parentPort: {
    readonly on: (type: 'message', listener: (value: WorkRequest) => void) => void
    readonly postMessage: (value: unknown) => void
  } | null
}

let serving = false

/** Answers the requests of whoever spawned this worker. Calling it again, or outside a worker, does nothing. */
export function serveCrypto(): void {
  const port = serving ? undefined : ownPort()
  if (port === undefined) return
  serving = true
  port.listen(request => {
    answer(request).then(port.post)
  })
}

async function answer({ id, packed }: WorkRequest): Promise<WorkAnswer> {
  try {
    const items = unpackItems(packed)
    const crypto = await loadCrypto()
    return { id, count: items.length, bad: await crypto.verifyEd25519(items) }
  } catch (error) {
    return { id, error: String(error) }
  }
}

function ownPort(): Port | undefined {
  if ('WorkerGlobalScope' in globalThis) {
    return {
      listen: receive => globalThis.addEventListener('message', event => receive((event as MessageEvent).data)),
      post: answer => (globalThis as unknown as { postMessage: (value: unknown) => void }).postMessage(answer),
    }
  }
  // Node has no such scope; asked for in this way, no bundler takes the module for a dependency.
  const host = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process
  const parentPort = (host?.getBuiltinModule?.('node:worker_threads') as Threads | undefined)?.parentPort
  if (parentPort === undefined || parentPort === null) return undefined
  return {
    listen: receive => parentPort.on('message', receive),
    post: answer => parentPort.postMessage(answer),
  }
}

serveCrypto()
