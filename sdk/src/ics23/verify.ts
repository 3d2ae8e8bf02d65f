// ICS-23 proofs, judged strictly (security rule 21): what is verified here, the Go library verifies too, but not the other
// way round. Two points go beyond any library's rules. In the state tree a leaf must stand where the bits of its key's
// hash lead, so that one tree cannot hold two values of one key, nor hide a key between neighbours in a wrong place. And
// the app hash has exactly two stores, each at its place, so that one app hash cannot hold two states.

import { compare, encodeUtf8, equals, formatHex } from '../bytes.ts'
import type { Header } from '../comet/header.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { check, VerifyError } from '../errors.ts'
import type { Trusted } from '../trusted.ts'
import { checkInnerOp, checkLeafOp, innerHash, leafHash, type Side, siblingIsEmpty, sideOf } from './ops.ts'
import type { CommitmentProof, ExistenceProof, InnerOp, NonExistenceProof } from './proof.ts'
import { type ProofSpec, smtSpec, tendermintSpec } from './spec.ts'
import { type QueryAnswer, storeNames } from './state.ts'

export type Invalid = { readonly kind: 'invalid'; readonly error: VerifyError }

export type VerifiedMembership = { readonly kind: 'verified' } | Invalid

export type Membership = {
  readonly spec: ProofSpec
  readonly root: Uint8Array
  readonly proof: CommitmentProof
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The tree of this root holds `value` under `key`. */
export function verifyMembership({ spec, root, proof, key, value }: Membership, hasher: Hasher): VerifiedMembership {
  return answered(() => {
    const exist = existenceOf(proof)
    checkExistence(exist, { spec, root, key }, hasher)
    check(equals(exist.value, value), 'invalid-proof', 'the proof is of another value')
    return { kind: 'verified' }
  })
}

/** The tree of this root holds nothing under `key`. */
export function verifyNonMembership(
  { spec, root, proof, key }: Omit<Membership, 'value'>,
  hasher: Hasher,
): VerifiedMembership {
  return answered(() => {
    check(proof.nonexist !== undefined && proof.exist === undefined, 'invalid-proof', 'not a proof of absence')
    checkNonExistence(proof.nonexist, { spec, root, key }, hasher)
    return { kind: 'verified' }
  })
}

export type StateQuery = {
  readonly answer: QueryAnswer
  /** The keys asked for, in the order asked. */
  readonly keys: readonly Uint8Array[]
  /** A trusted header; it commits to the state after the block before it. */
  readonly header: Trusted<Pick<Header, 'height' | 'appHash'>>
}

export type VerifiedState =
  /** One a key, in the order asked; undefined where the state has nothing under the key. */
  { readonly kind: 'verified'; readonly values: readonly (Trusted<Uint8Array> | undefined)[] } | Invalid

/** Binds an answer to the question: to these keys, this height, the store `state` of our own ledger and this app hash. */
export function verifyState({ answer, keys, header }: StateQuery, hasher: Hasher): VerifiedState {
  return answered(() => {
    checkAnswer(answer, { header, count: keys.length })
    const [store] = answer.stores
    check(store !== undefined && answer.stores.length === 1, 'wrong-key', 'the answer is of other stores')
    const root = checkStore(store, { store: 'state', appHash: header.appHash }, hasher)
    const values = keys.map((key, index) => checkValue(answer.proofs[index]!, { spec: smtSpec, root, key }, hasher))
    return { kind: 'verified', values: values as (Trusted<Uint8Array> | undefined)[] }
  })
}

export type MultiStoreQuery = Omit<StateQuery, 'keys'> & {
  readonly questions: readonly { readonly store: string; readonly key: Uint8Array }[]
  /** The kind of tree that the chain's stores are, which the caller knows: `iavlSpec` for the Cosmos SDK. */
  readonly spec: ProofSpec
}

/** The same for any chain whose app hash is a simple map of stores (`ics23:simple` over `ics23:iavl` or `ics23:smt`). */
export function verifyQuery({ answer, questions, header, spec }: MultiStoreQuery, hasher: Hasher): VerifiedState {
  return answered(() => {
    checkAnswer(answer, { header, count: questions.length })
    const values = questions.map(({ store, key }, index) => {
      const name = encodeUtf8(store)
      const proof = answer.stores.find(each => equals(each.key, name))
      check(proof !== undefined, 'wrong-key', 'no proof of the store that was asked for', { expected: store })
      checkExistence(proof, { spec: tendermintSpec, root: header.appHash, key: name }, hasher)
      check(proof.value.length > 0, 'invalid-proof', 'a store has a root')
      return checkValue(answer.proofs[index]!, { spec, root: proof.value, key }, hasher)
    })
    return { kind: 'verified', values: values as (Trusted<Uint8Array> | undefined)[] }
  })
}

function checkAnswer(
  { height, proofs }: QueryAnswer,
  { header, count }: { readonly header: Pick<Header, 'height'>; readonly count: number },
): void {
  check(height === header.height - 1n, 'wrong-height', 'the answer is of another height', {
    expected: header.height - 1n,
    actual: height,
  })
  check(proofs.length === count, 'wrong-key', 'one proof for each key', { expected: count, actual: proofs.length })
}

export type VerifiedHistory =
  /** RFC 6962 root over genesis hash and block hashes; the size follows from the height alone. */
  { readonly kind: 'verified'; readonly root: Trusted<Uint8Array>; readonly size: bigint } | Invalid

/** The history log that a trusted header commits to: leaf 0 is the genesis hash, leaf h the hash of block h < height. */
export function verifyHistoryRoot(
  { proof, header }: { readonly proof: ExistenceProof; readonly header: Trusted<Pick<Header, 'height' | 'appHash'>> },
  hasher: Hasher,
): VerifiedHistory {
  return answered(() => {
    const root = checkStore(proof, { store: 'history', appHash: header.appHash }, hasher)
    return { kind: 'verified', root: root as Trusted<Uint8Array>, size: header.height }
  })
}

type Store = keyof typeof storeNames

/** In a map of two names the lesser is the left leaf. */
const storeSides: { readonly [S in Store]: Side } = { history: 'left', state: 'right' }

function checkStore(
  proof: ExistenceProof,
  { store, appHash }: { readonly store: Store; readonly appHash: Uint8Array },
  hasher: Hasher,
): Uint8Array {
  const key = encodeUtf8(storeNames[store])
  checkExistence(proof, { spec: tendermintSpec, root: appHash, key }, hasher)
  const sides = proof.path.map(op => sideOf(op, tendermintSpec.inner))
  check(sides.length === 1 && sides[0] === storeSides[store], 'invalid-proof', 'the store is not at its place')
  check(proof.value.length === 32, 'invalid-proof', 'a store\u2019s root has 32 bytes')
  return proof.value
}

type Claim = { readonly spec: ProofSpec; readonly root: Uint8Array; readonly key: Uint8Array }

function checkValue(proof: CommitmentProof, claim: Claim, hasher: Hasher): Uint8Array | undefined {
  if (proof.nonexist === undefined) {
    const exist = existenceOf(proof)
    checkExistence(exist, claim, hasher)
    return exist.value
  }
  check(proof.exist === undefined, 'invalid-proof', 'a proof of both presence and absence')
  checkNonExistence(proof.nonexist, claim, hasher)
  return undefined
}

function existenceOf(proof: CommitmentProof): ExistenceProof {
  check(proof.exist !== undefined && proof.nonexist === undefined, 'invalid-proof', 'not a proof of existence')
  return proof.exist
}

/** Throws VerifyError: `wrong-key`, `wrong-root` or `invalid-proof`. */
export function checkExistence(proof: ExistenceProof, { spec, root, key }: Claim, hasher: Hasher): void {
  checkOps(proof, spec)
  check(equals(proof.key, key), 'wrong-key', 'the proof is of another key', {
    expected: formatHex(key),
    actual: formatHex(proof.key),
  })
  if (spec.hashedKeys) checkPosition(proof, spec, hasher)
  const actual = existenceRoot(proof, hasher)
  check(equals(actual, root), 'wrong-root', 'the proof leads to another root', {
    expected: formatHex(root),
    actual: formatHex(actual),
  })
}

/** The root that a proof leads to, whatever its ops are. */
export function existenceRoot(proof: ExistenceProof, hasher: Hasher): Uint8Array {
  check(proof.leaf !== undefined, 'invalid-proof', 'a proof without a leaf op')
  const leaf = leafHash(proof.leaf, proof, hasher)
  return proof.path.reduce((child, op) => innerHash(op, child, hasher), leaf)
}

/** Every op is one that the spec's tree makes, and there are as many as it may have. */
export function checkOps(proof: ExistenceProof, spec: ProofSpec): void {
  check(proof.leaf !== undefined, 'invalid-proof', 'a proof without a leaf op')
  checkLeafOp(proof.leaf, spec)
  const depth = proof.path.length
  check(depth >= spec.depthMin, 'invalid-proof', 'too few inner ops', {
    expected: `>= ${spec.depthMin}`,
    actual: depth,
  })
  check(depth <= spec.depthMax, 'invalid-proof', 'too many inner ops', {
    expected: `<= ${spec.depthMax}`,
    actual: depth,
  })
  for (const [index, op] of proof.path.entries()) checkInnerOp(op, spec, index + 1)
}

// The bits of the hashed key, the first at the root, say left (0) or right (1) on the way down to the leaf.
function checkPosition({ key, path }: ExistenceProof, spec: ProofSpec, hasher: Hasher): void {
  const place = hasher.sha256(key)
  const inPlace = path.every((op, index) => {
    const depth = path.length - 1 - index
    const bit = (place[depth >> 3]! >> (7 - (depth & 7))) & 1
    return sideOf(op, spec.inner) === (bit === 0 ? 'left' : 'right')
  })
  check(inPlace, 'invalid-proof', 'the leaf does not stand at its key\u2019s place')
}

function checkNonExistence(proof: NonExistenceProof, { spec, root, key }: Claim, hasher: Hasher): void {
  const { left, right } = proof
  const order = (bytes: Uint8Array): Uint8Array => (spec.hashedKeys ? hasher.sha256(bytes) : bytes)
  // Some provers name the key by its hash. What binds the proof is the order below, which is of the key asked for.
  const ofKey = equals(proof.key, key) || equals(proof.key, order(key))
  check(ofKey, 'wrong-key', 'the proof is of another key', { expected: formatHex(key), actual: formatHex(proof.key) })
  if (left !== undefined) {
    checkExistence(left, { spec, root, key: left.key }, hasher)
    check(compare(order(left.key), order(key)) < 0, 'invalid-proof', 'the left neighbour is not on the left')
  }
  if (right !== undefined) {
    checkExistence(right, { spec, root, key: right.key }, hasher)
    check(compare(order(key), order(right.key)) < 0, 'invalid-proof', 'the right neighbour is not on the right')
  }
  check(areNeighbours(left?.path, right?.path, spec), 'invalid-proof', 'the two are not next to each other')
}

function areNeighbours(
  left: readonly InnerOp[] | undefined,
  right: readonly InnerOp[] | undefined,
  spec: ProofSpec,
): boolean {
  if (left === undefined) return right !== undefined && isOutermost(right, 'left', spec)
  if (right === undefined) return isOutermost(left, 'right', spec)
  // From the root down both paths go together, then part: the one to the left, the other to the right.
  let shared = 0
  while (shared < Math.min(left.length, right.length) && sameOp(left.at(-1 - shared)!, right.at(-1 - shared)!)) shared++
  const [leftFork, rightFork] = [left.at(-1 - shared), right.at(-1 - shared)]
  if (shared === left.length || shared === right.length || !leftFork || !rightFork) return false
  if (sideOf(leftFork, spec.inner) !== 'left' || sideOf(rightFork, spec.inner) !== 'right') return false
  const below = (path: readonly InnerOp[]): readonly InnerOp[] => path.slice(0, path.length - 1 - shared)
  return isOutermost(below(left), 'right', spec) && isOutermost(below(right), 'left', spec)
}

/** Nothing stands further out on this side: each step goes there, or what it passes by is empty. */
function isOutermost(path: readonly InnerOp[], side: Side, { inner }: ProofSpec): boolean {
  return path.every(op => sideOf(op, inner) === side || siblingIsEmpty(op, inner))
}

function sameOp(left: InnerOp, right: InnerOp): boolean {
  return equals(left.prefix, right.prefix) && equals(left.suffix, right.suffix)
}

function answered<T>(verify: () => T): T | Invalid {
  try {
    return verify()
  } catch (error) {
    if (error instanceof VerifyError) return { kind: 'invalid', error }
    throw error
  }
}
