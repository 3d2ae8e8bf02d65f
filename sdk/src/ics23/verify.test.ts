import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { createSmallTree, exists } from '../../../test/small-tree.ts'
import { concat, encodeUtf8, equals } from '../bytes.ts'
import type { Header } from '../comet/header.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import { merkleInnerHash } from '../merkle/root.ts'
import type { Trusted } from '../trusted.ts'
import { leafHash } from './ops.ts'
import { commitmentProof, type ExistenceProof, type InnerOp } from './proof.ts'
import { iavlSpec, type ProofSpec, smtSpec, tendermintSpec } from './spec.ts'
import { type QueryAnswer, queryAnswer } from './state.ts'
import {
  existenceRoot,
  verifyHistoryRoot,
  verifyMembership,
  verifyNonMembership,
  verifyQuery,
  verifyState,
} from './verify.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const { entry, rootOf, prove, proveAbsence, stores, storeLeaf } = createSmallTree(crypto)

const records = Array.from({ length: 40 }, (_, i) => entry(`record ${i}`, `value ${i}`))
const root = rootOf(records)

test('every stored key is proved present, and no other value with it', () => {
  for (const record of records) {
    const proof = exists(prove(records, record))
    const claim = { spec: smtSpec, root, proof, key: record.key }
    assert.equal(verifyMembership({ ...claim, value: record.value }, crypto).kind, 'verified')
    const other = verifyMembership({ ...claim, value: encodeUtf8('another') }, crypto)
    assert.equal(other.kind, 'invalid')
  }
})

test('every key that is not stored is proved absent, also below the first and above the last', () => {
  const sides = { none: 0, left: 0, right: 0 }
  for (let i = 0; i < 300; i++) {
    const key = encodeUtf8(`nobody ${i}`)
    const proof = proveAbsence(records, key)
    assert.equal(verifyNonMembership({ spec: smtSpec, root, proof, key }, crypto).kind, 'verified')
    if (!proof.nonexist!.left) sides.left++
    else if (!proof.nonexist!.right) sides.right++
    else sides.none++
  }
  assert.ok(sides.none > 0 && sides.left > 0 && sides.right > 0)
})

test('a stored key is not proved absent by neighbours that are further apart', () => {
  const sorted = [...records].sort((a, b) => (a.place < b.place ? -1 : 1))
  for (let i = 1; i + 1 < sorted.length; i++) {
    const { key } = sorted[i]!
    for (const [left, right] of [
      [sorted[i - 1], sorted[i + 1]],
      [undefined, sorted[i + 1]],
      [sorted[i - 1], undefined],
      [sorted[0], sorted.at(-1)],
      [undefined, undefined],
    ]) {
      const nonexist = { key, left: left && prove(records, left), right: right && prove(records, right) }
      const answer = verifyNonMembership({ spec: smtSpec, root, proof: { exist: undefined, nonexist }, key }, crypto)
      assert.equal(answer.kind, 'invalid')
    }
  }
})

test('an empty tree proves nothing absent', () => {
  const key = encodeUtf8('anything')
  const nonexist = { key, left: undefined, right: undefined }
  const proof = { exist: undefined, nonexist }
  assert.equal(verifyNonMembership({ spec: smtSpec, root: new Uint8Array(32), proof, key }, crypto).kind, 'invalid')
})

test('one root cannot show two values of one key, though its maker put both into the tree', () => {
  const honest = entry('title 7', 'owner: A')
  const flipped = `${honest.place[0] === '0' ? '1' : '0'}${honest.place.slice(1)}`
  const second = { ...entry('title 7', 'owner: B'), place: flipped }
  const tree = [...records, honest, second]
  const claim = { spec: smtSpec, root: rootOf(tree), key: honest.key }
  const first = verifyMembership({ ...claim, proof: exists(prove(tree, honest)), value: honest.value }, crypto)
  assert.equal(first.kind, 'verified')
  const proof = prove(tree, second)
  assert.deepEqual(existenceRoot(proof, crypto), claim.root)
  assert.equal(verifyMembership({ ...claim, proof: exists(proof), value: second.value }, crypto).kind, 'invalid')
})

