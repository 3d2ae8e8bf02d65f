// SHA-256 (FIPS 180-4), one message at a time. The rounds are in rounds.ts, which assembly/generator/sha256.mjs writes.

import { blockBytes, chaining, words } from './memory'
import { compress } from './rounds'

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
    loadBlock(pointer)
    compress(from)
    from = chaining
  }
}

/** Puts a block where `compress` looks for it. */
export function loadBlock(block: usize): void {
  const order = v128.load(bigEndian)
  for (let i: usize = 0; i < blockBytes; i += 16) v128.store(words + i, i8x16.swizzle(v128.load(block + i), order))
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

/** Engines make a call of `memory.copy`. */
export function copyDigest(to: usize, from: usize): void {
  v128.store(to, v128.load(from))
  v128.store(to, v128.load(from, 16), 16)
}
