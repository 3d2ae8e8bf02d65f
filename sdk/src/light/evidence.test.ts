// Who judges evidence has a chain, and no reason to believe whoever brings it.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { forgedBlock, type SignVote } from '../../../test/divergence.ts'
import { createSignedChain, publicKeyOf, signAs, validatorSetOf } from '../../../test/signed-chain.ts'
import { empty, equals } from '../bytes.ts'
import { type BlockId, noBlockId } from '../comet/block-id.ts'
import { type CommitSignature, SignedMessageType, voteSignBytes } from '../comet/commit.ts'
import type { Evidence, LightClientAttackEvidence, SignedVote } from '../comet/evidence.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { totalVotingPower, type ValidatorSet } from '../comet/validator-set.ts'
import { loadCrypto } from '../crypto/load.ts'
import { addSeconds, nanosPerSecond } from '../time.ts'
import { attackEvidence } from './attack.ts'
import { type EvidenceContext, verifyEvidence } from './evidence.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const members = [
  { name: 'a', power: 40n },
  { name: 'b', power: 30n },
  { name: 'c', power: 20n },
  { name: 'd', power: 10n },
]
const strangers = [
  { name: 'x', power: 400n },
  { name: 'y', power: 300n },
]
const { blocks } = createSignedChain({ heights: 9, membersAt: () => members }, crypto)
const [common, trusted] = [blocks[2]!, blocks[6]!]
const newest = blocks.at(-1)!

const context: EvidenceContext = {
  chainId: newest.header.chainId,
  height: newest.header.height,
  time: newest.header.time,
  blockAt: height => blocks[Number(height) - 1],
  maxAgeBlocks: 100n,
  maxAgeNs: 3_600n * nanosPerSecond,
}

function by(...names: readonly string[]): SignVote {
  return (publicKey, message) => {
    const name = names.find(each => equals(publicKeyOf(each, crypto), publicKey))
    return name === undefined ? undefined : signAs(name, message, crypto)
  }
}

const lunatic = { appHash: new Uint8Array(32).fill(9) }

function attack(given: { names?: readonly string[]; set?: ValidatorSet; round?: number; header?: object } = {}) {
  const { names = ['a', 'b', 'c', 'd'], set, header = lunatic, ...rest } = given
  const validatorSet = set ?? trusted.validatorSet
  const conflicting = forgedBlock(trusted, { header, validatorSet, ...rest, sign: by(...names) }, crypto)
  return attackEvidence({ common, trusted, conflicting }).evidence
}

async function judged(evidence: Evidence, given: Partial<EvidenceContext> = {}): Promise<string> {
  const answer = await verifyEvidence(evidence, { ...context, ...given }, crypto)
  return answer.kind === 'verified' ? answer.attack : `${answer.error.code}: ${answer.error.message}`
}

function withBlock(
  evidence: LightClientAttackEvidence,
  change: (block: LightBlock) => Partial<LightBlock>,
): LightClientAttackEvidence {
  const { conflictingBlock } = evidence
  return { ...evidence, conflictingBlock: { ...conflictingBlock, ...change(conflictingBlock) } }
}

function withVotes(
  evidence: LightClientAttackEvidence,
  change: (votes: readonly CommitSignature[]) => readonly CommitSignature[],
): LightClientAttackEvidence {
  return withBlock(evidence, ({ commit }) => ({ commit: { ...commit, signatures: change(commit.signatures) } }))
}

/** Accusing those whom the changed votes accuse. */
function told(evidence: LightClientAttackEvidence): LightClientAttackEvidence {
  return attackEvidence({ common, trusted, conflicting: evidence.conflictingBlock }).evidence
}

const broken = (vote: CommitSignature): CommitSignature => {
  const signature = Uint8Array.from(vote.signature)
  signature[5]! ^= 1
  return { ...vote, signature }
}

test('each kind of attack is recognised for what it is', async () => {
  assert.equal(await judged(attack()), 'lunatic')
  assert.equal(await judged(attack({ header: { dataHash: new Uint8Array(32) } })), 'equivocation')
  const set = validatorSetOf([...strangers, ...members.slice(0, 2)], crypto)
  assert.equal(await judged(attack({ set, names: ['x', 'y', 'a', 'b'] })), 'lunatic')
})

test('an attack needs more than a third of the chain’s own power, and two thirds of the block’s', async () => {
  const set = validatorSetOf([...strangers, ...members], crypto)
  const some = (...names: readonly string[]) => judged(attack({ set, names: ['x', 'y', ...names] }))
  // 30 of 100, 40 of 100.
  assert.match(await some('b'), /^insufficient-power/)
  assert.match(await some('c', 'd'), /^insufficient-power/)
  assert.equal(await some('a'), 'lunatic')
  assert.match(await judged(attack({ set, names: ['a', 'b', 'c', 'd'] })), /^insufficient-power/)
  assert.match(await judged(attack({ names: ['a', 'c'] })), /^insufficient-power/)
})