test('a tree out of order cannot hide a key that it holds', () => {
  const sorted = [...records].sort((a, b) => (a.place < b.place ? -1 : 1))
  const hidden = sorted[20]!
  const [left, right] = [sorted[19]!, sorted[21]!]
  // The hidden record is moved to the far end; its neighbours then look adjacent.
  const moved = { ...hidden, place: '1'.repeat(256) }
  const tree = [...records.filter(record => record !== hidden), moved]
  const { key } = hidden
  const absent = { key, left: prove(tree, left), right: prove(tree, right) }
  const claim = { spec: smtSpec, root: rootOf(tree), key }
  const hiddenProof = exists(prove(tree, moved))
  // It can be shown present or absent, never both: the same root never contradicts itself.
  const absence = verifyNonMembership({ ...claim, proof: { exist: undefined, nonexist: absent } }, crypto)
  const presence = verifyMembership({ ...claim, proof: hiddenProof, value: hidden.value }, crypto)
  assert.deepEqual([absence.kind, presence.kind], ['verified', 'invalid'])
})

test('a longer leaf prefix does not prove a store that the app hash does not hold', () => {
  // The leaf 00 | 07 x 05 "state" | 20 hash also reads as prefix 00 07 x and key "state"; the Go library accepts it.
  const stored = concat(encodeUtf8('x\u0005'), encodeUtf8('state'))
  const value = new Uint8Array(32).fill(3)
  const appHash = leafHash(tendermintSpec.leaf, { key: stored, value }, crypto)
  const key = encodeUtf8('state')
  const forged: ExistenceProof = {
    key,
    value,
    leaf: { ...tendermintSpec.leaf, prefix: concat(new Uint8Array([0, stored.length]), encodeUtf8('x')) },
    path: [],
  }
  assert.deepEqual(existenceRoot(forged, crypto), appHash)
  const answer = verifyMembership({ spec: tendermintSpec, root: appHash, proof: exists(forged), key, value }, crypto)
  assert.equal(answer.kind === 'invalid' && answer.error.code, 'invalid-proof')
})

test('inner ops hold one child beside one other and nothing more', () => {
  const proof = prove(records, records[0]!)
  const [step] = proof.path
  const child = leafHash(smtSpec.leaf, proof, crypto)
  const filler = new Uint8Array(32)
  const odd: readonly Partial<InnerOp>[] = [
    { prefix: new Uint8Array([1]), suffix: new Uint8Array(0) },
    { prefix: new Uint8Array([1]), suffix: new Uint8Array(64) },
    { prefix: concat(new Uint8Array([1]), filler), suffix: filler },
    { prefix: new Uint8Array([2]), suffix: filler },
    { prefix: new Uint8Array([0]), suffix: filler },
    { prefix: new Uint8Array(0), suffix: filler },
    { prefix: new Uint8Array([1, 1]), suffix: filler },
    { hash: 0 },
  ]
  for (const change of odd) {
    for (const spec of [smtSpec, tendermintSpec] as ProofSpec[]) {
      const op = { ...step!, ...change }
      const forged = { ...proof, leaf: spec.leaf, path: [op] }
      const claimedRoot = crypto.sha256(op.prefix, child, op.suffix)
      const claim = { spec, root: claimedRoot, proof: exists(forged), key: forged.key, value: forged.value }
      const answer = verifyMembership(claim, crypto)
      assert.equal(answer.kind === 'invalid' && answer.error.code, 'invalid-proof')
    }
  }
})

const one = new Uint8Array([1])
const historyRoot = crypto.sha256(encodeUtf8('history'))
const [historyLeaf, stateLeaf] = [storeLeaf('history', historyRoot), storeLeaf('state', root)]
const { appHash, state: stateStore, history: historyStore } = stores({ history: historyRoot, state: root })
const header = { height: 12n, appHash } as Trusted<Pick<Header, 'height' | 'appHash'>>
const [present, missing] = [records[3]!.key, encodeUtf8('no such record')]
const keys = [present, missing]
const answer: QueryAnswer = {
  height: 11n,
  stores: [stateStore],
  proofs: [exists(prove(records, records[3]!)), proveAbsence(records, missing)],
}

test('a state answer gives the values and absences of the keys asked for', () => {
  const verified = verifyState({ answer, keys, header }, crypto)
  assert.deepEqual(verified, { kind: 'verified', values: [records[3]!.value, undefined] })
})

