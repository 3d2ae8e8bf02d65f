// The worker that checks signatures.

import type { LoadOptions } from '@muniment/sdk'
import { trustedScript } from './policy.ts'

type Spawn = NonNullable<LoadOptions['spawn']>

/** Undefined where the page's rules allow no worker: signatures are then checked in the page's own thread. */
export function workerSpawner(): Spawn | undefined {
  if (typeof globalThis.Worker !== 'function') return undefined
  return () => {
    // Bundlers look for just these words to build the worker; the name stands for the class that asks the policy.
    const Worker = PolicyWorker
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  }
}

const Base: typeof Worker = globalThis.Worker ?? Object

/** A worker of a fixed address. Throws where the page's policy refuses it; the SDK then does without. */
class PolicyWorker extends Base {
  constructor(address: URL, options: WorkerOptions) {
    super(trustedScript(address), options)
  }
}
