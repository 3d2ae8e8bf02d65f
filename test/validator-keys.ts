// Validators' secret keys of every type, for tests: the same type and name always give the same key.

import { bls12_381 } from '@noble/curves/bls12-381.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js'
import { encodeUtf8 } from '../sdk/src/bytes.ts'
import type { KeyType, PublicKey } from '../sdk/src/comet/validator-set.ts'

export type TestValidatorKey = {
  readonly publicKey: PublicKey
  /** As CometBFT writes it into key files. */
  readonly secret: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

const { longSignatures: bls } = bls12_381
const blsDomain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'

export const keyTypes: readonly KeyType[] = ['ed25519', 'secp256k1', 'secp256k1eth', 'bls12381', 'mldsa65']

export function validatorKeyOf(type: KeyType, name: string): TestValidatorKey {
  const seed = sha256(encodeUtf8(`${type} key of ${name}`))
  const key = (bytes: Uint8Array): PublicKey => ({ type, bytes })
  if (type === 'ed25519') {
    const publicKey = ed25519.getPublicKey(seed)
    const secret = new Uint8Array([...seed, ...publicKey])
    return { publicKey: key(publicKey), secret, sign: message => ed25519.sign(message, seed) }
  }
  if (type === 'secp256k1') {
    const publicKey = key(secp256k1.getPublicKey(seed, true))
    return { publicKey, secret: seed, sign: message => secp256k1.sign(message, seed, { lowS: true, prehash: true }) }
  }
  if (type === 'secp256k1eth') {
    const publicKey = key(secp256k1.getPublicKey(seed, true))
    const sign = (message: Uint8Array): Uint8Array => {
      const recovered = secp256k1.sign(keccak_256(message), seed, { lowS: true, prehash: false, format: 'recovered' })
      return new Uint8Array([...recovered.subarray(1), recovered[0]!])
    }
    return { publicKey, secret: seed, sign }
  }
  if (type === 'bls12381') {
    // Below the order of the group.
    const secret = seed.with(0, 1)
    const publicKey = key(bls.getPublicKey(secret).toBytes(false))
    return { publicKey, secret, sign: message => bls.sign(bls.hash(message, blsDomain), secret).toBytes(true) }
  }
  const { publicKey, secretKey } = ml_dsa65.keygen(seed)
  return {
    publicKey: key(publicKey),
    secret: secretKey,
    sign: message => ml_dsa65.sign(message, secretKey, { extraEntropy: false }),
  }
}
