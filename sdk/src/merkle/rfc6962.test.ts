import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { concat, formatHex } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { merkleProof, verifyConsistency, verifyInclusion, verifyMerkleProof } from './rfc6962.ts'
import { merkleInnerHash, merkleLeafHash, merkleRoot } from './root.ts'

const hasher: Hasher = { sha256: (...parts) => sha256(concat(...parts)) }
const largest = 24
const leaves = Array.from({ length: largest }, (_, i) => new Uint8Array(i).fill(i))
const rootOf = (size: number): Uint8Array => merkleRoot(leaves.slice(0, size), hasher)

/** RFC 6962, 2.1: the largest power of two below n. */
function splitOf(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}

/** RFC 6962, 2.1, word for word, against which the faster way is held. */
function treeHash(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 0) return hasher.sha256()
  if (list.length === 1) return merkleLeafHash(list[0]!, hasher)
  const k = splitOf(list.length)
  return merkleInnerHash(treeHash(list.slice(0, k)), treeHash(list.slice(k)), hasher)
}

/** RFC 6962, 2.1.1: PATH(m, D[n]). */
function path(m: number, list: readonly Uint8Array[]): Uint8Array[] {
  if (list.length === 1) return []
  const k = splitOf(list.length)
  return m < k
    ? [...path(m, list.slice(0, k)), treeHash(list.slice(k))]
    : [...path(m - k, list.slice(k)), treeHash(list.slice(0, k))]
}

/** RFC 6962, 2.1.2: SUBPROOF(m, D[n], b). */
function subproof(m: number, list: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === list.length) return whole ? [] : [treeHash(list)]
  const k = splitOf(list.length)
  return m <= k
    ? [...subproof(m, list.slice(0, k), whole), treeHash(list.slice(k))]
    : [...subproof(m - k, list.slice(k), false), treeHash(list.slice(0, k))]
}

test('the root is that of the RFC for every number of leaves', () => {
  for (let size = 0; size <= largest; size++) {
    assert.equal(formatHex(rootOf(size)), formatHex(treeHash(leaves.slice(0, size))))
  }
})

test('each leaf is proved in each tree, and at no other index', () => {
  let refused = 0
  for (let size = 1; size <= largest; size++) {
    const root = rootOf(size)
    for (let index = 0; index < size; index++) {
      const proof = path(index, leaves.slice(0, size))
      const leafHash = merkleLeafHash(leaves[index]!, hasher)
      for (let claimed = -1; claimed <= size; claimed++) {
        const inclusion = { leafHash, index: BigInt(claimed), size: BigInt(size), proof, root }
        const expected = claimed === index ? 'verified' : 'invalid'
        assert.equal(verifyInclusion(inclusion, hasher).kind, expected, `${claimed} for ${index} of ${size}`)
        if (expected === 'invalid') refused++
      }
    }
  }
  assert.equal(refused, 5_200)
})

test('each tree is proved to continue each older one, and no other root is believed', () => {
  for (let size = 1; size <= largest; size++) {
    for (let oldSize = 1; oldSize <= size; oldSize++) {
      const proof = subproof(oldSize, leaves.slice(0, size), true)
      const claim = {
        oldSize: BigInt(oldSize),
        oldRoot: rootOf(oldSize),
        size: BigInt(size),
        root: rootOf(size),
        proof,
      }
      assert.equal(verifyConsistency(claim, hasher).kind, 'verified', `${oldSize} in ${size}`)
      if (oldSize === size) continue
      const other = rootOf(oldSize === 1 ? 2 : oldSize - 1)
      assert.equal(verifyConsistency({ ...claim, oldRoot: other }, hasher).kind, 'invalid')
      assert.equal(verifyConsistency({ ...claim, root: rootOf(size - 1) }, hasher).kind, 'invalid')
    }
  }
})

