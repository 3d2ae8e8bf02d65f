import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { chainStart, commitOf, createSignedChain, type Member, validatorSetOf } from '../../../test/signed-chain.ts'
import { empty } from '../bytes.ts'
import { BlockIdFlag } from '../comet/commit.ts'
import { type Header, headerHash } from '../comet/header.ts'
import type { LightBlock } from '../comet/light-block.ts'
import { validatorsHash } from '../comet/validator-set.ts'
import type { Crypto } from '../crypto/crypto.ts'
import { loadCrypto } from '../crypto/load.ts'
import type { VerifyErrorCode } from '../errors.ts'
import { addSeconds, nanosPerSecond } from '../time.ts'
import type { Trusted } from '../trusted.ts'
import { twoThirds } from './commit.ts'
import {
  type VerifyRules,
  type VerifyStep,
  verifyAdjacent,
  verifyBackwards,
  verifyLightBlock,
  verifyNamed,
} from './verify.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const offices: readonly Member[] = ['a', 'b', 'c', 'd'].map(name => ({ name, power: 10n }))
const allNames = offices.map(({ name }) => name)
const { blocks } = createSignedChain({ heights: 4, membersAt: () => offices }, crypto)
const [first, second, third] = blocks as [LightBlock, LightBlock, LightBlock]
const now = addSeconds(chainStart, 300)

function step(untrusted: LightBlock, change: Partial<VerifyStep> = {}): VerifyStep {
  return {
    trusted: first as Trusted<LightBlock>,
    untrusted,
    trustLevel: twoThirds,
    trustingPeriodNs: 3_600n * nanosPerSecond,
    now,
    maxClockDriftNs: 10n * nanosPerSecond,
    crypto,
    ...change,
  }
}

async function assertInvalid(input: VerifyStep, code: VerifyErrorCode): Promise<void> {
  const answer = await verifyLightBlock(input)
  assert.equal(answer.kind, code === 'expired' ? 'expired' : 'invalid')
  assert.deepEqual('error' in answer && [answer.code, answer.error.code], [code, code])
}

/** A block whose header says something else, signed again by those who are named. */
function resigned(block: LightBlock, change: Partial<Header>, signers: readonly string[] = allNames): LightBlock {
  const header = { ...block.header, ...change }
  return { ...block, header, commit: commitOf(header, block.validatorSet, signers, crypto) }
}

function withSignatures(block: LightBlock, signatures: LightBlock['commit']['signatures']): LightBlock {
  return { ...block, commit: { ...block.commit, signatures } }
}

test('whatever is wrong with the set of a block in a batch is told as if the block came alone', async () => {
  const [, before, block, after] = blocks as readonly LightBlock[] as [LightBlock, LightBlock, LightBlock, LightBlock]
  const { validators } = block.validatorSet
  const [one, two] = [validators[1]!, validators[2]!]
  const members = (...changed: readonly (typeof one)[]): LightBlock['validatorSet'] => ({
    ...block.validatorSet,
    validators: [validators[0]!, ...changed, ...validators.slice(1 + changed.length)],
  })
  const key = (bytes: Uint8Array, type: 'ed25519' | 'secp256k1' = 'ed25519') => ({ type, bytes })
  const sets: readonly LightBlock['validatorSet'][] = [
    members({ ...one, votingPower: 11n }),
    members({ ...one, votingPower: -10n }),
    members({ ...one, address: two.address }),
    members({ ...one, address: empty }),
    members({ ...one, publicKey: two.publicKey }),
    members({ ...one, publicKey: key(one.publicKey.bytes.slice(1)) }),
    members({ ...one, publicKey: key(one.publicKey.bytes, 'secp256k1') }),
    members(two, one),
    members(one, one),
    { ...block.validatorSet, validators: validators.slice(1) },
    { ...block.validatorSet, validators: [...validators, one] },
    { ...block.validatorSet, validators: [] },
    { ...block.validatorSet, proposer: new Uint8Array(20) },
    { ...block.validatorSet, proposer: one.address.slice(1) },
  ]
  const headers: readonly Partial<Header>[] = [{}, { validatorsHash: crypto.sha256() }]
  for (const validatorSet of sets) {
    for (const header of headers) {
      const changed = { ...resigned(block, header), validatorSet }
      const alone = await verifyLightBlock(step(changed, { trusted: before as Trusted<LightBlock> }))
      const run = await verifyAdjacent(first as Trusted<LightBlock>, [before, changed, after], step(changed))
      assert.ok(alone.kind === 'invalid' && run.kind === 'invalid')
      assert.deepEqual([run.code, run.error.message, run.index], [alone.code, alone.error.message, 1])
    }
  }
  // What is no lie: another proposer, and priorities, which are in no hash.
  const fine = members({ ...one, proposerPriority: 5n })
  const answer = await verifyAdjacent(
    first as Trusted<LightBlock>,
    [before, { ...block, validatorSet: { ...fine, proposer: one.address } }, after],
    step(block),
  )
  assert.equal(answer.kind, 'verified')
})

