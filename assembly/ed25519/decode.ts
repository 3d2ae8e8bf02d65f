// Encodings to points, as ZIP-215 reads them: y may be p or more, and x = 0 may have the sign bit set. Four at a time, in two
// vectors whose square roots are computed side by side.

import {
  addReduced,
  copyLane,
  d,
  elementBytes,
  laneBytes,
  multiply,
  negateLane,
  one,
  scatter,
  setLaneFromBytes,
  squareRootOfMinusOne,
  squareTimes,
  squareTimesPair,
  storeLane,
  subtractReduced,
  twiceD,
  zero,
} from './field'
import { commitmentPoints, commitments, decodeTemporary, lanePointBytes, nielsBytes, signaturesMax } from './memory'

/** Each value is a pair of elements, the second for lanes 2 and 3. */
const pairBytes: usize = 2 * elementBytes
const y = decodeTemporary
const u = decodeTemporary + pairBytes
const v = decodeTemporary + 2 * pairBytes
const v3 = decodeTemporary + 3 * pairBytes
const power = decodeTemporary + 4 * pairBytes
const x = decodeTemporary + 5 * pairBytes
const w = decodeTemporary + 6 * pairBytes
const t0 = decodeTemporary + 7 * pairBytes
const t1 = decodeTemporary + 8 * pairBytes
const t2 = decodeTemporary + 9 * pairBytes

const bytes: usize = memory.data(32, 16)

/** The bytes of the vectors that are in use: of both, or of the first where only two points are decoded. */
let span: usize = pairBytes

/**
 * Decodes the encodings at `count` pointers in `sources`, two or four, and writes their Niels points to those in `targets`.
 * Answers a mask of those that encode no point; what is written for them means nothing.
 *
 * RFC 8032, 5.1.3: x^2 = u/v with u = y^2 - 1, v = d y^2 + 1; x = u v^3 (u v^7)^((p-5)/8), times the root of -1 where
 * v x^2 = -u.
 */
export function decode(sources: usize, targets: usize, count: usize): u32 {
  span = count > 2 ? pairBytes : elementBytes
  for (let i: usize = 0; i < count; i++) setLaneFromBytes(lane(y, i), load<u32>(sources + 4 * i))
  for (let i: usize = 0; i < span; i += elementBytes) addReduced(y + i, y + i, zero)
  squarePair(u, y, 1)
  for (let i: usize = 0; i < span; i += elementBytes) {
    multiply(v + i, u + i, d)
    addReduced(v + i, v + i, one)
    subtractReduced(u + i, u + i, one)
  }
  squarePair(w, v, 1)
  multiplyPair(v3, w, v)
  squarePair(w, v3, 1)
  multiplyPair(w, w, v)
  multiplyPair(power, w, u)
  raisePair(power)
  multiplyPair(v3, v3, u)
  multiplyPair(x, v3, power)
  squarePair(w, x, 1)
  multiplyPair(w, w, v)
  const bad = chooseRoots(sources, count)
  for (let i: usize = 0; i < span; i += elementBytes) writePoints(targets + 8 * (i / elementBytes), x + i, y + i)
  return bad
}

/**
 * Decodes `count` encodings, of pointers in `sources`, to the pointers in `targets`; both lists have room for three more.
 * Writes to `failed` a byte for each, 1 where there is no point.
 */
export function decodeAll(sources: usize, targets: usize, count: usize, failed: usize): void {
  for (let i: usize = 0; i < count; i += 4) {
    const some: usize = count - i > 2 ? 4 : 2
    // The last ones are filled up with the last.
    for (let j = count; j < i + some; j++) {
      store<u32>(sources + 4 * j, load<u32>(sources + 4 * (count - 1)))
      store<u32>(targets + 4 * j, load<u32>(targets + 4 * (count - 1)))
    }
    const bad = decode(sources + 4 * i, targets + 4 * i, some)
    for (let j: usize = 0; j < some; j++) store<u8>(failed + i + j, <u8>((bad >> <u32>j) & 1))
  }
}

