// Evidence of ours judged by CometBFT v0.40.0's library, as a full node judges it: many divergences, and each with a fault.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { equals, formatHex } from '../../sdk/src/bytes.ts'
import { formatEvidence, parseEvidence } from '../../sdk/src/comet/block-json.ts'
import { SignedMessageType, voteSignBytes } from '../../sdk/src/comet/commit.ts'
import {
  type DuplicateVoteEvidence,
  type Evidence,
  evidence,
  evidenceHash,
  evidenceId,
  isReportable,
  type LightClientAttackEvidence,
} from '../../sdk/src/comet/evidence.ts'
import { type LightBlock, lightBlock } from '../../sdk/src/comet/light-block.ts'
import { totalVotingPower } from '../../sdk/src/comet/validator-set.ts'
import { loadCrypto } from '../../sdk/src/crypto/load.ts'
import { attackEvidence, type Divergence } from '../../sdk/src/light/attack.ts'
import { verifyEvidence } from '../../sdk/src/light/evidence.ts'
import { addSeconds } from '../../sdk/src/time.ts'
import { forgedBlock, type SignVote } from '../divergence.ts'
import { createSignedChain, type Member, publicKeyOf, signAs, validatorSetOf } from '../signed-chain.ts'
import { changeCounts, changeEvidence } from './evidence-changes.ts'
import { buildGoProgram, goSkip, runProgram } from './go.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const publicKeys = names.map(name => publicKeyOf(name, crypto))

function by(signs: (index: number) => boolean): SignVote {
  return (publicKey, message) => {
    const index = publicKeys.findIndex(each => equals(each, publicKey))
    return signs(index) ? signAs(names[index]!, message, crypto) : undefined
  }
}

type Case = {
  readonly powers: readonly number[]
  /** Bit i: whether the validator of that name signs. At least two thirds are added. */
  readonly trueSigners: number
  readonly forgedSigners: number
  readonly kind: 'lunatic' | 'other-set' | 'forward' | 'equivocation' | 'amnesia'
}

const cases: fc.Arbitrary<Case> = fc.record({
  powers: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
  trueSigners: fc.nat(127),
  forgedSigners: fc.nat(127),
  kind: fc.constantFrom('lunatic', 'other-set', 'forward', 'equivocation', 'amnesia'),
})

/** Whom to add so that more than two thirds of the members sign. */
function enough(members: readonly Member[], signers: number): SignVote {
  const total = members.reduce((sum, { power }) => sum + power, 0n)
  let chosen = signers
  for (let i = 0; i < members.length; i++) {
    const signed = members.reduce((sum, { power }, j) => ((chosen >> j) & 1 ? sum + power : sum), 0n)
    if (signed * 3n > total * 2n) break
    chosen |= 1 << i
  }
  return by(index => ((chosen >> index) & 1) === 1)
}

function divergenceOf({ powers, trueSigners, forgedSigners, kind }: Case): Divergence {
  const members = powers.map((power, i) => ({ name: names[i]!, power: BigInt(power) }))
  const { blocks } = createSignedChain({ heights: 4, membersAt: () => members }, crypto)
  const [, common, , last] = blocks.map(withProposer)
  const trusted = forgedBlock(last!, { sign: enough(members, trueSigners) }, crypto)
  const sign = enough(members, forgedSigners)
  const appHash = new Uint8Array(32).fill(7)
  const forge = (): LightBlock => {
    if (kind === 'lunatic') return forgedBlock(trusted, { header: { appHash }, sign }, crypto)
    if (kind === 'amnesia') return forgedBlock(trusted, { header: { dataHash: appHash }, round: 2, sign }, crypto)
    if (kind === 'equivocation') return forgedBlock(trusted, { header: { dataHash: appHash }, sign }, crypto)
    const header = { appHash, height: 9n, time: addSeconds(trusted.header.time, -1) }
    if (kind === 'forward') return forgedBlock(trusted, { header, sign }, crypto)
    const turned = members.map(({ name, power }) => ({ name, power: 6n - power }))
    const others = [...turned, { name: 'g', power: 1n }]
    return forgedBlock(trusted, { validatorSet: validatorSetOf(others, crypto), sign: by(() => true) }, crypto)
  }
  return { common: common!, trusted, conflicting: forge() }
}

function withProposer(block: LightBlock): LightBlock {
  const { validatorSet } = block
  return { ...block, validatorSet: { ...validatorSet, proposer: validatorSet.validators[0]!.address } }
}

type Question = { readonly evidence: Evidence; readonly base: LightBlock; readonly trusted: LightBlock }
type Answer = { readonly Hash: string; readonly ListHash: string; readonly Refusal: string }

