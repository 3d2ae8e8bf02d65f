import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { createSignedChain } from '../../../test/signed-chain.ts'
import { equals } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import type { Message } from '../protobuf.ts'
import { type Block, block, blockParts, partSetHeaderOf } from './block.ts'
import { noBlockId, timestamp } from './block-id.ts'
import { formatBlock, formatEvidence, parseBlock, parseEvidence } from './block-json.ts'
import { BlockIdFlag, type CommitSignature, commit, voteSignBytes } from './commit.ts'
import { type Evidence, evidence, type SignedVote } from './evidence.ts'
import { header } from './header.ts'
import { type LightBlock, lightBlock } from './light-block.ts'
import {
  formatCommit,
  formatHeader,
  formatValidator,
  parseBlockId,
  parseCommit,
  parseHeader,
  parseSignedHeader,
  parseValidator,
} from './rpc-json.ts'
import { validateLightBlock } from './validate.ts'
import { publicKey, sortedValidatorSet, validatorSet } from './validator-set.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const members = ['a', 'b', 'c', 'd'].map((name, i) => ({ name, power: BigInt(10 - i) }))
const chain = createSignedChain({ heights: 3, membersAt: () => members }, crypto)
const light: LightBlock = {
  ...chain.blocks[1]!,
  validatorSet: { ...chain.blocks[1]!.validatorSet, proposer: chain.blocks[1]!.validatorSet.validators[2]!.address },
}
const whole: Block = {
  header: chain.blocks[2]!.header,
  txs: [new Uint8Array(0), new Uint8Array([1]), new Uint8Array(300).fill(7)],
  evidence: [],
  lastCommit: light.commit,
}

const attack: Evidence = {
  type: 'light-client-attack',
  conflictingBlock: light,
  commonHeight: 1n,
  byzantineValidators: light.validatorSet.validators.slice(1),
  totalVotingPower: 34n,
  timestamp: light.header.time,
}
const { blockIdFlag: _, ...signature } = light.commit.signatures[0]!
const vote: SignedVote = {
  ...signature,
  type: 2,
  height: 3n,
  round: 0,
  blockId: light.commit.blockId,
  validatorIndex: 0,
  extension: new Uint8Array([1]),
  extensionSignature: new Uint8Array(64).fill(2),
}
const twoVotes: Evidence = {
  type: 'duplicate-vote',
  voteA: { ...vote, blockId: noBlockId },
  voteB: vote,
  totalVotingPower: 34n,
  validatorPower: 10n,
  timestamp: light.header.time,
}

/** Valid bytes with some bytes changed, cut out, repeated or put in. */
function mutated(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(Math.max(0, valid.length - 1))
  return fc.oneof(
    fc
      .tuple(place, fc.integer({ min: 1, max: 255 }))
      .map(([at, mask]) => valid.map((byte, i) => (i === at ? byte ^ mask : byte))),
    fc.tuple(place, place).map(([from, to]) => new Uint8Array([...valid.subarray(0, from), ...valid.subarray(to)])),
    fc
      .tuple(place, fc.uint8Array({ maxLength: 12 }))
      .map(([at, more]) => new Uint8Array([...valid.subarray(0, at), ...more, ...valid.subarray(at)])),
    place.map(length => valid.subarray(0, length)),
  )
}

const accusing: Block = { ...whole, evidence: [attack, twoVotes] }

function testParser<T>(name: string, type: Message<T>, value: T): void {
  const bytes = type.encode(value)

  test(`${name}: decoding gives back what was encoded`, () => {
    assert.deepEqual(type.decode(bytes), value)
  })

  test(`${name}: any bytes are either refused with a VerifyError, or the one encoding of what they mean`, () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated(bytes)), input => {
        try {
          assert.ok(equals(type.encode(type.decode(input)), input))
        } catch (error) {
          assert.ok(error instanceof VerifyError, String(error))
        }
      }),
      { numRuns: 1_000 },
    )
  })
}

