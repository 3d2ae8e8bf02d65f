// 1/z modulo p = 2^255 - 19 by divsteps (Bernstein and Yang, "Fast constant-time gcd computation and modular inversion",
// 2019), which is half the time of the power z^(p-2). Variable time: nothing here is secret.
//
// f and g begin as p and z, d and e as 0 and 1; at all times f = d z and g = e z modulo p, but for a power of two that each
// round takes out again. Rounds of 30 divsteps work on the lowest 30 bits alone and yield a matrix (u v; q r), by which f and
// g, and d and e modulo p, are then multiplied and divided by 2^30. When g is 0, f is 1 or -1.
//
// Numbers are nine signed limbs of 30 bits in i32, and p is -19 and 2^15 at limbs 0 and 8.

import {
  addReduced,
  elementBytes,
  gather,
  laneBytes,
  multiply,
  scatter,
  setLaneFromBytes,
  storeLane,
  zero,
} from './field'

const limbCount: usize = 9
const mask: i64 = 0x3fffffff
/** 1/p modulo 2^30. */
const inverseOfPrime: i64 = 395589093

const f: usize = memory.data(40, 16)
const g: usize = memory.data(40, 16)
const d: usize = memory.data(40, 16)
const e: usize = memory.data(40, 16)
const bytes: usize = memory.data(48, 16)
const lanes: usize = memory.data(2 * laneBytes, 16)
const swapped: usize = memory.data(elementBytes, 16)
const product: usize = memory.data(elementBytes, 16)

/** The matrix of the last round. */
let u: i32 = 0
let v: i32 = 0
let q: i32 = 0
let r: i32 = 0

/** out = 1/z in both lanes, of which neither may be 0: one inversion of their product, times the other lane. */
export function invert(out: usize, z: usize): void {
  scatter(lanes, lanes + laneBytes, z, 1)
  gather(swapped, lanes + laneBytes, lanes, 1)
  multiply(product, z, swapped)
  storeLane(bytes, product)
  invertBytes()
  setLaneFromBytes(product, bytes)
  setLaneFromBytes(product + 8, bytes)
  addReduced(product, product, zero)
  multiply(out, product, swapped)
}

/** Turns the number in `bytes`, from 1 to p - 1, into its inverse. */
function invertBytes(): void {
  begin()
  let delta: i32 = 1
  while (!isZero(g)) {
    delta = divsteps(delta)
    updateInverses()
    updateRemainders()
  }
  // d is above -2p and below p, and f is its sign.
  if (isNegative(d)) addPrime()
  if (isNegative(f)) negate()
  if (isNegative(d)) addPrime()
  writeBytes()
}

function begin(): void {
  for (let i: usize = 0; i < 4 * limbCount; i += 4) {
    store<i32>(f + i, 0)
    store<i32>(d + i, 0)
    store<i32>(e + i, 0)
    const bit = 15 * (i >> 1)
    store<i32>(g + i, <i32>((load<u64>(bytes + (bit >> 3)) >> (bit & 7)) & mask))
  }
  store<i32>(f, -19)
  store<i32>(f, 1 << 15, 32)
  store<i32>(e, 1)
}

/**
 * Thirty divsteps on the lowest bits of f and g, as many at a time as there are zeros, or as one multiple of f can clear.
 * A divstep with delta > 0 and g odd swaps: (delta, f, g) becomes (1 - delta, g, (g - f)/2); else g becomes g/2 or, where
 * it is odd, (g + f)/2, and delta 1 + delta.
 */
function divsteps(begun: i32): i32 {
  let delta = begun
  let low = load<i32>(f)
  let other = load<i32>(g)
  let u0: i32 = 1
  let v0: i32 = 0
  let q0: i32 = 0
  let r0: i32 = 1
  let left: i32 = 30
  while (true) {
    const zeros = ctz(other | (-1 << left))
    other >>= zeros
    u0 <<= zeros
    v0 <<= zeros
    delta += zeros
    left -= zeros
    if (left === 0) break
    if (delta > 0) {
      delta = -delta
      let kept = low
      low = other
      other = -kept
      kept = u0
      u0 = q0
      q0 = -kept
      kept = v0
      v0 = r0
      r0 = -kept
    }
    // From here 1 - delta divsteps add f or nothing. f (f^2 - 2) is -1/f modulo 64, so w f clears up to 6 bits of g.
    const bits = min(min(1 - delta, left), 6)
    const w = (low * other * (low * low - 2)) & ((1 << bits) - 1)
    other += low * w
    q0 += u0 * w
    r0 += v0 * w
  }
  u = u0
  v = v0
  q = q0
  r = r0
  return delta
}