test('an honest next block and an honest later block are verified, and say how much power signed', async () => {
  for (const block of [second, third]) {
    const answer = await verifyLightBlock(step(block))
    assert.equal(answer.kind, 'verified')
    // Three of four are more than two thirds; the fourth signature is not asked for.
    assert.deepEqual(answer.kind === 'verified' && answer.signedPower, { signed: 30n, total: 40n })
  }
})

test('exactly two thirds are too few', async () => {
  const three = [...offices.slice(0, 3)]
  const chain = createSignedChain({ heights: 3, membersAt: () => three }, crypto)
  for (const block of chain.blocks.slice(1)) {
    const weak = { ...block, commit: commitOf(block.header, block.validatorSet, ['a', 'b'], crypto) }
    const answer = await verifyLightBlock(step(weak, { trusted: chain.blocks[0] as Trusted<LightBlock> }))
    const adjacent = block.header.height === 2n
    assert.equal(answer.kind, adjacent ? 'invalid' : 'not-enough-trust')
  }
})

test('one signature repeated at every place does not make a quorum', async () => {
  const [one] = second.commit.signatures
  await assertInvalid(step(withSignatures(second, [one!, one!, one!, one!])), 'invalid-commit')
  await assertInvalid(
    step(
      withSignatures(
        third,
        third.commit.signatures.map(() => third.commit.signatures[0]!),
      ),
    ),
    'invalid-commit',
  )
})

test('one signature under every validator\u2019s address does not make a quorum', async () => {
  for (const block of [second, third]) {
    const [one] = block.commit.signatures
    const forged = block.commit.signatures.map(({ validatorAddress }) => ({ ...one!, validatorAddress }))
    await assertInvalid(step(withSignatures(block, forged)), 'bad-signature')
  }
})

test('a set in which one key stands twice is refused', async () => {
  const twice = [...offices.slice(0, 3), { name: 'c', power: 9n }]
  const validatorSet = validatorSetOf(twice, crypto)
  const hash = validatorsHash(validatorSet, crypto)
  const header = { ...third.header, validatorsHash: hash }
  const block = { header, validatorSet, commit: commitOf(header, validatorSet, ['a', 'b', 'c'], crypto) }
  await assertInvalid(step(block), 'invalid-validator-set')
})

test('a set out of order is refused, even where the header hashes it so', async () => {
  const reversed = { ...third.validatorSet, validators: [...third.validatorSet.validators].reverse() }
  const header = { ...third.header, validatorsHash: validatorsHash(reversed, crypto) }
  const block = { header, validatorSet: reversed, commit: commitOf(header, reversed, allNames, crypto) }
  await assertInvalid(step(block), 'invalid-validator-set')
})

test('an attacker\u2019s own set with a valid commit is not enough trust from afar and invalid next door', async () => {
  const strangers = ['x', 'y', 'z'].map(name => ({ name, power: 100n }))
  const validatorSet = validatorSetOf(strangers, crypto)
  const forge = (block: LightBlock): LightBlock => {
    const header = { ...block.header, validatorsHash: validatorsHash(validatorSet, crypto) }
    return { header, validatorSet, commit: commitOf(header, validatorSet, ['x', 'y', 'z'], crypto) }
  }
  await assertInvalid(step(forge(second)), 'wrong-hash')
  const far = await verifyLightBlock(step(forge(third)))
  assert.deepEqual(far, { kind: 'not-enough-trust', code: 'not-enough-trust', signedPower: { signed: 0n, total: 40n } })
})

