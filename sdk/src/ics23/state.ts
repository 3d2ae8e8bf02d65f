import { stateKeysPerQueryMax } from '../limits.ts'
import { always, type Message, message, repeated, uint64 } from '../protobuf.ts'
import { type CommitmentProof, commitmentProof, type ExistenceProof, existenceProof } from './proof.ts'

/** What a provider answers to a state query: every key under one app hash. */
export type StateAnswer = {
  /** The state after this block; the header at `height + 1` carries its app hash. */
  readonly height: bigint
  /** The store `state` under the app hash: key `state`, value the tree's root (TendermintSpec). */
  readonly store: ExistenceProof
  /** One proof a key, in the order asked for: existence carries the value, non-existence proves that there is none (SmtSpec). */
  readonly proofs: readonly CommitmentProof[]
}

export const stateAnswer: Message<StateAnswer> = message({
  height: uint64(1),
  store: always(2, existenceProof),
  proofs: repeated(3, commitmentProof, stateKeysPerQueryMax),
})

/** The stores under the app hash. No other name is ever accepted (security rule 21). */
export const storeNames = { state: 'state', history: 'history' } as const
