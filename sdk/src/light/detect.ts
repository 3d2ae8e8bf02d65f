// Whether other peers tell of the same chain (CometBFT light/detector.go). A peer that says otherwise must prove it from the
// block that both sides share: then one of the two sides has signed what it must not, and there is evidence against each.
// A peer that cannot prove it, or that says nothing, holds nobody up.

import { equals } from '../bytes.ts'
import type { LightClientAttackEvidence } from '../comet/evidence.ts'
import { headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { loadCrypto } from '../crypto/load.ts'
import { check, VerifyError } from '../errors.ts'
import { conflictProofTimeoutMs, witnessAnswerTimeoutMs } from '../limits.ts'
import type { LightProvider } from '../provider.ts'
import { compareTime, type Timestamp } from '../time.ts'
import { type Attack, type AttackKind, attackEvidence } from './attack.ts'
import { createPivots } from './pivots.ts'
import { blockAt, within } from './providers.ts'
import { type SyncRules, syncBySkipping } from './sync.ts'
import type { TrustedBlock, TrustedHead, VerifyStep } from './verify.ts'

export type Peer = Pick<LightProvider, 'lightBlock' | 'lightPath' | 'label'>

export type Detection = Pick<VerifyStep, 'trustLevel' | 'trustingPeriodNs' | 'maxClockDriftNs' | 'compromisedKeys'> & {
  /** What was verified from the primary, ascending; the first was trusted before. */
  readonly trace: readonly TrustedBlock[]
  readonly primary: Peer
  readonly witnesses: readonly Peer[]
  readonly now: Timestamp
  readonly signal?: AbortSignal | undefined
  readonly crypto?: Crypto | undefined
}

export type Detected = {
  readonly kind: 'agreed' | 'conflict'
  /** Those that have the same block. */
  readonly agreed: readonly Peer[]
  /** Those that gave no answer, or have not come so far. */
  readonly silent: readonly Peer[]
  /** Those that gave another block and could not prove it. */
  readonly refuted: readonly Peer[]
  readonly conflicts: readonly Conflict[]
}

/** Two blocks that were both verified from one trusted block, of which one at most is true. */
export type Conflict = {
  readonly primary: Peer
  readonly witness: Peer
  readonly kind: AttackKind
  /** Where they part: the primary's, and the witness's. */
  readonly blocks: readonly [LightBlock, LightBlock]
  readonly againstPrimary: LightClientAttackEvidence
  /** Undefined where the witness went astray below the height at which its own story could be followed. */
  readonly againstWitness: LightClientAttackEvidence | undefined
}

/** Asks all witnesses at once for the last block of the trace. Rejects only with the signal's reason. */
export async function detectDivergence(detection: Detection): Promise<Detected> {
  const crypto = detection.crypto ?? (await loadCrypto())
  const outcomes = await Promise.all(
    detection.witnesses.map(async witness => ({ witness, outcome: await outcomeOf(witness, detection, crypto) })),
  )
  detection.signal?.throwIfAborted()
  const whose = (kind: string): readonly Peer[] =>
    outcomes.filter(({ outcome }) => outcome === kind).map(({ witness }) => witness)
  const conflicts = outcomes.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : [outcome]))
  return {
    kind: conflicts.length > 0 ? 'conflict' : 'agreed',
    agreed: whose('agreed'),
    silent: whose('silent'),
    refuted: whose('refuted'),
    conflicts,
  }
}

type Outcome = 'agreed' | 'silent' | 'refuted' | Conflict

type Limited = Detection & { readonly crypto: Crypto; readonly signal: AbortSignal }

async function outcomeOf(witness: Peer, detection: Detection, crypto: Crypto): Promise<Outcome> {
  const { trace, signal } = detection
  const target = trace.at(-1)!
  try {
    const theirs = await within(witnessAnswerTimeoutMs, signal, limit => blockOrNewest(witness, target, limit))
    if (sameBlock(theirs, target, crypto)) return 'agreed'
    // It ends below the target: that is a lag, unless it has come to the target's time by fewer heights (forward lunatic).
    const lags = theirs.header.height < target.header.height
    if (lags && compareTime(theirs.header.time, target.header.time) < 0) return 'silent'
  } catch {
    return 'silent'
  }
  try {
    return await within(conflictProofTimeoutMs, signal, limit =>
      prove(witness, { ...detection, crypto, signal: limit }),
    )
  } catch {
    // Whatever a peer does instead of proving its block.
    return 'refuted'
  }
}

