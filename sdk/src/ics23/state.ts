import { stateKeyBytesMax, stateKeysPerQueryMax, storesPerQueryMax } from '../limits.ts'
import { always, bytes, type Message, message, repeated, uint64 } from '../protobuf.ts'
import { type CommitmentProof, commitmentProof, type ExistenceProof, existenceProof } from './proof.ts'

/** What a provider answers to a state query: every key under one app hash. */
export type QueryAnswer = {
  /** The state after this block; the header at `height + 1` carries its app hash. */
  readonly height: bigint
  /** Each store that was asked for, once, under the app hash: key is its name, value its root (TendermintSpec). */
  readonly stores: readonly ExistenceProof[]
  /** One proof a question, in their order: existence carries the value, non-existence proves that there is none. */
  readonly proofs: readonly CommitmentProof[]
  /** What will be asked for next, in the provider's opinion: proofs of other keys of the first store, which count like any. */
  readonly related?: readonly RelatedProof[]
}

export type RelatedProof = { readonly key: Uint8Array; readonly proof: CommitmentProof }

export const queryAnswer: Message<QueryAnswer> = withoutEmpty(
  message({
    height: uint64(1),
    stores: repeated(2, existenceProof, storesPerQueryMax),
    proofs: repeated(3, commitmentProof, stateKeysPerQueryMax),
    related: repeated(
      4,
      message<RelatedProof>({ key: bytes(1, stateKeyBytesMax), proof: always(2, commitmentProof) }),
      stateKeysPerQueryMax,
    ),
  }),
)

/** A list that is not there is left out, so that an answer without it is the same value as ever. */
function withoutEmpty(fields: Message<Required<QueryAnswer>>): Message<QueryAnswer> {
  return {
    encode: answer => fields.encode({ ...answer, related: answer.related ?? [] }),
    decode(encoded) {
      const { related, ...answer } = fields.decode(encoded)
      return related.length === 0 ? answer : { ...answer, related }
    },
  }
}

/** The stores under our own app hash. No other name is ever accepted there (security rule 21). */
export const storeNames = { state: 'state', history: 'history' } as const
