// The Signer seam: a key that signs and never leaves where it is. Implementations: WebCrypto in the browser and an
// authenticator behind it (web-components), a key file in node.

import type { AccountKey } from '../ledger/entries.ts'
import type { Assertion } from './webauthn.ts'

/** A key that signs whatever bytes it is given: transactions, and documents. */
export type Signer = {
  readonly key: AccountKey
  /** Signs the bytes themselves (Ed25519: RFC 8032; P-256: ECDSA with SHA-256, low s). 64 bytes. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
}

/** A passkey: it signs what its browser says about a challenge, so transactions only. */
export type PasskeySigner = {
  readonly key: AccountKey
  /** `challenge`: 32 bytes. Rejects where the person says no. */
  readonly assert: (challenge: Uint8Array) => Promise<PasskeyAnswer>
}

export type PasskeyAnswer = Assertion & {
  /** As the authenticator gives it (WebAuthn Level 3, 6.5.5): DER for P-256, 64 bytes for Ed25519. */
  readonly signature: Uint8Array
}

/** Whoever signs a transaction. */
export type AnySigner = Signer | PasskeySigner
