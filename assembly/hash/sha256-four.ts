// SHA-256 of four messages at a time: lane i of each vector is message i's. The rounds are those of sha256.ts.
//
// Vectors that stay the same are loaded from tables: engines rebuild one written in the code each time it is used. A sum
// on which the next round waits takes its slowest term last.

import {
  blockBytes,
  chainingFour,
  constantsFour,
  digestBytes,
  initialFour,
  paddingFour,
  wordsFour,
  workingFour,
} from './memory'
import { bigEndian, constants, initial } from './sha256'

/** Fills the tables. */
export function prepareFour(): void {
  for (let i: usize = 0; i < digestBytes; i += 4) v128.store(initialFour + 4 * i, i32x4.splat(load<u32>(initial + i)))
  for (let i: usize = 0; i < 4 * 64; i += 4) v128.store(constantsFour + 4 * i, i32x4.splat(load<u32>(constants + i)))
  v128.store(paddingFour, i32x4.splat(0x80000000))
  v128.store(paddingFour, i32x4.splat(8 * 64), 16 * 15)
  for (let w = paddingFour; w < paddingFour + 16 * 48; w += 16) {
    const next = extendedFour(v128.load(w), v128.load(w, 16), v128.load(w, 16 * 9), v128.load(w, 16 * 14))
    v128.store(w, next, 16 * 16)
  }
}

/** Puts four blocks into `wordsFour`. */
export function loadFour(block0: usize, block1: usize, block2: usize, block3: usize): void {
  const order = v128.load(bigEndian)
  for (let i: usize = 0; i < blockBytes; i += 16) {
    transpose(
      wordsFour + 4 * i,
      16,
      i8x16.swizzle(v128.load(block0 + i), order),
      i8x16.swizzle(v128.load(block1 + i), order),
      i8x16.swizzle(v128.load(block2 + i), order),
      i8x16.swizzle(v128.load(block3 + i), order),
    )
  }
}

/** From the chaining values at `from` to `chainingFour`, by the blocks that `loadFour` put there. */
export function compressFour(from: usize): void {
  scheduleRounds(from)
  rounds(workingFour, from, wordsFour + 16 * 48, constantsFour + 16 * 48)
}

/** The digests of four messages of 64 bytes that stand one after another. */
export function hashPairsFour(messages: usize, digests: usize): void {
  loadFour(messages, messages + blockBytes, messages + 2 * blockBytes, messages + 3 * blockBytes)
  compressFour(initialFour)
  // The padding is known beforehand, and so its whole schedule.
  rounds(chainingFour, chainingFour, paddingFour, constantsFour)
  writeFourDigests(digests)
}

/** Writes the four digests one after another. */
export function writeFourDigests(digests: usize): void {
  const order = v128.load(bigEndian)
  for (let i: usize = 0; i < digestBytes; i += 16) {
    transpose(
      digests + i,
      digestBytes,
      i8x16.swizzle(v128.load(chainingFour + 4 * i), order),
      i8x16.swizzle(v128.load(chainingFour + 4 * i, 16), order),
      i8x16.swizzle(v128.load(chainingFour + 4 * i, 32), order),
      i8x16.swizzle(v128.load(chainingFour + 4 * i, 48), order),
    )
  }
}

/** Writes one message's digest. */
export function writeLaneDigest(lane: usize, digest: usize): void {
  const from = chainingFour + 4 * lane
  for (let i: usize = 0; i < digestBytes; i += 4) store<u32>(digest + i, bswap<u32>(load<u32>(from + 4 * i)))
}

