// In an embed kit stands this in place of network/spawn.ts. No browser checks a worker's bytes against a hash, and a worker from
// checked bytes (blob:) is refused by the strict policy: signatures are checked in the page's own thread, where every file is
// pinned (docs/decisions/embed-integrity.md).

import type { LoadOptions } from '@muniment/sdk'

export function workerSpawner(): LoadOptions['spawn'] {
  return undefined
}