test('a state answer counts only for the question: keys, order, height, store and app hash', () => {
  const [first, second] = answer.proofs
  const other = exists(prove(records, records[4]!))
  const refused: readonly [string, Partial<QueryAnswer>, (readonly Uint8Array[])?][] = [
    ['another key', { proofs: [other, second!] }],
    ['another order', { proofs: [second!, first!] }],
    ['too few', { proofs: [first!] }],
    ['too many', { proofs: [first!, second!, other] }],
    ['nothing asked', {}, []],
    ['another height', { height: 12n }],
    ['another store', { stores: [historyStore] }],
    ['two stores', { stores: [stateStore, historyStore] }],
    ['no store', { stores: [] }],
    ['another name', { stores: [{ ...stateStore, key: encodeUtf8('State') }] }],
    ['no proof at all', { proofs: [{ exist: undefined, nonexist: undefined }, second!] }],
    ['both at once', { proofs: [{ exist: first!.exist, nonexist: second!.nonexist }, second!] }],
    [
      'absence of what is there',
      { proofs: [{ exist: undefined, nonexist: { ...second!.nonexist!, key: present } }, second!] },
    ],
  ]
  for (const [what, change, asked] of refused) {
    const result = verifyState({ answer: { ...answer, ...change }, keys: asked ?? keys, header }, crypto)
    assert.equal(result.kind, 'invalid', what)
  }
  const elsewhere = { ...header, appHash: new Uint8Array(32) }
  assert.equal(verifyState({ answer, keys, header: elsewhere }, crypto).kind, 'invalid')
})

test('an app hash with two stores of one name shows only the one at its place', () => {
  const planted = merkleInnerHash(stateLeaf, storeLeaf('state', historyRoot), crypto)
  const third = { ...header, appHash: merkleInnerHash(planted, historyLeaf, crypto) }
  const deep = [
    { hash: 1, prefix: one, suffix: storeLeaf('state', historyRoot) },
    { hash: 1, prefix: one, suffix: historyLeaf },
  ]
  const store = { ...stateStore, path: deep }
  assert.deepEqual(existenceRoot(store, crypto), third.appHash)
  assert.equal(verifyState({ answer: { ...answer, stores: [store] }, keys, header: third }, crypto).kind, 'invalid')
  const swapped = { ...header, appHash: merkleInnerHash(stateLeaf, historyLeaf, crypto) }
  const left = { ...stateStore, path: [deep[1]!] }
  assert.deepEqual(existenceRoot(left, crypto), swapped.appHash)
  assert.equal(verifyState({ answer: { ...answer, stores: [left] }, keys, header: swapped }, crypto).kind, 'invalid')
})

test('on any chain the stores and keys that were asked for are proved, and no others', () => {
  const questions = [
    { store: 'state', key: keys[0]! },
    { store: 'state', key: keys[1]! },
  ]
  const asked = (change: Partial<QueryAnswer>, other = questions): ReturnType<typeof verifyQuery> =>
    verifyQuery({ answer: { ...answer, ...change }, questions: other, header, spec: smtSpec }, crypto)
  assert.deepEqual(asked({}), { kind: 'verified', values: [records[3]!.value, undefined] })
  assert.equal(asked({}, [{ store: 'history', key: keys[0]! }, questions[1]!]).kind, 'invalid')
  assert.equal(asked({}, questions.toReversed()).kind, 'invalid')
  assert.equal(asked({ stores: [] }).kind, 'invalid')
  assert.equal(asked({ stores: [historyStore] }).kind, 'invalid')
  assert.equal(asked({ height: 12n }).kind, 'invalid')
  const iavl = verifyQuery({ answer, questions, header, spec: iavlSpec }, crypto)
  assert.equal(iavl.kind, 'invalid')
})

test('the history root comes from its own store, its size from the height', () => {
  assert.deepEqual(verifyHistoryRoot({ proof: historyStore, header }, crypto), {
    kind: 'verified',
    root: historyRoot,
    size: 12n,
  })
  assert.equal(verifyHistoryRoot({ proof: stateStore, header }, crypto).kind, 'invalid')
})

test('a flipped bit anywhere in a state answer is refused', () => {
  const bytes = queryAnswer.encode(answer)
  assert.deepEqual(queryAnswer.decode(bytes), answer)
  fc.assert(
    fc.property(fc.nat(8 * bytes.length - 1), bit => {
      const flipped = bytes.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      let decoded: QueryAnswer
      try {
        decoded = queryAnswer.decode(flipped)
      } catch (error) {
        assert.ok(error instanceof VerifyError)
        return
      }
      assert.deepEqual(queryAnswer.encode(decoded), flipped)
      assert.equal(verifyState({ answer: decoded, keys, header }, crypto).kind, 'invalid')
    }),
    { numRuns: 2_000 },
  )
})

test('whatever bytes are given as a proof, only a VerifyError comes of it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
      try {
        const proof = commitmentProof.decode(bytes)
        assert.ok(equals(commitmentProof.encode(proof), bytes))
        const claim = { spec: smtSpec, root, proof, key: present }
        assert.equal(verifyMembership({ ...claim, value: present }, crypto).kind, 'invalid')
        assert.equal(verifyNonMembership(claim, crypto).kind, 'invalid')
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }),
    { numRuns: 1_000 },
  )
})