test('a proof that was shortened, lengthened, or changed in one bit proves nothing', () => {
  const bits = fc.record({
    size: fc.integer({ min: 2, max: largest }),
    index: fc.nat(),
    place: fc.nat(),
    bit: fc.nat(255),
  })
  fc.assert(
    fc.property(bits, ({ size, index: anyIndex, place, bit }) => {
      const index = anyIndex % size
      const list = leaves.slice(0, size)
      const oldSize = Math.max(1, index)
      const proofs = [path(index, list), subproof(oldSize, list, true)]
      const [inclusionProof, consistencyProof] = proofs.map(proof =>
        proof.map((node, i) =>
          i === place % proof.length ? node.map((b, j) => (j === bit >> 3 ? b ^ (1 << (bit & 7)) : b)) : node,
        ),
      ) as [Uint8Array[], Uint8Array[]]
      const leafHash = merkleLeafHash(list[index]!, hasher)
      const inclusion = { leafHash, index: BigInt(index), size: BigInt(size), root: rootOf(size) }
      const consistency = { oldSize: BigInt(oldSize), oldRoot: rootOf(oldSize), size: BigInt(size), root: rootOf(size) }
      const wrong = [inclusionProof, proofs[0]!.slice(1), proofs[0]!.slice(0, -1), [...proofs[0]!, rootOf(1)]]
      for (const proof of wrong) assert.equal(verifyInclusion({ ...inclusion, proof }, hasher).kind, 'invalid')
      const alsoWrong = [consistencyProof, proofs[1]!.slice(1), proofs[1]!.slice(0, -1), [...proofs[1]!, rootOf(1)]]
      for (const proof of alsoWrong) assert.equal(verifyConsistency({ ...consistency, proof }, hasher).kind, 'invalid')
    }),
  )
})

test('nodes that are no hashes, too many of them and sizes out of range are refused before they are hashed', () => {
  const noHasher: Hasher = { sha256: () => assert.fail('hashed') }
  const node = rootOf(1)
  const base = { leafHash: node, index: 0n, size: 2n, proof: [node], root: node }
  const cases: readonly [object, string][] = [
    [{ proof: [node.subarray(1)] }, 'invalid-proof'],
    [{ proof: Array.from({ length: 101 }, () => node) }, 'oversized'],
    [{ size: 0n }, 'invalid-proof'],
    [{ size: 2n ** 63n }, 'invalid-proof'],
    [{ index: -1n }, 'invalid-proof'],
    [{ index: 2n }, 'invalid-proof'],
    [{ leafHash: node.subarray(1) }, 'invalid-proof'],
  ]
  for (const [change, code] of cases) {
    const answer = verifyInclusion({ ...base, ...change }, noHasher)
    assert.equal(answer.kind === 'invalid' && answer.error.code, code, JSON.stringify(Object.keys(change)))
  }
  const older = { oldSize: 1n, oldRoot: node, size: 2n, root: node, proof: [node] }
  const olderCases: readonly object[] = [
    { oldSize: 0n },
    { oldSize: 3n },
    { size: 2n ** 63n },
    { proof: [new Uint8Array(31)] },
    { oldSize: 2n },
    { oldSize: 3n, size: 4n, proof: [] },
    { oldRoot: node.subarray(1) },
  ]
  for (const change of olderCases) {
    const answer = verifyConsistency({ ...older, ...change }, noHasher)
    assert.equal(answer.kind === 'invalid' && answer.error.code, 'invalid-proof')
  }
})

test("CometBFT's proof holds for the leaf, index and total asked for, and for no others", () => {
  const list = leaves.slice(0, 7)
  const root = rootOf(7)
  const proof = { total: 7n, index: 4n, leafHash: merkleLeafHash(list[4]!, hasher), aunts: path(4, list) }
  const decoded = merkleProof.decode(merkleProof.encode(proof))
  const asked = { proof: decoded, leaf: list[4]!, index: 4n, total: 7n, root }
  assert.equal(verifyMerkleProof(asked, hasher).kind, 'verified')
  for (const change of [
    { index: 5n },
    { total: 8n },
    { leaf: list[5]! },
    { root: rootOf(6) },
    { proof: { ...decoded, index: 3n }, index: 3n },
    { proof: { ...decoded, leafHash: rootOf(1) } },
  ]) {
    assert.equal(verifyMerkleProof({ ...asked, ...change }, hasher).kind, 'invalid')
  }
})
