// The Provider seam: where light blocks, state and inclusion come from. A provider is never believed. Implementations:
// WebRTC to a node (p2p/), CometBFT's RPC (rpc/), the node itself (in process). All pass test/compliance/provider.

import type { LightBlock } from './comet/light-block.ts'
import type { StateAnswer } from './ics23/state.ts'

export type ProviderOptions = { readonly signal?: AbortSignal }

export type ProviderStatus = {
  readonly chainId: string
  readonly latestHeight: bigint
  readonly earliestHeight: bigint
}

/** What a node says of a transaction it was given. It is a hint, never a result: see record/verify. */
export type SubmitAnswer = {
  /** 0: taken into the pool. Other codes are the ledger's (ledger/codes.ts). */
  readonly code: number
  readonly log: string
}

export type Provider = {
  readonly kind: 'webrtc' | 'rpc' | 'local'
  /** Said to people: an address, never a name that the other side chose. */
  readonly label: string
  readonly status: (options?: ProviderOptions) => Promise<ProviderStatus>
  /**
   * Light blocks `from` … `to`, both included, ascending, at most `lightBlocksPerRequestMax`. With no range, the newest
   * one. Decoded and within limits, not verified. Throws VerifyError `unavailable`, `limited`, or what decoding says.
   */
  readonly lightBlocks: (
    range: { readonly from: bigint; readonly to: bigint } | 'latest',
    options?: ProviderOptions,
  ) => Promise<readonly LightBlock[]>
  /**
   * Values or absences of state keys, all at one height: the state after block `height`, which the header at
   * `height + 1` commits to. Without a height, the newest state that a header commits to.
   */
  readonly state: (
    query: { readonly keys: readonly Uint8Array[]; readonly height?: bigint },
    options?: ProviderOptions,
  ) => Promise<StateAnswer>
  readonly submit: (transaction: Uint8Array, options?: ProviderOptions) => Promise<SubmitAnswer>
  readonly close: () => Promise<void>
}