test('the first failing line decides, in the order of the specification', async () => {
  const period = 3_600
  const expiry = addSeconds(first.header.time, period)
  await assertInvalid(step(second, { now: expiry }), 'expired')
  const lastMoment = { ...expiry, seconds: expiry.seconds - 1n }
  assert.equal((await verifyLightBlock(step(second, { now: lastMoment }))).kind, 'verified')

  await assertInvalid(step(resigned(second, { chainId: 'other-chain' })), 'wrong-chain')
  await assertInvalid(step({ ...second, header: third.header }), 'invalid-commit')
  await assertInvalid(step({ ...second, header: { ...second.header, appHash: new Uint8Array(32) } }), 'wrong-hash')
  await assertInvalid(step(first), 'wrong-height')
  await assertInvalid(step(resigned(second, { time: first.header.time })), 'wrong-time')
  await assertInvalid(step(second, { now: addSeconds(second.header.time, -10) }), 'from-future')
  assert.equal((await verifyLightBlock(step(second, { now: addSeconds(second.header.time, -9) }))).kind, 'verified')
  await assertInvalid(step({ ...second, validatorSet: validatorSetOf(offices.slice(1), crypto) }), 'wrong-hash')
  await assertInvalid(step(resigned(second, {}, ['a', 'b'])), 'insufficient-power')
})

test('absent votes and votes for nil are legal and count for nothing', async () => {
  const order = second.validatorSet.validators
  const withNil = second.commit.signatures.map((signature, index) =>
    index === order.length - 1 ? { ...signature, blockIdFlag: BlockIdFlag.nil } : signature,
  )
  assert.equal((await verifyLightBlock(step(withSignatures(second, withNil)))).kind, 'verified')
  const twoNil = withNil.map((signature, index) =>
    index === 0 ? { ...signature, blockIdFlag: BlockIdFlag.nil } : signature,
  )
  await assertInvalid(step(withSignatures(second, twoNil)), 'insufficient-power')
})

test('a shortened or lengthened commit is refused', async () => {
  await assertInvalid(step(withSignatures(second, second.commit.signatures.slice(0, 3))), 'invalid-commit')
  await assertInvalid(step(withSignatures(second, [])), 'invalid-commit')
  const absent = { blockIdFlag: 1, validatorAddress: empty, timestamp: second.header.time, signature: empty }
  await assertInvalid(step(withSignatures(second, [...second.commit.signatures, absent])), 'invalid-commit')
})

test('a validator whose key is of another type than its address, or no key at all, is refused', async () => {
  const [one, ...others] = second.validatorSet.validators
  for (const publicKey of [
    { type: 'secp256k1', bytes: new Uint8Array(33).fill(2) },
    { type: 'secp256k1eth', bytes: new Uint8Array(33) },
    { type: 'bls12381', bytes: new Uint8Array(96) },
    { type: 'mldsa65', bytes: new Uint8Array(1_952) },
  ] as const) {
    const validators = [{ ...one!, publicKey }, ...others]
    await assertInvalid(
      step({ ...second, validatorSet: { ...second.validatorSet, validators } }),
      'invalid-validator-set',
    )
  }
})

test('backwards, a header counts only by the hash that its successor links to', () => {
  const trusted = third.header as Trusted<Header>
  assert.equal(verifyBackwards({ trusted, untrusted: second.header }, crypto).kind, 'verified')
  for (const [untrusted, code] of [
    [{ ...second.header, appHash: new Uint8Array(32) }, 'wrong-hash'],
    [{ ...second.header, time: third.header.time }, 'wrong-time'],
    [{ ...second.header, chainId: 'other-chain' }, 'wrong-chain'],
    [first.header, 'wrong-height'],
  ] as const) {
    const answer = verifyBackwards({ trusted, untrusted }, crypto)
    assert.equal(answer.kind === 'invalid' && answer.error.code, code)
  }
})

test('a block named by its hash must be that block and carry two thirds of its own set', async () => {
  const named = { chainId: 'test-chain', untrusted: second, headerHash: headerHash(second.header, crypto) }
  assert.equal((await verifyNamed(named, crypto)).kind, 'verified')
  const other = await verifyNamed({ ...named, headerHash: headerHash(third.header, crypto) }, crypto)
  assert.equal(other.kind === 'invalid' && other.error.code, 'wrong-hash')
  const weak = await verifyNamed({ ...named, untrusted: resigned(second, {}, ['a']) }, crypto)
  assert.equal(weak.kind === 'invalid' && weak.error.code, 'insufficient-power')
})

test('a verification that is called off rejects with the caller\u2019s reason', async () => {
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await assert.rejects(verifyLightBlock(step(second, { signal: controller.signal })), /enough/)
})

test('any bit flipped in a block gives anything but a verified other block', async () => {
  const { lightBlock } = await import('../comet/light-block.ts')
  const bytes = lightBlock.encode(second)
  const prefixEnd = second.commit.signatures.slice(0, 3)
  for (let i = 0; i < 400; i++) {
    const flipped = bytes.slice()
    const bit = (i * 7919) % (8 * bytes.length)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    let decoded: LightBlock
    try {
      decoded = lightBlock.decode(flipped)
    } catch {
      continue
    }
    const answer = await verifyLightBlock(step(decoded))
    if (answer.kind !== 'verified') continue
    // What was not looked at may differ: the signature after the prefix, priorities, and nothing of the header.
    assert.deepEqual(decoded.header, second.header)
    assert.deepEqual(decoded.commit.signatures.slice(0, 3), prefixEnd)
  }
})