async function prove(witness: Peer, limited: Limited): Promise<Outcome> {
  const { trace, primary } = limited
  const fork = await findFork(trace, witness, limited)
  if (fork === undefined) return 'refuted'
  const { kind, evidence } = await evidenceOf(fork, witness, limited)
  const back = await findFork([fork.common, ...fork.path], primary, limited).catch(() => undefined)
  const againstWitness = back && (await evidenceOf(back, primary, limited)).evidence
  const blocks = [fork.conflicting, fork.trusted] as const
  return { primary, witness, kind, blocks, againstPrimary: evidence, againstWitness }
}

async function blockOrNewest(
  witness: Peer,
  { header }: LightBlock,
  signal: AbortSignal | undefined,
): Promise<LightBlock> {
  try {
    return await blockAt(witness, header.height, { signal })
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    const newest = await witness.lightBlock('latest', { signal })
    check(newest.header.height < header.height, 'unavailable', 'the witness has the height and keeps it back')
    return newest
  }
}

type Fork = {
  readonly common: TrustedBlock
  /** The other side's block, verified from the common one. */
  readonly trusted: TrustedBlock
  /** The trace's. */
  readonly conflicting: TrustedBlock
  /** What was verified on the way from `common` to `trusted`, without the former. */
  readonly path: readonly TrustedBlock[]
}

/**
 * Follows the other side along the trace, from its first block, which both must have. Answers where they part; undefined
 * where they never do. Throws VerifyError where the other side cannot prove its blocks.
 */
async function findFork(trace: readonly TrustedBlock[], other: Peer, limited: Limited): Promise<Fork | undefined> {
  const { crypto, signal } = limited
  let common = trace[0]!
  const root = await blockAt(other, common.header.height, { signal })
  check(sameBlock(root, common, crypto), 'wrong-hash', 'the peer does not have the block that is trusted')
  for (const block of trace.slice(1)) {
    const theirs = await blockOrNewest(other, block, signal)
    if (sameBlock(theirs, block, crypto)) {
      common = block
      continue
    }
    const path: TrustedBlock[] = []
    if (theirs.header.height > common.header.height) await follow({ common, target: theirs, other, path }, limited)
    else check(sameBlock(theirs, common, crypto), 'wrong-hash', 'the peer ends below what it shares')
    const trusted = path.at(-1) ?? common
    const ahead = block.header.height > trusted.header.height
    const isLate = compareTime(block.header.time, trusted.header.time) > 0
    check(!ahead || !isLate, 'unavailable', 'the peer has not come so far')
    return { common, trusted, conflicting: block, path }
  }
  return undefined
}

type Follow = {
  readonly common: TrustedBlock
  readonly target: LightBlock
  readonly other: Peer
  readonly path: TrustedBlock[]
}

async function follow({ common, target, other, path }: Follow, limited: Limited): Promise<TrustedHead> {
  const { crypto, now, trustLevel, signal } = limited
  const rules: SyncRules = { ...limited, now: () => now, onVerified: ({ block }) => path.push(block) }
  const trusted = { block: common, signedPower: { signed: 0n, total: 0n } }
  return syncBySkipping({ trusted, target, pivots: createPivots(other, { trustLevel, signal }), rules }, crypto)
}

/** A node compares evidence of equivocation with its own whole commit, so what is vouched for must be whole too. */
async function evidenceOf(fork: Fork, vouching: Peer, { signal }: Limited): Promise<Attack> {
  const { height } = fork.trusted.header
  const whole = fork.trusted.shortened ? await vouching.lightBlock(height, { signal }) : fork.trusted
  const isSame = equals(whole.commit.blockId.hash, fork.trusted.commit.blockId.hash)
  return attackEvidence({ ...fork, trusted: isSame ? whole : fork.trusted })
}

function sameBlock(left: LightBlock, right: LightBlock, crypto: Crypto): boolean {
  return equals(headerHash(left.header, crypto), headerHash(right.header, crypto))
}
