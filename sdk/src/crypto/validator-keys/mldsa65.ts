// ML-DSA-65 (FIPS 204) as CometBFT has it (crypto/mldsa65): pure, with an empty context; keys of 1952 bytes, signatures of 3309.

import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js'
import { hashedAddress, type KeySupport, orUndefined } from './support.ts'

export const support: KeySupport = {
  address: hashedAddress,
  verify: ({ publicKey, message, signature }) =>
    publicKey.length === 1_952 &&
    signature.length === 3_309 &&
    orUndefined(() => ml_dsa65.verify(signature, message, publicKey)) === true,
}
