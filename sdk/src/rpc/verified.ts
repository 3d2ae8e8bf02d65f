// CometBFT's RPC with verified answers: what a node says is compared with a header that the light client trusts, and bound to
// what was asked. What cannot be verified is given back wrapped, so that nobody uses it unawares.

import { equals, formatBase64 } from '../bytes.ts'
import { type Block, requireContents, transactionHash } from '../comet/block.ts'
import { type Header, headerHash } from '../comet/header.ts'
import { base64Of, int64Of, integerOf, type JsonObject, listOf, member, objectOf } from '../comet/json.ts'
import type { ValidatorSet } from '../comet/validator-set.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { iavlSpec, type ProofSpec } from '../ics23/spec.ts'
import { verifyQuery } from '../ics23/verify.ts'
import type { LightAnswer, LightClient, SyncOptions } from '../light/client.ts'
import { blockBytesMax, blockTransactionsMax, merkleAuntsMax } from '../limits.ts'
import { verifyMerkleProof } from '../merkle/rfc6962.ts'
import type { Trusted } from '../trusted.ts'
import { createRpcProvider, type RpcProviderOptions } from './provider.ts'
import { callRpc, type Params, type Transport } from './transport.ts'

/** A value, and the block under which it was proved: height, signed power, age of the root, and the peers that agreed. */
export type RpcAnswer<T> = Omit<LightAnswer, 'block'> & { readonly value: T }

/** What a node said and nobody verified. */
export type Unverified<T> = {
  readonly kind: 'unverified'
  /** The value: only for who knows that it may be a lie. */
  readonly unwrapUnverified: () => T
}

export type VerifiedTransaction = {
  readonly transaction: Uint8Array
  readonly height: bigint
  /** Its place in the block. */
  readonly index: number
}

export type VerifiedRpcOptions = RpcProviderOptions & {
  readonly url: string
  readonly light: LightClient
  readonly crypto: Crypto
  /** The kind of tree that the chain's stores are; the Cosmos SDK's where it is left out. */
  readonly spec?: ProofSpec
}

/** Calls reject with VerifyError, and with the reason of the caller's signal. */
export type VerifiedRpc = {
  readonly header: (height: bigint | 'latest', options?: SyncOptions) => Promise<RpcAnswer<Header>>
  /** With its transactions, evidence and last commit, each of which the header commits to. */
  readonly block: (height: bigint | 'latest', options?: SyncOptions) => Promise<RpcAnswer<Block>>
  readonly validators: (height: bigint | 'latest', options?: SyncOptions) => Promise<RpcAnswer<ValidatorSet>>
  /** The transaction of this hash (32 bytes), which is in the block at its height. Its result is not part of the answer. */
  readonly transaction: (hash: Uint8Array, options?: SyncOptions) => Promise<RpcAnswer<VerifiedTransaction>>
  /** The value of a key, or undefined where the store is proved to have none, after the block `height`. */
  readonly query: (
    question: { readonly store: string; readonly key: Uint8Array; readonly height?: bigint },
    options?: SyncOptions,
  ) => Promise<RpcAnswer<Uint8Array | undefined>>
  /** Anything else that the RPC answers: status, tx_search, net_info and the like prove nothing. */
  readonly unverified: (name: string, params?: Params, options?: SyncOptions) => Promise<Unverified<JsonObject>>
}

export function createVerifiedRpc(options: VerifiedRpcOptions): VerifiedRpc {
  const { url, light, crypto, spec = iavlSpec } = options
  const provider = createRpcProvider(url, options)
  const transport: Transport = {
    base: provider.label.endsWith('/') ? provider.label : `${provider.label}/`,
    fetch: options.fetch ?? ((address, init) => fetch(address, init)),
    method: options.method ?? 'POST',
  }
  const call = (name: string, params: Params, { signal }: SyncOptions = {}): Promise<JsonObject> =>
    callRpc(transport, { name, params, signal })

  return {
    async header(height, asked) {
      const answer = await light.verifyAtHeight(height, asked)
      return answerOf(answer, answer.block.header)
    },
    async validators(height, asked) {
      const answer = await light.verifyAtHeight(height, asked)
      return answerOf(answer, answer.block.validatorSet)
    },
    async block(height, asked) {
      const answer = await light.verifyAtHeight(height, asked)
      const result = await call('block', { height: String(answer.height) }, asked)
      const { parseBlock } = await import('../comet/block-json.ts')
      const block = parseBlock(member(result, 'block'))
      const isTrusted = equals(headerHash(block.header, crypto), headerHash(answer.block.header, crypto))
      check(isTrusted, 'wrong-hash', 'the block is another one')
      requireContents(block, crypto)
      return answerOf(answer, block)
    },
    async transaction(hash, asked) {
      const params = { hash: formatBase64(hash), prove: true }
      const result = await callRpc({ ...transport, method: 'POST' }, { name: 'tx', params, signal: asked?.signal })
      const answer = await light.verifyAtHeight(int64Of(member(result, 'height'), 'height'), asked)
      return answerOf(answer, transactionIn(result, { hash, header: answer.block.header, crypto }))
    },
    async query({ store, key, height }, asked = {}) {
      const questions = [{ store, key }]
      const given = await provider.query(questions, height, { signal: asked.signal })
      check(height === undefined || given.height === height, 'wrong-height', 'the answer is of another height')
      const answer = await light.verifyAtHeight(given.height + 1n, asked)
      const verified = verifyQuery({ answer: given, questions, header: answer.block.header, spec }, crypto)
      if (verified.kind === 'invalid') throw verified.error
      return answerOf(answer, verified.values[0])
    },
    async unverified(name, params = {}, asked) {
      const result = await call(name, params, asked)
      return { kind: 'unverified', unwrapUnverified: () => result }
    },
  }
}

function answerOf<T>({ block: _, ...answer }: LightAnswer, value: T): RpcAnswer<T> {
  return { ...answer, value }
}

type Claimed = { readonly hash: Uint8Array; readonly header: Trusted<Header>; readonly crypto: Crypto }

/** Bound to the hash that was asked for, not to what the proof is of (light-client page, hole 1). */
function transactionIn(result: JsonObject, { hash, header, crypto }: Claimed): VerifiedTransaction {
  const transaction = base64Of(member(result, 'tx'), 'tx', blockBytesMax)
  check(equals(transactionHash(transaction, crypto), hash), 'wrong-hash', 'the answer is another transaction')
  const given = objectOf(member(objectOf(member(result, 'proof'), 'proof'), 'proof'), 'proof.proof')
  const total = int64Of(member(given, 'total'), 'total')
  const index = int64Of(member(given, 'index'), 'index')
  const proof = {
    total,
    index,
    leafHash: base64Of(member(given, 'leaf_hash'), 'leaf_hash', 32),
    aunts: listOf(member(given, 'aunts') ?? [], 'aunts', merkleAuntsMax).map(aunt => base64Of(aunt, 'aunt', 32)),
  }
  check(total <= BigInt(blockTransactionsMax), 'oversized', 'too many transactions')
  const place = integerOf(member(result, 'index'), 'index', { min: 0, max: blockTransactionsMax })
  check(BigInt(place) === index, 'invalid-proof', 'the proof is of another place', { expected: place, actual: index })
  const root = header.dataHash
  const verified = verifyMerkleProof({ proof, leaf: hash, index, total, root }, crypto)
  if (verified.kind === 'invalid') throw verified.error
  return { transaction, height: header.height, index: place }
}
