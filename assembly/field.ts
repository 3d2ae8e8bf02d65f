// Arithmetic modulo p = 2^255 - 19.
//
// An element is ten signed limbs (i32), f = f0 + 2^26 f1 + 2^51 f2 + 2^77 f3 + 2^102 f4 + ... + 2^230 f9: limb i weighs
// 2^ceil(25.5 i), so even limbs have 26 bits and odd ones 25. This is the radix of Bernstein's "Curve25519: new
// Diffie-Hellman speed records", section 4.
//
// Bounds. Let u = 1.01 * 2^25. An element is "n" when its even limbs are at most n u and its odd ones at most n u / 2 in
// size. multiply, square and carry give 1; decode gives 2; add and subtract give the sum of their inputs' n, without a
// carry. Limbs fit i32 as long as n < 63. Each routine names what it asks for.
//
// The largest column of a product of an n and an m is the lowest, f0 g0 + 38 (f1 g9 + ...) + 19 (f2 g8 + ...): at most
// (1 + 5 * 38 / 4 + 4 * 19) n m u^2 = 124.5 * 1.0201 * 2^50 n m. For n m <= 32 that is below 2^62, so no sum of products,
// whole or partial, leaves i64, nor does the carry that comes in.

import { columns, fieldTemporary } from './memory'

export const elementBytes: usize = 40

/** Half a limb, for rounding. */
const half25: i64 = 1 << 24
const half26: i64 = 1 << 25

export function copy(out: usize, f: usize): void {
  memory.copy(out, f, elementBytes)
}

/** out = value, where 0 <= value < 2^25. Gives: 1. */
export function setSmall(out: usize, value: i32): void {
  memory.fill(out, 0, elementBytes)
  store<i32>(out, value)
}

/** out = the low 255 bits of 32 little-endian bytes, which may be p or more. Gives: 2. */
export function decode(out: usize, bytes: usize): void {
  const mask25: u64 = 0x1ffffff
  const mask26: u64 = 0x3ffffff
  const w0 = load<u64>(bytes, 0)
  const w1 = load<u64>(bytes, 8)
  const w2 = load<u64>(bytes, 16)
  const w3 = load<u64>(bytes, 24)
  store<i32>(out, <i32>(w0 & mask26), 0)
  store<i32>(out, <i32>((w0 >> 26) & mask25), 4)
  store<i32>(out, <i32>(((w0 >> 51) | (w1 << 13)) & mask26), 8)
  store<i32>(out, <i32>((w1 >> 13) & mask25), 12)
  store<i32>(out, <i32>((w1 >> 38) & mask26), 16)
  store<i32>(out, <i32>(w2 & mask25), 20)
  store<i32>(out, <i32>((w2 >> 25) & mask26), 24)
  store<i32>(out, <i32>(((w2 >> 51) | (w3 << 13)) & mask25), 28)
  store<i32>(out, <i32>((w3 >> 12) & mask26), 32)
  store<i32>(out, <i32>((w3 >> 38) & mask25), 36)
}

/** out = f + g. Gives: the sum of both. */
export function add(out: usize, f: usize, g: usize): void {
  for (let i: usize = 0; i < elementBytes; i += 4) store<i32>(out + i, load<i32>(f + i) + load<i32>(g + i))
}

/** out = f - g. Gives: the sum of both. */
export function subtract(out: usize, f: usize, g: usize): void {
  for (let i: usize = 0; i < elementBytes; i += 4) store<i32>(out + i, load<i32>(f + i) - load<i32>(g + i))
}

/** out = -f. Gives: that of f. */
export function negate(out: usize, f: usize): void {
  for (let i: usize = 0; i < elementBytes; i += 4) store<i32>(out + i, -load<i32>(f + i))
}

