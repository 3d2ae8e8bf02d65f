import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BlockIdFlag, type Commit, noBlockId, parseTime, type Timestamp, zeroTime } from '@muniment/sdk'
import { testGenesis, testKey } from '../../../test/test-chain.ts'
import { haveTwoThirds, medianTime, updateValidators, voteTime } from './propose.ts'

const at = (second: number): Timestamp => ({ seconds: BigInt(second), nanos: 0 })

function commitOf(votes: readonly { flag: number; second: number }[]): Commit {
  const signatures = votes.map(({ flag, second }) => ({
    blockIdFlag: flag,
    validatorAddress: new Uint8Array(20),
    timestamp: flag === BlockIdFlag.absent ? zeroTime : at(second),
    signature: new Uint8Array(64),
  }))
  return { height: 1n, round: 0, blockId: noBlockId, signatures }
}

const { commit, absent, nil } = BlockIdFlag
const names = ['one', 'two', 'three', 'four']
const setOf = (...powers: readonly bigint[]) =>
  testGenesis({ members: powers.map((power, i) => ({ name: names[i]!, power })) }).validators

describe('block time', () => {
  test('is the median of the votes, weighted by power', () => {
    const equal = setOf(1n, 1n, 1n, 1n)
    const votes = (...seconds: number[]) => commitOf(seconds.map(second => ({ flag: commit, second })))
    assert.deepEqual(medianTime(votes(40, 10, 30, 20), equal), at(20))
    const heavy = setOf(10n, 3n, 2n, 1n)
    assert.deepEqual(medianTime(votes(40, 10, 20, 30), heavy), at(40))
  })

  test('leaves out absent and nil votes', () => {
    const equal = setOf(1n, 1n, 1n)
    const votes = commitOf([
      { flag: commit, second: 50 },
      { flag: absent, second: 0 },
      { flag: nil, second: 10 },
    ])
    assert.deepEqual(medianTime(votes, equal), at(50))
  })

  test('a vote is at least a millisecond after its block', () => {
    const block = parseTime('2026-11-20T10:00:00.5Z')
    assert.deepEqual(voteTime(parseTime('2026-11-20T09:00:00Z'), block), parseTime('2026-11-20T10:00:00.501Z'))
    assert.deepEqual(voteTime(parseTime('2026-11-20T10:00:01Z'), block), parseTime('2026-11-20T10:00:01Z'))
  })
})

describe('validator set', () => {
  const key = (name: string): Uint8Array => testKey(name).publicKey.bytes

  test('an update adds, changes and takes out members, and sorts by power', () => {
    const set = setOf(5n, 4n, 3n)
    const next = updateValidators(set, [
      { publicKey: key('three'), power: 9n },
      { publicKey: key('one'), power: 0n },
      { publicKey: key('four'), power: 1n },
    ])
    assert.deepEqual(
      next.validators.map(member => [member.publicKey.bytes, member.votingPower]),
      [
        [key('three'), 9n],
        [key('two'), 4n],
        [key('four'), 1n],
      ],
    )
    assert.equal(updateValidators(set, []), set)
  })

  test('nobody can be left, and no more power than CometBFT allows', () => {
    const set = setOf(5n)
    assert.throws(() => updateValidators(set, [{ publicKey: key('one'), power: 0n }]), /has a validator/)
    assert.throws(() => updateValidators(set, [{ publicKey: key('two'), power: 2n ** 62n }]), /bound/)
  })

  test('exactly two thirds are not more than two thirds', () => {
    const set = setOf(1n, 1n, 1n)
    assert.equal(
      haveTwoThirds(
        set,
        ['one', 'two'].map(name => testKey(name).address),
      ),
      false,
    )
    assert.equal(
      haveTwoThirds(
        set,
        ['one', 'two', 'three'].map(name => testKey(name).address),
      ),
      true,
    )
  })
})
