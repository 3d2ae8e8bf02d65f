// The three proof specs of cosmos/ics23 that are verified here: the state tree's (SmtSpec), the map of stores under the
// app hash (TendermintSpec), and the Cosmos SDK's own trees (IavlSpec). Constants as in its go/proof.go.

import { empty } from '../bytes.ts'
import { HashOp, type LeafOp, LengthOp } from './proof.ts'

/** How two children and what stands before them are hashed. Every tree here is binary. */
export type InnerSpec = {
  readonly hash: number
  /** Bytes of one child in an op: its hash, and in IAVL a length before it. */
  readonly childSize: number
  readonly minPrefixLength: number
  readonly maxPrefixLength: number
  /** What stands in place of a missing child; empty where none can be missing. */
  readonly emptyChild: Uint8Array
}

export type ProofSpec = {
  readonly leaf: LeafOp
  readonly inner: InnerSpec
  readonly depthMin: number
  readonly depthMax: number
  /** Absence is judged in the order of the keys' hashes, and a leaf stands where its key's hash says. */
  readonly hashedKeys: boolean
  /**
   * `exact`: leaf prefix, and prefix and suffix of inner ops, are just those of the tree. The Go library accepts longer
   * ones, and with them proofs of keys that were never stored (security rule 21). `iavl`: the library's rules for IAVL.
   */
  readonly ops: 'exact' | 'iavl'
}

/** ICS-23: 128 where a spec names no depth of its own. */
const depthMaxDefault = 128

/** leaf 0x00 | SHA-256(key) | SHA-256(value), inner 0x01 | left | right, nothing = 32 zero bytes. */
export const smtSpec: ProofSpec = {
  leaf: {
    hash: HashOp.sha256,
    prehashKey: HashOp.sha256,
    prehashValue: HashOp.sha256,
    length: LengthOp.noPrefix,
    prefix: new Uint8Array([0]),
  },
  inner: {
    hash: HashOp.sha256,
    childSize: 32,
    minPrefixLength: 1,
    maxPrefixLength: 1,
    emptyChild: new Uint8Array(32),
  },
  depthMin: 0,
  depthMax: 256,
  hashedKeys: true,
  ops: 'exact',
}

/** CometBFT's simple Merkle map: leaf 0x00 | length, key | length, SHA-256(value), inner 0x01 | left | right. */
export const tendermintSpec: ProofSpec = {
  leaf: {
    hash: HashOp.sha256,
    prehashKey: HashOp.noHash,
    prehashValue: HashOp.sha256,
    length: LengthOp.varProto,
    prefix: new Uint8Array([0]),
  },
  inner: { hash: HashOp.sha256, childSize: 32, minPrefixLength: 1, maxPrefixLength: 1, emptyChild: empty },
  depthMin: 0,
  depthMax: depthMaxDefault,
  hashedKeys: false,
  ops: 'exact',
}

/** Height, size and version stand before each hash, as signed varints; a child stands behind its length. */
export const iavlSpec: ProofSpec = {
  leaf: {
    hash: HashOp.sha256,
    prehashKey: HashOp.noHash,
    prehashValue: HashOp.sha256,
    length: LengthOp.varProto,
    prefix: new Uint8Array([0]),
  },
  inner: { hash: HashOp.sha256, childSize: 33, minPrefixLength: 4, maxPrefixLength: 12, emptyChild: empty },
  depthMin: 0,
  depthMax: depthMaxDefault,
  hashedKeys: false,
  ops: 'iavl',
}
