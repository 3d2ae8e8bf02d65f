// One signature by ZIP-215's own equation, 8 (S B - k A - R) = 0, without any randomness.
//
// Multiplied by the c1 of halve.ts it is 8 (c1 S B - c0 A - c1 R) = 0, and half of the doublings are saved. Both say the same:
// c1 has an inverse modulo L, and the factor 8 removes what k and c0 / c1 may differ by, multiples of L on points of small order.

import { addBaseMultiple, prepareBaseComb } from './comb'
import { isZeroLane } from './decode'
import { addReduced, elementBytes, laneBytes, multiply, scatter, subtractReduced, twiceD } from './field'
import { halve } from './halve'
import { tableOf } from './keys'
import {
  commitments,
  digits,
  leftLimbs,
  nielsBytes,
  pairPointBytes,
  points,
  rightLimbs,
  scalarLimbs,
  scalars,
  signatureBytes,
  signatures,
  slots,
} from './memory'
import {
  addLanes,
  addNiels,
  addProjectiveNiels,
  doublePoint,
  neutralNiels,
  projectiveNielsBytes,
  setNeutral,
} from './point'
import { addProduct, reduce, reduceLimbs, setLimbs, signedWindows } from './scalar'

const width: u32 = 4
const windows: u32 = 32
const multiples: usize = 8

const accumulator = points
const multiple = points + pairPointBytes
const sum: usize = memory.data(elementBytes, 16)
/** 1 to 8 times A, then 1 to 8 times R. */
const table: usize = memory.data(2 * multiples * projectiveNielsBytes, 64)
const tableOfCommitment: usize = table + multiples * projectiveNielsBytes

const k = scalars
const c0 = scalars + 48
const c1 = scalars + 96
const product = scalars + 144
const keyDigits = digits
const commitmentDigits = digits + 128

/** Whether the signature is good. Its key and its R are decoded points. */
export function verifyExactly(index: u32): bool {
  prepareBaseComb()
  const signature = signatures + <usize>index * signatureBytes
  reduce(k, signature + 64)
  const negative = halve(c0, c1, k)
  fillTable(tableOf(load<u32>(slots + 4 * <usize>index)), commitments + <usize>index * nielsBytes)
  // With c1 negative all signs are turned around, so that the factor of R stays its size.
  addHalves(negative ^ 1)
  multiplyByHalf(product, signature + 32)
  addBaseMultiple(accumulator, product)
  addLanes(accumulator)
  doublePoint(accumulator, 3)
  return isNeutral(accumulator)
}

/** Whether the first lane is (0, 1). */
export function isNeutral(point: usize): bool {
  subtractReduced(sum, point + elementBytes, point + 2 * elementBytes)
  return isZeroLane(point) && isZeroLane(sum)
}

/** out = the size of c1 times S modulo L. */
function multiplyByHalf(out: usize, scalar: usize): void {
  for (let i: usize = 0; i < 176; i += 16) v128.store(scalarLimbs + i, i64x2.splat(0))
  setLimbs(leftLimbs, c1, 147)
  addProduct(scalarLimbs, leftLimbs, rightLimbs, setLimbs(rightLimbs, scalar, 256))
  reduceLimbs(out, 20)
}

/** The lanes hold multiples of A and of R, and each is written to its half of the table. */
function fillTable(key: usize, commitment: usize): void {
  setNeutral(multiple)
  for (let i: usize = 0; i < multiples; i++) {
    if (i === 1) doublePoint(multiple, 1)
    else addNiels(multiple, key, 0, commitment, 0)
    const lane0 = table + i * projectiveNielsBytes
    const lane1 = tableOfCommitment + i * projectiveNielsBytes
    addReduced(sum, multiple + elementBytes, multiple)
    scatter(lane0, lane1, sum, 1)
    subtractReduced(sum, multiple + elementBytes, multiple)
    scatter(lane0 + laneBytes, lane1 + laneBytes, sum, 1)
    multiply(sum, multiple + 3 * elementBytes, twiceD)
    scatter(lane0 + 2 * laneBytes, lane1 + 2 * laneBytes, sum, 1)
    scatter(lane0 + 3 * laneBytes, lane1 + 3 * laneBytes, multiple + 2 * elementBytes, 1)
  }
}

/** accumulator = c0 A, or less it, in one lane and -c1 R in the other. */
function addHalves(negativeKey: u32): void {
  signedWindows(keyDigits, c0, width, windows)
  signedWindows(commitmentDigits, c1, width, windows)
  setNeutral(accumulator)
  for (let j = <i32>windows - 1; j >= 0; j--) {
    if (j < <i32>windows - 1) doublePoint(accumulator, width)
    const digit0 = <i32>load<i16>(keyDigits + ((<usize>j) << 1))
    const digit1 = <i32>load<i16>(commitmentDigits + ((<usize>j) << 1))
    const entry0 = digit0 === 0 ? neutralNiels : table + <usize>(abs(digit0) - 1) * projectiveNielsBytes
    const entry1 = digit1 === 0 ? neutralNiels : tableOfCommitment + <usize>(abs(digit1) - 1) * projectiveNielsBytes
    const sign0 = (<u32>digit0 >> 31) ^ negativeKey
    const sign1 = (<u32>digit1 >> 31) ^ 1
    addProjectiveNiels(accumulator, entry0, sign0, entry1, sign1)
  }
}
