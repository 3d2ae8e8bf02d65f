// Who follows a chain header by header, and how that is timed: the same in Node, in pages and around the Go program.

import { type LightBlock, lightBlock } from '../../sdk/src/comet/light-block.ts'
import { createWasmCrypto } from '../../sdk/src/crypto/wasm.ts'
import { verifyAdjacent } from '../../sdk/src/light/verify.ts'
import { addSeconds, nanosPerSecond } from '../../sdk/src/time.ts'
import type { Trusted } from '../../sdk/src/trusted.ts'

export type Following = {
  /** Whether each header must be verified before the next is looked at; else all may be one batch. */
  readonly oneByOne: boolean
}

/** `good`: every block was verified. */
export type Followed = { readonly secondsPerHeader: number; readonly good: boolean }

export type Follower = {
  readonly name: string
  /** Protobuf LightBlocks of heights that follow each other; the first is trusted. */
  readonly load: (encoded: readonly Uint8Array[]) => Promise<void>
  /** Decodes them anew, so that nothing is left of the time before but the validators' keys; then the clock runs. */
  readonly follow: () => Promise<Followed>
  readonly close: () => void
}

const trustingPeriodNs = 100n * 365n * 86_400n * nanosPerSecond

/** Our own, in one thread. */
export async function openOurs(name: string, { oneByOne }: Following): Promise<Follower> {
  const crypto = await createWasmCrypto()
  let loaded: readonly Uint8Array[] = []
  return {
    name,
    load: async encoded => {
      loaded = encoded
    },
    follow: async () => {
      const [trusted, ...blocks] = loaded.map(lightBlock.decode)
      const now = addSeconds(blocks.at(-1)!.header.time, 1)
      const rules = { now, trustingPeriodNs, maxClockDriftNs: 0n, crypto }
      const runs = oneByOne ? blocks.map(block => [block]) : [blocks]
      // What decoding left behind is not part of the work; nor is it in the Go program.
      const { gc } = globalThis as { readonly gc?: (options: { readonly type: 'minor' }) => void }
      gc?.({ type: 'minor' })
      const began = performance.now()
      const good = await verifyRuns(trusted as Trusted<LightBlock>, runs, rules)
      return { secondsPerHeader: (performance.now() - began) / 1_000 / blocks.length, good }
    },
    close: crypto.close,
  }
}

type Rules = Parameters<typeof verifyAdjacent>[2]

async function verifyRuns(
  first: Trusted<LightBlock>,
  runs: readonly (readonly LightBlock[])[],
  rules: Rules,
): Promise<boolean> {
  let trusted = first
  for (const run of runs) {
    const answer = await verifyAdjacent(trusted, run, rules)
    if (answer.kind !== 'verified') return false
    trusted = answer.blocks.at(-1)!.block
  }
  return true
}

/** The blocks with one signature changed that counts, in the middle of the chain. */
export function withBadSignature(encoded: readonly Uint8Array[]): readonly Uint8Array[] {
  const index = Math.ceil(encoded.length / 2)
  const block = lightBlock.decode(encoded[index]!)
  const place = Math.floor(block.commit.signatures.length / 2)
  const signatures = block.commit.signatures.map((each, i) => {
    if (i !== place) return each
    const signature = Uint8Array.from(each.signature)
    signature[40]! ^= 1
    return { ...each, signature }
  })
  return encoded.with(index, lightBlock.encode({ ...block, commit: { ...block.commit, signatures } }))
}

/** Engines compile what runs often, while it runs. */
const warmUpMs = 1_500

/** Sees that a follower knows good chains from bad ones, and leaves it with the good one, its keys known and its code warm. */
export async function checkFollower(follower: Follower, encoded: readonly Uint8Array[]): Promise<void> {
  for (const [chain, expected] of [
    [withBadSignature(encoded), false],
    [encoded, true],
  ] as const) {
    await follower.load(chain)
    const { good } = await follower.follow()
    if (good !== expected) throw new Error(`${follower.name} takes a ${expected ? 'good' : 'bad'} chain for another`)
  }
  const began = performance.now()
  while (performance.now() - began < warmUpMs) await follower.follow()
}
