// Two stories of one chain, both proved, as people need to hear of it: where they part, who signed both, and to whom the
// evidence went.

import { equals } from '../bytes.ts'
import { BlockIdFlag, type Commit } from '../comet/commit.ts'
import { type Evidence, isReportable } from '../comet/evidence.ts'
import type { LightBlock } from '../comet/light-block.ts'
import type { StoredEvidence } from '../store.ts'
import type { AttackKind } from './attack.ts'
import type { Conflict } from './detect.ts'
import { labelOf } from './heard.ts'

export type Contradiction = {
  readonly kind: AttackKind
  /** The two blocks. Their heights differ where one side's chain ends below, though not earlier in time. */
  readonly blocks: readonly [ToldBlock, ToldBlock]
  /** Addresses of validators whose votes stand under both, 20 bytes each; at least these where commits came shortened. */
  readonly signedBoth: readonly Uint8Array[]
  /** Against those who signed the first block, and against those who signed the second where that could be shown. */
  readonly evidence: readonly Evidence[]
  /** Labels of the providers that evidence is sent to; none where it accuses nobody. */
  readonly sentTo: readonly string[]
  /** Of those, the ones that took a piece of it. */
  readonly takenBy: readonly string[]
}

export type ToldBlock = {
  readonly height: bigint
  /** Of the header; 32 bytes. */
  readonly hash: Uint8Array
  /** Label of the provider that proved it. */
  readonly source: string
}

/** `kept` is what the store has of the evidence. */
export function contradictionOf(
  { kind, witness, primary, blocks, againstPrimary, againstWitness }: Conflict,
  asked: readonly string[],
  kept: (evidence: Evidence) => StoredEvidence | undefined,
): Contradiction {
  const evidence = againstWitness === undefined ? [againstPrimary] : [againstPrimary, againstWitness]
  const sentTo = evidence.some(isReportable) ? asked : []
  const takers = evidence.flatMap(each => kept(each)?.takenBy ?? [])
  const told = ({ header, commit }: LightBlock, source: string): ToldBlock => {
    return { height: header.height, hash: commit.blockId.hash, source }
  }
  return {
    kind,
    blocks: [told(blocks[0], labelOf(primary)), told(blocks[1], labelOf(witness))],
    signedBoth: signersOfBoth(blocks[0].commit, blocks[1].commit),
    evidence,
    sentTo,
    takenBy: sentTo.filter(label => takers.includes(label)),
  }
}

function signersOfBoth(left: Commit, right: Commit): readonly Uint8Array[] {
  const signers = ({ signatures }: Commit): readonly Uint8Array[] =>
    signatures.flatMap(vote => (vote.blockIdFlag === BlockIdFlag.commit ? [vote.validatorAddress] : []))
  const others = signers(right)
  return signers(left).filter(address => others.some(other => equals(address, other)))
}
