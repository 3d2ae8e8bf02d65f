// ECDSA over secp256k1 as CometBFT has it (crypto/secp256k1): R | S of 64 bytes with low S, over the message's SHA-256.
// Where CometBFT reduces an R or S that is not below the group's order, this refuses it, as SEC 1, 4.1.4 has it: nobody can
// make such a signature, because the number would be below 2^129 too.

import { secp256k1 } from '@noble/curves/secp256k1.js'
import { ripemd160 } from '@noble/hashes/legacy.js'
import { type KeySupport, orUndefined } from './support.ts'

export const support: KeySupport = {
  // Bitcoin's address, of whatever bytes: CometBFT looks for a point only when it verifies.
  address: (publicKey, hasher) => ripemd160(hasher.sha256(publicKey)),
  verify: ({ publicKey, message, signature }) =>
    publicKey.length === 33 &&
    signature.length === 64 &&
    orUndefined(() =>
      secp256k1.verify(signature, message, publicKey, { lowS: true, prehash: true, format: 'compact' }),
    ) === true,
}
