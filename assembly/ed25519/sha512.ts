// SHA-512 (FIPS 180-4, 6.4): of bytes that stand together, or of a running hash: begin, update as often as needed, end.

import { block, chaining } from './memory'
import { compress, initial } from './sha512-block'

const blockBytes: u32 = 128
/** Bytes of the running hash so far; those of them that wait in `block` are the remainder by 128. */
let total: u64 = 0

/** Writes the 64 bytes of the digest of `length` bytes. Reads up to 16 bytes beyond them. */
export function sha512(digest: usize, pointer: usize, length: u32): void {
  reset()
  const whole = length >> 7
  compress(chaining, pointer, whole)
  const rest = length & (blockBytes - 1)
  const tail = pointer + (whole << 7)
  for (let i: u32 = 0; i < rest; i += 16) v128.store(block + i, v128.load(tail + i))
  finish(digest, rest, length)
}

export function begin(): void {
  total = 0
  reset()
}

export function update(pointer: usize, length: u32): void {
  const waiting = <u32>total & (blockBytes - 1)
  total += length
  if (waiting > 0) {
    const taken = min(blockBytes - waiting, length)
    memory.copy(block + waiting, pointer, taken)
    if (waiting + taken < blockBytes) return
    compress(chaining, block, 1)
    pointer += taken
    length -= taken
  }
  compress(chaining, pointer, length >> 7)
  memory.copy(block, pointer + (length & ~127), length & 127)
}

/** Pads (5.1.2) and writes the 64 bytes of the digest. */
export function end(digest: usize): void {
  finish(digest, <u32>total & (blockBytes - 1), total)
}

function reset(): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(chaining + i, v128.load(initial + i))
}

function finish(digest: usize, waiting: u32, length: u64): void {
  pad(waiting)
  if (waiting >= blockBytes - 16) {
    compress(chaining, block, 1)
    pad(0)
    store<u64>(block, 0)
  }
  v128.store64_lane(block, bigEndian(i64x2.splat(length << 3)), 0, 120)
  compress(chaining, block, 1)
  for (let i: usize = 0; i < 64; i += 16) v128.store(digest + i, bigEndian(v128.load(chaining + i)))
}

/** Two words with their bytes turned around. */
function bigEndian(words: v128): v128 {
  return i8x16.shuffle(words, words, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
}

/** A one bit and zeros from byte `waiting` of the block. */
function pad(waiting: u32): void {
  const word = block + (waiting & ~7)
  const bits = (<u64>(waiting & 7)) << 3
  store<u64>(word, (load<u64>(word) & (((<u64>1) << bits) - 1)) | ((<u64>0x80) << bits))
  for (let i = word + 8; i < block + blockBytes; i += 8) store<u64>(i, 0)
}
