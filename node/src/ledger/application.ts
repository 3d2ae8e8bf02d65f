// The Application seam: ABCI 2.0's verbs (CometBFT v0.40, spec/abci). Driven by the embedded engine, later by CometBFT
// itself. A function of blocks: no clock, randomness or order of the host (architecture, invariants).

import type { CommitmentProof, ExistenceProof, Misbehavior, Timestamp } from '@muniment/sdk'
import type { Write } from '../storage/database.ts'

export type ValidatorUpdate = { readonly publicKey: Uint8Array; readonly power: bigint }

export type InitChainRequest = {
  readonly chainId: string
  readonly time: Timestamp
  readonly initialHeight: bigint
  readonly blockBytesMax: bigint
  readonly blockGasMax: bigint
  readonly validators: readonly ValidatorUpdate[]
  /** The genesis file's `app_state`, UTF-8 JSON. */
  readonly appState: Uint8Array
}

/** As ABCI's Event: what an index is made of. In no hash, so nothing may rest on it (docs/protocol/service.md, "Finding cases"). */
export type LedgerEvent = {
  readonly type: string
  /** `index`: whether it can be searched for by this. */
  readonly attributes: readonly { readonly key: string; readonly value: string; readonly index: boolean }[]
}

export type TransactionResult = {
  /** 0 is success; the others are in the sdk's ledger/codes.ts. */
  readonly code: number
  readonly log: string
  /** What the transaction made, for its sender; hashed into last_results_hash together with the code. */
  readonly data: Uint8Array
  /** None where left out, as in what is refused. */
  readonly events?: readonly LedgerEvent[]
}

/** What all transactions of a block are told of it. */
export type ComingBlock = {
  readonly height: bigint
  readonly time: Timestamp
  /** 20 bytes. */
  readonly proposerAddress: Uint8Array
}

export type ProposalRequest = ComingBlock & {
  readonly transactions: readonly Uint8Array[]
  readonly bytesMax: number
}

export type FinalizeRequest = ComingBlock & {
  readonly hash: Uint8Array
  readonly transactions: readonly Uint8Array[]
  /** What the block's evidence says, in its order. */
  readonly misbehavior: readonly Misbehavior[]
}

export type FinalizeAnswer = {
  readonly results: readonly TransactionResult[]
  readonly validatorUpdates: readonly ValidatorUpdate[]
  readonly appHash: Uint8Array
  /** The block changed the store `state`: the embedded engine makes the next block at once, whose header proves it. */
  readonly stateChanged: boolean
  /** Of clocks, which no transaction moves. None where left out. */
  readonly events?: readonly LedgerEvent[]
}

export type QueryRequest = {
  /** `/store/state/key` for a state key. */
  readonly path: string
  readonly key: Uint8Array
  /** The state after this block; 0 is the newest that a header commits to. */
  readonly height: bigint
  readonly prove: boolean
}

export type QueryAnswer = {
  /** 0 is an answer, also when there is no such key; 1 an unknown path or a bad key, 2 a height that is not kept. */
  readonly code: number
  readonly log: string
  readonly key: Uint8Array
  /** Empty when there is none. */
  readonly value: Uint8Array
  /** The header at `height + 1` carries the app hash that the proof leads to. */
  readonly height: bigint
  readonly proof: { readonly state: CommitmentProof; readonly store: ExistenceProof } | undefined
}

export type Application = {
  readonly info: () => { readonly height: bigint; readonly appHash: Uint8Array; readonly appVersion: bigint }
  readonly initChain: (request: InitChainRequest) => Promise<{ readonly appHash: Uint8Array }>
  /** An engine that knows what the next block will be told says so before its transactions are checked: they are then worked out once. */
  readonly expect: (coming: ComingBlock) => void
  readonly checkTx: (transaction: Uint8Array) => Promise<TransactionResult>
  readonly prepareProposal: (request: ProposalRequest) => Promise<readonly Uint8Array[]>
  readonly processProposal: (request: ProposalRequest) => Promise<boolean>
  readonly finalizeBlock: (request: FinalizeRequest) => Promise<FinalizeAnswer>
  /** Writes the finalized block's state, and the engine's own writes with it, in one durable batch. */
  readonly commit: (engineWrites: readonly Write[]) => Promise<void>
  /** Reads committed state only. */
  readonly query: (request: QueryRequest) => QueryAnswer
}
