// Which block to try between two heights, where too many validators changed for one step. A good guess costs one block a
// step: bisection, as CometBFT does it, asks for about two.

import type { LightBlock } from '../comet/light-block.ts'
import { VerifyError } from '../errors.ts'
import { lightPathMax, pivotsAheadMax } from '../limits.ts'
import type { LightProvider, ShortFor } from '../provider.ts'
import type { SignedPower, TrustLevel } from './commit.ts'
import { blockAt } from './providers.ts'

export type Between = {
  /** The trusted height, its set, and how much of that set signed the block at `high`, to which no step leads. */
  readonly low: bigint
  readonly high: bigint
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

  /** The block of a hinted height; those of the next ones are on their way already. */
  function hinted(path: readonly bigint[], from: number, shortFor: ShortFor): Promise<LightBlock> {
    for (const height of path.slice(from, from + pivotsAheadMax)) {
      if (ahead.has(height)) continue
      const block = blockAt(provider, height, { signal, shortFor })
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
      hints ??= await askPath(between)
      const next = hints.findIndex(height => height > low && height < high)
      if (next >= 0) return hinted(hints, next, shortFor)
      return blockAt(provider, estimate(between), { signal, shortFor })
    },
    whole: height => blockAt(provider, height, { signal }),
  }
}

/**
 * Sets change little by little: where a share of the trusted power is gone after some heights, the height at which just the
 * trust level is left is near. Where nothing is left the step is far too long, and is cut to an eighth. Once a length has
 * worked it is tried again.
 */
export function createEstimate({ numerator, denominator }: TrustLevel): (between: Between) => bigint {
  const level = Number(numerator) / Number(denominator)
  let length: number | undefined
  return ({ low, high, overlap }) => {
    const distance = Number(high - low)
    const share = overlap.total === 0n ? 0 : Number((overlap.signed * 10_000n) / overlap.total) / 10_000
    if (share > 0) length = (distance * (1 - level) * 0.95) / (1 - share)
    else if (length === undefined || length >= distance) length = distance / 8
    const step = BigInt(Math.max(1, Math.min(Math.floor(length), distance - 1)))
    return low + step
  }
}