/** out = f g. Asks: u(f) u(g) <= 32. Gives: 1. */
export function multiply(out: usize, f: usize, g: usize): void {
  const f0 = <i64>load<i32>(f, 0)
  const f1 = <i64>load<i32>(f, 4)
  const f2 = <i64>load<i32>(f, 8)
  const f3 = <i64>load<i32>(f, 12)
  const f4 = <i64>load<i32>(f, 16)
  const f5 = <i64>load<i32>(f, 20)
  const f6 = <i64>load<i32>(f, 24)
  const f7 = <i64>load<i32>(f, 28)
  const f8 = <i64>load<i32>(f, 32)
  const f9 = <i64>load<i32>(f, 36)
  const g0 = <i64>load<i32>(g, 0)
  const g1 = <i64>load<i32>(g, 4)
  const g2 = <i64>load<i32>(g, 8)
  const g3 = <i64>load<i32>(g, 12)
  const g4 = <i64>load<i32>(g, 16)
  const g5 = <i64>load<i32>(g, 20)
  const g6 = <i64>load<i32>(g, 24)
  const g7 = <i64>load<i32>(g, 28)
  const g8 = <i64>load<i32>(g, 32)
  const g9 = <i64>load<i32>(g, 36)
  // Two odd limbs make twice the weight of their column; a column from 10 up comes down times 19.
  const u1 = 2 * f1
  const u3 = 2 * f3
  const u5 = 2 * f5
  const u7 = 2 * f7
  const u9 = 2 * f9
  const v1 = 19 * g1
  const v2 = 19 * g2
  const v3 = 19 * g3
  const v4 = 19 * g4
  const v5 = 19 * g5
  const v6 = 19 * g6
  const v7 = 19 * g7
  const v8 = 19 * g8
  const v9 = 19 * g9
  const h0 = f0 * g0 + u1 * v9 + f2 * v8 + u3 * v7 + f4 * v6 + u5 * v5 + f6 * v4 + u7 * v3 + f8 * v2 + u9 * v1
  const h1 = f0 * g1 + f1 * g0 + f2 * v9 + f3 * v8 + f4 * v7 + f5 * v6 + f6 * v5 + f7 * v4 + f8 * v3 + f9 * v2
  const h2 = f0 * g2 + u1 * g1 + f2 * g0 + u3 * v9 + f4 * v8 + u5 * v7 + f6 * v6 + u7 * v5 + f8 * v4 + u9 * v3
  const h3 = f0 * g3 + f1 * g2 + f2 * g1 + f3 * g0 + f4 * v9 + f5 * v8 + f6 * v7 + f7 * v6 + f8 * v5 + f9 * v4
  const h4 = f0 * g4 + u1 * g3 + f2 * g2 + u3 * g1 + f4 * g0 + u5 * v9 + f6 * v8 + u7 * v7 + f8 * v6 + u9 * v5
  const h5 = f0 * g5 + f1 * g4 + f2 * g3 + f3 * g2 + f4 * g1 + f5 * g0 + f6 * v9 + f7 * v8 + f8 * v7 + f9 * v6
  const h6 = f0 * g6 + u1 * g5 + f2 * g4 + u3 * g3 + f4 * g2 + u5 * g1 + f6 * g0 + u7 * v9 + f8 * v8 + u9 * v7
  const h7 = f0 * g7 + f1 * g6 + f2 * g5 + f3 * g4 + f4 * g3 + f5 * g2 + f6 * g1 + f7 * g0 + f8 * v9 + f9 * v8
  const h8 = f0 * g8 + u1 * g7 + f2 * g6 + u3 * g5 + f4 * g4 + u5 * g3 + f6 * g2 + u7 * g1 + f8 * g0 + u9 * v9
  const h9 = f0 * g9 + f1 * g8 + f2 * g7 + f3 * g6 + f4 * g5 + f5 * g4 + f6 * g3 + f7 * g2 + f8 * g1 + f9 * g0
  store<i64>(columns, h0, 0)
  store<i64>(columns, h1, 8)
  store<i64>(columns, h2, 16)
  store<i64>(columns, h3, 24)
  store<i64>(columns, h4, 32)
  store<i64>(columns, h5, 40)
  store<i64>(columns, h6, 48)
  store<i64>(columns, h7, 56)
  store<i64>(columns, h8, 64)
  store<i64>(columns, h9, 72)
  carry(out)
}

