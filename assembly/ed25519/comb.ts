// Signatures of keys that come often, without any square root: R' = S B - k A from tables of fixed multiples, and a
// comparison of its encoding with R as sent. Where they are equal the signature is good by RFC 8032, and so by ZIP-215; where
// not, nothing is said, because ZIP-215 accepts more, and `exact.ts` decides.

import { decode } from './decode'
import { copy, elementBytes, multiply, storeLane } from './field'
import { invert } from './invert'
import { combOf, reserve, setComb, tableOf } from './keys'
import {
  baseComb,
  baseSlot,
  combResults,
  digits,
  lanePointBytes,
  nielsBytes,
  pairPointBytes,
  points,
  scalars,
  signatureBytes,
  signatures,
  slots,
  tablePoints,
  tablePointsMax,
  tableProducts,
} from './memory'
import {
  addLanes,
  addNiels,
  addPoint,
  copyPoint,
  doublePoint,
  gatherPoint,
  neutralNiels,
  scatterPoint,
  setNeutral,
} from './point'
import { reduce, signedWindows } from './scalar'
import { makeAffine, setTarget } from './tables'

/** Digits of k have 5 bits: 104 KB for a key, where 6 would be 176 KB and hardly faster. Those of S have 8. */
const keyWidth: u32 = 5
const keyWindows: u32 = 52
const baseWidth: u32 = 8
const baseWindows: u32 = 32
const keyCombBytes: usize = <usize>keyWindows * 16 * nielsBytes

const accumulator = points
const low = points + pairPointBytes
const current = points + 2 * pairPointBytes
const laneScratch: usize = memory.data(3 * lanePointBytes, 16)
const inverse: usize = memory.data(2 * elementBytes, 16)
const affine: usize = memory.data(2 * elementBytes, 16)
const encoded: usize = memory.data(64, 16)

/** RFC 8032, 5.1: B has y = 4/5 and the even x. */
const baseBytes: usize = memory.data<u64>([
  0x6666666666666658, 0x6666666666666666, 0x6666666666666666, 0x6666666666666666,
])
let baseNiels: usize = 0
let baseIsBuilt: bool = false

/** The base point as a Niels point. */
export function basePoint(): usize {
  if (baseNiels === 0) {
    for (let i: usize = 0; i < 8; i += 4) {
      store<u32>(encoded + i, <u32>baseBytes)
      store<u32>(encoded + 8 + i, <u32>baseSlot)
    }
    decode(encoded, encoded + 8, 2)
    baseNiels = baseSlot
  }
  return baseNiels
}

export function prepareBaseComb(): void {
  if (baseIsBuilt) return
  baseIsBuilt = true
  buildComb(basePoint(), baseComb, baseWidth, baseWindows)
}

/** Makes the comb of a key whose slot is decoded. */
export function buildKeyComb(slot: usize): void {
  const comb = reserve(keyCombBytes)
  buildComb(tableOf(slot), comb, keyWidth, keyWindows)
  setComb(slot, comb)
}

/** The d-th entry of window j is d 2^(width j) P, with d from 1 to 2^(width-1). The lanes make the two halves. */
function buildComb(niels: usize, comb: usize, width: u32, windows: u32): void {
  const half = windows / 2
  const entries: u32 = 1 << (width - 1)
  setNeutral(current)
  addNiels(current, niels, 0, niels, 0)
  copyPoint(low, current)
  doublePoint(current, width * half)
  scatterPoint(laneScratch, laneScratch + lanePointBytes, low)
  scatterPoint(laneScratch + lanePointBytes, laneScratch + 2 * lanePointBytes, current)
  gatherPoint(current, laneScratch, laneScratch + lanePointBytes)
  let used: usize = 0
  for (let j: u32 = 0; j < half; j++) {
    for (let d: u32 = 1; d <= entries; d++) {
      const point = tablePoints + used * pairPointBytes
      copyPoint(point, d === 1 ? current : point - pairPointBytes)
      if (d === 2) doublePoint(point, 1)
      if (d > 2) addPoint(point, current)
      setTarget(used, entryOf(comb, width, j, d), entryOf(comb, width, j + half, d))
      used++
    }
    copyPoint(current, tablePoints + (used - 1) * pairPointBytes)
    doublePoint(current, 1)
    if (used + entries <= tablePointsMax) continue
    makeAffine(used)
    used = 0
  }
  makeAffine(used)
}

function entryOf(comb: usize, width: u32, window: u32, digit: i32): usize {
  return comb + <usize>((window << (width - 1)) + digit - 1) * nielsBytes
}

