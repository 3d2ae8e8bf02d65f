// The other side of a hint: which heights lead from one to another by the fewest steps, for nodes that have all blocks.

import { formatHex } from '../bytes.ts'
import { BlockIdFlag } from '../comet/commit.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { totalVotingPower, type ValidatorSet } from '../comet/validator-set.ts'
import { lightPathMax, pathLookupsMax } from '../limits.ts'
import type { LightPath } from '../provider.ts'
import type { TrustLevel } from './commit.ts'

/** A block that the node has; undefined where it has none. */
export type BlockLookup = (height: bigint) => LightBlock | undefined

/**
 * Each step as far as the trust level lets it go, found by halving; heights strictly between the two, ascending. Where the
 * path or the search is too long, the beginning of it: who follows it asks again from there.
 */
export function planLightPath({ from, to, trustLevel }: LightPath, lookup: BlockLookup): readonly bigint[] {
  const path: bigint[] = []
  let lookups = 0
  const blockAt = (height: bigint): LightBlock | undefined => {
    lookups += 1
    return lookup(height)
  }
  for (let low = from; path.length < lightPathMax; ) {
    const trusted = blockAt(low)?.validatorSet
    if (trusted === undefined) return path
    const reaches = (height: bigint): boolean => {
      const block = blockAt(height)
      return block !== undefined && isEnough(trusted, block, trustLevel)
    }
    if (reaches(to)) return path
    // The next height is always reached, by its own set, which the header before it names.
    let [near, far] = [low + 1n, to]
    while (far - near > 1n) {
      if (lookups >= pathLookupsMax) return path
      const middle = (near + far) / 2n
      if (reaches(middle)) near = middle
      else far = middle
    }
    if (near >= to) return path
    path.push(near)
    low = near
  }
  return path
}

function isEnough(trusted: ValidatorSet, { commit }: LightBlock, { numerator, denominator }: TrustLevel): boolean {
  const powers = new Map(trusted.validators.map(({ address, votingPower }) => [formatHex(address), votingPower]))
  let signed = 0n
  for (const { blockIdFlag, validatorAddress } of commit.signatures) {
    if (blockIdFlag === BlockIdFlag.commit) signed += powers.get(formatHex(validatorAddress)) ?? 0n
  }
  return signed > (totalVotingPower(trusted) * numerator) / denominator
}