/** out = f f. Asks: u(f)^2 <= 32. Gives: 1. */
export function square(out: usize, f: usize): void {
  const f0 = <i64>load<i32>(f, 0)
  const f1 = <i64>load<i32>(f, 4)
  const f2 = <i64>load<i32>(f, 8)
  const f3 = <i64>load<i32>(f, 12)
  const f4 = <i64>load<i32>(f, 16)
  const f5 = <i64>load<i32>(f, 20)
  const f6 = <i64>load<i32>(f, 24)
  const f7 = <i64>load<i32>(f, 28)
  const f8 = <i64>load<i32>(f, 32)
  const f9 = <i64>load<i32>(f, 36)
  // As in multiply, and each product of two different limbs stands for two.
  const u0 = 2 * f0
  const u1 = 2 * f1
  const u2 = 2 * f2
  const u3 = 2 * f3
  const u4 = 2 * f4
  const u5 = 2 * f5
  const u6 = 2 * f6
  const u7 = 2 * f7
  const v6 = 19 * f6
  const v8 = 19 * f8
  const w5 = 38 * f5
  const w7 = 38 * f7
  const w9 = 38 * f9
  const h0 = f0 * f0 + u1 * w9 + u2 * v8 + u3 * w7 + u4 * v6 + f5 * w5
  const h1 = u0 * f1 + f2 * w9 + u3 * v8 + f4 * w7 + u5 * v6
  const h2 = u0 * f2 + u1 * f1 + u3 * w9 + u4 * v8 + u5 * w7 + f6 * v6
  const h3 = u0 * f3 + u1 * f2 + f4 * w9 + u5 * v8 + f6 * w7
  const h4 = u0 * f4 + u1 * u3 + f2 * f2 + u5 * w9 + u6 * v8 + f7 * w7
  const h5 = u0 * f5 + u1 * f4 + u2 * f3 + f6 * w9 + u7 * v8
  const h6 = u0 * f6 + u1 * u5 + u2 * f4 + u3 * f3 + u7 * w9 + f8 * v8
  const h7 = u0 * f7 + u1 * f6 + u2 * f5 + u3 * f4 + f8 * w9
  const h8 = u0 * f8 + u1 * u7 + u2 * f6 + u3 * u5 + f4 * f4 + f9 * w9
  const h9 = u0 * f9 + u1 * f8 + u2 * f7 + u3 * f6 + u4 * f5
  store<i64>(columns, h0, 0)
  store<i64>(columns, h1, 8)
  store<i64>(columns, h2, 16)
  store<i64>(columns, h3, 24)
  store<i64>(columns, h4, 32)
  store<i64>(columns, h5, 40)
  store<i64>(columns, h6, 48)
  store<i64>(columns, h7, 56)
  store<i64>(columns, h8, 64)
  store<i64>(columns, h9, 72)
  carry(out)
}

/**
 * out = the ten columns, each brought to its limb's size by rounding to nearest, so that what is left is at most half a
 * limb. Asks: columns below 2^62 + 2^38. Gives: 1.
 *
 * Two chains run side by side, from 0 and from 4. A carry out of a column is at most 2^38. Column 9's comes back to limb 0
 * times 19, below 2^43, which leaves at most 2^17 for limb 1; column 3's into limb 4 leaves at most 2^13 for limb 5. So
 * limbs 1 and 5 end below 2^24 + 2^17 < u / 2, the others at most 2^25 or 2^24.
 */
function carry(out: usize): void {
  let h0 = load<i64>(columns, 0)
  let h1 = load<i64>(columns, 8)
  let h2 = load<i64>(columns, 16)
  let h3 = load<i64>(columns, 24)
  let h4 = load<i64>(columns, 32)
  let h5 = load<i64>(columns, 40)
  let h6 = load<i64>(columns, 48)
  let h7 = load<i64>(columns, 56)
  let h8 = load<i64>(columns, 64)
  let h9 = load<i64>(columns, 72)
  let c = (h0 + half26) >> 26
  h1 += c
  h0 -= c << 26
  c = (h4 + half26) >> 26
  h5 += c
  h4 -= c << 26
  c = (h1 + half25) >> 25
  h2 += c
  h1 -= c << 25
  c = (h5 + half25) >> 25
  h6 += c
  h5 -= c << 25
  c = (h2 + half26) >> 26
  h3 += c
  h2 -= c << 26
  c = (h6 + half26) >> 26
  h7 += c
  h6 -= c << 26
  c = (h3 + half25) >> 25
  h4 += c
  h3 -= c << 25
  c = (h7 + half25) >> 25
  h8 += c
  h7 -= c << 25
  c = (h4 + half26) >> 26
  h5 += c
  h4 -= c << 26
  c = (h8 + half26) >> 26
  h9 += c
  h8 -= c << 26
  c = (h9 + half25) >> 25
  h0 += c * 19
  h9 -= c << 25
  c = (h0 + half26) >> 26
  h1 += c
  h0 -= c << 26
  store<i32>(out, <i32>h0, 0)
  store<i32>(out, <i32>h1, 4)
  store<i32>(out, <i32>h2, 8)
  store<i32>(out, <i32>h3, 12)
  store<i32>(out, <i32>h4, 16)
  store<i32>(out, <i32>h5, 20)
  store<i32>(out, <i32>h6, 24)
  store<i32>(out, <i32>h7, 28)
  store<i32>(out, <i32>h8, 32)
  store<i32>(out, <i32>h9, 36)
}

