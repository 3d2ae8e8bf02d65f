import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { concat, formatHex } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { type LeafRange, proveRange, verifyRange } from './range.ts'
import { merkleInnerHash, merkleLeafHash } from './root.ts'

const hasher: Hasher = { sha256: (...parts) => sha256(concat(...parts)) }
const largest = 40
/** No two alike: proofs whose nodes are the same could be turned around. */
const leaves = Array.from({ length: largest }, (_, i) => new Uint8Array(i === 0 ? 0 : 1 + (i % 7)).fill(i))

/** RFC 6962, 2.1, word for word: MTH(D[start:stop]). Each subtree is hashed once for all tests. */
function treeHash(start: number, stop: number): Uint8Array {
  const name = `${start}:${stop}`
  const hash =
    known.get(name) ??
    (stop - start === 1
      ? merkleLeafHash(leaves[start]!, hasher)
      : merkleInnerHash(
          treeHash(start, start + splitOf(stop - start)),
          treeHash(start + splitOf(stop - start), stop),
          hasher,
        ))
  known.set(name, hash)
  return hash
}
const known = new Map<string, Uint8Array>()

function splitOf(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}

/** RANGE(b, e, D[n]) as range.ts defines it, word for word; D[n] begins at `start` of all leaves. */
function range(b: number, e: number, { start, n }: { readonly start: number; readonly n: number }): Uint8Array[] {
  if (b <= 0 && n <= e) return []
  if (e <= 0 || n <= b) return [treeHash(start, start + n)]
  const k = splitOf(n)
  return [...range(b, e, { start, n: k }), ...range(b - k, e - k, { start: start + k, n: n - k })]
}

function claimOf(begin: number, end: number, size: number): LeafRange {
  return {
    leaves: leaves.slice(begin, end),
    begin: BigInt(begin),
    size: BigInt(size),
    proof: range(begin, end, { start: 0, n: size }),
    root: treeHash(0, size),
  }
}

test('each run of leaves is proved in each tree, by the proof that is defined', () => {
  let count = 0
  for (let size = 1; size <= largest; size++) {
    for (let begin = 0; begin < size; begin++) {
      for (let end = begin + 1; end <= size; end++) {
        const claim = claimOf(begin, end, size)
        const proof = proveRange(leaves.slice(0, size), { begin, end }, hasher)
        assert.deepEqual(proof.map(formatHex), claim.proof.map(formatHex), `${begin} to ${end} of ${size}`)
        assert.equal(verifyRange(claim, hasher).kind, 'verified', `${begin} to ${end} of ${size}`)
        count++
      }
    }
  }
  assert.equal(count, 11_480)
})

test('a run proves nothing at another place, with a leaf more or less, or in another order', () => {
  const size = 13
  let count = 0
  for (let begin = 0; begin < size; begin++) {
    for (let end = begin + 1; end <= size; end++) {
      const claim = claimOf(begin, end, size)
      const run = claim.leaves
      const others: Partial<LeafRange>[] = [
        { leaves: run.slice(1) },
        { leaves: run.slice(0, -1) },
        { leaves: [...run, leaves[end % size]!] },
        { leaves: [...run.slice(1), leaves[20]!] },
        ...(run.length > 1 ? [{ leaves: run.toReversed() }] : []),
        ...Array.from({ length: size + 2 }, (_, i) => ({ begin: BigInt(i - 1) })).filter(
          other => other.begin !== claim.begin,
        ),
      ]
      for (const other of others) {
        assert.equal(verifyRange({ ...claim, ...other }, hasher).kind, 'invalid', `${begin} to ${end}`)
        count++
      }
    }
  }
  assert.ok(count > 1_500)
})

test('a proof that was shortened, lengthened, turned around or changed in one bit proves nothing', () => {
  const places = fc.record({ size: fc.integer({ min: 2, max: largest }), a: fc.nat(), b: fc.nat(), bit: fc.nat(255) })
  let checked = 0
  fc.assert(
    fc.property(places, ({ size, a, b, bit }) => {
      const begin = a % size
      const claim = claimOf(begin, begin + 1 + (b % (size - begin)), size)
      const { proof } = claim
      const place = (a ^ b) % Math.max(1, proof.length)
      const flipped = proof.map((node, i) =>
        i === place ? node.map((x, j) => (j === bit >> 3 ? x ^ (1 << (bit & 7)) : x)) : node,
      )
      const wrong = [
        [...proof, treeHash(0, 1)],
        [treeHash(0, 1), ...proof],
      ]
      if (proof.length > 0) wrong.push(proof.slice(1), proof.slice(0, -1), flipped)
      if (proof.length > 1) wrong.push(proof.toReversed())
      for (const other of wrong) {
        assert.equal(verifyRange({ ...claim, proof: other }, hasher).kind, 'invalid')
        checked++
      }
    }),
  )
  assert.ok(checked > 300)
})

test('sizes, places and nodes that cannot be are refused before anything is hashed', () => {
  const noHasher: Hasher = { sha256: () => assert.fail('hashed') }
  const claim = claimOf(3, 6, 11)
  const cases: readonly [Partial<LeafRange>, string][] = [
    [{ leaves: [] }, 'invalid-proof'],
    [{ begin: -1n }, 'invalid-proof'],
    [{ begin: 9n }, 'invalid-proof'],
    [{ begin: 2n ** 64n }, 'invalid-proof'],
    [{ size: 0n }, 'invalid-proof'],
    [{ size: -5n }, 'invalid-proof'],
    [{ size: 5n }, 'invalid-proof'],
    [{ size: 2n ** 63n }, 'invalid-proof'],
    [{ proof: [...claim.proof.slice(1), claim.proof[0]!.subarray(1)] }, 'invalid-proof'],
    [{ proof: Array.from({ length: 125 }, () => claim.root) }, 'oversized'],
  ]
  for (const [change, code] of cases) {
    const answer = verifyRange({ ...claim, ...change }, noHasher)
    assert.equal(answer.kind === 'invalid' && answer.error.code, code, Object.keys(change).join())
  }
  assert.throws(() => proveRange(leaves, { begin: 3, end: 3 }, noHasher))
  assert.throws(() => proveRange(leaves, { begin: -1, end: 3 }, noHasher))
  assert.throws(() => proveRange(leaves, { begin: 3, end: largest + 1 }, noHasher))
})

test('the largest tree there can be is walked in as many steps as it has levels', () => {
  const size = 2n ** 63n - 1n
  const claim: LeafRange = { leaves: [leaves[1]!, leaves[2]!], begin: size / 2n, size, proof: [], root: treeHash(0, 1) }
  const node = treeHash(0, 1)
  const codes = Array.from({ length: 125 }, (_, length) => {
    const answer = verifyRange({ ...claim, proof: Array.from({ length }, () => node) }, hasher)
    return answer.kind === 'invalid' && answer.error.code
  })
  assert.deepEqual(
    codes.flatMap((code, length) => (code === 'wrong-root' ? [length] : [])),
    [124],
  )
})
