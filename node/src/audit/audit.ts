// `muniment audit`: security rule 11. The history log is what the application says of itself: today's signers could write an
// old block into it that never was. So every leaf is compared with the chain of blocks, each of which names the one before.

import {
  type CheckpointNote,
  type Crypto,
  check,
  createNodeProvider,
  type ExistenceProof,
  equals,
  formatCheckpointNote,
  historyOrigin,
  limits,
  merkleLeafHash,
  type Provider,
  parseCheckpointNote,
  type SignedCheckpoint,
  type Timestamp,
  type TrustedBlock,
  type TrustRoot,
  VerifyError,
  verifyConsistency,
  verifyHistory,
  verifyInclusion,
} from '@muniment/sdk'
import { createFollowingClient } from '../following-client.ts'
import { askRpc } from '../http.ts'
import { plainAnswerBytesMax } from '../limits.ts'
import { readBlockHashes } from './blocks.ts'
import { type Contradiction, describeCheckpoint, describeLeaf, describeLog, type LyingLeaf } from './evidence.ts'
import { prefixRoot } from './prefix-root.ts'

export type AuditOptions = {
  readonly root: TrustRoot
  /** Address of a node's RPC. */
  readonly node: string
  /** Where trust begins on a chain that is older than the trusting period. */
  readonly checkpoint?: SignedCheckpoint | undefined
  readonly crypto: Crypto
  readonly now: () => Timestamp
  readonly onProgress?: (compared: bigint, total: bigint) => void
}

export type Audit =
  | {
      readonly kind: 'agrees'
      /** The block whose header commits to the log: it was verified, and each one before it by its hash. */
      readonly head: TrustedBlock
      /** Leaves of the log that were compared: the genesis hash, and the hash of each block below the head. */
      readonly leaves: bigint
      /** The checkpoint of the log that was compared as well; undefined where the node has none up to this head. */
      readonly checkpointSize: bigint | undefined
    }
  | ({ readonly kind: 'contradicts' } & Contradiction)

/** Throws VerifyError where the node does not answer, or its newest block can't be verified. */
export async function auditHistory(options: AuditOptions): Promise<Audit> {
  const { node, crypto } = options
  const provider = createNodeProvider(node)
  const light = await createFollowingClient({ ...options, nodes: [node], providers: [provider] })
  // Asked for before the head, so that it is no longer than the log under it and the head itself.
  const note = await readNote(options)
  const { block: head } = await light.verifyAtHeight('latest')
  const { height } = head.header
  const answer = await provider.history({ height })
  const verified = verifyHistory({ header: head.header, answer }, crypto)
  if (verified.kind !== 'verified') throw verified.error
  const hashes = await readBlockHashes(head, options)
  if ('evidence' in hashes) return { kind: 'contradicts', ...hashes }
  const log: Log = { crypto, provider, head, store: answer.store, leafHashes: leafHashesOf(hashes, crypto) }
  const trueRoot = prefixRoot(log.leafHashes, Number(height), crypto)
  if (!equals(trueRoot, verified.head.root)) {
    return { kind: 'contradicts', ...((await findLyingLeaf(log)) ?? describeLog(log, trueRoot)) }
  }
  if (note === undefined || note.size === 0n || note.size > height + 1n) {
    return { kind: 'agrees', head, leaves: height, checkpointSize: undefined }
  }
  const noteRoot = prefixRoot(log.leafHashes, Number(note.size), crypto)
  if (!equals(noteRoot, note.root)) {
    return { kind: 'contradicts', ...describeCheckpoint(log, formatCheckpointNote(note), noteRoot) }
  }
  return { kind: 'agrees', head, leaves: height, checkpointSize: note.size }
}

/** The newest checkpoint of the log; undefined where the node has none. */
async function readNote({ root, node }: AuditOptions): Promise<CheckpointNote | undefined> {
  try {
    const question = { bytesMax: plainAnswerBytesMax, timeoutMs: limits.requestTimeoutMs }
    const note = parseCheckpointNote(String((await askRpc(node, 'history_log', question)).checkpoint))
    check(note.origin === historyOrigin(root), 'wrong-chain', 'the checkpoint is of another log')
    return note
  } catch (error) {
    if (error instanceof VerifyError && error.code === 'unavailable') return undefined
    throw error
  }
}

type Log = {
  readonly crypto: Crypto
  readonly provider: Provider
  readonly head: TrustedBlock
  /** The log under the head, verified. */
  readonly store: ExistenceProof
  /** Of the genesis hash, and of each block up to the head itself. */
  readonly leafHashes: Uint8Array
}

/** Of the genesis hash and of the blocks, as the log has them. */
function leafHashesOf(hashes: Uint8Array, crypto: Crypto): Uint8Array {
  const leafHashes = new Uint8Array(hashes.length)
  for (let at = 0; at < hashes.length; at += 32) {
    leafHashes.set(merkleLeafHash(hashes.subarray(at, at + 32), crypto), at)
  }
  return leafHashes
}

/** The first leaf that lies, found by halves: up to there the log continues the true one. Undefined where the node won't show it. */
async function findLyingLeaf(log: Log): Promise<Contradiction | undefined> {
  try {
    let [agree, differ] = [0n, log.head.header.height]
    while (differ - agree > 1n) {
      const middle = (agree + differ) / 2n
      if (await continues(log, middle)) agree = middle
      else differ = middle
    }
    const leaf = await leafOfLog(log, differ - 1n)
    return leaf && describeLeaf(log, leaf)
  } catch (error) {
    if (error instanceof VerifyError) return undefined
    throw error
  }
}

/** Whether the log under the head begins with so many true leaves. */
async function continues({ provider, head, store, leafHashes, crypto }: Log, oldSize: bigint): Promise<boolean> {
  const size = head.header.height
  const { consistency: proof } = await provider.history({ height: size, oldSize })
  const oldRoot = prefixRoot(leafHashes, Number(oldSize), crypto)
  return verifyConsistency({ oldSize, oldRoot, size, root: store.value, proof }, crypto).kind === 'verified'
}

/** What the log has in the place of a leaf. A neighbour's proof names it, and its own proof leads from it to the log's root. */
async function leafOfLog(log: Log, index: bigint): Promise<LyingLeaf | undefined> {
  const { provider, head, store, leafHashes, crypto } = log
  const size = head.header.height
  const isLeft = index % 2n === 0n && index + 1n < size
  if (index === 0n && !isLeft) return undefined
  const { inclusion: path } = await provider.history({ height: size, leaf: isLeft ? index + 1n : index - 1n })
  // A last leaf without a right neighbour is joined with the complete subtree on its left, 2^level leaves large.
  const level = isLeft ? 0 : index.toString(2).length - index.toString(2).replace(/0+$/, '').length
  const leafHash = path[level]
  if (leafHash === undefined) return undefined
  const { inclusion } = await provider.history({ height: size, leaf: index })
  const included = verifyInclusion({ leafHash, index, size, proof: inclusion, root: store.value }, crypto)
  const trueLeafHash = leafHashes.slice(Number(index) * 32, Number(index) * 32 + 32)
  if (included.kind === 'invalid' || equals(leafHash, trueLeafHash)) return undefined
  const block = index === 0n ? undefined : await provider.lightBlock(index)
  return { index, leafHash, inclusion, trueLeafHash, block }
}