/** out = f^(2^count). Asks and gives as square does; count is at least 1. */
export function squareTimes(out: usize, f: usize, count: u32): void {
  square(out, f)
  for (let i: u32 = 1; i < count; i++) square(out, out)
}

/** out = f^((p - 5) / 8) = f^(2^252 - 3), for square roots (RFC 8032, 5.1.3). Asks: 1. Gives: 1. */
export function powerForRoot(out: usize, f: usize): void {
  const a = fieldTemporary
  const b = fieldTemporary + elementBytes
  const c = fieldTemporary + 2 * elementBytes
  square(a, f) // 2
  squareTimes(b, a, 2) // 8
  multiply(b, f, b) // 9
  multiply(a, a, b) // 11
  square(a, a) // 22
  multiply(a, b, a) // 31 = 2^5 - 1
  squareTimes(b, a, 5)
  multiply(a, b, a) // 2^10 - 1
  squareTimes(b, a, 10)
  multiply(b, b, a) // 2^20 - 1
  squareTimes(c, b, 20)
  multiply(b, c, b) // 2^40 - 1
  squareTimes(b, b, 10)
  multiply(a, b, a) // 2^50 - 1
  squareTimes(b, a, 50)
  multiply(b, b, a) // 2^100 - 1
  squareTimes(c, b, 100)
  multiply(b, c, b) // 2^200 - 1
  squareTimes(b, b, 50)
  multiply(a, b, a) // 2^250 - 1
  squareTimes(a, a, 2) // 2^252 - 4
  multiply(out, a, f)
}

/** Whether f is 0 modulo p. Asks: 62 at most. */
export function isZero(f: usize): bool {
  const canonical = freeze(f)
  let bits: i32 = 0
  for (let i: usize = 0; i < elementBytes; i += 4) bits |= load<i32>(canonical + i)
  return bits === 0
}

/** Whether f is odd in 0..p-1, which RFC 8032, 5.1.2 calls negative. Asks: 62 at most. */
export function isNegative(f: usize): bool {
  return (load<i32>(freeze(f)) & 1) === 1
}

/** The one representation with limbs of 26 and 25 bits, none negative, and a value below p. */
function freeze(f: usize): usize {
  const out = fieldTemporary + 3 * elementBytes
  for (let i: usize = 0; i < 10; i++) store<i64>(columns + 8 * i, load<i32>(f + 4 * i))
  carry(out)
  // Now |f| < 2^255 / 1.9 < p, as its highest limb is at most 2^24; adding p makes it positive and below 2p.
  store<i32>(out, load<i32>(out) - 19)
  store<i32>(out, load<i32>(out, 36) + (1 << 25), 36)
  carryUp(out)
  // f >= p exactly where f + 19 reaches 2^255; then 2^255 is dropped and 19 kept, which subtracts p.
  let over = 19
  for (let i: usize = 0; i < 10; i++) over = (load<i32>(out + 4 * i) + over) >> width(i)
  store<i32>(out, load<i32>(out) + 19 * over)
  carryUp(out)
  store<i32>(out, load<i32>(out, 36) & ((1 << 25) - 1), 36)
  return out
}

/** Makes limbs 0 to 8 non-negative and of their width, and puts what is left into limb 9. */
function carryUp(f: usize): void {
  for (let i: usize = 0; i < 9; i++) {
    const limb = load<i32>(f + 4 * i)
    const c = limb >> width(i)
    store<i32>(f + 4 * i, limb - (c << width(i)))
    store<i32>(f + 4 * i, load<i32>(f + 4 * i, 4) + c, 4)
  }
}

function width(limb: usize): i32 {
  return limb & 1 ? 25 : 26
}
