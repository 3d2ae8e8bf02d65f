// SHA-256 of five messages at a time: message i is lane i of each vector, and the last one stands beside them (rounds.ts).
//
// Vectors that stay the same are loaded from tables: engines rebuild one written in the code each time it is used.

import {
  blockBytes,
  chaining,
  chainingFour,
  constantsFour,
  digestBytes,
  initialFour,
  padding,
  wordsFour,
} from './memory'
import { compressFive } from './rounds'
import { bigEndian, constants, initial, loadBlock, pad, writeDigest } from './sha256'

/** Fills the tables. */
export function prepareFive(): void {
  for (let i: usize = 0; i < digestBytes; i += 4) v128.store(initialFour + 4 * i, i32x4.splat(load<u32>(initial + i)))
  for (let i: usize = 0; i < 4 * 64; i += 4) v128.store(constantsFour + 4 * i, i32x4.splat(load<u32>(constants + i)))
  pad(padding, 0, blockBytes)
}

/** The digests of five messages of 64 bytes that stand one after another. */
export function hashPairs(messages: usize, digests: usize): void {
  const message1 = messages + blockBytes
  const message2 = message1 + blockBytes
  const message3 = message2 + blockBytes
  loadFive(messages, message1, message2, message3, message3 + blockBytes)
  compressFive(initialFour, initial)
  loadFive(padding, padding, padding, padding, padding)
  compressFive(chainingFour, chaining)
  writeFour(digests)
  writeDigest(digests + 4 * digestBytes)
}

/** Puts five blocks where `compressFive` looks for them. */
export function loadFive(block0: usize, block1: usize, block2: usize, block3: usize, block4: usize): void {
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
  loadBlock(block4)
}

/** Writes the digests of the first four one after another; the fifth's is `chaining`. */
export function writeFour(digests: usize): void {
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

/** Four rows of four words become four columns, `apart` bytes from each other. */
function transpose(to: usize, apart: usize, row0: v128, row1: v128, row2: v128, row3: v128): void {
  const low01 = i8x16.shuffle(row0, row1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
  const low23 = i8x16.shuffle(row2, row3, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
  const high01 = i8x16.shuffle(row0, row1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
  const high23 = i8x16.shuffle(row2, row3, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
  const column0 = i8x16.shuffle(low01, low23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
  const column1 = i8x16.shuffle(low01, low23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
  const column2 = i8x16.shuffle(high01, high23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
  const column3 = i8x16.shuffle(high01, high23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
  v128.store(to, column0)
  v128.store(to + apart, column1)
  v128.store(to + 2 * apart, column2)
  v128.store(to + 3 * apart, column3)
}
