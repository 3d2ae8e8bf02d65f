// What is written by hand for speed is byte for byte what the field tables say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { equals } from '../bytes.ts'
import { createFallbackCrypto } from '../crypto/fallback.ts'
import { merkleRoot } from '../merkle/root.ts'
import { always, bytes, delimited, int32, int64, message, optional, sfixed64, string, uint64 } from '../protobuf.ts'
import { type Timestamp, zeroTime } from '../time.ts'
import { blockId, timestamp } from './block-id.ts'
import { createVoteSignBytes } from './commit.ts'
import { type Header, headerHash } from './header.ts'
import { publicKey, type Validator, validatorsHash } from './validator-set.ts'
import { uvarintLength, writeUvarint } from './varint.ts'

const hasher = createFallbackCrypto()
const canonicalVote = message({
  type: int32(1),
  height: sfixed64(2),
  round: sfixed64(3),
  blockId: optional(4, blockId),
  timestamp: always(5, timestamp),
  chainId: string(6, 50),
})
const simpleValidator = message({ publicKey: always(1, publicKey), votingPower: int64(2) })
const bytesValue = message({ value: bytes(1, 1_024) })

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const seconds = fc.oneof(
  fc.bigInt({ min: 1_700_000_000n, max: 1_900_000_000n }),
  fc.bigInt({ min: zeroTime.seconds, max: 253_402_300_799n }),
  fc.constantFrom(0n, 127n, 128n, -1n),
)
const nanos = fc.oneof(fc.nat(999_999_999), fc.constantFrom(0, 127, 128))
const time: fc.Arbitrary<Timestamp> = fc.record({ seconds, nanos })

test('varints', () => {
  const table = message({ value: uint64(1) })
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(300)), value => {
      const written = new Uint8Array(12)
      const end = writeUvarint(written, 1, value)
      assert.equal(end, 1 + uvarintLength(value))
      if (value > 0) assert.deepEqual(written.slice(1, end), table.encode({ value: BigInt(value) }).slice(1))
    }),
  )
})

test('the sign bytes of a commit’s votes, many at a time', () => {
  fc.assert(
    fc.property(fc.array(time, { minLength: 1, maxLength: 150 }), hash, fc.nat(3), (times, id, round) => {
      const shared = { type: 2, height: 1_234_567n, blockId: { hash: id, partSetHeader: { total: 1, hash: id } } }
      const signBytes = createVoteSignBytes({ ...shared, round, chainId: 'test-chain' })
      const made = times.map(signBytes)
      for (const [i, each] of times.entries()) {
        const vote = { ...shared, round: BigInt(round), timestamp: each, chainId: 'test-chain' }
        assert.ok(equals(made[i]!, delimited(canonicalVote.encode(vote))), JSON.stringify([each.nanos, i]))
      }
    }),
    { numRuns: 60 },
  )
})

test('the hash of a set, of any powers and kinds of keys', () => {
  const member = fc
    .tuple(
      hash,
      fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: (1n << 63n) - 1n })),
      fc.constantFrom(32, 33),
    )
    .map(([key, votingPower, length]): Validator => {
      const type = length === 32 ? 'ed25519' : 'secp256k1'
      const padded = new Uint8Array(length)
      padded.set(key)
      return { address: key.slice(0, 20), publicKey: { type, bytes: padded }, votingPower, proposerPriority: 0n }
    })
  fc.assert(
    fc.property(fc.array(member, { maxLength: 20 }), validators => {
      const expected = merkleRoot(validators.map(simpleValidator.encode), hasher)
      assert.deepEqual(validatorsHash({ validators, proposer: new Uint8Array(0) }, hasher), expected)
    }),
    { numRuns: 200 },
  )
  const short = { type: 'ed25519', bytes: new Uint8Array(31).fill(1) } as const
  const padded = { type: 'ed25519', bytes: Uint8Array.of(...short.bytes, 0) } as const
  const [left, right] = [short, padded].map(key => {
    const only = { address: new Uint8Array(20), publicKey: key, votingPower: 1n, proposerPriority: 0n }
    return validatorsHash({ validators: [only], proposer: new Uint8Array(0) }, hasher)
  })
  assert.notDeepEqual(left, right, 'a key that is too short is no other key')
})

test('the byte fields of a header, of any length', () => {
  const leafLists: Uint8Array[][] = []
  const watching = {
    ...hasher,
    merkleRoot: (leaves: readonly Uint8Array[]) => void leafLists.push([...leaves]) as never,
  }
  const id = { hash: new Uint8Array(32).fill(1), partSetHeader: { total: 1, hash: new Uint8Array(32).fill(2) } }
  for (const length of [0, 1, 20, 32, 127, 128, 1_024]) {
    const value = new Uint8Array(length).fill(length)
    const header: Header = {
      version: { block: 11n, app: 0n },
      chainId: 'test-chain',
      height: 5n,
      time: { seconds: 1n, nanos: 0 },
      lastBlockId: id,
      lastCommitHash: value,
      dataHash: value,
      validatorsHash: new Uint8Array(32).fill(3),
      nextValidatorsHash: value,
      consensusHash: value,
      appHash: value,
      lastResultsHash: value,
      evidenceHash: value,
      proposerAddress: value,
    }
    headerHash(header, watching)
    const leaves = leafLists.at(-1)!
    assert.equal(leaves.length, 14)
    for (const index of [5, 6, 8, 9, 10, 11, 12, 13]) assert.deepEqual(leaves[index], bytesValue.encode({ value }))
  }
})