testParser('header', header, light.header)
testParser('commit', commit, light.commit)
testParser('validator set', validatorSet, light.validatorSet)
testParser('light block', lightBlock, light)
testParser('block', block, whole)
testParser('block with evidence', block, accusing)
testParser('evidence of an attack', evidence, attack)
testParser('evidence of two votes', evidence, twoVotes)
testParser('timestamp', timestamp, light.header.time)
testParser('public key', publicKey, light.validatorSet.validators[0]!.publicKey)

test('any change of a light block is refused or leaves what is signed as it was', () => {
  const bytes = lightBlock.encode(light)
  fc.assert(
    fc.property(mutated(bytes), input => {
      try {
        const decoded = lightBlock.decode(input)
        validateLightBlock(decoded, 'test-chain', crypto)
        assert.deepEqual(decoded.header, light.header)
        assert.deepEqual(decoded.commit.blockId.hash, light.commit.blockId.hash)
        const keys = ({ validatorSet: set }: LightBlock): unknown =>
          set.validators.map(({ publicKey: key, votingPower, address }) => [key, votingPower, address])
        assert.deepEqual(keys(decoded), keys(light))
      } catch (error) {
        if (!(error instanceof VerifyError)) throw error
      }
    }),
    { numRuns: 1_500 },
  )
})

test('JSON: parsing gives back what was formatted', () => {
  assert.deepEqual(parseHeader(formatHeader(light.header)), light.header)
  assert.deepEqual(parseCommit(formatCommit(light.commit)), light.commit)
  assert.deepEqual(
    light.validatorSet.validators.map(formatValidator).map(parseValidator),
    light.validatorSet.validators,
  )
  assert.deepEqual(parseBlock(formatBlock(whole)), whole)
  assert.deepEqual(parseBlock(formatBlock(accusing)), accusing)
})

/** The reader of a piece of evidence of this kind. */
function evidenceOf(type: string): (value: unknown) => unknown {
  return value => parseEvidence({ type, value })
}

test('JSON: any value in any place only ever gives a VerifyError', () => {
  const shapes = [
    [parseHeader, formatHeader(light.header)],
    [parseCommit, formatCommit(light.commit)],
    [parseValidator, formatValidator(light.validatorSet.validators[0]!)],
    [parseBlock, formatBlock(accusing)],
    [parseEvidence, formatEvidence(attack)],
    [parseEvidence, formatEvidence(twoVotes)],
    [evidenceOf('tendermint/DuplicateVoteEvidence'), formatEvidence(twoVotes).value],
    [evidenceOf('tendermint/LightClientAttackEvidence'), formatEvidence(attack).value],
    [parseBlockId, { hash: '', parts: { total: 0, hash: '' } }],
    [parseSignedHeader, { header: formatHeader(light.header), commit: formatCommit(light.commit) }],
  ] as const
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(
      '-1',
      '+1',
      '01',
      '1e3',
      '9223372036854775808',
      '99999999999999999999999',
      'ABC',
      'zz',
      '====',
      'AA=A',
    ),
    fc.constantFrom('2027-02-30T00:00:00Z', '2027-13-01T00:00:00Z', '10000-01-01T00:00:00Z', '2027-01-01 00:00:00Z'),
    fc.constantFrom(-1, 0.5, 2 ** 53, 1e300),
  )
  fc.assert(
    fc.property(odd, fc.nat(), (value, pick) => {
      for (const [parse, shape] of shapes) {
        const names = Object.keys(shape as object)
        for (const input of [value, { ...(shape as object), [names[pick % names.length]!]: value }]) {
          try {
            parse(input)
          } catch (error) {
            assert.ok(error instanceof VerifyError, `${parse.name}: ${error}`)
          }
        }
      }
    }),
    { numRuns: 1_000 },
  )
})

function refused(change: Partial<LightBlock>, code: VerifyErrorCode): void {
  assert.throws(
    () => validateLightBlock({ ...light, ...change }, 'test-chain', crypto),
    error => error instanceof VerifyError && error.code === code,
  )
}

