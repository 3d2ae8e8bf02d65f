// An authenticator and the browser before it, as far as a ledger sees them: what WebAuthn Level 3 says that each writes (5.8.1 and
// 6.1), and open to a test that wants either to lie.

import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { concat, encodeUtf8, formatBase64Url } from '../sdk/src/bytes.ts'
import type { Hasher } from '../sdk/src/crypto/crypto.ts'
import { type AccountKey, Algorithm } from '../sdk/src/ledger/entries.ts'
import type { Assertion } from '../sdk/src/tx/webauthn.ts'

export type Told = {
  readonly rpId?: string
  readonly origin?: string
  readonly type?: string
  readonly crossOrigin?: boolean
  /** User present and verified, as the byte says it. */
  readonly flags?: number
  readonly extensions?: Uint8Array
  /** What the browser writes behind the members that every browser writes. */
  readonly rest?: string
}

export type Passkey = {
  readonly key: AccountKey
  readonly assert: (challenge: Uint8Array, told?: Told) => Assertion & { readonly signature: Uint8Array }
}

/** The same name gives the same key. */
export function createPasskey(
  name: string,
  { hasher, algorithm = Algorithm.p256 }: { readonly hasher: Hasher; readonly algorithm?: number },
): Passkey {
  const secret = hasher.sha256(encodeUtf8(`test passkey of ${name}`))
  const isP256 = algorithm === Algorithm.p256
  return {
    key: { algorithm, bytes: isP256 ? p256.getPublicKey(secret, true) : ed25519.getPublicKey(secret) },
    assert(challenge, told = {}) {
      const { rpId = 'id.example', origin = 'https://id.example', type = 'webauthn.get', crossOrigin = false } = told
      const { flags = 0x05, extensions = new Uint8Array(0), rest = '' } = told
      const counter = new Uint8Array(4)
      const authenticatorData = concat(hasher.sha256(encodeUtf8(rpId)), new Uint8Array([flags]), counter, extensions)
      const members = [
        `"type":"${type}"`,
        `"challenge":"${formatBase64Url(challenge)}"`,
        `"origin":"${origin}"`,
        `"crossOrigin":${crossOrigin}`,
      ]
      const clientData = encodeUtf8(`{${members.join(',')}${rest}}`)
      const message = concat(authenticatorData, hasher.sha256(clientData))
      const signature = isP256 ? p256.sign(message, secret, { lowS: true }) : ed25519.sign(message, secret)
      return { authenticatorData, clientData, signature }
    },
  }
}
