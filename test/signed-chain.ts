// A chain with real signatures for tests: honest by default, and open to a test that wants it to lie.

import { ed25519 } from '@noble/curves/ed25519.js'
import { empty } from '../sdk/src/bytes.ts'
import { noBlockId } from '../sdk/src/comet/block-id.ts'
import { BlockIdFlag, type Commit, type CommitSignature, commitHash, voteSignBytes } from '../sdk/src/comet/commit.ts'
import { blockProtocol, type Header, headerHash } from '../sdk/src/comet/header.ts'
import type { LightBlock } from '../sdk/src/comet/light-block.ts'
import { noCommit } from '../sdk/src/comet/rpc-json.ts'
import {
  sortedValidatorSet,
  type ValidatorSet,
  validatorAddress,
  validatorsHash,
} from '../sdk/src/comet/validator-set.ts'
import type { Hasher } from '../sdk/src/crypto/crypto.ts'
import { addSeconds, parseTime, type Timestamp, zeroTime } from '../sdk/src/time.ts'

export type Member = { readonly name: string; readonly power: bigint }

export type SignedChain = {
  readonly chainId: string
  /** Index 0 is height 1. */
  readonly blocks: readonly LightBlock[]
}

export type ChainPlan = {
  readonly chainId?: string
  readonly heights: number
  /** The validators of a height; 1 is the first. */
  readonly membersAt: (height: number) => readonly Member[]
  readonly startsAt?: Timestamp
  readonly secondsPerBlock?: number
  /** What the header of a height says, in place of nothing; `before` are the blocks below it. */
  readonly appHashAt?: (height: number, before: readonly LightBlock[]) => Uint8Array
}

export const chainStart: Timestamp = parseTime('2027-01-01T00:00:00.000000001Z')

/** The same name always has the same key. */
function secretKeyOf(name: string, hasher: Hasher): Uint8Array {
  return hasher.sha256(new TextEncoder().encode(`test key of ${name}`))
}

export function publicKeyOf(name: string, hasher: Hasher): Uint8Array {
  return ed25519.getPublicKey(secretKeyOf(name, hasher))
}

export function signAs(name: string, message: Uint8Array, hasher: Hasher): Uint8Array {
  return ed25519.sign(message, secretKeyOf(name, hasher))
}

export function validatorSetOf(members: readonly Member[], hasher: Hasher): ValidatorSet {
  return sortedValidatorSet(
    members.map(({ name, power }) => {
      const publicKey = { type: 'ed25519', bytes: publicKeyOf(name, hasher) } as const
      return { address: validatorAddress(publicKey, hasher), publicKey, votingPower: power, proposerPriority: 0n }
    }),
  )
}

/** A commit by those members of a set whose names are given; the others are absent. */
export function commitOf(header: Header, set: ValidatorSet, signers: readonly string[], hasher: Hasher): Commit {
  const hash = headerHash(header, hasher)
  const blockId = { hash, partSetHeader: { total: 1, hash: hasher.sha256(hash) } }
  const named = new Map(signers.map(name => [String(publicKeyOf(name, hasher)), name]))
  const timestamp = addSeconds(header.time, 1)
  const signatures = set.validators.map((validator): CommitSignature => {
    const name = named.get(String(validator.publicKey.bytes))
    if (name === undefined) {
      return { blockIdFlag: BlockIdFlag.absent, validatorAddress: empty, timestamp: zeroTime, signature: empty }
    }
    const message = voteSignBytes({ chainId: header.chainId, height: header.height, round: 0, blockId, timestamp })
    const signature = signAs(name, message, hasher)
    return { blockIdFlag: BlockIdFlag.commit, validatorAddress: validator.address, timestamp, signature }
  })
  return { height: header.height, round: 0, blockId, signatures }
}

/** Every height signed by all of its validators. */
export function createSignedChain(plan: ChainPlan, hasher: Hasher): SignedChain {
  const chainId = plan.chainId ?? 'test-chain'
  const blocks: LightBlock[] = []
  let lastCommit = noCommit
  for (let height = 1; height <= plan.heights; height++) {
    const members = plan.membersAt(height)
    const validatorSet = validatorSetOf(members, hasher)
    const header: Header = {
      version: { block: blockProtocol, app: 1n },
      chainId,
      height: BigInt(height),
      time: addSeconds(plan.startsAt ?? chainStart, height * (plan.secondsPerBlock ?? 30)),
      lastBlockId: height === 1 ? noBlockId : lastCommit.blockId,
      lastCommitHash: commitHash(lastCommit, hasher),
      dataHash: hasher.sha256(),
      validatorsHash: validatorsHash(validatorSet, hasher),
      nextValidatorsHash: validatorsHash(validatorSetOf(plan.membersAt(height + 1), hasher), hasher),
      consensusHash: hasher.sha256(new Uint8Array([1])),
      appHash: plan.appHashAt?.(height, blocks) ?? empty,
      lastResultsHash: hasher.sha256(),
      evidenceHash: hasher.sha256(),
      proposerAddress: validatorSet.validators[0]!.address,
    }
    const names = members.map(({ name }) => name)
    lastCommit = commitOf(header, validatorSet, names, hasher)
    blocks.push({ header, commit: lastCommit, validatorSet })
  }
  return { chainId, blocks }
}
