import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { forgedBlock, type SignVote } from '../../../test/divergence.ts'
import { createSignedChain, publicKeyOf, signAs, validatorSetOf } from '../../../test/signed-chain.ts'
import { equals, formatHex } from '../bytes.ts'
import { evidenceHash, evidenceId } from '../comet/evidence.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { compareValidators } from '../comet/validator-set.ts'
import { loadCrypto } from '../crypto/load.ts'
import { addSeconds } from '../time.ts'
import { attackEvidence } from './attack.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const members = [
  { name: 'a', power: 10n },
  { name: 'b', power: 30n },
  { name: 'c', power: 10n },
  { name: 'd', power: 20n },
]
const chain = createSignedChain({ heights: 5, membersAt: () => members }, crypto)
const common = chain.blocks[1]!
const trusted = chain.blocks[4]!

function by(...names: readonly string[]): SignVote {
  return (publicKey, message) => {
    const name = names.find(each => equals(publicKeyOf(each, crypto), publicKey))
    return name === undefined ? undefined : signAs(name, message, crypto)
  }
}

const all = by('a', 'b', 'c', 'd')
const forgedApp = { appHash: new Uint8Array(32).fill(9) }
const forgedData = { dataHash: new Uint8Array(32).fill(9) }

function accused(block: LightBlock, of: LightBlock = trusted): readonly string[] {
  const { evidence } = attackEvidence({ common, trusted: of, conflicting: block })
  return evidence.byzantineValidators.map(({ address }) => nameOf(address))
}

function nameOf(address: Uint8Array): string {
  const found = members.find(({ name }) =>
    validatorSetOf([{ name, power: 1n }], crypto).validators.some(each => equals(each.address, address)),
  )
  return found?.name ?? formatHex(address)
}

test('a header that the rules could not make is a lunatic one: who signed it and was in the common set is accused', () => {
  const strangers = validatorSetOf([...members, { name: 'stranger', power: 50n }], crypto)
  const forgeries = [
    { header: forgedApp },
    { header: { lastResultsHash: new Uint8Array(32).fill(9) } },
    { header: { consensusHash: new Uint8Array(32).fill(9) } },
    { header: { nextValidatorsHash: new Uint8Array(32).fill(9) } },
    { validatorSet: strangers },
  ]
  for (const forgery of forgeries) {
    const conflicting = forgedBlock(trusted, { ...forgery, sign: by('b', 'd', 'a', 'stranger') }, crypto)
    const { kind, evidence, reportable } = attackEvidence({ common, trusted, conflicting })
    assert.equal(kind, 'lunatic')
    assert.equal(reportable, true)
    assert.equal(evidence.commonHeight, 2n)
    assert.deepEqual(evidence.timestamp, common.header.time)
    assert.equal(evidence.totalVotingPower, 70n)
    assert.deepEqual(accused(conflicting), ['b', 'd', 'a'])
  }
})

test('evidence has the hashes that CometBFT v0.40.0 computes of it', () => {
  const conflicting = forgedBlock(trusted, { header: forgedApp, sign: by('b', 'd', 'a') }, crypto)
  const { evidence } = attackEvidence({ common, trusted, conflicting })
  assert.equal(
    formatHex(evidenceId(evidence, crypto)),
    '916a4066e23067aceef2fb51082076c590bf0707a14a9d5ee2717744c180d0c5',
  )
  assert.equal(
    formatHex(evidenceHash([evidence], crypto)),
    '8e6e1f59416acb8dcce759825c93d16a13301fab974d9149fe82d0355d3e44d5',
  )
})

test('the accused stand by power, the highest first, and by address where it is equal', () => {
  const conflicting = forgedBlock(trusted, { header: forgedApp, sign: all }, crypto)
  const { byzantineValidators } = attackEvidence({ common, trusted, conflicting }).evidence
  assert.deepEqual(byzantineValidators, [...byzantineValidators].reverse().sort(compareValidators))
  assert.deepEqual(
    byzantineValidators.map(({ votingPower }) => votingPower),
    [30n, 20n, 10n, 10n],
  )
})

test('the accused have the power of the common set, whatever the forged set says', () => {
  const raised = validatorSetOf(
    members.map(({ name }) => ({ name, power: 99n })),
    crypto,
  )
  const conflicting = forgedBlock(trusted, { validatorSet: raised, sign: by('a', 'b') }, crypto)
  const { byzantineValidators } = attackEvidence({ common, trusted, conflicting }).evidence
  assert.deepEqual(
    byzantineValidators.map(({ votingPower }) => votingPower),
    [30n, 10n],
  )
})

test('a possible header signed in the same round is equivocation: who signed both is accused', () => {
  const conflicting = forgedBlock(trusted, { header: forgedData, sign: by('a', 'b', 'd') }, crypto)
  const { kind, evidence } = attackEvidence({ common, trusted, conflicting })
  assert.equal(kind, 'equivocation')
  assert.equal(evidence.commonHeight, 5n)
  assert.deepEqual(evidence.timestamp, trusted.header.time)
  assert.deepEqual(accused(conflicting), ['b', 'd', 'a'])
  const withoutB = forgedBlock(trusted, { sign: by('a', 'c', 'd') }, crypto)
  assert.deepEqual(accused(conflicting, withoutB), ['d', 'a'])
})

test('a possible header signed in another round is amnesia, and nobody can be accused', () => {
  const conflicting = forgedBlock(trusted, { header: forgedData, round: 1, sign: all }, crypto)
  const { kind, evidence, reportable } = attackEvidence({ common, trusted, conflicting })
  assert.equal(kind, 'amnesia')
  assert.equal(reportable, false)
  assert.equal(evidence.commonHeight, 5n)
  assert.deepEqual(evidence.byzantineValidators, [])
})

test('a header beyond the newest one is judged against the newest', () => {
  const header = { ...forgedApp, height: 9n, time: addSeconds(trusted.header.time, -1) }
  const conflicting = forgedBlock(trusted, { header, sign: all }, crypto)
  const { kind, evidence } = attackEvidence({ common, trusted, conflicting })
  assert.equal(kind, 'lunatic')
  assert.equal(evidence.commonHeight, 2n)
  assert.equal(accused(conflicting).length, 4)
})

test('a shortened commit accuses only those whose signatures it still has', () => {
  const short: LightBlock = {
    ...forgedBlock(trusted, { header: forgedApp, sign: by('b', 'd') }, crypto),
    shortened: true,
  }
  assert.deepEqual(accused(short), ['b', 'd'])
  const { evidence } = attackEvidence({ common, trusted, conflicting: short })
  assert.ok(!('shortened' in evidence.conflictingBlock), 'evidence is what its bytes say')
})

test('evidence names a proposer as CometBFT’s client would, and keeps one that was named', () => {
  const prioritised = trusted.validatorSet.validators.map((each, i) => ({
    ...each,
    proposerPriority: [5n, -7n, -7n, 0n][i]!,
  }))
  const validatorSet = { ...trusted.validatorSet, validators: prioritised }
  const conflicting = { ...forgedBlock(trusted, { header: forgedApp, sign: all }, crypto), validatorSet }
  const proposerOf = (block: LightBlock): Uint8Array =>
    attackEvidence({ common, trusted, conflicting: block }).evidence.conflictingBlock.validatorSet.proposer
  const lowest = prioritised
    .slice(1, 3)
    .map(({ address }) => formatHex(address))
    .sort()
  assert.equal(formatHex(proposerOf(conflicting)), lowest[1])
  const proposer = prioritised[0]!.address
  assert.deepEqual(proposerOf({ ...conflicting, validatorSet: { ...validatorSet, proposer } }), proposer)
})
