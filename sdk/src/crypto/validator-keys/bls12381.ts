// BLS over BLS12-381 as CometBFT has it (crypto/bls12381): the key is a point of G1 in 96 bytes, not compressed, the signature
// one of G2 in 96 bytes, compressed, both in their subgroups; the message is hashed to G2 (RFC 9380) as it is.

import { bls12_381 } from '@noble/curves/bls12-381.js'
import { hashedAddress, type KeySupport, orUndefined } from './support.ts'

const domain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'
const { G1, G2, longSignatures } = bls12_381

/** The flags of compressed points and of the one at infinity (ZCash's encoding). */
const flags = 0xe0
const compressed = 0x80

export const support: KeySupport = {
  address: (publicKey, hasher) => (keyPoint(publicKey) === undefined ? undefined : hashedAddress(publicKey, hasher)),
  verify({ publicKey, message, signature }) {
    const key = keyPoint(publicKey)
    if (key === undefined || signature.length !== 96 || (signature[0]! & compressed) === 0) return false
    return (
      orUndefined(() => {
        const point = G2.Point.fromBytes(signature)
        point.assertValidity()
        return longSignatures.verify(point, longSignatures.hash(message, domain), key)
      }) === true
    )
  },
}

/** On the curve, in the subgroup, and not the point at infinity. */
function keyPoint(publicKey: Uint8Array): InstanceType<typeof G1.Point> | undefined {
  if (publicKey.length !== 96 || (publicKey[0]! & flags) !== 0) return undefined
  return orUndefined(() => {
    const point = G1.Point.fromBytes(publicKey)
    point.assertValidity()
    return point
  })
}