test('each vote must be signed by whose place it has, those too that are not needed', async () => {
  const set = validatorSetOf([...strangers, ...members], crypto)
  const evidence = attack({ set, names: ['x', 'y', 'a', 'b', 'c', 'd'] })
  assert.equal(await judged(evidence), 'lunatic')
  for (let place = 0; place < 6; place++) {
    const changed = withVotes(evidence, votes => votes.map((vote, i) => (i === place ? broken(vote) : vote)))
    assert.match(await judged(changed), /^bad-signature/, `place ${place}`)
  }
  const swapped = withVotes(evidence, ([x, y, ...others]) => [y!, x!, ...others])
  assert.match(await judged(swapped), /^invalid-commit: .*place of another/)
  const doubled = withVotes(evidence, votes => votes.map((vote, i) => (i === 3 ? votes[2]! : vote)))
  assert.match(await judged(told(doubled)), /^invalid-commit: .*twice/)
  const cut = withVotes(evidence, votes => votes.slice(0, 5))
  assert.match(await judged(told(cut)), /^invalid-commit: one signature/)
})

test('the block must be consistent in itself', async () => {
  const evidence = attack()
  const richer = (set: ValidatorSet): ValidatorSet => ({
    ...set,
    validators: set.validators.map((member, i) => (i === 0 ? { ...member, votingPower: 41n } : member)),
  })
  const cases: readonly [RegExp, Evidence][] = [
    [/^wrong-hash/, withBlock(evidence, ({ validatorSet }) => ({ validatorSet: richer(validatorSet) }))],
    [/^wrong-hash/, withBlock(evidence, ({ header }) => ({ header: { ...header, dataHash: new Uint8Array(32) } }))],
    [/^invalid-commit/, withBlock(evidence, ({ commit }) => ({ commit: { ...commit, height: 8n } }))],
    [/^invalid-header/, withBlock(evidence, ({ header }) => ({ header: { ...header, proposerAddress: empty } }))],
  ]
  for (const [reason, changed] of cases) assert.match(await judged(changed), reason)
})

test('votes made under another chain’s name accuse nobody here', async () => {
  assert.match(await judged(attack(), { chainId: 'other-chain' }), /^bad-signature/)
})

test('evidence is too old only when it is older than both ages', async () => {
  const { height } = common.header
  const old = { height: height + 11n, maxAgeBlocks: 10n, time: addSeconds(common.header.time, 61) }
  const minute = 60n * nanosPerSecond
  assert.match(await judged(attack(), { ...old, maxAgeNs: minute }), /^expired/)
  assert.equal(await judged(attack(), { ...old, maxAgeNs: minute + nanosPerSecond }), 'lunatic')
  assert.equal(await judged(attack(), { ...old, maxAgeNs: minute, maxAgeBlocks: 11n }), 'lunatic')
})

function votes(ids: readonly [BlockId, BlockId], change: Partial<SignedVote> = {}): Evidence {
  const { header, validatorSet } = trusted
  const { address } = validatorSet.validators[0]!
  const cast = (blockId: BlockId): SignedVote => {
    const vote = {
      type: SignedMessageType.prevote,
      height: header.height,
      round: 2,
      timestamp: header.time,
      validatorAddress: address,
      validatorIndex: 0,
      extension: empty,
      extensionSignature: empty,
      ...change,
      blockId,
    }
    return { ...vote, signature: signAs('a', voteSignBytes({ ...vote, chainId: header.chainId }), crypto) }
  }
  return {
    type: 'duplicate-vote',
    voteA: cast(ids[0]),
    voteB: cast(ids[1]),
    totalVotingPower: totalVotingPower(validatorSet),
    validatorPower: 40n,
    timestamp: header.time,
  }
}

test('two votes of one round count whatever they are for; but for whole blocks, or for none', async () => {
  const idOf = (fill: number, total = 1): BlockId => {
    return { hash: new Uint8Array(32).fill(fill), partSetHeader: { total, hash: new Uint8Array(32).fill(fill) } }
  }
  assert.equal(await judged(votes([idOf(1), idOf(2)])), 'duplicate-vote')
  assert.equal(await judged(votes([noBlockId, idOf(2)])), 'duplicate-vote')
  // CometBFT sorts by the bytes of hash and part set header: 16,384 parts begin with 0x80, 129 with 0x81.
  assert.equal(await judged(votes([idOf(1, 16_384), idOf(1, 129)])), 'duplicate-vote')
  assert.match(await judged(votes([idOf(1, 129), idOf(1, 16_384)])), /^refused: .*order/)
  assert.match(await judged(votes([idOf(1), idOf(1)])), /^refused: .*one block/)
  const halves: readonly BlockId[] = [
    { ...idOf(2), hash: empty },
    { hash: idOf(2).hash, partSetHeader: { total: 1, hash: empty } },
    idOf(2, 0),
  ]
  for (const half of halves) {
    assert.match(await judged(votes([noBlockId, half])), /^malformed: a block id/)
  }
  const { proposal } = SignedMessageType
  assert.match(await judged(votes([idOf(1), idOf(2)], { type: proposal })), /^malformed: not a vote/)
  const extended = { extension: new Uint8Array(1), extensionSignature: new Uint8Array(1) }
  assert.match(await judged(votes([idOf(1), idOf(2)], extended)), /^malformed: an extension/)
  const { precommit: type } = SignedMessageType
  assert.equal(await judged(votes([idOf(1), idOf(2)], { type, ...extended })), 'duplicate-vote')
  assert.match(await judged(votes([noBlockId, idOf(2)], { type, ...extended })), /^malformed: an extension/)
})
