// The bytes of one more header: what a node of ours answers to a client that has the set, beside CometBFT's own encodings.

import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import type { Crypto } from '../../sdk/src/crypto/crypto.ts'
import { verifyAdjacent } from '../../sdk/src/light/verify.ts'
import { nanosPerSecond } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'
import { createLazyChain } from './chain.ts'
import type { CometBft } from './cometbft.ts'
import { serve } from './served.ts'

/** Means over some headers. */
export type HeaderBytes = {
  readonly ours: number
  /** A protobuf LightBlock. */
  readonly proto: number
  /** What CometBFT's light client fetches: `commit`, and `validators` in pages. */
  readonly rpc: number
}

const headers = 20

export async function measureSizes(cometBft: CometBft, crypto: Crypto): Promise<HeaderBytes> {
  const chain = createLazyChain({ validators: 150, rotateEvery: 0, salt: 'sizes' })
  const { provider, counts } = serve(chain, { newest: headers + 1, hints: true, label: 'node' })
  let trusted = (await provider.lightBlock(1n)) as Trusted<LightBlock>
  const shortFor = {
    validatorsHash: trusted.header.validatorsHash,
    trustLevel: { numerator: 1n, denominator: 3n },
  }
  const rules = {
    now: chain.timeOf(headers + 2),
    trustingPeriodNs: 86_400n * nanosPerSecond,
    maxClockDriftNs: 0n,
    crypto,
  }
  const ours: number[] = []
  for (let height = 2; height <= headers + 1; height++) {
    const block = await provider.lightBlock(BigInt(height), { shortFor })
    const answer = await verifyAdjacent(trusted, [block], rules)
    if (answer.kind !== 'verified') throw new Error(`what was left out was needed: ${answer.code}`)
    ours.push(counts.answerBytes)
    trusted = answer.blocks[0]!.block
  }
  await cometBft.load(Array.from({ length: headers }, (_, i) => chain.encodedBlock(i + 2)))
  const { proto, rpc } = await cometBft.sizes()
  return { ours: mean(ours), proto: mean(proto), rpc: mean(rpc) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
