// What the ledger's rules look like from outside: pure functions over a view of the state.

import type { Crypto, Misbehavior, Timestamp } from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { LedgerEvent, TransactionResult, ValidatorUpdate } from './application.ts'
import type { BeaconSecrets } from './beacon.ts'

/** The state as the next transaction finds it. */
export type View = { readonly get: (key: Uint8Array) => Uint8Array | undefined }

/** What is known of the block, or for checkTx of the newest block. */
export type BlockContext = {
  readonly chainId: string
  readonly genesisHash: Uint8Array
  readonly height: bigint
  readonly time: Timestamp
  /** Address of the block's proposer; undefined where it is not known yet. */
  readonly proposer?: Uint8Array | undefined
  /** Of the genesis: who makes the blocks. */
  readonly validators?: readonly ValidatorUpdate[]
}

export type Applied = { readonly result: TransactionResult; readonly writes: readonly Write[] }

export type KernelChance = {
  /** Whether it is a proposer's, to be the first of its block, which no account's transaction can look like. */
  readonly isOwn: (transaction: Uint8Array) => boolean
  /** What the proposer of a block owes to chance; undefined when nothing. */
  readonly propose: (view: View, context: BlockContext, secrets: BeaconSecrets) => Uint8Array | undefined
  /** A block's beginning, before clocks and transactions: what its proposer gave, if anything, and the draws that this decides. */
  readonly begin: (
    view: View,
    transaction: Uint8Array | undefined,
    context: BlockContext,
  ) => { readonly result: TransactionResult | undefined; readonly writes: readonly Write[] }
}

export type Kernel = {
  /** The state that the genesis file's app_state (UTF-8 JSON) describes; throws LedgerError for a bad file. */
  readonly genesis: (appState: Uint8Array, context: BlockContext) => readonly Write[]
  /**
   * Decodes and checks signatures only: whatever does not depend on the state, in one batch. The answer stands for
   * `transactions[i]`: undefined when it is sound, else the result that refuses it. Same answer on every machine.
   */
  readonly verify: (
    transactions: readonly Uint8Array[],
    context: Pick<BlockContext, 'chainId' | 'genesisHash'>,
    crypto: Crypto,
  ) => Promise<readonly (TransactionResult | undefined)[]>
  /** Applies one verified transaction. A refused one writes nothing but the use of its nonce and quota. */
  readonly apply: (view: View, transaction: Uint8Array, context: BlockContext) => Applied
  /** Clocks that have run out, before the block's transactions; at most so many, the rest with the next block. */
  readonly tick: (view: View, context: BlockContext, told?: (event: LedgerEvent) => void) => readonly Write[]
  /** Draws, for a ledger that has them. */
  readonly chance?: KernelChance
  /** What a block's evidence changes, before its transactions. */
  readonly misbehave: (view: View, misbehavior: readonly Misbehavior[], context: BlockContext) => readonly Write[]
  /** How many steps the case of a sound transaction has taken; 0 where it has none. */
  readonly caseVersion?: (view: View, transaction: Uint8Array) => bigint
  /** Cheap look for the pool: the sender (for per-sender bounds), or undefined when it can't be decoded. */
  readonly sender: (transaction: Uint8Array) => string | undefined
}
