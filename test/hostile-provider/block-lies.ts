// Lies about one light block. The liar knows what is checked: he makes hashes fit, and signs with what keys he has.

import { BlockIdFlag, type CommitSignature } from '../../sdk/src/comet/commit.ts'
import { headerHash } from '../../sdk/src/comet/header.ts'
import { type LightBlock, lightBlock } from '../../sdk/src/comet/light-block.ts'
import { shortenCommit } from '../../sdk/src/comet/short-commit.ts'
import { type Validator, type ValidatorSet, validatorsHash } from '../../sdk/src/comet/validator-set.ts'
import { addSeconds, zeroTime } from '../../sdk/src/time.ts'
import { flipBit, type Random } from '../mutation/mutate.ts'
import { changeValue } from '../mutation/values.ts'
import { commitOf, validatorSetOf } from '../signed-chain.ts'
import { blocks, corruptAt, crypto, heights, liarsBlocks } from './story.ts'

export type BlockLie = (block: LightBlock, random: Random) => LightBlock

const someBlock = (random: Random): LightBlock => blocks[random(heights)]!

/** The header's hashes and the commit's block id are made to fit, and the corrupt validators sign: alone, or among the others. */
function refitted(block: LightBlock, random: Random): LightBlock {
  const header = { ...block.header, validatorsHash: validatorsHash(block.validatorSet, crypto) }
  const hash = headerHash(header, crypto)
  const forged = commitOf(header, block.validatorSet, corruptAt(Number(header.height)), crypto)
  if (random(2) === 0) return { ...block, header, commit: forged }
  const signatures = block.commit.signatures.map((own, i) => {
    const theirs = forged.signatures[i]
    return theirs !== undefined && theirs.blockIdFlag === BlockIdFlag.commit ? theirs : own
  })
  const blockId = { hash, partSetHeader: { total: 1, hash: crypto.sha256(hash) } }
  return { ...block, header, commit: { ...block.commit, blockId, signatures } }
}

function withSet(block: LightBlock, change: (validators: readonly Validator[]) => readonly Validator[]): LightBlock {
  const validatorSet: ValidatorSet = { ...block.validatorSet, validators: change(block.validatorSet.validators) }
  return { ...block, validatorSet }
}

function withVotes(
  block: LightBlock,
  change: (votes: readonly CommitSignature[]) => readonly CommitSignature[],
): LightBlock {
  return { ...block, commit: { ...block.commit, signatures: change(block.commit.signatures) } }
}

const maybeRefitted = (block: LightBlock, random: Random): LightBlock =>
  random(2) === 0 ? block : refitted(block, random)

const powers: readonly bigint[] = [0n, -1n, 1n, 2n ** 53n, 2n ** 60n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 64n]
const farHeights: readonly bigint[] = [
  0n,
  -1n,
  25n,
  26n,
  1_000n,
  2n ** 31n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 64n,
]
const seconds: readonly (bigint | number)[] = [
  -1, 1, 29, 30, -30, 86_400, -86_400, 31_536_000, -31_536_000, 9_000_000_000,
]

/** A chain of the liar's own, which is consistent in itself at every height. */
function ownStory(height: bigint, random: Random): LightBlock {
  const template = blocks[Number(height) - 1] ?? blocks.at(-1)!
  const members = Array.from({ length: 1 + random(3) }, (_, i) => ({ name: `liar ${i}`, power: 10n }))
  const validatorSet = validatorSetOf(members, crypto)
  const hash = validatorsHash(validatorSet, crypto)
  const header = {
    ...template.header,
    height,
    appHash: new Uint8Array(32).fill(1),
    validatorsHash: hash,
    nextValidatorsHash: hash,
    proposerAddress: validatorSet.validators[0]!.address,
  }
  const names = members.map(({ name }) => name)
  return { header, validatorSet, commit: commitOf(header, validatorSet, names, crypto) }
}

