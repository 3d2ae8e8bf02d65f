// ECDSA over secp256k1 as Ethereum has it (crypto/secp256k1eth): R | S | V of 65 bytes with low S and V of 0 or 1, over the
// message's Keccak-256 (not SHA-3). V must be the one from which the key is recovered.

import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { equals } from '../../bytes.ts'
import { type KeySupport, orUndefined } from './support.ts'

export const support: KeySupport = {
  address: publicKey =>
    orUndefined(() => {
      if (publicKey.length !== 33) return undefined
      const point = secp256k1.Point.fromBytes(publicKey).toBytes(false)
      return keccak_256(point.subarray(1)).slice(12)
    }),
  verify({ publicKey, message, signature }) {
    const recovery = signature[64]
    if (signature.length !== 65 || (recovery !== 0 && recovery !== 1)) return false
    const recovered = orUndefined(() => {
      const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact')
      if (parsed.hasHighS()) return undefined
      return parsed.addRecoveryBit(recovery).recoverPublicKey(keccak_256(message)).toBytes(true)
    })
    return recovered !== undefined && equals(recovered, publicKey)
  },
}
