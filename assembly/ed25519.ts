// Ed25519 verification by ZIP-215: 8 (S B - k A - R) = 0, where
//   S is below L, as the signature has it, and B the base point,
//   A and R are decoded as point.ts says, non-canonical and small-order ones included,
//   k is SHA-512(R | A | M) modulo L over the bytes as sent.
// Variable time: nothing here is secret.

import { baseDigits, baseTable, challenge, challengeHash, keyDigits, keyTable, points } from './memory'
import {
  addCached,
  cache,
  complete,
  completeExtended,
  decompress,
  double,
  isSmallOrder,
  negatePoint,
  pointBytes,
  prepareCurve,
  setNeutral,
  subtractCached,
} from './point'
import { isBelowOrder, nonAdjacentForm, reduce } from './scalar'
import { begin, end, update } from './sha512'

/** Digits of S are below 2^7 in size and odd, so 64 multiples of B serve; those of k below 2^4, 8 multiples of A. */
const baseWidth: u32 = 8
const baseMultiples: usize = 64
const keyWidth: u32 = 5
const keyMultiples: usize = 8

const key = points
const commitment = points + pointBytes
const sum = points + 2 * pointBytes
const completed = points + 3 * pointBytes
const cached = points + 4 * pointBytes

/** RFC 8032, 5.1: B has y = 4/5 and the even x. */
const baseBytes: usize = memory.data<u64>([
  0x6666666666666658, 0x6666666666666666, 0x6666666666666666, 0x6666666666666666,
])

/** Computes the constants and the multiples of B; to be called once. */
export function prepare(): void {
  prepareCurve()
  decompress(key, baseBytes)
  fillTable(baseTable, key, baseMultiples)
}

/** Starts the challenge of a signature (R | S): SHA-512 over R and the key. The message follows by sha512's update. */
export function challengeBegin(publicKey: usize, signature: usize): void {
  begin()
  update(signature, 32)
  update(publicKey, 32)
}

/** Whether the signature is good for the key and for what was hashed since `challengeBegin`. */
export function challengeVerify(publicKey: usize, signature: usize): bool {
  if (!isBelowOrder(signature + 32)) return false
  if (!decompress(key, publicKey) || !decompress(commitment, signature)) return false
  end(challengeHash)
  reduce(challenge, challengeHash)
  negatePoint(key)
  fillTable(keyTable, key, keyMultiples)
  nonAdjacentForm(baseDigits, signature + 32, baseWidth)
  nonAdjacentForm(keyDigits, challenge, keyWidth)
  sumOfMultiples()
  completeExtended(sum, completed)
  cache(cached, commitment)
  subtractCached(completed, sum, cached)
  return isSmallOrder(completed)
}

/** table (cached) = P, 3P, 5P, ... of point (extended), which is used up, as `sum` is. */
function fillTable(table: usize, point: usize, count: usize): void {
  double(completed, point)
  completeExtended(sum, completed)
  cache(cached, sum)
  for (let i: usize = 0; i < count; i++) {
    cache(table + i * pointBytes, point)
    addCached(completed, point, cached)
    completeExtended(point, completed)
  }
}

/** completed = the sum of baseDigits * B and keyDigits * (-A), bit by bit from the top (Straus). */
function sumOfMultiples(): void {
  setNeutral(completed)
  let i: i32 = 255
  while (i >= 0 && load<i8>(baseDigits + i) === 0 && load<i8>(keyDigits + i) === 0) i--
  for (; i >= 0; i--) {
    complete(sum, completed)
    double(completed, sum)
    addDigit(load<i8>(keyDigits + i), keyTable)
    addDigit(load<i8>(baseDigits + i), baseTable)
  }
}

/** Adds an odd multiple from a table, or nothing for 0. */
function addDigit(digit: i32, table: usize): void {
  if (digit === 0) return
  completeExtended(sum, completed)
  if (digit > 0) addCached(completed, sum, table + <usize>(digit >> 1) * pointBytes)
  else subtractCached(completed, sum, table + <usize>(-digit >> 1) * pointBytes)
}
