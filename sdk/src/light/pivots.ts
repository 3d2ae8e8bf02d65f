// Which block to try between two heights, where too many validators changed for one step. A good guess costs one block a
// step: bisection, as CometBFT does it, asks for a third more.

import type { LightBlock } from '../comet/light-block.ts'
import { addressName, type ValidatorSet } from '../comet/validator-set.ts'
import { VerifyError } from '../errors.ts'
import { lightPathMax, pivotsAheadMax } from '../limits.ts'
import type { LightProvider, ShortFor } from '../provider.ts'
import type { SignedPower, TrustLevel } from './commit.ts'
import { blockAt } from './providers.ts'

export type Between = {
  /** The trusted height, its set, and how much of that set signed the block at `high`, to which no step leads. */
  readonly low: bigint
  readonly high: bigint
  readonly validatorSet: ValidatorSet
  readonly validatorsHash: Uint8Array
  readonly overlap: SignedPower
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

/** Pivots from one provider: on the path that it hints at, else where the overlap of the sets says. */
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
 * Sets change little by little: where a share of the trusted power is gone after some heights, the height at which just the
 * trust level is left can be told. Steps that were taken tell it as well as those that failed. As long as nothing is known,
 * because nothing of the set is left, a quarter of the way is tried.
 */
export function createEstimate({ numerator, denominator }: TrustLevel): (between: Between) => bigint {
  const level = Number(numerator) / Number(denominator)
  const lengthFrom = (share: number, distance: number): number => (distance * (1 - level) * 0.97) / (1 - share)
  let before: Pick<Between, 'low' | 'validatorSet'> | undefined
  let length: number | undefined
  return ({ low, high, overlap, validatorSet }) => {
    if (before !== undefined && before.low < low) {
      const share = shareLeft(before.validatorSet, validatorSet)
      if (share > 0 && share < 1) length = lengthFrom(share, Number(low - before.low))
    }
    before = { low, validatorSet }
    const distance = Number(high - low)
    const share = shareOf(overlap)
    if (share > 0) length = lengthFrom(share, distance)
    else if (length === undefined || length >= distance) length = distance / 4
    return low + BigInt(Math.max(1, Math.min(Math.floor(length), distance - 1)))
  }
}

/** How much of a set's power its members in a later set have. */
function shareLeft({ validators }: ValidatorSet, later: ValidatorSet): number {
  const members = new Set(later.validators.map(({ address }) => addressName(address)))
  let signed = 0n
  let total = 0n
  for (const { address, votingPower } of validators) {
    total += votingPower
    if (members.has(addressName(address))) signed += votingPower
  }
  return shareOf({ signed, total })
}

function shareOf({ signed, total }: SignedPower): number {
  return total === 0n ? 0 : Number((signed * 10_000n) / total) / 10_000
}
