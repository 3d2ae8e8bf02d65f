// The range checks that we make ourselves before any other library is asked (security rule 23).

import { compare, parseHex } from '../bytes.ts'

/** RFC 8032, 5.1: the order of the base point, big-endian. */
const ed25519Order = parseHex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')
/** 2^255 - 19, big-endian. */
const fieldPrime = parseHex('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed')
const fieldPrimeMinusOne = parseHex('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec')
const one = parseHex('0000000000000000000000000000000000000000000000000000000000000001')

/** SP 800-186, 3.2.1.3: the order n of P-256 and floor(n / 2), big-endian. */
const p256Order = parseHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const p256HalfOrder = parseHex('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8')

/** Whether 32 little-endian bytes are below L. */
export function isEd25519Scalar(bytes: Uint8Array): boolean {
  return bytes.length === 32 && compare(bytes.toReversed(), ed25519Order) < 0
}

/** Whether 32 bytes could be what RFC 8032, 5.1.2 writes: y below p, and no sign where x is 0. Not whether a point is there. */
export function isCanonicalPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false
  const y = bytes.toReversed()
  const negative = y[0]! >= 0x80
  y[0]! &= 0x7f
  if (compare(y, fieldPrime) >= 0) return false
  const xIsZero = compare(y, one) === 0 || compare(y, fieldPrimeMinusOne) === 0
  return !(negative && xIsZero)
}

/** Whether r | s, 64 big-endian bytes, has r and s in 1..n-1 and s <= n / 2. */
export function isLowP256Signature(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  const r = signature.subarray(0, 32)
  const s = signature.subarray(32)
  return !isZero(r) && compare(r, p256Order) < 0 && !isZero(s) && compare(s, p256HalfOrder) <= 0
}

/** r | s with s replaced by n - s where it is the greater; what is out of range is left to whoever verifies. 64 bytes. */
export function withLowS(signature: Uint8Array): Uint8Array {
  const s = signature.subarray(32)
  if (compare(s, p256HalfOrder) <= 0 || compare(s, p256Order) >= 0) return signature
  const low = new Uint8Array(signature)
  let borrow = 0
  for (let i = 31; i >= 0; i--) {
    const difference = p256Order[i]! - s[i]! - borrow
    borrow = difference < 0 ? 1 : 0
    low[32 + i] = difference & 0xff
  }
  return low
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0)
}