/** point += digits[j] of each window of a comb, or less them; two windows at once. */
export function addComb(point: usize, comb: usize, digits: usize, negative: u32): void {
  if (comb === baseComb) addWindows(point, comb, digits, negative, baseWidth, baseWindows / 2)
  else addWindows(point, comb, digits, negative, keyWidth, keyWindows / 2)
}

function addWindows(point: usize, comb: usize, digits: usize, negative: u32, width: u32, half: u32): void {
  for (let j: u32 = 0; j < half; j++) {
    const digit0 = <i32>load<i16>(digits + ((<usize>j) << 1))
    const digit1 = <i32>load<i16>(digits + ((<usize>(j + half)) << 1))
    const entry0 = digit0 === 0 ? neutralNiels : entryOf(comb, width, j, abs(digit0))
    const entry1 = digit1 === 0 ? neutralNiels : entryOf(comb, width, j + half, abs(digit1))
    addNiels(point, entry0, (<u32>digit0 >> 31) ^ negative, entry1, (<u32>digit1 >> 31) ^ negative)
  }
}

/** point += S B, with S as 32 bytes below L and 8 bytes of zero behind them. */
export function addBaseMultiple(point: usize, scalar: usize): void {
  signedWindows(digits, scalar, baseWidth, baseWindows)
  addComb(point, baseComb, digits, 0)
}

/**
 * Writes a byte of 1 to verdicts[i] for each of `count` signatures whose R is the encoding of S B - k A; the signatures are
 * listed by index (u32) and at most `combResultsMax`. Their keys have combs. Answers how many there were.
 */
export function verifyByComb(list: usize, count: u32, verdicts: usize): u32 {
  for (let i: usize = 0; i < count; i++) {
    const index = load<u32>(list + 4 * i)
    const signature = signatures + <usize>index * signatureBytes
    setNeutral(accumulator)
    copyScalar(scalars, signature + 32)
    addBaseMultiple(accumulator, scalars)
    reduce(scalars, signature + 64)
    signedWindows(digits, scalars, keyWidth, keyWindows)
    addComb(accumulator, combOf(load<u32>(slots + 4 * <usize>index)), digits, 1)
    addLanes(accumulator)
    scatterPoint(combResults + i * lanePointBytes, laneScratch, accumulator)
  }
  return compareResults(list, count, verdicts)
}

export function copyScalar(out: usize, scalar: usize): void {
  v128.store(out, v128.load(scalar))
  v128.store(out, v128.load(scalar, 16), 16)
}

/** Makes the results affine, two in each vector, with one inversion, and compares their encodings with R. */
function compareResults(list: usize, count: u32, verdicts: usize): u32 {
  const pairs = <usize>(count + 1) >> 1
  for (let i: usize = 0; i < pairs; i++) {
    const first = combResults + 2 * i * lanePointBytes
    const second = combResults + min<usize>(2 * i + 1, count - 1) * lanePointBytes
    const point = tablePoints + i * pairPointBytes
    gatherPoint(point, first, second)
    const product = tableProducts + i * elementBytes
    if (i === 0) copy(product, point + 2 * elementBytes, 1)
    else multiply(product, product - elementBytes, point + 2 * elementBytes)
  }
  invert(inverse, tableProducts + (pairs - 1) * elementBytes)
  let equal: u32 = 0
  for (let i = <i32>pairs - 1; i >= 0; i--) {
    const point = tablePoints + <usize>i * pairPointBytes
    let own = inverse
    if (i > 0) {
      own = inverse + elementBytes
      multiply(own, inverse, tableProducts + <usize>(i - 1) * elementBytes)
      multiply(inverse, inverse, point + 2 * elementBytes)
    }
    multiply(affine, point, own)
    multiply(affine + elementBytes, point + elementBytes, own)
    for (let lane: u32 = 0; lane < 2; lane++) {
      const place: u32 = 2 * i + lane
      if (place >= count || !isEncodingOf(load<u32>(list + 4 * <usize>place), 8 * <usize>lane)) continue
      store<u8>(verdicts + load<u32>(list + 4 * <usize>place), 1)
      equal++
    }
  }
  return equal
}

/** Whether the lane of `affine`, 0 or 8 bytes in, is encoded by the signature's R (RFC 8032, 5.1.2). */
function isEncodingOf(index: u32, lane: usize): bool {
  storeLane(encoded, affine + lane)
  const sign = load<u64>(encoded) << 63
  storeLane(encoded, affine + elementBytes + lane)
  store<u64>(encoded, load<u64>(encoded, 24) | sign, 24)
  const commitment = signatures + <usize>index * signatureBytes
  const lowHalf = v128.xor(v128.load(encoded), v128.load(commitment))
  const highHalf = v128.xor(v128.load(encoded, 16), v128.load(commitment, 16))
  return !v128.any_true(v128.or(lowHalf, highHalf))
}