function questionOf(divergence: Divergence): Question & { readonly evidence: LightClientAttackEvidence } {
  const { kind, evidence } = attackEvidence(divergence)
  const base = kind === 'lunatic' ? divergence.common : divergence.trusted
  return { evidence, base, trusted: divergence.trusted }
}

describe('CometBFT v0.40.0', { skip: goSkip }, () => {
  let binary: string
  before(async () => {
    binary = await buildGoProgram('evidence')
  })

  async function judge(questions: readonly Question[]): Promise<readonly Answer[]> {
    const lines = questions.map(({ evidence: asked, base, trusted }) =>
      JSON.stringify({
        Json: formatEvidence(asked),
        Proto: formatHex(evidence.encode(asked)),
        Base: formatHex(lightBlock.encode(base)),
        Trusted: formatHex(lightBlock.encode(trusted)),
      }),
    )
    const output = await runProgram(binary, [], lines.join('\n'))
    return output
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  }

  test('accepts the evidence of 200 attacks of every kind, and has our hashes of each', async () => {
    const questions = fc.sample(cases, { numRuns: 200, seed: 5 }).map(each => questionOf(divergenceOf(each)))
    const answers = await judge(questions)
    for (const [i, { evidence: asked }] of questions.entries()) {
      assert.equal(answers[i]!.Refusal, '')
      assert.equal(answers[i]!.Hash, formatHex(evidenceId(asked, crypto)))
      assert.equal(answers[i]!.ListHash, formatHex(evidenceHash([asked], crypto)))
      assert.deepEqual(parseEvidence(formatEvidence(asked)), asked)
      assert.deepEqual(evidence.decode(evidence.encode(asked)), asked)
    }
    const accused = questions.map(({ evidence: asked }) => asked.byzantineValidators.length)
    assert.ok(Math.max(...accused) >= 6 && accused.includes(0), 'from nobody to everybody')
  })

  test('accepts what a shortened commit proves: its left-out signatures are padded as absent', async () => {
    const members = names.slice(0, 6).map(name => ({ name, power: 1n }))
    const lunatic: Case = { powers: members.map(() => 1), trueSigners: 127, forgedSigners: 127, kind: 'lunatic' }
    for (const kind of ['lunatic', 'forward', 'equivocation'] as const) {
      const whole = divergenceOf({ ...lunatic, kind })
      const first = new Set(
        whole.conflicting.validatorSet.validators.slice(0, 5).map(each => formatHex(each.publicKey.bytes)),
      )
      const sign: SignVote = (publicKey, message) =>
        first.has(formatHex(publicKey)) ? by(() => true)(publicKey, message) : undefined
      const short = forgedBlock(whole.conflicting, { sign }, crypto)
      const [wholeAsked, shortAsked] = [questionOf(whole), questionOf({ ...whole, conflicting: short })]
      assert.equal(wholeAsked.evidence.byzantineValidators.length, 6)
      assert.equal(shortAsked.evidence.byzantineValidators.length, 5)
      const [wholeAnswer, shortAnswer] = await judge([wholeAsked, shortAsked])
      assert.deepEqual([wholeAnswer!.Refusal, shortAnswer!.Refusal], ['', ''])
      assert.equal(shortAnswer!.Hash, wholeAnswer!.Hash, 'it is the same evidence')
    }
  })

  test('accepts two votes of one validator in one round, and refuses them when either is changed', async () => {
    const members = [
      { name: 'a', power: 3n },
      { name: 'b', power: 4n },
    ]
    const [block] = createSignedChain({ heights: 1, membersAt: () => members }, crypto).blocks.map(withProposer)
    const asked = duplicateVote(block!)
    const other = { ...asked.voteA, timestamp: addSeconds(asked.voteA.timestamp, 1) }
    const questions: readonly DuplicateVoteEvidence[] = [
      asked,
      { ...asked, voteA: other },
      { ...asked, voteA: asked.voteB, voteB: asked.voteA },
      { ...asked, validatorPower: 3n },
      { ...asked, totalVotingPower: 8n },
      { ...asked, timestamp: other.timestamp },
    ]
    const answers = await judge(questions.map(each => ({ evidence: each, base: block!, trusted: block! })))
    assert.deepEqual(
      answers.map(({ Refusal }) => Refusal === ''),
      [true, false, false, false, false, false],
    )
    for (const [i, each] of questions.entries()) {
      assert.equal(answers[i]!.Hash, formatHex(evidenceId(each, crypto)))
      assert.equal(answers[i]!.ListHash, formatHex(evidenceHash([each], crypto)))
      assert.deepEqual(parseEvidence(formatEvidence(each)), each)
      assert.deepEqual(evidence.decode(evidence.encode(each)), each)
    }
  })

  test('refuses evidence that accuses one too few, one too many, in another order, or of other power', async () => {
    const powers = [4, 3, 2, 1]
    const lunatic = divergenceOf({ powers, trueSigners: 15, forgedSigners: 7, kind: 'lunatic' })
    const { evidence: asked, base, trusted } = questionOf(lunatic)
    const { byzantineValidators: accused } = asked
    const innocent = lunatic.common.validatorSet.validators[3]!
    const faults: readonly LightClientAttackEvidence[] = [
      { ...asked, byzantineValidators: accused.slice(1) },
      { ...asked, byzantineValidators: [...accused, innocent] },
      { ...asked, byzantineValidators: accused.toReversed() },
      { ...asked, byzantineValidators: accused.map(each => ({ ...each, votingPower: 9n })) },
      { ...asked, totalVotingPower: asked.totalVotingPower + 1n },
      { ...asked, timestamp: addSeconds(asked.timestamp, 1) },
      { ...asked, commonHeight: 3n },
      { ...asked, conflictingBlock: lunatic.trusted },
    ]
    const answers = await judge(faults.map(each => ({ evidence: each, base, trusted })))
    assert.deepEqual(
      answers.map(({ Refusal }) => Refusal === ''),
      faults.map(() => false),
    )
  })

  test('takes and refuses what our own judge does, whatever is changed in a piece', async t => {
    const members = [4n, 3n, 2n].map((power, i) => ({ name: names[i]!, power }))
    const [block] = createSignedChain({ heights: 1, membersAt: () => members }, crypto).blocks.map(withProposer)
    const votes: Question = { evidence: duplicateVote(block!), base: block!, trusted: block! }
    const attacks = fc.sample(cases, { numRuns: 24, seed: 9 }).map(each => questionOf(divergenceOf(each)))
    const questions = [...attacks, votes].flatMap(question => {
      const count = changeCounts[question.evidence.type]
      const changed = [0, 1].flatMap(n =>
        Array.from({ length: count }, (_, which) => changeEvidence(question.evidence, which, n)),
      )
      return [question.evidence, ...changed].map(each => ({ ...question, evidence: each }))
    })
    const answers = await judge(questions)
    const counts = { taken: 0, refused: 0, accusesNobody: 0 }
    for (const [i, question] of questions.entries()) {
      const ours = await judgeOurselves(question)
      const theirs = answers[i]!.Refusal
      if (theirs === '' && !isReportable(question.evidence)) {
        // The node that takes it makes no more blocks (docs/protocol/light-client.md).
        assert.notEqual(ours, '')
        counts.accusesNobody++
        continue
      }
      const facts = `${i}: CometBFT: ${theirs || 'takes it'}; ours: ${ours || 'takes it'}`
      assert.equal(ours === '', theirs === '', facts)
      if (ours === '') counts.taken++
      else counts.refused++
    }
    t.diagnostic(JSON.stringify(counts))
    assert.ok(counts.taken > 60 && counts.refused > 600, JSON.stringify(counts))
  })
})

