// Arithmetic modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point (RFC 8032, 5.1).

import { scalarLimbs } from './memory'

/** L as four little-endian words. */
const order: usize = memory.data<u64>([0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000])

/** 2^252 modulo L, as six signed limbs of 21 bits: that is -27742317777372353535851937790883648493. */
const fold252: usize = memory.data<i64>([666643, 470296, 654183, -997805, 136657, -683901])

/** Whether 32 little-endian bytes are below L: ZIP-215 asks it of S, or a signature would have several forms. */
export function isBelowOrder(bytes: usize): bool {
  for (let i: i32 = 24; i >= 0; i -= 8) {
    const word = load<u64>(bytes + i)
    const bound = load<u64>(order + i)
    if (word !== bound) return word < bound
  }
  return false
}

/**
 * out = 64 little-endian bytes modulo L, as 32.
 *
 * The value is cut into 24 limbs of 21 bits (the last has 29). Limb i from 12 up weighs 2^252 times limb i - 12, so it can
 * be folded into limbs i - 12 to i - 7. Six limbs are folded at a time: their products are below 2^29 * 2^20 the first
 * time, and below 2^32 * 2^20 the second, as the carry between leaves at most 2^32 in limb 17. Nothing leaves i64.
 */
export function reduce(out: usize, wide: usize): void {
  for (let i: usize = 0; i < 24; i++) setLimb(i, readBits(wide, <u32>i * 21, i === 23 ? 29 : 21))
  for (let i: usize = 23; i > 17; i--) fold(i)
  carry(6, 17)
  for (let i: usize = 17; i > 11; i--) fold(i)
  // What is left is below 2^263 in size, so limb 12, which this carry makes, is below 2^12 and the fold of it leaves a
  // value from -2^137 to 2^252 + 2^137.
  carry(0, 12)
  fold(12)
  // One L less, and then as many L more, two at most, as make it positive again.
  addOrder(-1)
  while (load<i64>(scalarLimbs, 88) < 0) addOrder(1)
  writeWords(out)
}

/** Adds L some times. Limb 11, the highest, then has the sign of the value. */
function addOrder(times: i64): void {
  for (let j: usize = 0; j < 6; j++) setLimb(j, load<i64>(scalarLimbs + 8 * j) - times * load<i64>(fold252 + 8 * j))
  store<i64>(scalarLimbs, load<i64>(scalarLimbs, 88) + times * (1 << 21), 88)
  carry(0, 11)
}

function setLimb(index: usize, value: i64): void {
  store<i64>(scalarLimbs + 8 * index, value)
}

/** `width` bits from bit `start` of 64 bytes; at most 32 of them. */
function readBits(bytes: usize, start: u32, width: u32): i64 {
  const byte = min<u32>(start >> 3, 56)
  return <i64>((load<u64>(bytes + byte) >> (start - 8 * byte)) & (((<u64>1) << width) - 1))
}

/** Adds limb `index` times 2^252 modulo L to the limbs twelve below, and clears it. */
function fold(index: usize): void {
  const limbs = scalarLimbs + 8 * index
  const value = load<i64>(limbs)
  for (let j: usize = 0; j < 6; j++) {
    const target = limbs - 96 + 8 * j
    store<i64>(target, load<i64>(target) + value * load<i64>(fold252 + 8 * j))
  }
  store<i64>(limbs, 0)
}

/** Brings limbs `first` to `last` - 1 into 0..2^21-1 and adds what is over, or a debt, to the one above. */
function carry(first: usize, last: usize): void {
  for (let i = first; i < last; i++) {
    const pointer = scalarLimbs + 8 * i
    const value = load<i64>(pointer)
    store<i64>(pointer, value & 0x1fffff)
    store<i64>(pointer, load<i64>(pointer, 8) + (value >> 21), 8)
  }
}

/** Limbs 0 to 11 as 32 little-endian bytes. The last may have a bit more than the others. */
function writeWords(out: usize): void {
  memory.fill(out, 0, 32)
  for (let i: usize = 0; i < 12; i++) {
    const value = load<u64>(scalarLimbs + 8 * i)
    const start = <usize>21 * i
    const word = out + 8 * (start >> 6)
    const shift = start & 63
    store<u64>(word, load<u64>(word) | (value << shift))
    if (shift > 43 && i < 11) store<u64>(word, value >> (64 - shift), 8)
  }
}

/**
 * Writes 256 signed digits (i8), of which one in `width` + 1 on average is not 0 and each is odd and below 2^(width-1) in
 * size: the width-w non-adjacent form (Solinas, "Efficient arithmetic on Koblitz curves", algorithm 2). Asks: 32 bytes
 * below 2^253, so that the last carry finds a place.
 */
export function nonAdjacentForm(digits: usize, bytes: usize, width: u32): void {
  memory.fill(digits, 0, 256)
  const mask = (1 << width) - 1
  const half = 1 << (width - 1)
  let carried: i32 = 0
  for (let position: u32 = 0; position < 256; ) {
    const window = carried + <i32>window32(bytes, position, mask)
    if (!(window & 1)) {
      position++
      continue
    }
    carried = window >= half ? 1 : 0
    store<i8>(digits + position, <i8>(window - (carried << width)))
    position += width
  }
}

/** The bits of 32 bytes from `position`, zero beyond the end. */
function window32(bytes: usize, position: u32, mask: u32): u32 {
  const byte = min<u32>(position >> 3, 28)
  return (load<u32>(bytes + byte) >> (position - 8 * byte)) & mask
}
