// Points of edwards25519, -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032, 5.1), by the formulas of Hisil, Wong, Carter and Dawson,
// "Twisted Edwards curves revisited" (2008), sections 3.1 and 3.3. They are complete: -1 is a square and d is not, so they
// hold for any two points of the curve, equal, opposite or of small order.
//
// Four forms, each of four field elements in a row; bounds in brackets are those of field.ts.
//   extended   X, Y, Z, T with x = X/Z, y = Y/Z, T = XY/Z [2 at most]
//   projective the same without T
//   completed  E, F, G, H, from which X = EF, Y = GH, Z = FG, T = EH [4 at most]
//   cached     Y + X, Y - X, 2Z, 2dT, to be added to an extended point [4 at most]
// The largest product is that of two sums of two elements: 4 times 4, and so below the 32 that multiply allows.

import {
  add,
  copy,
  decode,
  elementBytes,
  isNegative,
  isZero,
  multiply,
  negate,
  powerForRoot,
  setSmall,
  square,
  subtract,
} from './field'
import { curveConstants, pointTemporary } from './memory'

export const pointBytes: usize = 160

/** Offsets in a point, whatever its form. */
const first: usize = 0
const second: usize = 40
const third: usize = 80
const fourth: usize = 120

const d = curveConstants
const twoD = curveConstants + elementBytes
const rootOfMinusOne = curveConstants + 2 * elementBytes

/** RFC 8032, 5.1: d = -121665/121666, and 2^((p-1)/4), as four little-endian words each. */
const dWords: usize = memory.data<u64>([0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73])
const rootWords: usize = memory.data<u64>([
  0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b,
])

/** Computes the constants; to be called once, before all else. */
export function prepareCurve(): void {
  decode(d, dWords)
  decode(rootOfMinusOne, rootWords)
  add(twoD, d, d)
}

/**
 * point (extended) = what 32 bytes say by ZIP-215, or false where there is none on the curve. y may be p or more, and x = 0
 * may have the sign bit; for all else as RFC 8032, 5.1.3: x = u v^3 (u v^7)^((p-5)/8) is a root of u/v, or of -u/v and
 * then the square root of -1 mends it, or there is none.
 */
export function decompress(point: usize, bytes: usize): bool {
  const x = point + first
  const y = point + second
  const z = point + third
  const u = pointTemporary
  const v = pointTemporary + elementBytes
  const v3 = pointTemporary + 2 * elementBytes
  const check = pointTemporary + 3 * elementBytes
  decode(y, bytes)
  setSmall(z, 1)
  square(u, y)
  multiply(v, u, d)
  subtract(u, u, z) // y^2 - 1 [2]
  add(v, v, z) // d y^2 + 1 [2]
  square(v3, v)
  multiply(v3, v3, v)
  square(x, v3)
  multiply(x, x, v)
  multiply(x, x, u) // u v^7
  powerForRoot(x, x)
  multiply(x, x, v3)
  multiply(x, x, u)
  square(check, x)
  multiply(check, check, v) // v x^2, which is u or -u where there is a root
  subtract(v, check, u)
  if (!isZero(v)) {
    add(v, check, u)
    if (!isZero(v)) return false
    multiply(x, x, rootOfMinusOne)
  }
  const negative = load<u8>(bytes, 31) >= 0x80
  if (isNegative(x) !== negative) negate(x, x)
  multiply(point + fourth, x, y)
  return true
}

/** point (extended) = -point. */
export function negatePoint(point: usize): void {
  negate(point + first, point + first)
  negate(point + fourth, point + fourth)
}

/** out (cached) = point (extended). */
export function cache(out: usize, point: usize): void {
  add(out + first, point + second, point + first)
  subtract(out + second, point + second, point + first)
  add(out + third, point + third, point + third)
  multiply(out + fourth, point + fourth, twoD)
}

/** out (completed) = the neutral point: x = 0, y = 1. */
export function setNeutral(out: usize): void {
  setSmall(out + first, 0)
  setSmall(out + second, 1)
  setSmall(out + third, 1)
  setSmall(out + fourth, 1)
}

/** out (projective) = completed. 3M. */
export function complete(out: usize, completed: usize): void {
  multiply(out + first, completed + first, completed + second)
  multiply(out + second, completed + third, completed + fourth)
  multiply(out + third, completed + second, completed + third)
}

/** out (extended) = completed. 4M. */
export function completeExtended(out: usize, completed: usize): void {
  complete(out, completed)
  multiply(out + fourth, completed + first, completed + fourth)
}

/** out (completed) = 2 point (projective). 4S. */
export function double(out: usize, point: usize): void {
  const a = pointTemporary
  const b = pointTemporary + elementBytes
  const c = pointTemporary + 2 * elementBytes
  const e = out + first
  const f = out + second
  const g = out + third
  const h = out + fourth
  square(a, point + first) // X^2
  square(b, point + second) // Y^2
  square(c, point + third)
  add(c, c, c) // 2 Z^2 [2]
  add(e, point + first, point + second)
  square(e, e)
  add(h, a, b)
  subtract(e, e, h) // (X + Y)^2 - X^2 - Y^2 = 2XY [3]
  negate(h, h) // -X^2 - Y^2 [2]
  subtract(g, b, a) // Y^2 - X^2 [2]
  subtract(f, g, c) // [4]
}

/** out (completed) = point (extended) + cached. 4M. */
export function addCached(out: usize, point: usize, cached: usize): void {
  join(out, point, cached)
  const c = pointTemporary
  const twoZ = pointTemporary + elementBytes
  subtract(out + second, twoZ, c) // F [2]
  add(out + third, twoZ, c) // G [2]
}

/** out (completed) = point (extended) - cached, whose negative has its first two elements swapped and -2dT. 4M. */
export function subtractCached(out: usize, point: usize, cached: usize): void {
  const swapped = pointTemporary + 4 * elementBytes
  copy(swapped + first, cached + second)
  copy(swapped + second, cached + first)
  memory.copy(swapped + third, cached + third, 2 * elementBytes)
  join(out, point, swapped)
  const c = pointTemporary
  const twoZ = pointTemporary + elementBytes
  add(out + second, twoZ, c)
  subtract(out + third, twoZ, c)
}

/** What addition and subtraction share: E and H in `out`, C = 2d T1 T2 and D = 2 Z1 Z2 in the temporaries. */
function join(out: usize, point: usize, cached: usize): void {
  const a = pointTemporary + 2 * elementBytes
  const b = pointTemporary + 3 * elementBytes
  subtract(a, point + second, point + first)
  multiply(a, a, cached + second) // (Y1 - X1)(Y2 - X2)
  add(b, point + second, point + first)
  multiply(b, b, cached + first) // (Y1 + X1)(Y2 + X2)
  multiply(pointTemporary, point + fourth, cached + fourth)
  multiply(pointTemporary + elementBytes, point + third, cached + third)
  subtract(out + first, b, a) // E [2]
  add(out + fourth, b, a) // H [2]
}

/** Whether 8 point (completed) is the neutral point: x = 0, y = 1. `point` is used up. */
export function isSmallOrder(completed: usize): bool {
  const point = pointTemporary + 4 * elementBytes
  for (let i = 0; i < 3; i++) {
    complete(point, completed)
    double(completed, point)
  }
  complete(point, completed)
  subtract(point + second, point + second, point + third)
  return isZero(point + first) && isZero(point + second)
}
