// Any Store, with what a browser's can do taken from it: to hang for ever (IndexedDB while another page holds the database) or
// to fail (no room, private windows). A store saves time; nothing that it does may cost a verdict.

import { storeTimeoutMs } from '../limits.ts'
import type { Store } from '../store.ts'

/** Answers as if empty where the store fails, or does not answer in `storeTimeoutMs`; after that it is not asked again. */
export function createBoundedStore(store: Store): Store {
  let hangs = false

  async function within<T>(use: () => Promise<T>): Promise<T | undefined> {
    if (hangs) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<undefined>(resolve => {
      timer = setTimeout(() => {
        hangs = true
        resolve(undefined)
      }, storeTimeoutMs)
    })
    try {
      return await Promise.race([use(), late])
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    put: (chainId, block) => within(() => store.put(chainId, block)),
    newest: (chainId, heightMax) => within(() => store.newest(chainId, heightMax)),
    get: (chainId, height) => within(() => store.get(chainId, height)),
    putEvidence: (chainId, stored) => within(() => store.putEvidence(chainId, stored)),
    evidence: async chainId => (await within(() => store.evidence(chainId))) ?? [],
    putCheckpoint: (chainId, signed) => within(() => store.putCheckpoint(chainId, signed)),
    checkpoint: chainId => within(() => store.checkpoint(chainId)),
    clear: chainId => within(() => store.clear(chainId)),
    close: () => within(() => store.close()),
  }
}
