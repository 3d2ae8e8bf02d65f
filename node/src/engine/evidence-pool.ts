// Evidence that waits for a block (CometBFT v0.40: evidence/pool.go). It is on the disk before its reporter hears that it was
// taken, and leaves the pool in the batch that makes its block durable.

import {
  type Crypto,
  check,
  concat,
  type Evidence,
  encodeUtf8,
  evidenceId,
  evidence as evidenceMessage,
  formatHex,
  headerHash,
  timeToNanos,
  VerifyError,
  verifyEvidence,
} from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'
import { HomeError } from '../home-error.ts'
import { evidencePoolMax, evidenceWaitingMax } from '../limits.ts'
import type { Database, Write } from '../storage/database.ts'
import { height64, key, keySpace } from '../storage/keys.ts'
import type { Chain } from './chain-store.ts'
import type { EvidenceParams } from './genesis.ts'
import { type ChainState, evidenceBytes } from './propose.ts'

export type EvidencePool = {
  readonly count: () => number
  /**
   * Resolves with the evidence's id when it is on the disk, or stands in a block already. Rejects with VerifyError: `limited`
   * while too many wait, `unavailable` where this chain's blocks carry none, else `refused`.
   */
  readonly report: (evidence: Evidence) => Promise<Uint8Array>
  /** What the next block carries: the oldest first, as far as they fit and are not too old by now. */
  readonly reap: () => readonly Evidence[]
  /** What the block that carries this evidence changes; also drops what has become too old. */
  readonly commit: (evidence: readonly Evidence[], height: bigint) => Leaving
}

type Leaving = {
  /** Part of the block's batch. */
  readonly writes: readonly Write[]
  /** After that batch is durable. */
  readonly done: () => void
}

export type EvidencePoolOptions = {
  readonly database: Database
  readonly chain: Chain
  readonly params: EvidenceParams
  readonly crypto: Crypto
  readonly newest: () => ChainState
  /** Told when there is something for the next block. */
  readonly onAdded: () => void
}

type Waiting = {
  readonly evidence: Evidence
  readonly key: Uint8Array
  readonly offence: Uint8Array
  readonly size: number
}

type Pool = EvidencePoolOptions & {
  /** By offence, the oldest infraction first. */
  readonly waiting: Map<string, Waiting>
  last: Promise<unknown>
  asked: number
}

/** Reads what an earlier run left. Throws HomeError home-corrupt. */
export async function openEvidencePool(options: EvidencePoolOptions): Promise<EvidencePool> {
  const from = key(keySpace.evidence)
  const to = key(keySpace.offence)
  const stored = await options.database.entries({ from, to, countMax: evidencePoolMax })
  const found = stored.map(({ value }) => waitingOf(readStored(value)))
  const pool: Pool = {
    ...options,
    waiting: new Map(found.map(each => [formatHex(each.offence), each])),
    last: Promise.resolve(),
    asked: 0,
  }
  return {
    count: () => pool.waiting.size,
    report: evidence => inTurn(pool, () => report(pool, evidence)),
    reap: () => reap(pool),
    commit: (evidence, height) => leave(pool, evidence, height),
  }
}

function readStored(bytes: Uint8Array): Evidence {
  try {
    return evidenceMessage.decode(bytes)
  } catch (error) {
    throw new HomeError('home-corrupt', 'Evidence on this disk is damaged; restore the home from a backup.', error)
  }
}

/** One at a time: a piece may take a thousand signature checks. */
async function inTurn<T>(pool: Pool, run: () => Promise<T>): Promise<T> {
  check(pool.asked < evidenceWaitingMax, 'limited', 'too much evidence waits to be looked at')
  pool.asked += 1
  const turn = pool.last.then(run)
  pool.last = turn.catch(() => undefined)
  try {
    return await turn
  } finally {
    pool.asked -= 1
  }
}

