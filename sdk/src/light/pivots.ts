// Which block to try between two heights, where too many validators changed for one step. A path that a provider hints at
// costs one block a step; bisection, as CometBFT does it, up to a half more; a guess something between.

import type { LightBlock } from '../comet/light-block.ts'
import { addressName } from '../comet/members.ts'
import type { ValidatorSet } from '../comet/validator-set.ts'
import { VerifyError } from '../errors.ts'
import { lightPathMax, pivotsAheadMax } from '../limits.ts'
import type { LightProvider, ShortFor } from '../provider.ts'
import type { TrustLevel } from './commit.ts'
import { blockAt } from './providers.ts'

export type Between = {
  /** The trusted height, its set, and the height to which no step leads. */
  readonly low: bigint
  readonly validatorSet: ValidatorSet
  readonly validatorsHash: Uint8Array
  readonly high: bigint
}

export type Pivots = {
  /** An untrusted block strictly between the heights. */
  readonly pivot: (between: Between) => Promise<LightBlock>
  /** The whole block at a height, whose shortened commit was not enough. */
  readonly whole: (height: bigint) => Promise<LightBlock>
}

type Asked = {
  readonly trustLevel: TrustLevel
  readonly signal: AbortSignal | undefined
}

/** Pivots from one provider: on the path that it hints at, else where a guess says. */
export function createPivots(
  provider: Pick<LightProvider, 'lightBlock' | 'lightPath'>,
  { trustLevel, signal }: Asked,
): Pivots {
  /** Undefined until the first is needed, empty once there are no more. */
  let hints: readonly bigint[] | undefined
  const ahead = new Map<bigint, Promise<LightBlock>>()
  const estimate = createEstimate(trustLevel)

  async function askPath({ low, high }: Between): Promise<readonly bigint[]> {
    if (provider.lightPath === undefined) return []
    try {
      const heights = await provider.lightPath({ from: low, to: high, trustLevel }, { signal })
      const isPath = heights.every((height, i) => height > (i === 0 ? low : heights[i - 1]!) && height < high)
      return isPath ? heights.slice(0, lightPathMax) : []
    } catch (error) {
      if (error instanceof VerifyError) return []
      throw error
    }
  }

  /**
   * The block of a hinted height; those of the next ones are on their way already, and whole: from which sets they will be
   * verified is not known yet.
   */
  function hinted(path: readonly bigint[], from: number, shortFor: ShortFor): Promise<LightBlock> {
    for (const [i, height] of path.slice(from, from + pivotsAheadMax).entries()) {
      if (ahead.has(height)) continue
      const block = blockAt(provider, height, i === 0 ? { signal, shortFor } : { signal })
      block.catch(() => undefined)
      ahead.set(height, block)
    }
    const height = path[from]!
    const block = ahead.get(height)!
    ahead.delete(height)
    return block
  }

  return {
    async pivot(between) {
      const { low, high, validatorsHash } = between
      const shortFor = { validatorsHash, trustLevel }
      // A path that is too long for one answer goes on from its end.
      const isUsedUp = hints !== undefined && hints.length > 0 && hints.at(-1)! <= low
      if (hints === undefined || isUsedUp) hints = await askPath(between)
      const next = hints.findIndex(height => height > low && height < high)
      const guess = estimate(between)
      if (next >= 0) return hinted(hints, next, shortFor)
      return blockAt(provider, guess, { signal, shortFor })
    },
    whole: height => blockAt(provider, height, { signal }),
  }
}

/**
 * Half of the way; or less, where sets have changed little by little so far: from what a step has left of its set follows how
 * far the next may go. Where that fails it was a leap, and halving goes on.
 */
export function createEstimate({ numerator, denominator }: TrustLevel): (between: Between) => bigint {
  const level = Number(numerator) / Number(denominator)
  let before: Pick<Between, 'low' | 'validatorSet'> | undefined
  let length: number | undefined
  return ({ low, high, validatorSet }) => {
    const isFirst = before?.low !== low
    if (before !== undefined && isFirst) {
      const share = shareLeft(before.validatorSet, validatorSet)
      // Where nothing changed, or all at once, nothing follows for the next.
      const isGradual = share < 1 && share > level
      length = isGradual ? (Number(low - before.low) * (1 - level) * inHand) / (1 - share) : undefined
    }
    before = { low, validatorSet }
    const half = Number(high - low) / 2
    const step = isFirst && length !== undefined && length < half ? length : half
    return low + BigInt(Math.max(1, Math.floor(step)))
  }
}

/** A step that is a little too long costs a block, one that is a little too short hardly anything. */
const inHand = 0.97

/** How much of a set's power its members in a later set have. */
function shareLeft({ validators }: ValidatorSet, later: ValidatorSet): number {
  const members = new Set(later.validators.map(({ address }) => addressName(address)))
  let left = 0n
  let total = 0n
  for (const { address, votingPower } of validators) {
    total += votingPower
    if (members.has(addressName(address))) left += votingPower
  }
  return total === 0n ? 0 : Number((left * 10_000n) / total) / 10_000
}
