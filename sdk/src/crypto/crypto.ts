// The Crypto seam. Two rules for every implementation: the verdict is exactly ZIP-215's for Ed25519, and never depends on
// which implementation gave it (test/compliance/crypto).

import type { ValidatorKeys } from './validator-keys/keys.ts'

/** What a pure `verify…` function needs to hash: everything else is derived from it. */
export type Hasher = {
  /** SHA-256 (FIPS 180-4) of the parts joined; 32 bytes. */
  readonly sha256: (...parts: readonly Uint8Array[]) => Uint8Array
  /** RFC 6962, section 2.1, root of the leaves; 32 bytes. Where there is none, it is made of `sha256`. */
  readonly merkleRoot?: (leaves: readonly Uint8Array[]) => Uint8Array
  /**
   * H(prefix | pair) of many pairs of hashes at once, 64 bytes each: `hashes` receives 32 bytes for each pair, and may not
   * overlap. What hashes whole levels of trees asks for it; where there is none, it is made of `sha256`.
   */
  readonly hashNodes?: (prefix: 0 | 1, pairs: Uint8Array, hashes: Uint8Array) => void
  /** Kinds of validator keys besides Ed25519 that were loaded (withKeysOf); without them sets that have such are refused. */
  readonly validatorKeys?: ValidatorKeys
}

export type SignedMessage = {
  /** Ed25519: 32 bytes. P-256: 33 bytes, SEC 1 compressed. */
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  /** 64 bytes; R | S for Ed25519, r | s for P-256. Any other length is a bad signature, never an error. */
  readonly signature: Uint8Array
}

export type VerifyOptions = {
  readonly signal?: AbortSignal
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (share: number) => void
}

export type Crypto = Hasher & {
  /** For people and for tests: 'wasm', 'wasm-worker', 'no-wasm'. */
  readonly name: string
  readonly merkleRoot: (leaves: readonly Uint8Array[]) => Uint8Array
  /**
   * Checks Ed25519 signatures by ZIP-215: cofactored equation, non-canonical and small-order A and R accepted, S < L.
   * Answers the indices of those that are bad, in ascending order: an empty list says that all are good. Inputs are
   * copied before the first await. Rejects only with the signal's reason.
   */
  readonly verifyEd25519: (items: readonly SignedMessage[], options?: VerifyOptions) => Promise<readonly number[]>
  /** ECDSA P-256 with SHA-256; r and s in 1..n-1 and s <= n/2 are checked first, by our own code. Indices as above. */
  readonly verifyP256: (items: readonly SignedMessage[], options?: VerifyOptions) => Promise<readonly number[]>
  /** Gives memory and workers back; the object is of no use afterwards. */
  readonly close: () => void
}