/** (f, g) = (u f + v g, q f + r g) / 2^30, which has no remainder. */
function updateRemainders(): void {
  let sumF: i64 = <i64>u * load<i32>(f) + <i64>v * load<i32>(g)
  let sumG: i64 = <i64>q * load<i32>(f) + <i64>r * load<i32>(g)
  for (let i: usize = 4; i < 4 * limbCount; i += 4) {
    const limbF = <i64>load<i32>(f + i)
    const limbG = <i64>load<i32>(g + i)
    sumF = (sumF >> 30) + u * limbF + v * limbG
    sumG = (sumG >> 30) + q * limbF + r * limbG
    store<i32>(f + i - 4, <i32>(sumF & mask))
    store<i32>(g + i - 4, <i32>(sumG & mask))
  }
  store<i32>(f, <i32>(sumF >> 30), 32)
  store<i32>(g, <i32>(sumG >> 30), 32)
}

/** The same for d and e modulo p: such multiples of p are added that there is no remainder, and both stay above -2p and below p. */
function updateInverses(): void {
  const signD = load<i32>(d, 32) >> 31
  const signE = load<i32>(e, 32) >> 31
  let sumD: i64 = <i64>u * load<i32>(d) + <i64>v * load<i32>(e)
  let sumE: i64 = <i64>q * load<i32>(d) + <i64>r * load<i32>(e)
  let timesD: i64 = (u & signD) + (v & signE)
  let timesE: i64 = (q & signD) + (r & signE)
  timesD -= (inverseOfPrime * (sumD & mask) + timesD) & mask
  timesE -= (inverseOfPrime * (sumE & mask) + timesE) & mask
  sumD -= 19 * timesD
  sumE -= 19 * timesE
  for (let i: usize = 4; i < 4 * limbCount; i += 4) {
    const limbD = <i64>load<i32>(d + i)
    const limbE = <i64>load<i32>(e + i)
    sumD = (sumD >> 30) + u * limbD + v * limbE
    sumE = (sumE >> 30) + q * limbD + r * limbE
    if (i === 32) {
      sumD += timesD << 15
      sumE += timesE << 15
    }
    store<i32>(d + i - 4, <i32>(sumD & mask))
    store<i32>(e + i - 4, <i32>(sumE & mask))
  }
  store<i32>(d, <i32>(sumD >> 30), 32)
  store<i32>(e, <i32>(sumE >> 30), 32)
}

function isZero(number: usize): bool {
  let bits: i32 = 0
  for (let i: usize = 0; i < 4 * limbCount; i += 4) bits |= load<i32>(number + i)
  return bits === 0
}

/** The highest limb has the sign. */
function isNegative(number: usize): bool {
  return load<i32>(number, 32) < 0
}

/** d += p. */
function addPrime(): void {
  store<i32>(d, load<i32>(d) - 19)
  store<i32>(d, load<i32>(d, 32) + (1 << 15), 32)
  carry()
}

/** d = -d. */
function negate(): void {
  for (let i: usize = 0; i < 4 * limbCount; i += 4) store<i32>(d + i, -load<i32>(d + i))
  carry()
}

function carry(): void {
  let over: i32 = 0
  for (let i: usize = 0; i < 32; i += 4) {
    const limb = load<i32>(d + i) + over
    store<i32>(d + i, limb & <i32>mask)
    over = limb >> 30
  }
  store<i32>(d, load<i32>(d, 32) + over, 32)
}

/** d, which is below 2^255, as 32 little-endian bytes. */
function writeBytes(): void {
  for (let i: usize = 0; i < 32; i += 8) store<u64>(bytes + i, 0)
  for (let i: usize = 0; i < limbCount; i++) {
    const bit = 30 * i
    const word = bytes + 8 * (bit >> 6)
    const limb = <u64>load<i32>(d + 4 * i)
    store<u64>(word, load<u64>(word) | (limb << (bit & 63)))
    if ((bit & 63) > 34) store<u64>(word, limb >> (64 - (bit & 63)), 8)
  }
}
