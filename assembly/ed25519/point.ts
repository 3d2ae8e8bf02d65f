// The group of -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032, 5.1), two points at once, one in each lane.
//
// A pair of points is X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z (Hisil, Wong, Carter, Dawson, "Twisted Edwards Curves
// Revisited", 3.1). An affine Niels point, of one lane, is y + x, y - x, 2dxy: what an addition wants of its second operand.

import {
  addReduced,
  copy,
  elementBytes,
  gather,
  laneBytes,
  middleOfAddition,
  middleOfDoubling,
  multiply,
  multiplyDifference,
  multiplySigned,
  multiplySum,
  multiplyToLanes,
  one,
  scatter,
  setLane,
  square,
  subtractReduced,
  twiceD,
  zero,
} from './field'
import { lanePointBytes, nielsBytes, pairPointBytes, pointTemporary } from './memory'

const a = pointTemporary
const b = pointTemporary + elementBytes
const c = pointTemporary + 2 * elementBytes
const d = pointTemporary + 3 * elementBytes
/** E, H, F, G of the formulas. */
const e = pointTemporary + 4 * elementBytes
const h = pointTemporary + 5 * elementBytes
const f = pointTemporary + 6 * elementBytes
const g = pointTemporary + 7 * elementBytes
const other = pointTemporary + 8 * elementBytes

/** A Niels point that is not affine has its Z behind it. */
export const projectiveNielsBytes: usize = 4 * laneBytes
/** The Niels point of the neutral element: 1, 1, 0, with Z = 1. */
export const neutralNiels: usize = memory.data(projectiveNielsBytes, 64)
const swapped: usize = memory.data(pairPointBytes, 16)
const lanes: usize = memory.data(2 * lanePointBytes, 16)

export function preparePoints(): void {
  setLane(neutralNiels, 1)
  setLane(neutralNiels + laneBytes, 1)
  setLane(neutralNiels + 2 * laneBytes, 0)
  setLane(neutralNiels + 3 * laneBytes, 1)
}

/** Both lanes become the neutral element (0, 1). */
export function setNeutral(point: usize): void {
  copy(point, zero, 1)
  copy(point + elementBytes, one, 1)
  copy(point + 2 * elementBytes, one, 1)
  copy(point + 3 * elementBytes, zero, 1)
}

/** The same for a point of one lane. */
export function setNeutralLane(point: usize): void {
  setLane(point, 0)
  setLane(point + laneBytes, 1)
  setLane(point + 2 * laneBytes, 1)
  setLane(point + 3 * laneBytes, 0)
}

export function copyPoint(out: usize, point: usize): void {
  copy(out, point, 4)
}

/** The lanes of a pair, from and to points of one lane each. */
export function gatherPoint(out: usize, lane0: usize, lane1: usize): void {
  gather(out, lane0, lane1, 4)
}

export function scatterPoint(lane0: usize, lane1: usize, point: usize): void {
  scatter(lane0, lane1, point, 4)
}

/**
 * point += the Niels points n0 and n1, or less them where negative0 or negative1 is 1 (the same, 3.2, with Z2 = 1):
 * A = (Y - X)(y2 - x2), B = (Y + X)(y2 + x2), C = T 2d x2 y2. The negative of a Niels point has its sums swapped and
 * its product negated.
 */
export function addNiels(point: usize, n0: usize, negative0: u32, n1: usize, negative1: u32): void {
  multiplyNiels(point, n0, negative0, n1, negative1)
  finishAddition(point, point + 2 * elementBytes)
}

/** The two lanes of a sum, which becomes two points of one lane each. */
export function addNielsApart(
  out0: usize,
  out1: usize,
  point: usize,
  n0: usize,
  negative0: u32,
  n1: usize,
  negative1: u32,
): void {
  multiplyNiels(point, n0, negative0, n1, negative1)
  middleOfAddition(e, a, b, c, point + 2 * elementBytes)
  multiplyToLanes(out0, out1, e, f)
  multiplyToLanes(out0 + laneBytes, out1 + laneBytes, g, h)
  multiplyToLanes(out0 + 2 * laneBytes, out1 + 2 * laneBytes, f, g)
  multiplyToLanes(out0 + 3 * laneBytes, out1 + 3 * laneBytes, e, h)
}

/** The same for Niels points that are not affine. */
export function addProjectiveNiels(point: usize, n0: usize, negative0: u32, n1: usize, negative1: u32): void {
  multiplyNiels(point, n0, negative0, n1, negative1)
  multiplySigned(d, point + 2 * elementBytes, n0 + 3 * laneBytes, n1 + 3 * laneBytes, i64x2.splat(0))
  finishAddition(point, d)
}

function multiplyNiels(point: usize, n0: usize, negative0: u32, n1: usize, negative1: u32): void {
  const skip0 = <usize>negative0 * laneBytes
  const skip1 = <usize>negative1 * laneBytes
  const y = point + elementBytes
  multiplyDifference(a, y, point, n0 + laneBytes - skip0, n1 + laneBytes - skip1)
  multiplySum(b, y, point, n0 + skip0, n1 + skip1)
  const signs = i64x2.replace_lane(i64x2.splat((<i64>negative0) << 63), 1, (<i64>negative1) << 63)
  multiplySigned(c, point + 3 * elementBytes, n0 + 2 * laneBytes, n1 + 2 * laneBytes, signs)
}

/** From A, B, C and the product of both Z, of which the middle takes twice. */
function finishAddition(point: usize, z: usize): void {
  middleOfAddition(e, a, b, c, z)
  multiply(point, e, f)
  multiply(point + elementBytes, g, h)
  multiply(point + 2 * elementBytes, f, g)
  multiply(point + 3 * elementBytes, e, h)
}

/** point += other point, lane by lane (the same, 3.1). */
export function addPoint(point: usize, second: usize): void {
  multiply(c, point + 3 * elementBytes, second + 3 * elementBytes)
  subtractReduced(a, point + elementBytes, point)
  subtractReduced(other, second + elementBytes, second)
  multiply(a, a, other)
  multiply(c, c, twiceD)
  addReduced(b, point + elementBytes, point)
  addReduced(other, second + elementBytes, second)
  multiply(b, b, other)
  multiply(d, point + 2 * elementBytes, second + 2 * elementBytes)
  finishAddition(point, d)
}

/** point = 2 point, `times` times (the same, 3.3; all four signs turned around, which is the same point). */
export function doublePoint(point: usize, times: u32): void {
  for (; times > 1; times--) {
    doubleMiddle(point)
    multiply(point, e, f)
    multiply(point + elementBytes, g, h)
    multiply(point + 2 * elementBytes, f, g)
  }
  doubleMiddle(point)
  multiply(point, e, f)
  multiply(point + elementBytes, g, h)
  multiply(point + 2 * elementBytes, f, g)
  multiply(point + 3 * elementBytes, e, h)
}

/** T is not asked for, and so need not be made between doublings. */
function doubleMiddle(point: usize): void {
  square(a, point)
  square(b, point + elementBytes)
  square(c, point + 2 * elementBytes)
  multiply(d, point, point + elementBytes)
  middleOfDoubling(e, a, b, c, d)
}

/** Both lanes become the sum of the two. */
export function addLanes(point: usize): void {
  scatterPoint(lanes, lanes + lanePointBytes, point)
  gatherPoint(swapped, lanes + lanePointBytes, lanes)
  addPoint(point, swapped)
}
