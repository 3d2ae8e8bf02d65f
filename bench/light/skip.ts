// How many light blocks it takes to skip over a chain, by our client and by CometBFT's. Both begin at block 1, have a primary
// and one witness that agree, a trust level of 1/3, and an empty store.

import { formatHex } from '../../sdk/src/bytes.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import type { Crypto } from '../../sdk/src/crypto/crypto.ts'
import { LightClient } from '../../sdk/src/light/client.ts'
import { nanosPerSecond } from '../../sdk/src/time.ts'
import { type ChainPlan, createLazyChain } from './chain.ts'
import type { CometBft } from './cometbft.ts'
import { serve } from './served.ts'

export type SkipCounts = {
  /** Light blocks asked of the primary. */
  readonly ours: number
  readonly withoutHints: number
  readonly theirs: number
  /** Paths asked of our node. */
  readonly paths: number
}

const trustingPeriodNs = 100n * 365n * 86_400n * nanosPerSecond

export async function countSkips(
  { plan, target }: { readonly plan: ChainPlan; readonly target: number },
  { crypto, cometBft }: { readonly crypto: Crypto; readonly cometBft: CometBft },
): Promise<SkipCounts> {
  const chain = createLazyChain(plan)
  const { chainId, encodedBlock } = chain
  const hash = headerHash(chain.lightBlock(1).header, crypto)
  const now = chain.timeOf(target + 1)
  const skip = async (hints: boolean): Promise<{ readonly blocks: number; readonly paths: number }> => {
    const [primary, witness] = ['primary', 'witness'].map(label => serve(chain, { newest: target, hints, label }))
    const client = new LightClient({
      chainId,
      trustRoot: { height: 1n, hash },
      trustingPeriodNs,
      primary: primary!.provider,
      witnesses: [witness!.provider],
      now,
      crypto,
    })
    const answer = await client.verifyAtHeight(BigInt(target))
    if (answer.agreed.length !== 2) throw new Error(`only ${answer.agreed.join()} confirms the target`)
    return primary!.counts
  }
  const { blocks: ours, paths } = await skip(true)
  const { blocks: withoutHints } = await skip(false)
  const theirs = await cometBft.skip({
    chainId,
    trusted: 1,
    hash: formatHex(hash),
    target,
    now: Number(now.seconds),
    encodedBlock,
  })
  if (!theirs.good) throw new Error(`CometBFT's client does not reach the target: ${theirs.error}`)
  return { ours, withoutHints, theirs: theirs.primary, paths }
}