export const blockLies: Readonly<Record<string, BlockLie>> = {
  'any one place is changed': (block, random) => changeValue(block, someBlock(random), random),
  'any one place is changed, and the rest made to fit': (block, random) => {
    const changed = changeValue({ header: block.header, validatorSet: block.validatorSet }, someBlock(random), random)
    return isPlain(changed.validatorSet) && isPlain(changed.header) ? refitted({ ...block, ...changed }, random) : block
  },
  'a bit of its encoding is flipped': (block, random) => {
    const encoded = lightBlock.encode(block)
    for (let tries = 0; tries < 20; tries++) {
      try {
        return lightBlock.decode(flipBit(encoded, random))
      } catch {
        // What can't even be decoded never comes so far.
      }
    }
    return { ...block, header: someBlock(random).header }
  },
  'the block of another height': (_, random) => someBlock(random),
  'the header of another height': (block, random) => ({ ...block, header: someBlock(random).header }),
  'the commit of another height': (block, random) => ({ ...block, commit: someBlock(random).commit }),
  'the set of another height': (block, random) => ({ ...block, validatorSet: someBlock(random).validatorSet }),
  'another height is said of it': (block, random) => {
    const height = farHeights[random(farHeights.length)]!
    const commit = random(2) === 0 ? block.commit : { ...block.commit, height }
    return { ...block, header: { ...block.header, height }, commit }
  },
  'another time is said of it, signed by the corrupt': (block, random) => {
    const time = addSeconds(block.header.time, seconds[random(seconds.length)]!)
    return refitted({ ...block, header: { ...block.header, time } }, random)
  },
  'another state is said of it, signed by the corrupt': (block, random) =>
    refitted({ ...block, header: { ...block.header, appHash: new Uint8Array(random(40)).fill(7) } }, random),
  'the next set is the liar’s': (block, random) => {
    const { validatorSet } = ownStory(block.header.height, random)
    return refitted(
      { ...block, header: { ...block.header, nextValidatorsHash: validatorsHash(validatorSet, crypto) } },
      random,
    )
  },
  'a story of the liar’s own': (block, random) => ownStory(block.header.height, random),
  'a story of the liar’s own, linked like a true one': ({ header: { height } }) => liarsBlocks[Number(height) - 1]!,
  'the liar joins the set with all the power': (block, random) => {
    const [liar] = ownStory(block.header.height, random).validatorSet.validators
    return refitted(
      withSet(block, list => [{ ...liar!, votingPower: 2n ** 59n }, ...list]),
      random,
    )
  },
  'a validator’s power is changed, beyond all bounds too': (block, random) => {
    const at = random(7)
    const votingPower = powers[random(powers.length)]!
    const changed = withSet(block, list => list.map((each, i) => (i === at ? { ...each, votingPower } : each)))
    return votingPower >= 0n && votingPower < 2n ** 63n ? maybeRefitted(changed, random) : changed
  },
  'all powers together overflow': (block, random) =>
    maybeRefitted(
      withSet(block, list => list.map(each => ({ ...each, votingPower: 2n ** 63n - 1n - BigInt(random(9)) }))),
      random,
    ),
  'the set is permuted': (block, random) =>
    maybeRefitted(
      withSet(block, list => {
        const at = 1 + random(list.length - 1)
        return [...list.slice(at), ...list.slice(0, at)]
      }),
      random,
    ),
  'a validator stands twice': (block, random) =>
    maybeRefitted(
      withSet(block, list => list.toSpliced(random(7), random(2), list[random(7)]!)),
      random,
    ),
  'one key under several addresses, and one address over several keys': (block, random) => {
    const [from, to] = [random(7), random(7)]
    const part = random(2) === 0 ? 'address' : 'publicKey'
    const changed = withSet(block, list => list.with(to, { ...list[to]!, [part]: list[from]![part] }))
    return maybeRefitted(changed, random)
  },
  'signatures are repeated': (block, random) =>
    withVotes(block, votes => votes.map(() => votes[random(votes.length)]!)),
  'signatures are repeated under the names of others': (block, random) => {
    const one = block.commit.signatures[random(7)]!
    return withVotes(block, votes =>
      votes.map((vote, i) => ({
        ...one,
        validatorAddress: block.validatorSet.validators[i]?.address ?? vote.validatorAddress,
      })),
    )
  },
  'signatures change places': (block, random) =>
    withVotes(block, votes => [...votes.slice(1 + random(6)), ...votes].slice(0, 7)),
  'signatures of another height': (block, random) => {
    const { signatures } = someBlock(random).commit
    return withVotes(block, votes =>
      votes.map((vote, i) => ({ ...vote, signature: signatures[i]?.signature ?? vote.signature })),
    )
  },
  'too few signatures are left': (block, random) =>
    withVotes(block, votes => votes.map((vote, i) => (i < random(5) ? vote : absent))),
  'absent votes come with something': (block, random) =>
    withVotes(block, votes => votes.map(vote => ({ ...vote, blockIdFlag: random(5) }))),
  'votes are dated anew': (block, random) =>
    withVotes(block, votes =>
      votes.map(vote => ({ ...vote, timestamp: addSeconds(vote.timestamp, seconds[random(seconds.length)]!) })),
    ),
  'the commit is padded': (block, random) => withVotes(block, votes => [...votes, ...votes.slice(random(7))]),
  'the commit is truncated': (block, random) => withVotes(block, votes => votes.slice(0, random(7))),
  'it is said to be shortened': (block, random) => ({
    ...withVotes(block, votes => votes.slice(random(2))),
    shortened: true,
  }),
  'it is shortened for nobody': (block, random) => {
    const trustedSet = ownStory(block.header.height, random).validatorSet
    const short = shortenCommit(block, { trustedSet: undefined, trustLevel: { numerator: 1n, denominator: 3n } })
    return { ...short, validatorSet: trustedSet }
  },
  'another round is said of it': (block, random) => ({ ...block, commit: { ...block.commit, round: random(3) - 1 } }),
  'the commit is for nil, or for other parts': (block, random) => {
    const { hash } = block.commit.blockId
    const partSetHeader = { total: random(3), hash: random(2) === 0 ? hash : new Uint8Array(0) }
    return {
      ...block,
      commit: { ...block.commit, blockId: { hash: random(2) === 0 ? hash : new Uint8Array(0), partSetHeader } },
    }
  },
  'it is of another chain': (block, random) => {
    const names = ['', 'test-chain-2', 'test-chai\u0000n', 'x'.repeat(51), '\ud800']
    return refitted({ ...block, header: { ...block.header, chainId: names[random(names.length)]! } }, random)
  },
  'it is absurdly large': (block, random) => {
    switch (random(6)) {
      case 0:
        return withVotes(block, votes => Array.from({ length: 2_000 }, (_, i) => votes[i % 7]!))
      case 1:
        return withSet(block, list => Array.from({ length: 2_000 }, (_, i) => list[i % 7]!))
      case 2:
        return { ...block, header: { ...block.header, appHash: new Uint8Array(200_000) } }
      case 3:
        return { ...block, header: { ...block.header, chainId: 'x'.repeat(200_000) } }
      case 4:
        return withVotes(block, votes => votes.map(vote => ({ ...vote, signature: new Uint8Array(100_000) })))
      default:
        return { ...block, validatorSet: { ...block.validatorSet, proposer: new Uint8Array(200_000) } }
    }
  },
}

const absent: CommitSignature = {
  blockIdFlag: BlockIdFlag.absent,
  validatorAddress: new Uint8Array(0),
  timestamp: zeroTime,
  signature: new Uint8Array(0),
}

/** Whether it can be hashed at all: what is out of every bound has no encoding. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'bigint') return value >= 0n && value < 2n ** 63n
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value < 2 ** 32
  if (value instanceof Uint8Array) return value.length <= 1_024
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isPlain)
  return true
}
