// The Signer seam: a key that signs and never leaves where it is. Implementations: WebCrypto in the browser
// (web-components), a key file in node; passkeys come with the sign widget's issue.

import type { AccountKey } from '../ledger/entries.ts'

export type Signer = {
  readonly key: AccountKey
  /** Signs the bytes themselves (Ed25519: RFC 8032; P-256: ECDSA with SHA-256, low s). 64 bytes. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
}
