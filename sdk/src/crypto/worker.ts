// The entry of a crypto worker, for module workers of browsers and for worker_threads of Node. A host either spawns this
// file as it is, or imports it into an entry of its own and calls `serveCrypto`.

import { unpackItems } from './packed.ts'
import type { Signatures } from './signatures.ts'
import type { WorkAnswer, WorkRequest } from './worker-messages.ts'

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

let verify: Promise<Signatures['verifyWindows']> | undefined

async function answer({ id, windows }: WorkRequest): Promise<WorkAnswer> {
  try {
    verify ??= createVerify()
    const bad = await (await verify)(windows)
    return { id, count: windows.reduce((sum, { count }) => sum + count, 0), bad }
  } catch (error) {
    return { id, error: String(error) }
  }
}

/** As loadCrypto chooses. */
async function createVerify(): Promise<Signatures['verifyWindows']> {
  const signatures = await import('./wasm.ts').then(module => module.createWasmSignatures()).catch(() => undefined)
  if (signatures !== undefined) return signatures.verifyWindows
  const { createFallbackCrypto } = await import('./fallback.ts')
  const crypto = createFallbackCrypto()
  return windows => crypto.verifyEd25519(unpackItems(windows))
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
