import { encodeUtf8, loadCrypto, type Signer } from '@muniment/sdk'
import { ed25519 } from '@noble/curves/ed25519.js'

const crypto = await loadCrypto()

/** A signer for tests: the same name gives the same key. */
export function signerOf(name: string): Signer {
  const secret = crypto.sha256(encodeUtf8(`test signer ${name}`))
  const key = { algorithm: 1, bytes: ed25519.getPublicKey(secret) }
  return { key, sign: async message => ed25519.sign(message, secret) }
}