test('a compromised key counts for nothing, next door and from afar', async () => {
  const keys = second.validatorSet.validators.map(({ publicKey }) => publicKey.bytes)
  const one = await verifyLightBlock(step(second, { compromisedKeys: keys.slice(0, 1) }))
  assert.equal(one.kind, 'verified')
  await assertInvalid(step(second, { compromisedKeys: keys.slice(0, 2) }), 'insufficient-power')
  const far = await verifyLightBlock(step(third, { compromisedKeys: keys.slice(0, 2) }))
  assert.equal(far.kind, 'not-enough-trust')
})

const long = createSignedChain({ heights: 40, membersAt: () => offices }, crypto).blocks
const rules: VerifyRules = {
  now,
  trustingPeriodNs: 3_600n * nanosPerSecond,
  maxClockDriftNs: 10n * nanosPerSecond,
  crypto,
}
const start = long[0] as Trusted<LightBlock>

test('many next blocks are verified as one batch, each with the power that signed it', async () => {
  let batches = 0
  const verifyEd25519: Crypto['verifyEd25519'] = (...asked) => {
    batches++
    return crypto.verifyEd25519(...asked)
  }
  const counting = { ...crypto, verifyEd25519 }
  const answer = await verifyAdjacent(start, long.slice(1), {
    ...rules,
    now: addSeconds(chainStart, 3_000),
    crypto: counting,
  })
  assert.equal(answer.kind, 'verified')
  assert.deepEqual(
    answer.blocks.map(({ block, signedPower }) => [block.header.height, signedPower.signed]),
    long.slice(1).map(({ header }) => [header.height, 30n]),
  )
  assert.equal(batches, 1)
  assert.deepEqual((await verifyAdjacent(start, [], rules)).blocks, [])
})

test('of many next blocks the first that fails is named, and those before it are trusted', async () => {
  const late = { ...rules, now: addSeconds(chainStart, 3_000) }
  const other = (i: number, block: LightBlock): LightBlock[] => long.slice(1).map((each, j) => (i === j ? block : each))
  const spoiled = (block: LightBlock): LightBlock =>
    withSignatures(
      block,
      block.commit.signatures.map((each, i) => (i === 1 ? { ...each, signature: new Uint8Array(64).fill(1) } : each)),
    )
  const cases: readonly (readonly [string, readonly LightBlock[], number, VerifyErrorCode])[] = [
    ['a bad signature', other(17, spoiled(long[18]!)), 17, 'bad-signature'],
    ['a bad signature in the first', other(0, spoiled(long[1]!)), 0, 'bad-signature'],
    ['a block left out', long.slice(1).toSpliced(5, 1), 5, 'wrong-height'],
    ['a block of another set', other(9, resigned(long[10]!, { validatorsHash: new Uint8Array(32) })), 9, 'wrong-hash'],
    ['too few who signed', other(30, resigned(long[31]!, {}, ['a', 'b'])), 30, 'insufficient-power'],
    ['a bad signature before a block left out', other(3, spoiled(long[4]!)).toSpliced(8, 1), 3, 'bad-signature'],
  ]
  for (const [what, blocks, index, code] of cases) {
    const answer = await verifyAdjacent(start, blocks, late)
    assert.equal(answer.kind, 'invalid', what)
    assert.deepEqual(answer.kind === 'invalid' && [answer.index, answer.code], [index, code], what)
    assert.deepEqual(
      answer.blocks.map(({ block }) => block.header.height),
      long.slice(1, index + 1).map(({ header }) => header.height),
      what,
    )
  }
  const tooLate = await verifyAdjacent(start, long.slice(1), { ...rules, now: addSeconds(chainStart, 86_400) })
  assert.deepEqual([tooLate.kind, 'index' in tooLate && tooLate.index], ['expired', 0])
})

test('a trusted block that is too old is said to be expired, and the block itself not to be invalid', async () => {
  const answer = await verifyLightBlock(step(second, { now: addSeconds(chainStart, 86_400) }))
  assert.deepEqual([answer.kind, answer.code], ['expired', 'expired'])
})

test('without a Crypto the best one of this host is taken', async () => {
  assert.equal((await verifyLightBlock(step(second, { crypto: undefined }))).kind, 'verified')
})