test('a light block that is not consistent in itself is refused, each fault by its name', () => {
  validateLightBlock(light, 'test-chain', crypto)
  const withHeader = (change: object): Partial<LightBlock> => ({ header: { ...light.header, ...change } })
  refused(withHeader({ version: { block: 10n, app: 1n } }), 'invalid-header')
  refused(withHeader({ height: 0n }), 'invalid-header')
  refused(withHeader({ chainId: 'x'.repeat(51) }), 'invalid-header')
  refused(withHeader({ chainId: 'another' }), 'wrong-chain')
  refused(withHeader({ dataHash: new Uint8Array(31) }), 'invalid-header')
  refused(withHeader({ proposerAddress: new Uint8Array(0) }), 'invalid-header')
  refused(withHeader({ lastBlockId: { ...noBlockId, hash: new Uint8Array(20) } }), 'invalid-header')
  refused(withHeader({ appHash: new Uint8Array(32) }), 'wrong-hash')

  const withCommit = (change: object): Partial<LightBlock> => ({ commit: { ...light.commit, ...change } })
  refused(withCommit({ height: 3n }), 'invalid-commit')
  refused(withCommit({ round: -1 }), 'invalid-commit')
  refused(withCommit({ blockId: noBlockId }), 'invalid-commit')
  refused(withCommit({ signatures: [] }), 'invalid-commit')

  const withFirst = (change: Partial<CommitSignature>): Partial<LightBlock> => {
    const [first, ...others] = light.commit.signatures
    return withCommit({ signatures: [{ ...first!, ...change }, ...others] })
  }
  refused(withFirst({ blockIdFlag: 0 }), 'invalid-commit')
  refused(withFirst({ blockIdFlag: 4 }), 'invalid-commit')
  refused(withFirst({ blockIdFlag: BlockIdFlag.absent }), 'invalid-commit')
  refused(withFirst({ validatorAddress: new Uint8Array(19) }), 'invalid-commit')
  refused(withFirst({ signature: new Uint8Array(0) }), 'invalid-commit')
  refused(withFirst({ signature: new Uint8Array(3_310) }), 'invalid-commit')
})

test('a validator set that is not consistent in itself is refused, each fault by its name', () => {
  const { validators } = light.validatorSet
  const withSet = (change: object): Partial<LightBlock> => ({ validatorSet: { ...light.validatorSet, ...change } })
  const withFirst = (change: object): Partial<LightBlock> =>
    withSet({ validators: [{ ...validators[0]!, ...change }, ...validators.slice(1)] })
  refused(withSet({ validators: [] }), 'invalid-validator-set')
  refused(withSet({ validators: [...validators].reverse() }), 'invalid-validator-set')
  refused(withSet({ validators: [validators[0]!, ...validators] }), 'invalid-validator-set')
  refused(withSet({ proposer: new Uint8Array(20) }), 'invalid-validator-set')
  refused(withFirst({ address: validators[1]!.address }), 'invalid-validator-set')
  refused(withFirst({ votingPower: -1n }), 'invalid-validator-set')
  refused(withFirst({ votingPower: 1_152_921_504_606_846_976n }), 'invalid-validator-set')
  refused(withFirst({ votingPower: 11n }), 'wrong-hash')
  refused(withSet({ validators: validators.slice(1), proposer: new Uint8Array(0) }), 'wrong-hash')
})

test('what a server sends out of order is put in order', () => {
  assert.deepEqual(sortedValidatorSet([...light.validatorSet.validators].reverse()), {
    ...light.validatorSet,
    proposer: new Uint8Array(0),
  })
})

test('sign bytes leave out what is zero, and a vote for nil has no block', () => {
  const vote = { chainId: 'c', height: 0n, round: 0, timestamp: { seconds: 0n, nanos: 0 } }
  assert.deepEqual([...voteSignBytes(vote)], [7, 0x08, 2, 0x2a, 0, 0x32, 1, 0x63])
  assert.deepEqual(voteSignBytes({ ...vote, blockId: noBlockId }), voteSignBytes(vote))
})

test('a block of several parts has a part set header over all of them', () => {
  const large = block.encode({ ...whole, txs: [new Uint8Array(150_000).fill(1)] })
  const parts = blockParts(large)
  assert.deepEqual(
    parts.map(part => part.length),
    [65_536, 65_536, large.length - 131_072],
  )
  assert.equal(partSetHeaderOf(large, crypto).total, 3)
})
