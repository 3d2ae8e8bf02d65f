// Ways from a trusted block to another height. Verification itself is in verify.ts; here it is decided which block to look
// at next. A block that was verified is handed on at once, and never verified again.

import type { Header } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { backwardStepsMax, bisectionStepsMax, lightBlocksPerRequestMax, sequentialStepsMax } from '../limits.ts'
import type { Timestamp } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import type { Pivots } from './pivots.ts'
import {
  type TrustedHead,
  type VerifyRules,
  type VerifyStep,
  verifyAdjacent,
  verifyBackwards,
  verifyLightBlock,
  verifyNamed,
} from './verify.ts'

export type SyncProgress = {
  /** Steps of verification so far. */
  readonly steps: number
  readonly trustedHeight: bigint
  readonly targetHeight: bigint
}

export type SyncRules = Pick<VerifyStep, 'trustLevel' | 'trustingPeriodNs' | 'maxClockDriftNs' | 'compromisedKeys'> & {
  readonly now: () => Timestamp
  readonly signal?: AbortSignal | undefined
  /** Called for each block that was verified, before the next step. */
  readonly onVerified: (state: TrustedHead) => void
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

/** Untrusted blocks of these heights, ascending, both ends included. */
type FetchBlocks = (from: bigint, to: bigint) => Promise<readonly LightBlock[]>

export type Skipping = {
  readonly trusted: TrustedHead
  readonly target: LightBlock
  readonly pivots: Pivots
  readonly rules: SyncRules
}

/**
 * Straight to the target, or by blocks between where too many validators changed. From each block that was reached the
 * farthest of those that are known is tried first, so that no step is taken that is not needed.
 */
export async function syncBySkipping(
  { trusted, target, pivots, rules }: Skipping,
  crypto: Crypto,
): Promise<TrustedHead> {
  let reached = trusted
  // Descending; those from `next` on were not tried from what is reached.
  const known = [target]
  let next = 0
  let fetched = 0
  for (let steps = 1; ; steps++) {
    check(fetched <= bisectionStepsMax, 'limited', 'verification took too many blocks', {
      expected: `<= ${bisectionStepsMax}`,
    })
    if (next === known.length) {
      known.push(await between({ reached, high: known.at(-1)!, pivots }))
      fetched++
    }
    const untrusted = known[next]!
    const { trustLevel } = rules
    const answer = await verifyLightBlock({ ...atNow(rules, crypto), trusted: reached.block, untrusted, trustLevel })
    if (answer.kind === 'verified') {
      reached = answer
      rules.onVerified(reached)
      known.length = next
      next = 0
    } else if (answer.kind !== 'not-enough-trust') {
      throw answer.error
    } else if (untrusted.shortened) {
      // The signatures that were left out may be the ones that are trusted.
      known[next] = await pivots.whole(untrusted.header.height)
      fetched++
    } else {
      next += 1
    }
    const trustedHeight = reached.block.header.height
    rules.onProgress?.({ steps, trustedHeight, targetHeight: target.header.height })
    if (known.length === 0) return reached
  }
}

type Between = {
  readonly reached: TrustedHead
  readonly high: LightBlock
  readonly pivots: Pivots
}

async function between({ reached, high, pivots }: Between): Promise<LightBlock> {
  const { header, validatorSet } = reached.block
  const { height: low, validatorsHash } = header
  const above = high.header.height
  const block = await pivots.pivot({ low, high: above, validatorSet, validatorsHash })
  const { height } = block.header
  check(height > low && height < above, 'wrong-height', 'the block is not between', { actual: height })
  return block
}

export type Walk = {
  readonly trusted: TrustedHead
  readonly height: bigint
  readonly fetch: FetchBlocks
  readonly rules: SyncRules
}

/** Every height up to the target, each from the one before. What comes next is fetched while a batch is verified. */
export async function syncSequentially({ trusted, height, fetch, rules }: Walk, crypto: Crypto): Promise<TrustedHead> {
  let reached = trusted
  const distance = height - trusted.block.header.height
  check(distance <= BigInt(sequentialStepsMax), 'limited', 'too many heights to verify one by one', {
    actual: distance,
  })
  const fetchFrom = (from: bigint): Promise<readonly LightBlock[]> | undefined => {
    if (from > height) return undefined
    const to = smaller(height, from + BigInt(lightBlocksPerRequestMax) - 1n)
    const blocks = fetch(from, to).then(fetched => inOrder(fetched, from, to))
    blocks.catch(() => undefined)
    return blocks
  }
  let steps = 0
  for (let next = fetchFrom(trusted.block.header.height + 1n); next !== undefined; ) {
    const blocks = await next
    next = fetchFrom(blocks.at(-1)!.header.height + 1n)
    // What one request brought is one batch of signatures.
    const answer = await verifyAdjacent(reached.block, blocks, atNow(rules, crypto))
    for (const head of answer.blocks) {
      reached = head
      rules.onVerified(reached)
      rules.onProgress?.({ steps: ++steps, trustedHeight: reached.block.header.height, targetHeight: height })
    }
    if (answer.kind !== 'verified') throw answer.error
  }
  return reached
}
/** Below a trusted block, by the hash that each header has of the one before; the target's own commit is checked too. */
export async function syncBackwards({ trusted, height, fetch, rules }: Walk, crypto: Crypto): Promise<TrustedHead> {
  let above: Trusted<Header> = trusted.block.header
  const distance = trusted.block.header.height - height
  check(distance <= BigInt(backwardStepsMax), 'limited', 'too many heights to walk back', { actual: distance })
  for (let steps = 0; ; ) {
    const to = above.height - 1n
    const from = larger(height, to - BigInt(lightBlocksPerRequestMax) + 1n)
    for (const untrusted of inOrder(await fetch(from, to), from, to).toReversed()) {
      const { hash } = above.lastBlockId
      const answer = verifyBackwards({ trusted: above, untrusted: untrusted.header }, crypto)
      if (answer.kind !== 'verified') throw answer.error
      rules.onProgress?.({ steps: ++steps, trustedHeight: untrusted.header.height, targetHeight: height })
      if (untrusted.header.height === height) return named({ untrusted, hash, rules }, crypto)
      above = answer.header
    }
  }
}

async function named(
  { untrusted, hash, rules }: { readonly untrusted: LightBlock; readonly hash: Uint8Array; readonly rules: SyncRules },
  crypto: Crypto,
): Promise<TrustedHead> {
  const { chainId } = untrusted.header
  const answer = await verifyNamed({ chainId, untrusted, headerHash: hash, signal: rules.signal }, crypto)
  if (answer.kind !== 'verified') throw answer.error
  rules.onVerified(answer)
  return answer
}

function atNow(rules: SyncRules, crypto: Crypto): VerifyRules {
  const { trustingPeriodNs, maxClockDriftNs, compromisedKeys, signal } = rules
  return { trustingPeriodNs, maxClockDriftNs, compromisedKeys, signal, now: rules.now(), crypto }
}

function inOrder(blocks: readonly LightBlock[], from: bigint, to: bigint): readonly LightBlock[] {
  const whole = BigInt(blocks.length) === to - from + 1n
  const ascending = blocks.every(({ header }, index) => header.height === from + BigInt(index))
  check(whole && ascending, 'wrong-height', 'not the heights that were asked for', { expected: `${from} to ${to}` })
  return blocks
}

const smaller = (left: bigint, right: bigint): bigint => (left < right ? left : right)
const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right)
