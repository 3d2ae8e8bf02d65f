// A small chain that a hostile provider knows well, and what it has to lie with: the keys of some of the validators, fewer than
// a third of their power at any height, and as many keys of its own as it likes.

import { headerHash } from '../../sdk/src/comet/header.ts'
import type { LightBlock } from '../../sdk/src/comet/light-block.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { addSeconds, type Timestamp } from '../../sdk/src/time.ts'
import { chainStart, commitOf, createSignedChain, type Member } from '../signed-chain.ts'

export const crypto = await loadCrypto()
export const chainId = 'test-chain'
export const heights = 24
export const now: Timestamp = addSeconds(chainStart, (heights + 1) * 30)

/** Seven of different powers, of whom the oldest is replaced every three heights. */
export function membersAt(height: number): readonly Member[] {
  return Array.from({ length: 7 }, (_, i) => {
    const number = i + Math.floor(height / 3)
    return { name: `member ${number}`, power: BigInt(10 + (number % 3)) }
  })
}

/** Two of any seven that follow each other: less than a third of the power. */
export function corruptAt(height: number): readonly string[] {
  return membersAt(height)
    .map(({ name }) => name)
    .filter(name => Number(name.split(' ')[1]) % 7 < 2)
}

/** Just enough sign, so that every signature counts. */
function minimal(block: LightBlock): LightBlock {
  const names = membersAt(Number(block.header.height))
    .toSorted((left, right) => Number(right.power - left.power))
    .slice(0, 5)
    .map(({ name }) => name)
  return { ...block, commit: commitOf(block.header, block.validatorSet, names, crypto) }
}

const signed = createSignedChain({ chainId, heights, membersAt }, crypto).blocks

/** The true chain, of which every third block has no signature too many. */
export const blocks: readonly LightBlock[] = signed.map((block, i) => (i % 3 === 1 ? minimal(block) : block))
/** The liar's: signed by keys of its own, and linked. */
export const liarsBlocks: readonly LightBlock[] = createSignedChain(
  { chainId, heights, membersAt: () => [{ name: 'liar 0', power: 10n }], appHashAt: () => new Uint8Array(32).fill(1) },
  crypto,
).blocks
export const hashes: readonly Uint8Array[] = blocks.map(({ header }) => headerHash(header, crypto))
