// SHA-256 (FIPS 180-4), one message at a time.
//
// The rounds stand eight in a row, after which the letters are where they were.

import { blockBytes, chaining, words, working } from './memory'

/** 5.3.3. */
export const initial: usize = memory.data<u32>(
  [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
  16,
)

/** 4.2.2. */
export const constants: usize = memory.data<u32>(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
  ],
  16,
)

/** Turns the bytes of each word around. */
export const bigEndian: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12], 16)

/** The digest of a message that stands at `pointer` in `count` blocks, its padding among them. */
export function hashBlocks(pointer: usize, count: usize, digest: usize): void {
  compressBlocks(initial, pointer, count)
  writeDigest(digest)
}

/** 6.2.2 for `count` blocks, from the chaining value at `from` to `chaining`. */
export function compressBlocks(from: usize, pointer: usize, count: usize): void {
  for (let end = pointer + count * blockBytes; pointer < end; pointer += blockBytes) {
    compress(from, pointer)
    from = chaining
  }
}

/** The same for one. */
function compress(from: usize, pointer: usize): void {
  const order = v128.load(bigEndian)
  for (let i: usize = 0; i < blockBytes; i += 16) {
    v128.store(words + i, i8x16.swizzle(v128.load(pointer + i), order))
  }
  scheduleRounds(from)
  lastRounds(from)
}

/** Writes the words of `chaining` as bytes. */
export function writeDigest(digest: usize): void {
  const order = v128.load(bigEndian)
  v128.store(digest, i8x16.swizzle(v128.load(chaining), order))
  v128.store(digest, i8x16.swizzle(v128.load(chaining, 16), order), 16)
}

/**
 * Pads in place (5.1.1) a message that ends `length` bytes after `pointer`, of `total` bytes with what went before in
 * whole blocks. There must be room: at most 72 bytes. Answers how many blocks stand at `pointer` then.
 */
export function pad(pointer: usize, length: usize, total: u64): usize {
  const blocks = (length + 72) / blockBytes
  const last = pointer + blocks * blockBytes - 8
  // The eight bytes of 80, 00, ... end before the length does; those that remain begin at a multiple of eight.
  store<u64>(pointer + length, 0x80)
  for (let zeros = (pointer + length + 8) & ~7; zeros < last; zeros += 8) store<u64>(zeros, 0)
  store<u64>(last, bswap<u64>(total << 3))
  return blocks
}

/** The word 16 after w0 (6.2.2, step 1), from those that stand 0, 1, 9 and 14 after it. */
function extended(w0: u32, w1: u32, w9: u32, w14: u32): u32 {
  const sigma0 = rotr<u32>(w1, 7) ^ rotr<u32>(w1, 18) ^ (w1 >> 3)
  const sigma1 = rotr<u32>(w14, 17) ^ rotr<u32>(w14, 19) ^ (w14 >> 10)
  return w0 + sigma0 + w9 + sigma1
}

/** T1 of 6.2.2, step 3; `kw` is the round's constant and word. */
function first(e: u32, f: u32, g: u32, h: u32, kw: u32): u32 {
  const sum1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)
  const choice = g ^ (e & (f ^ g))
  return h + kw + choice + sum1
}

/** T2. */
function second(a: u32, b: u32, c: u32): u32 {
  const sum0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)
  const majority = ((a ^ b) & (b ^ c)) ^ b
  return majority + sum0
}

