import { stateKeysPerQueryMax, storesPerQueryMax } from '../limits.ts'
import { type Message, message, repeated, uint64 } from '../protobuf.ts'
import { type CommitmentProof, commitmentProof, type ExistenceProof, existenceProof } from './proof.ts'

/** What a provider answers to a state query: every key under one app hash. */
export type QueryAnswer = {
  /** The state after this block; the header at `height + 1` carries its app hash. */
  readonly height: bigint
  /** Each store that was asked for, once, under the app hash: key is its name, value its root (TendermintSpec). */
  readonly stores: readonly ExistenceProof[]
  /** One proof a question, in their order: existence carries the value, non-existence proves that there is none. */
  readonly proofs: readonly CommitmentProof[]
}

export const queryAnswer: Message<QueryAnswer> = message({
  height: uint64(1),
  stores: repeated(2, existenceProof, storesPerQueryMax),
  proofs: repeated(3, commitmentProof, stateKeysPerQueryMax),
})

/** The stores under our own app hash. No other name is ever accepted there (security rule 21). */
export const storeNames = { state: 'state', history: 'history' } as const
