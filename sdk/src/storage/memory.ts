import type { LightBlock } from '../comet/light-block.ts'
import { storedEvidenceMax, storedLightBlocksMax } from '../limits.ts'
import type { Store, StoredEvidence } from '../store.ts'

/** A Store that forgets everything with the page or process. */
export function createMemoryStore(): Store {
  const chains = new Map<string, Map<bigint, LightBlock>>()
  const reported = new Map<string, readonly StoredEvidence[]>()
  const checkpoints = new Map<string, Uint8Array>()
  const blocksOf = (chainId: string): Map<bigint, LightBlock> => chains.get(chainId) ?? new Map()

  return {
    async put(chainId, block) {
      const blocks = blocksOf(chainId)
      blocks.set(block.header.height, block)
      chains.set(chainId, blocks)
      if (blocks.size <= storedLightBlocksMax) return
      const [, secondOldest] = [...blocks.keys()].sort((a, b) => (a < b ? -1 : 1))
      blocks.delete(secondOldest!)
    },
    async newest(chainId, heightMax) {
      let best: LightBlock | undefined
      for (const block of blocksOf(chainId).values()) {
        const { height } = block.header
        if (heightMax !== undefined && height > heightMax) continue
        if (best === undefined || height > best.header.height) best = block
      }
      return best
    },
    async get(chainId, height) {
      return blocksOf(chainId).get(height)
    },
    async putEvidence(chainId, stored) {
      reported.set(chainId, withEvidence(reported.get(chainId) ?? [], stored))
    },
    async evidence(chainId) {
      return reported.get(chainId) ?? []
    },
    async putCheckpoint(chainId, signed) {
      checkpoints.set(chainId, signed)
    },
    async checkpoint(chainId) {
      return checkpoints.get(chainId)
    },
    async clear(chainId) {
      chains.delete(chainId)
    },
    async close() {
      chains.clear()
      reported.clear()
      checkpoints.clear()
    },
  }
}

/** The list with the entry in the place of its id, or behind; bounded. */
export function withEvidence(kept: readonly StoredEvidence[], stored: StoredEvidence): readonly StoredEvidence[] {
  const isKept = kept.some(({ id }) => id === stored.id)
  const next = isKept ? kept.map(each => (each.id === stored.id ? stored : each)) : [...kept, stored]
  return next.slice(0, storedEvidenceMax)
}
