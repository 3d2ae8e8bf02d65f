// The worker that checks signatures. Its address passes through this policy, which knows no other one (security rule 31).

import type { LoadOptions } from '@muniment/sdk'

type Spawn = NonNullable<LoadOptions['spawn']>

type Policy = { readonly createScriptURL: (address: string) => string }
type Policies = {
  readonly createPolicy: (name: string, rules: Policy) => Policy
}

/** Undefined where the page's rules allow no worker: signatures are then checked in the page's own thread. */
export function workerSpawner(): Spawn | undefined {
  if (typeof globalThis.Worker !== 'function') return undefined
  return () => {
    // Bundlers look for just these words to build the worker; the name stands for the class that asks the policy.
    const Worker = PolicyWorker
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  }
}

let policy: Policy | undefined

const Base: typeof Worker = globalThis.Worker ?? Object

/** A worker of a fixed address. Throws where the page's policy refuses it; the SDK then does without. */
class PolicyWorker extends Base {
  constructor(address: URL, options: WorkerOptions) {
    const only = address.href
    const { trustedTypes } = globalThis as { readonly trustedTypes?: Policies }
    policy ??= trustedTypes?.createPolicy('muniment', { createScriptURL: asked => onlyThat(asked, only) })
    super(policy ? policy.createScriptURL(only) : only, options)
  }
}

function onlyThat(asked: string, only: string): string {
  if (asked !== only) throw new TypeError('this policy knows one worker only')
  return asked
}
