// The Store seam: where a light client keeps what it verified. Implementations: IndexedDB and memory (storage/), and
// classic-level in node. All pass test/compliance/store. What a store gives back is checked again before use, since any
// script of the same origin can write to IndexedDB.

import type { LightBlock } from './comet/light-block.ts'

export type Store = {
  /** Keeps a light block; at most `storedLightBlocksMax` a chain, the oldest but the first given up first. */
  readonly put: (chainId: string, block: LightBlock) => Promise<void>
  /** The newest kept block at or below a height, or the newest of all. */
  readonly newest: (chainId: string, heightMax?: bigint) => Promise<LightBlock | undefined>
  readonly get: (chainId: string, height: bigint) => Promise<LightBlock | undefined>
  /** Forgets everything about one chain. */
  readonly clear: (chainId: string) => Promise<void>
  readonly close: () => Promise<void>
}
