// The Provider seam: where light blocks, state and proofs come from. A provider is never believed. Implementations:
// WebRTC to a node or to another browser (p2p/), CometBFT's RPC (rpc/), the node itself (in process), a bundle
// (record/bundle). All pass test/compliance/provider.

import type { Evidence } from './comet/evidence.ts'
import type { LightBlock } from './comet/light-block.ts'
import type { ValidatorSet } from './comet/validator-set.ts'
import type { ExistenceProof } from './ics23/proof.ts'
import type { QueryAnswer } from './ics23/state.ts'
import type { Timestamp } from './time.ts'

export type ProviderOptions = { readonly signal?: AbortSignal | undefined }

export type BlockOptions = ProviderOptions & {
  /**
   * What the blocks will be verified from. A provider may then leave out signatures that nobody needs: it marks them absent
   * and the block as `shortened`. Without it blocks come whole.
   */
  readonly shortFor?: ShortFor | undefined
}

/** The commit carries more than two thirds of its own set, and more than the trust level of the set of this hash. */
export type ShortFor = {
  readonly validatorsHash: Uint8Array
  readonly trustLevel: { readonly numerator: bigint; readonly denominator: bigint }
}

/** A key of one store of the state: `state` on our own chains, a module's name on those of the Cosmos SDK. */
export type StateQuestion = { readonly store: string; readonly key: Uint8Array }

/** What a node says of a transaction it was given. It is a hint, never a result: see record/verify. */
export type SubmitAnswer = {
  /** 0: taken into the pool. Other codes are the ledger's (ledger/codes.ts). */
  readonly code: number
  readonly log: string
}

/** What every CometBFT chain can be asked, and all that the light client needs. */
export type LightProvider = {
  /** Said to people: an address, never a name that the other side chose. */
  readonly label?: string
  /** To reach it costs much: as long as others answer it is not asked. Looked at before each question. */
  readonly isReserve?: boolean
  /**
   * Decoded and within limits, not verified. Throws VerifyError: `unavailable`, `limited`, `wrong-height` where there is no
   * such height, or what decoding says.
   */
  readonly lightBlock: (height: bigint | 'latest', options?: BlockOptions) => Promise<LightBlock>
  /** Heights `from` … `to`, both included, ascending, at most `lightBlocksPerRequestMax`. Throws as above. */
  readonly lightBlocks: (from: bigint, to: bigint, options?: BlockOptions) => Promise<readonly LightBlock[]>
  /** The set of this hash, where the provider has seen it. */
  readonly validatorSet: (hash: Uint8Array, options?: ProviderOptions) => Promise<ValidatorSet>
  /**
   * Values or absences, all at one height: the state after block `height`, which the header at `height + 1` commits to.
   * Without a height, the newest state that a header commits to.
   */
  readonly query: (
    questions: readonly StateQuestion[],
    height?: bigint,
    options?: ProviderOptions,
  ) => Promise<QueryAnswer>
  readonly submit: (transaction: Uint8Array, options?: ProviderOptions) => Promise<SubmitAnswer>
  /** Resolves when the provider has taken the evidence. */
  readonly reportEvidence: (evidence: Evidence, options?: ProviderOptions) => Promise<void>
  /**
   * Heights strictly between the two, ascending, by which skipping verification gets there: a hint, each step of which is
   * verified. Not every provider can say.
   */
  readonly lightPath?: (path: LightPath, options?: ProviderOptions) => Promise<readonly bigint[]>
}

export type LightPath = { readonly from: bigint; readonly to: bigint; readonly trustLevel: ShortFor['trustLevel'] }

/** What nodes of our own chains answer besides. */
export type Provider = LightProvider & {
  readonly kind: 'webrtc' | 'neighbour' | 'rpc' | 'local'
  readonly label: string
  readonly history: (query: HistoryQuery, options?: ProviderOptions) => Promise<HistoryAnswer>
  /** The newest head that witnesses have cosigned. Throws `unavailable` where there is none. */
  readonly witnessedHead: (options?: ProviderOptions) => Promise<WitnessedHead>
  /** The newest checkpoint that the node was given, as protobuf; its signers are yet to be checked. */
  readonly checkpoint: (options?: ProviderOptions) => Promise<Uint8Array>
  /**
   * What the time is by the provider's clock: a hint, and asked for only where this device's clock may run ahead. A node of
   * ours can say; CometBFT's RPC can't, a neighbour's clock is no better than this device's, and a file has none.
   */
  readonly time?: (options?: ProviderOptions) => Promise<Timestamp>
  readonly close: () => Promise<void>
}

/** Of the history log under the header at `height`: its leaves 0 … height - 1 are the genesis hash and the hashes of the blocks. */
export type HistoryQuery = {
  readonly height: bigint
  /** To prove that the log has this leaf. */
  readonly leaf?: bigint | undefined
  /** To prove that the log began with this many leaves of an older one. */
  readonly oldSize?: bigint | undefined
}

export type HistoryAnswer = {
  /** The store `history` under that header's app hash. */
  readonly store: ExistenceProof
  /** RFC 6962, 2.1.1 and 2.1.2: hashes of 32 bytes, none where nothing was asked. */
  readonly inclusion: readonly Uint8Array[]
  readonly consistency: readonly Uint8Array[]
}

/** A head and what its witnesses signed. */
export type WitnessedHead = {
  /** A C2SP checkpoint of `height + 1` leaves, the last of which is the block's hash, with its cosignatures. */
  readonly note: string
  readonly block: LightBlock
  /** RFC 6962, 2.1.1: that the note's tree ends with the block's hash. */
  readonly inclusion: readonly Uint8Array[]
}
