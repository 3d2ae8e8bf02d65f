// What stands around a header in a whole block: transactions, parts, parameters and results, and the hashes of them that
// the header carries (types/block.go, types/part_set.go, types/params.go, types/results.go).

import { equals } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { blockBytesMax, blockTransactionsMax, validatorsMax } from '../limits.ts'
import { merkleRoot } from '../merkle/root.ts'
import { always, bytes, int64, type Message, message, repeated, repeatedBytes, uint32 } from '../protobuf.ts'
import type { PartSetHeader } from './block-id.ts'
import { type Commit, commit, commitHash } from './commit.ts'
import { type Evidence, evidence, evidenceHash } from './evidence.ts'
import { type Header, header } from './header.ts'

export type Block = {
  readonly header: Header
  readonly txs: readonly Uint8Array[]
  /** Of validators that broke the rules; mostly there is none. */
  readonly evidence: readonly Evidence[]
  /** Of the block before; at the first height a commit of height 0 without signatures. */
  readonly lastCommit: Commit
}

type Data = { readonly txs: readonly Uint8Array[] }
type EvidenceList = { readonly evidence: readonly Evidence[] }
type BlockFields = {
  readonly header: Header
  readonly data: Data
  readonly evidence: EvidenceList
  readonly lastCommit: Commit
}

const blockFields: Message<BlockFields> = message({
  header: always(1, header),
  data: always(2, message<Data>({ txs: repeatedBytes(1, blockTransactionsMax, blockBytesMax) }), blockBytesMax),
  evidence: always(3, message<EvidenceList>({ evidence: repeated(1, evidence, validatorsMax) })),
  lastCommit: always(4, commit),
})

/** tendermint.types.Block. */
export const block: Message<Block> = {
  encode: value =>
    blockFields.encode({
      header: value.header,
      data: { txs: value.txs },
      evidence: { evidence: value.evidence },
      lastCommit: value.lastCommit,
    }),
  decode(encoded) {
    const { header, data, evidence: list, lastCommit } = blockFields.decode(encoded)
    return { header, txs: data.txs, evidence: list.evidence, lastCommit }
  },
}

/** types.BlockPartSizeBytes. */
export const blockPartBytes = 65_536

/** The encoded block cut into parts; the last one may be shorter. */
export function blockParts(encoded: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let start = 0; start < encoded.length; start += blockPartBytes) {
    parts.push(encoded.subarray(start, start + blockPartBytes))
  }
  return parts
}

/** The part set header of an encoded block, which its block id carries beside the header's hash. */
export function partSetHeaderOf(encoded: Uint8Array, hasher: Hasher): PartSetHeader {
  const parts = blockParts(encoded)
  return { total: parts.length, hash: merkleRoot(parts, hasher) }
}

/** CometBFT's transaction hash, which is also the leaf of `data_hash`: SHA-256 of the transaction; 32 bytes. */
export function transactionHash(transaction: Uint8Array, hasher: Hasher): Uint8Array {
  return hasher.sha256(transaction)
}

/** `data_hash`: the root over the hashes of the transactions; 32 bytes. */
export function dataHash(txs: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  return merkleRoot(
    txs.map(transaction => transactionHash(transaction, hasher)),
    hasher,
  )
}

/** Throws VerifyError `wrong-hash` where something in a block is not what its header commits to. */
export function requireContents({ header, txs, evidence, lastCommit }: Block, hasher: Hasher): void {
  check(equals(dataHash(txs, hasher), header.dataHash), 'wrong-hash', 'the transactions are others')
  check(equals(evidenceHash(evidence, hasher), header.evidenceHash), 'wrong-hash', 'the evidence is another')
  check(equals(commitHash(lastCommit, hasher), header.lastCommitHash), 'wrong-hash', 'the last commit is another')
}

/** The two consensus parameters that are hashed: the others are not in `consensus_hash`. */
export type BlockParams = {
  /** -1: no limit of its own. */
  readonly maxBytes: bigint
  /** -1: no limit. */
  readonly maxGas: bigint
}

const hashedParams: Message<BlockParams> = message({ maxBytes: int64(1), maxGas: int64(2) })

/** `consensus_hash`: plain SHA-256 of HashedParams (ConsensusParams.Hash); 32 bytes. */
export function consensusParamsHash(params: BlockParams, hasher: Hasher): Uint8Array {
  return hasher.sha256(hashedParams.encode(params))
}

/** The deterministic part of ABCI's ExecTxResult. */
export type TransactionResult = {
  readonly code: number
  readonly data: Uint8Array
  readonly gasWanted: bigint
  readonly gasUsed: bigint
}

const transactionResult: Message<TransactionResult> = message({
  code: uint32(1),
  data: bytes(2, blockBytesMax),
  gasWanted: int64(5),
  gasUsed: int64(6),
})

/** `last_results_hash` of the next header: the root over the results of this block's transactions; 32 bytes. */
export function resultsHash(results: readonly TransactionResult[], hasher: Hasher): Uint8Array {
  return merkleRoot(results.map(transactionResult.encode), hasher)
}
