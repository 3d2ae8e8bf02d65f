// The Store seam: where a light client keeps what it verified. Implementations: IndexedDB and memory (storage/), and
// files in a folder (node). All pass test/compliance/store. What a store gives back is checked again before use, since any
// script of the same origin can write to IndexedDB.

import type { Evidence } from './comet/evidence.ts'
import type { LightBlock } from './comet/light-block.ts'
import type { Timestamp } from './time.ts'

export type Store = {
  /** Keeps a light block; at most `storedLightBlocksMax` a chain, the oldest but the first given up first. */
  readonly put: (chainId: string, block: LightBlock) => Promise<void>
  /** The newest kept block at or below a height, or the newest of all. */
  readonly newest: (chainId: string, heightMax?: bigint) => Promise<LightBlock | undefined>
  readonly get: (chainId: string, height: bigint) => Promise<LightBlock | undefined>
  /** Keeps evidence, in the place of what has its id; at most `storedEvidenceMax` a chain, what was found last given up first. */
  readonly putEvidence: (chainId: string, stored: StoredEvidence) => Promise<void>
  readonly evidence: (chainId: string) => Promise<readonly StoredEvidence[]>
  /** Keeps a checkpoint that was verified, as protobuf, in the place of the one before. */
  readonly putCheckpoint: (chainId: string, signed: Uint8Array) => Promise<void>
  readonly checkpoint: (chainId: string) => Promise<Uint8Array | undefined>
  /** Forgets all blocks of one chain; evidence and checkpoint stay. */
  readonly clear: (chainId: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Evidence against validators, which is kept until every peer has taken it. */
export type StoredEvidence = {
  /** `evidenceId` in hex. */
  readonly id: string
  readonly evidence: Evidence
  readonly foundAt: Timestamp
  /** Labels of the providers that have taken it. */
  readonly takenBy: readonly string[]
}