/** y + x, y - x, 2dxy of two lanes to the two pointers in `targets`, and x, y, 1, xy to their places beside. */
function writePoints(targets: usize, x: usize, y: usize): void {
  const niels0 = <usize>load<u32>(targets)
  const niels1 = <usize>load<u32>(targets, 4)
  const point0 = pointBeside(niels0)
  const point1 = pointBeside(niels1)
  multiply(t1, x, y)
  addReduced(t0, y, x)
  scatter(niels0, niels1, t0, 1)
  subtractReduced(t0, y, x)
  scatter(niels0 + laneBytes, niels1 + laneBytes, t0, 1)
  multiply(t0, t1, twiceD)
  scatter(niels0 + 2 * laneBytes, niels1 + 2 * laneBytes, t0, 1)
  scatter(point0, point1, x, 1)
  scatter(point0 + laneBytes, point1 + laneBytes, y, 1)
  scatter(point0 + 2 * laneBytes, point1 + 2 * laneBytes, one, 1)
  scatter(point0 + 3 * laneBytes, point1 + 3 * laneBytes, t1, 1)
}

/** Where the point of a Niels point in `commitments` goes; that of any other goes where nobody reads it. */
function pointBeside(niels: usize): usize {
  return commitmentPoints + min<usize>((niels - commitments) / nielsBytes, signaturesMax) * lanePointBytes
}

function lane(pair: usize, index: usize): usize {
  return pair + (index >> 1) * elementBytes + (index & 1) * 8
}

/** Takes for each lane the root that fits and the sign that the encoding asks for; w is v x^2. */
function chooseRoots(sources: usize, count: usize): u32 {
  for (let i: usize = 0; i < span; i += elementBytes) {
    multiply(v + i, x + i, squareRootOfMinusOne)
    subtractReduced(t0 + i, w + i, u + i)
    addReduced(t1 + i, w + i, u + i)
  }
  let bad: u32 = 0
  for (let i: usize = 0; i < count; i++) {
    if (!isZeroLane(lane(t0, i))) {
      if (!isZeroLane(lane(t1, i))) bad |= 1 << (<u32>i)
      copyLane(lane(x, i), lane(v, i))
    }
    storeLane(bytes, lane(x, i))
    const sign = load<u8>(load<u32>(sources + 4 * i), 31) >> 7
    if ((load<u8>(bytes) & 1) !== sign) negateLane(lane(x, i))
  }
  return bad
}

/** Whether the lane holds a multiple of p. */
export function isZeroLane(element: usize): bool {
  storeLane(bytes, element)
  return (load<u64>(bytes) | load<u64>(bytes, 8) | load<u64>(bytes, 16) | load<u64>(bytes, 24)) === 0
}

function multiplyPair(out: usize, a: usize, b: usize): void {
  multiply(out, a, b)
  if (span === pairBytes) multiply(out + elementBytes, a + elementBytes, b + elementBytes)
}

function squarePair(out: usize, a: usize, times: u32): void {
  if (span === pairBytes) squareTimesPair(out, a, times)
  else squareTimes(out, a, times)
}

/** z = z^((p-5)/8) = z^(2^252 - 3) for both elements: runs of ones of doubling length. */
function raisePair(z: usize): void {
  squarePair(t0, z, 1)
  squarePair(t1, t0, 2)
  multiplyPair(t1, z, t1)
  multiplyPair(t0, t0, t1)
  squarePair(t0, t0, 1)
  multiplyPair(t0, t1, t0)
  lengthenPair(t1, t0, 5, t0)
  lengthenPair(t0, t1, 10, t1)
  lengthenPair(t2, t0, 20, t0)
  lengthenPair(t0, t2, 10, t1)
  lengthenPair(t1, t0, 50, t0)
  lengthenPair(t2, t1, 100, t1)
  lengthenPair(t1, t2, 50, t0)
  squarePair(t1, t1, 2)
  multiplyPair(z, t1, z)
}

/** out = a^(2^times) b. */
function lengthenPair(out: usize, a: usize, times: u32, b: usize): void {
  squarePair(out, a, times)
  multiplyPair(out, out, b)
}