/** Empty: taken. */
async function judgeOurselves({ evidence: asked, base, trusted }: Question): Promise<string> {
  const blocks = new Map([base, trusted].map(block => [block.header.height, block]))
  const { chainId, height, time } = trusted.header
  const ages = { maxAgeBlocks: 1_000n, maxAgeNs: 1n << 60n }
  const context = { chainId, height, time, blockAt: (wanted: bigint) => blocks.get(wanted), ...ages }
  const answer = await verifyEvidence(asked, context, crypto)
  return answer.kind === 'verified' ? '' : `${answer.error.code}: ${answer.error.message}`
}

function duplicateVote(block: LightBlock): DuplicateVoteEvidence {
  const { header, validatorSet, commit } = block
  const [validator] = validatorSet.validators
  const name = names.find((_, i) => equals(publicKeys[i]!, validator!.publicKey.bytes))!
  const vote = (last: number): DuplicateVoteEvidence['voteA'] => {
    const blockId = { hash: new Uint8Array(32).fill(last), partSetHeader: commit.blockId.partSetHeader }
    const { timestamp } = commit.signatures[0]!
    const signed = { chainId: header.chainId, height: header.height, round: 3, blockId, timestamp }
    return {
      type: SignedMessageType.precommit,
      height: header.height,
      round: 3,
      blockId,
      timestamp,
      validatorAddress: validator!.address,
      validatorIndex: 0,
      signature: signAs(name, voteSignBytes(signed), crypto),
      extension: new Uint8Array(0),
      extensionSignature: new Uint8Array(0),
    }
  }
  return {
    type: 'duplicate-vote',
    voteA: vote(1),
    voteB: vote(2),
    totalVotingPower: totalVotingPower(validatorSet),
    validatorPower: validator!.votingPower,
    timestamp: header.time,
  }
}