async function report(pool: Pool, evidence: Evidence): Promise<Uint8Array> {
  const { params, crypto, database } = pool
  check(params.bytesMax > 0n, 'unavailable', 'the genesis file of this chain allows no evidence in blocks')
  const found = waitingOf(evidence)
  check(BigInt(found.size) <= params.bytesMax, 'oversized', 'the evidence does not fit into a block of this chain')
  const id = evidenceId(evidence, nodeHasher)
  if (isKnown(pool, found.offence)) return id
  const verified = await verifyEvidence(evidence, contextOf(pool), crypto)
  if (verified.kind === 'invalid') {
    const { message, expected, actual } = verified.error
    throw new VerifyError('refused', `the evidence is refused: ${message}`, { expected, actual })
  }
  // While its signatures were checked a block may have been made.
  if (isKnown(pool, found.offence)) return id
  check(pool.waiting.size < evidencePoolMax, 'limited', 'too much evidence waits for a block')
  await database.write([{ key: found.key, value: evidenceMessage.encode(evidence) }])
  pool.waiting.set(nameOf(found), found)
  pool.onAdded()
  return id
}

function isKnown({ waiting, database }: Pool, offence: Uint8Array): boolean {
  return waiting.has(formatHex(offence)) || database.get(key(keySpace.offence, offence)) !== undefined
}

function contextOf({ chain, newest, params }: Pool): Parameters<typeof verifyEvidence>[1] {
  const { chainId, height, time } = newest()
  return {
    chainId,
    height,
    time,
    blockAt: wanted => (wanted <= height ? chain.lightBlock(wanted) : undefined),
    maxAgeBlocks: params.maxAgeBlocks,
    maxAgeNs: params.maxAgeNs,
  }
}

function reap(pool: Pool): readonly Evidence[] {
  const old = new Set(tooOld(pool))
  const taken: Evidence[] = []
  let bytesLeft = Number(pool.params.bytesMax)
  for (const waiting of inOrder(pool)) {
    if (old.has(waiting)) continue
    bytesLeft -= waiting.size
    if (bytesLeft < 0) break
    taken.push(waiting.evidence)
  }
  return taken
}

function leave(pool: Pool, evidence: readonly Evidence[], height: bigint): Leaving {
  const carried = evidence.map(waitingOf)
  const gone = [...carried, ...tooOld(pool)]
  return {
    writes: [
      ...carried.map(({ offence }) => ({ key: key(keySpace.offence, offence), value: height64(height) })),
      ...gone.map(each => ({ key: each.key, value: undefined })),
    ],
    done() {
      for (const each of gone) pool.waiting.delete(nameOf(each))
    },
  }
}

function tooOld({ waiting, newest, params }: Pool): readonly Waiting[] {
  const { height, time } = newest()
  return [...waiting.values()].filter(({ evidence }) => {
    const isOlder = timeToNanos(time) - timeToNanos(evidence.timestamp) > params.maxAgeNs
    return isOlder && height - heightOf(evidence) > params.maxAgeBlocks
  })
}

function inOrder({ waiting }: Pool): readonly Waiting[] {
  return [...waiting.values()].toSorted((left, right) => {
    const difference = heightOf(left.evidence) - heightOf(right.evidence)
    return difference === 0n ? (formatHex(left.key) < formatHex(right.key) ? -1 : 1) : difference < 0n ? -1 : 1
  })
}

function nameOf({ offence }: Waiting): string {
  return formatHex(offence)
}

/** Of the infraction (types/evidence.go, Height). */
function heightOf(evidence: Evidence): bigint {
  return evidence.type === 'duplicate-vote' ? evidence.voteA.height : evidence.commonHeight
}

function waitingOf(evidence: Evidence): Waiting {
  const id = evidenceId(evidence, nodeHasher)
  return {
    evidence,
    key: key(keySpace.evidence, height64(heightOf(evidence)), id),
    offence: offenceOf(evidence),
    size: evidenceBytes([evidence]),
  }
}

/**
 * What was done, however it is told. CometBFT tells evidence apart by its own hash, but whoever has a piece can make others of
 * it without any key: with another common height, another validator index, an extension that nobody signed. One deed would be
 * counted many times; here it is counted once.
 */
function offenceOf(evidence: Evidence): Uint8Array {
  if (evidence.type === 'light-client-attack') return headerHash(evidence.conflictingBlock.header, nodeHasher)
  const { validatorAddress, height, round, type } = evidence.voteA
  return sha256(concat(encodeUtf8(`${type}/${height}/${round}/`), validatorAddress))
}
