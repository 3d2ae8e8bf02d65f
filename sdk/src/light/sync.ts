// Ways from a trusted block to a target: by skipping, one by one, and backwards. They decide which block to look at next;
// whether it counts, verify.ts says. Every block that was verified is handed on at once, and never verified again.

import type { Header } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { check } from '../errors.ts'
import { backwardStepsMax, bisectionStepsMax, lightBlocksPerRequestMax, sequentialStepsMax } from '../limits.ts'
import type { Timestamp } from '../time.ts'
import type { Trusted } from '../trusted.ts'
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
export type FetchBlocks = (from: bigint, to: bigint) => Promise<readonly LightBlock[]>

export type Skipping = {
  readonly trusted: TrustedHead
  readonly target: LightBlock
  /** An untrusted block strictly between two heights, near the one asked for. */
  readonly pivot: (between: {
    readonly low: bigint
    readonly near: bigint
    readonly high: bigint
  }) => Promise<LightBlock>
  readonly rules: SyncRules
}

/** Straight to the target, or by blocks between where too many validators changed (bisection at 9/16, as CometBFT). */
export async function syncBySkipping(
  { trusted, target, pivot, rules }: Skipping,
  crypto: Crypto,
): Promise<TrustedHead> {
  let reached = trusted
  const pending = [target]
  for (let steps = 1; steps <= bisectionStepsMax; steps++) {
    const untrusted = pending.at(-1)!
    const { trustLevel } = rules
    const answer = await verifyLightBlock({ ...atNow(rules, crypto), trusted: reached.block, untrusted, trustLevel })
    if (answer.kind === 'expired' || answer.kind === 'invalid') throw answer.error
    if (answer.kind === 'verified') {
      reached = answer
      rules.onVerified(reached)
      pending.pop()
    } else {
      const [low, high] = [reached.block.header.height, untrusted.header.height]
      const near = low + ((high - low) * 9n) / 16n
      const between = await pivot({ low, near: near > low ? near : low + 1n, high })
      const { height } = between.header
      check(height > low && height < high, 'wrong-height', 'the block is not between', { actual: height })
      pending.push(between)
    }
    const trustedHeight = reached.block.header.height
    rules.onProgress?.({ steps, trustedHeight, targetHeight: target.header.height })
    if (pending.length === 0) return reached
  }
  check(false, 'limited', 'verification took too many steps', { expected: `<= ${bisectionStepsMax}` })
}

export type Walk = {
  readonly trusted: TrustedHead
  readonly height: bigint
  readonly fetch: FetchBlocks
  readonly rules: SyncRules
}

/** Every height up to the target, each from the one before. */
export async function syncSequentially({ trusted, height, fetch, rules }: Walk, crypto: Crypto): Promise<TrustedHead> {
  let reached = trusted
  const distance = height - trusted.block.header.height
  check(distance <= BigInt(sequentialStepsMax), 'limited', 'too many heights to verify one by one', {
    actual: distance,
  })
  for (let steps = 0; reached.block.header.height < height; ) {
    const from = reached.block.header.height + 1n
    const to = smaller(height, from + BigInt(lightBlocksPerRequestMax) - 1n)
    const blocks = inOrder(await fetch(from, to), from, to)
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