/** Rounds 0 to 47, the state from `from` to `working`. Each makes the word that is used 16 rounds later. */
function scheduleRounds(from: usize): void {
  let a = load<u32>(from)
  let b = load<u32>(from, 4)
  let c = load<u32>(from, 8)
  let d = load<u32>(from, 12)
  let e = load<u32>(from, 16)
  let f = load<u32>(from, 20)
  let g = load<u32>(from, 24)
  let h = load<u32>(from, 28)
  for (let w = words, k = constants; w < words + 4 * 48; w += 32, k += 32) {
    const w0 = load<u32>(w)
    h = first(e, f, g, h, w0 + load<u32>(k))
    d += h
    h += second(a, b, c)
    const w1 = load<u32>(w, 4)
    store<u32>(w, extended(w0, w1, load<u32>(w, 36), load<u32>(w, 56)), 64)
    g = first(d, e, f, g, w1 + load<u32>(k, 4))
    c += g
    g += second(h, a, b)
    const w2 = load<u32>(w, 8)
    store<u32>(w, extended(w1, w2, load<u32>(w, 40), load<u32>(w, 60)), 68)
    f = first(c, d, e, f, w2 + load<u32>(k, 8))
    b += f
    f += second(g, h, a)
    const w3 = load<u32>(w, 12)
    store<u32>(w, extended(w2, w3, load<u32>(w, 44), load<u32>(w, 64)), 72)
    e = first(b, c, d, e, w3 + load<u32>(k, 12))
    a += e
    e += second(f, g, h)
    const w4 = load<u32>(w, 16)
    store<u32>(w, extended(w3, w4, load<u32>(w, 48), load<u32>(w, 68)), 76)
    d = first(a, b, c, d, w4 + load<u32>(k, 16))
    h += d
    d += second(e, f, g)
    const w5 = load<u32>(w, 20)
    store<u32>(w, extended(w4, w5, load<u32>(w, 52), load<u32>(w, 72)), 80)
    c = first(h, a, b, c, w5 + load<u32>(k, 20))
    g += c
    c += second(d, e, f)
    const w6 = load<u32>(w, 24)
    store<u32>(w, extended(w5, w6, load<u32>(w, 56), load<u32>(w, 76)), 84)
    b = first(g, h, a, b, w6 + load<u32>(k, 24))
    f += b
    b += second(c, d, e)
    const w7 = load<u32>(w, 28)
    store<u32>(w, extended(w6, w7, load<u32>(w, 60), load<u32>(w, 80)), 88)
    a = first(f, g, h, a, w7 + load<u32>(k, 28))
    e += a
    a += second(b, c, d)
    const w8 = load<u32>(w, 32)
    store<u32>(w, extended(w7, w8, load<u32>(w, 64), load<u32>(w, 84)), 92)
  }
  store<u32>(working, a)
  store<u32>(working, b, 4)
  store<u32>(working, c, 8)
  store<u32>(working, d, 12)
  store<u32>(working, e, 16)
  store<u32>(working, f, 20)
  store<u32>(working, g, 24)
  store<u32>(working, h, 28)
}

/** Rounds 48 to 63, the state from `working` to `chaining`, where `from` is added. */
function lastRounds(from: usize): void {
  let a = load<u32>(working)
  let b = load<u32>(working, 4)
  let c = load<u32>(working, 8)
  let d = load<u32>(working, 12)
  let e = load<u32>(working, 16)
  let f = load<u32>(working, 20)
  let g = load<u32>(working, 24)
  let h = load<u32>(working, 28)
  for (let w = words + 4 * 48, k = constants + 4 * 48; k < constants + 4 * 64; w += 32, k += 32) {
    h = first(e, f, g, h, load<u32>(w) + load<u32>(k))
    d += h
    h += second(a, b, c)
    g = first(d, e, f, g, load<u32>(w, 4) + load<u32>(k, 4))
    c += g
    g += second(h, a, b)
    f = first(c, d, e, f, load<u32>(w, 8) + load<u32>(k, 8))
    b += f
    f += second(g, h, a)
    e = first(b, c, d, e, load<u32>(w, 12) + load<u32>(k, 12))
    a += e
    e += second(f, g, h)
    d = first(a, b, c, d, load<u32>(w, 16) + load<u32>(k, 16))
    h += d
    d += second(e, f, g)
    c = first(h, a, b, c, load<u32>(w, 20) + load<u32>(k, 20))
    g += c
    c += second(d, e, f)
    b = first(g, h, a, b, load<u32>(w, 24) + load<u32>(k, 24))
    f += b
    b += second(c, d, e)
    a = first(f, g, h, a, load<u32>(w, 28) + load<u32>(k, 28))
    e += a
    a += second(b, c, d)
  }
  store<u32>(chaining, load<u32>(from) + a)
  store<u32>(chaining, load<u32>(from, 4) + b, 4)
  store<u32>(chaining, load<u32>(from, 8) + c, 8)
  store<u32>(chaining, load<u32>(from, 12) + d, 12)
  store<u32>(chaining, load<u32>(from, 16) + e, 16)
  store<u32>(chaining, load<u32>(from, 20) + f, 20)
  store<u32>(chaining, load<u32>(from, 24) + g, 24)
  store<u32>(chaining, load<u32>(from, 28) + h, 28)
}