/** Four rows of four words become four columns, `apart` bytes from each other. */
function transpose(to: usize, apart: usize, row0: v128, row1: v128, row2: v128, row3: v128): void {
  const low01 = i8x16.shuffle(row0, row1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
  const low23 = i8x16.shuffle(row2, row3, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
  const high01 = i8x16.shuffle(row0, row1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
  const high23 = i8x16.shuffle(row2, row3, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
  v128.store(to, i8x16.shuffle(low01, low23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23))
  v128.store(to + apart, i8x16.shuffle(low01, low23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
  v128.store(to + 2 * apart, i8x16.shuffle(high01, high23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23))
  v128.store(
    to + 3 * apart,
    i8x16.shuffle(high01, high23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  )
}

function rotated(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by))
}

/** The words 16 after w0. */
function extendedFour(w0: v128, w1: v128, w9: v128, w14: v128): v128 {
  const sigma0 = v128.xor(v128.xor(rotated(w1, 7), rotated(w1, 18)), i32x4.shr_u(w1, 3))
  const sigma1 = v128.xor(v128.xor(rotated(w14, 17), rotated(w14, 19)), i32x4.shr_u(w14, 10))
  return i32x4.add(i32x4.add(w0, sigma0), i32x4.add(w9, sigma1))
}

/** h + K + W + Ch(e, f, g). */
function chosen(e: v128, f: v128, g: v128, h: v128, kw: v128): v128 {
  return i32x4.add(i32x4.add(h, kw), v128.xor(g, v128.and(e, v128.xor(f, g))))
}

/** Sum1 of 4.1.2. */
function sum1(e: v128): v128 {
  return v128.xor(v128.xor(rotated(e, 6), rotated(e, 11)), rotated(e, 25))
}

/** t1 + T2. */
function second(a: v128, b: v128, c: v128, t1: v128): v128 {
  const majority = v128.xor(v128.and(v128.xor(a, b), v128.xor(b, c)), b)
  const sum0 = v128.xor(v128.xor(rotated(a, 2), rotated(a, 13)), rotated(a, 22))
  return i32x4.add(i32x4.add(t1, majority), sum0)
}

function sum(x: v128, y: v128, last: v128): v128 {
  return i32x4.add(i32x4.add(x, y), last)
}

/** Rounds 0 to 47, the states from `from` to `workingFour`. Each makes the words that are used 16 rounds later. */
function scheduleRounds(from: usize): void {
  let a = v128.load(from)
  let b = v128.load(from, 16)
  let c = v128.load(from, 32)
  let d = v128.load(from, 48)
  let e = v128.load(from, 64)
  let f = v128.load(from, 80)
  let g = v128.load(from, 96)
  let h = v128.load(from, 112)
  for (let w = wordsFour, k = constantsFour; w < wordsFour + 16 * 48; w += 128, k += 128) {
    const w0 = v128.load(w)
    h = chosen(e, f, g, h, i32x4.add(w0, v128.load(k)))
    d = sum(d, h, sum1(e))
    h = second(a, b, c, i32x4.add(h, sum1(e)))
    const w1 = v128.load(w, 16)
    v128.store(w, extendedFour(w0, w1, v128.load(w, 144), v128.load(w, 224)), 256)
    g = chosen(d, e, f, g, i32x4.add(w1, v128.load(k, 16)))
    c = sum(c, g, sum1(d))
    g = second(h, a, b, i32x4.add(g, sum1(d)))
    const w2 = v128.load(w, 32)
    v128.store(w, extendedFour(w1, w2, v128.load(w, 160), v128.load(w, 240)), 272)
    f = chosen(c, d, e, f, i32x4.add(w2, v128.load(k, 32)))
    b = sum(b, f, sum1(c))
    f = second(g, h, a, i32x4.add(f, sum1(c)))
    const w3 = v128.load(w, 48)
    v128.store(w, extendedFour(w2, w3, v128.load(w, 176), v128.load(w, 256)), 288)
    e = chosen(b, c, d, e, i32x4.add(w3, v128.load(k, 48)))
    a = sum(a, e, sum1(b))
    e = second(f, g, h, i32x4.add(e, sum1(b)))
    const w4 = v128.load(w, 64)
    v128.store(w, extendedFour(w3, w4, v128.load(w, 192), v128.load(w, 272)), 304)
    d = chosen(a, b, c, d, i32x4.add(w4, v128.load(k, 64)))
    h = sum(h, d, sum1(a))
    d = second(e, f, g, i32x4.add(d, sum1(a)))
    const w5 = v128.load(w, 80)
    v128.store(w, extendedFour(w4, w5, v128.load(w, 208), v128.load(w, 288)), 320)
    c = chosen(h, a, b, c, i32x4.add(w5, v128.load(k, 80)))
    g = sum(g, c, sum1(h))
    c = second(d, e, f, i32x4.add(c, sum1(h)))
    const w6 = v128.load(w, 96)
    v128.store(w, extendedFour(w5, w6, v128.load(w, 224), v128.load(w, 304)), 336)
    b = chosen(g, h, a, b, i32x4.add(w6, v128.load(k, 96)))
    f = sum(f, b, sum1(g))
    b = second(c, d, e, i32x4.add(b, sum1(g)))
    const w7 = v128.load(w, 112)
    v128.store(w, extendedFour(w6, w7, v128.load(w, 240), v128.load(w, 320)), 352)
    a = chosen(f, g, h, a, i32x4.add(w7, v128.load(k, 112)))
    e = sum(e, a, sum1(f))
    a = second(b, c, d, i32x4.add(a, sum1(f)))
    const w8 = v128.load(w, 128)
    v128.store(w, extendedFour(w7, w8, v128.load(w, 256), v128.load(w, 336)), 368)
  }
  v128.store(workingFour, a)
  v128.store(workingFour, b, 16)
  v128.store(workingFour, c, 32)
  v128.store(workingFour, d, 48)
  v128.store(workingFour, e, 64)
  v128.store(workingFour, f, 80)
  v128.store(workingFour, g, 96)
  v128.store(workingFour, h, 112)
}

/** The rounds of the constants from `k` to the last, by the words from `w` on; adds `base`, to `chainingFour`. */
function rounds(from: usize, base: usize, w: usize, k: usize): void {
  let a = v128.load(from)
  let b = v128.load(from, 16)
  let c = v128.load(from, 32)
  let d = v128.load(from, 48)
  let e = v128.load(from, 64)
  let f = v128.load(from, 80)
  let g = v128.load(from, 96)
  let h = v128.load(from, 112)
  for (; k < constantsFour + 16 * 64; w += 128, k += 128) {
    h = chosen(e, f, g, h, i32x4.add(v128.load(w), v128.load(k)))
    d = sum(d, h, sum1(e))
    h = second(a, b, c, i32x4.add(h, sum1(e)))
    g = chosen(d, e, f, g, i32x4.add(v128.load(w, 16), v128.load(k, 16)))
    c = sum(c, g, sum1(d))
    g = second(h, a, b, i32x4.add(g, sum1(d)))
    f = chosen(c, d, e, f, i32x4.add(v128.load(w, 32), v128.load(k, 32)))
    b = sum(b, f, sum1(c))
    f = second(g, h, a, i32x4.add(f, sum1(c)))
    e = chosen(b, c, d, e, i32x4.add(v128.load(w, 48), v128.load(k, 48)))
    a = sum(a, e, sum1(b))
    e = second(f, g, h, i32x4.add(e, sum1(b)))
    d = chosen(a, b, c, d, i32x4.add(v128.load(w, 64), v128.load(k, 64)))
    h = sum(h, d, sum1(a))
    d = second(e, f, g, i32x4.add(d, sum1(a)))
    c = chosen(h, a, b, c, i32x4.add(v128.load(w, 80), v128.load(k, 80)))
    g = sum(g, c, sum1(h))
    c = second(d, e, f, i32x4.add(c, sum1(h)))
    b = chosen(g, h, a, b, i32x4.add(v128.load(w, 96), v128.load(k, 96)))
    f = sum(f, b, sum1(g))
    b = second(c, d, e, i32x4.add(b, sum1(g)))
    a = chosen(f, g, h, a, i32x4.add(v128.load(w, 112), v128.load(k, 112)))
    e = sum(e, a, sum1(f))
    a = second(b, c, d, i32x4.add(a, sum1(f)))
  }
  v128.store(chainingFour, i32x4.add(v128.load(base), a))
  v128.store(chainingFour, i32x4.add(v128.load(base, 16), b), 16)
  v128.store(chainingFour, i32x4.add(v128.load(base, 32), c), 32)
  v128.store(chainingFour, i32x4.add(v128.load(base, 48), d), 48)
  v128.store(chainingFour, i32x4.add(v128.load(base, 64), e), 64)
  v128.store(chainingFour, i32x4.add(v128.load(base, 80), f), 80)
  v128.store(chainingFour, i32x4.add(v128.load(base, 96), g), 96)
  v128.store(chainingFour, i32x4.add(v128.load(base, 112), h), 112)
}
