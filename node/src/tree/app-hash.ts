// The app hash: a simple Merkle map of stores (CometBFT, crypto/merkle) with the two names `history` and `state`, so that
// a proof is [SmtSpec, TendermintSpec] and any ICS-23 library accepts it.

import {
  concat,
  type ExistenceProof,
  encodeUtf8,
  HashOp,
  LengthOp,
  merkleInnerHash,
  merkleLeafHash,
  storeNames,
} from '@muniment/sdk'
import { nodeHasher, sha256 } from '../hasher.ts'

/** Root of each store, 32 bytes each. */
export type StoreRoots = { readonly history: Uint8Array; readonly state: Uint8Array }

export type StoreName = keyof StoreRoots

/** 32 bytes. The map is sorted by name: history, then state. */
export function appHash(roots: StoreRoots): Uint8Array {
  return merkleInnerHash(storeLeaf('history', roots), storeLeaf('state', roots), nodeHasher)
}

/** Existence of one store under the app hash: key is its name, value its root (TendermintSpec). */
export function proveStore(name: StoreName, roots: StoreRoots): ExistenceProof {
  const inner = Uint8Array.of(1)
  const step =
    name === 'history'
      ? { prefix: inner, suffix: storeLeaf('state', roots) }
      : { prefix: concat(inner, storeLeaf('history', roots)), suffix: new Uint8Array(0) }
  return {
    key: encodeUtf8(storeNames[name]),
    value: roots[name],
    leaf: {
      hash: HashOp.sha256,
      prehashKey: HashOp.noHash,
      prehashValue: HashOp.sha256,
      length: LengthOp.varProto,
      prefix: Uint8Array.of(0),
    },
    path: [{ hash: HashOp.sha256, ...step }],
  }
}

/** Each of name and hashed root stands behind its length; both are shorter than 128 bytes, so that is one byte. */
function storeLeaf(name: StoreName, roots: StoreRoots): Uint8Array {
  const text = encodeUtf8(storeNames[name])
  const hash = sha256(roots[name])
  return merkleLeafHash(concat(Uint8Array.of(text.length), text, Uint8Array.of(hash.length), hash), nodeHasher)
}
