// Arithmetic modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point (RFC 8032, 5.1), on
// signed limbs of 21 bits in i64.

import { scalarLimbs } from './memory'

/** L as four little-endian words. */
const order: usize = memory.data<u64>([0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000])

/** 2^252 modulo L as six signed limbs: -27742317777372353535851937790883648493. */
const fold0: i64 = 666643
const fold1: i64 = 470296
const fold2: i64 = 654183
const fold3: i64 = -997805
const fold4: i64 = 136657
const fold5: i64 = -683901

/** Whether 32 little-endian bytes are below L: ZIP-215 asks it of S, or a signature would have several forms. */
export function isBelowOrder(bytes: usize): bool {
  for (let i: i32 = 24; i >= 0; i -= 8) {
    const word = load<u64>(bytes + i)
    const bound = load<u64>(order + i)
    if (word !== bound) return word < bound
  }
  return false
}

/** Cuts `bits` bits into limbs and answers how many there are. Reads up to 7 bytes beyond. */
export function setLimbs(limbs: usize, bytes: usize, bits: u32): u32 {
  let count: u32 = 0
  let start: u32 = 0
  for (; start + 168 <= bits; start += 168) {
    setEightLimbs(limbs + ((<usize>count) << 3), bytes + (start >> 3))
    count += 8
  }
  for (; start < bits; start += 21) {
    const width = min<u32>(bits - start, 21)
    const value = (load<u64>(bytes + (start >> 3)) >> (start & 7)) & (((<u64>1) << width) - 1)
    store<i64>(limbs + ((<usize>count) << 3), value)
    count++
  }
  return count
}

/** Eight limbs are 21 bytes. */
function setEightLimbs(limbs: usize, bytes: usize): void {
  store<u64>(limbs, load<u64>(bytes) & 0x1fffff)
  store<u64>(limbs, (load<u64>(bytes, 2) >> 5) & 0x1fffff, 8)
  store<u64>(limbs, (load<u64>(bytes, 5) >> 2) & 0x1fffff, 16)
  store<u64>(limbs, (load<u64>(bytes, 7) >> 7) & 0x1fffff, 24)
  store<u64>(limbs, (load<u64>(bytes, 10) >> 4) & 0x1fffff, 32)
  store<u64>(limbs, (load<u64>(bytes, 13) >> 1) & 0x1fffff, 40)
  store<u64>(limbs, (load<u64>(bytes, 15) >> 6) & 0x1fffff, 48)
  store<u64>(limbs, (load<u64>(bytes, 18) >> 3) & 0x1fffff, 56)
}

/**
 * columns += left * right, of 7 and `count` limbs; `count` + 6 columns are touched. A column grows by at most 7 * 2^42 a
 * time, so 2^14 products, a batch's most, leave it below 2^59.
 */
export function addProduct(columns: usize, left: usize, right: usize, count: u32): void {
  const l0 = load<i64>(left)
  const l1 = load<i64>(left, 8)
  const l2 = load<i64>(left, 16)
  const l3 = load<i64>(left, 24)
  const l4 = load<i64>(left, 32)
  const l5 = load<i64>(left, 40)
  const l6 = load<i64>(left, 48)
  let c0: i64 = 0
  let c1: i64 = 0
  let c2: i64 = 0
  let c3: i64 = 0
  let c4: i64 = 0
  let c5: i64 = 0
  for (; count > 0; count--) {
    const limb = load<i64>(right)
    store<i64>(columns, load<i64>(columns) + c0 + l0 * limb)
    c0 = c1 + l1 * limb
    c1 = c2 + l2 * limb
    c2 = c3 + l3 * limb
    c3 = c4 + l4 * limb
    c4 = c5 + l5 * limb
    c5 = l6 * limb
    right += 8
    columns += 8
  }
  store<i64>(columns, load<i64>(columns) + c0)
  store<i64>(columns, load<i64>(columns, 8) + c1, 8)
  store<i64>(columns, load<i64>(columns, 16) + c2, 16)
  store<i64>(columns, load<i64>(columns, 24) + c3, 24)
  store<i64>(columns, load<i64>(columns, 32) + c4, 32)
  store<i64>(columns, load<i64>(columns, 40) + c5, 40)
}

/** out = 64 little-endian bytes modulo L, as 32. */
export function reduce(out: usize, wide: usize): void {
  memory.fill(scalarLimbs, 0, 208)
  setLimbs(scalarLimbs, wide, 512)
  reduceLimbs(out, 25)
}

/**
 * out = the number in `scalarLimbs`, `count` limbs of less than 2^59 in size, modulo L, as 32 bytes. Limb `count` must be 0.
 *
 * Limb i from 12 up weighs 2^252 times limb i - 12, so it can be folded into limbs i - 12 to i - 7. After a carry all limbs
 * have 21 bits but the highest, which has what was carried out of the others: 2^38 at most. Six limbs are folded at a time,
 * so what they are folded into stays below 2^59, and the next carry begins again.
 */
export function reduceLimbs(out: usize, count: u32): void {
  carry(0, count)
  let top = count
  while (true) {
    const bottom = max<u32>(top - 5, 12)
    for (let i = top; i >= bottom; i--) fold(i)
    if (bottom === 12) break
    carry(bottom - 12, bottom - 1)
    top = bottom - 1
  }
  // Limb 12 has 2^38 at most after this carry, 2^17 after the next, and then the value is -2^142 to 2^252 + 2^142.
  for (let times = 0; times < 3; times++) {
    carry(0, 12)
    fold(12)
  }
  // One L less, and then as many L more, two at most, as make it positive again.
  addOrder(-1)
  while (load<i64>(scalarLimbs, 88) < 0) addOrder(1)
  writeWords(out)
}

/** Adds L some times. Limb 11, the highest, then has the sign of the value. */
function addOrder(times: i64): void {
  addAt(0, -times * fold0)
  addAt(8, -times * fold1)
  addAt(16, -times * fold2)
  addAt(24, -times * fold3)
  addAt(32, -times * fold4)
  addAt(40, -times * fold5)
  addAt(88, times << 21)
  carry(0, 11)
}

function addAt(offset: usize, value: i64): void {
  store<i64>(scalarLimbs + offset, load<i64>(scalarLimbs + offset) + value)
}

/** Adds limb `index` times 2^252 modulo L to the limbs twelve below, and clears it. */
function fold(index: u32): void {
  const limbs = scalarLimbs + 8 * <usize>index
  const value = load<i64>(limbs)
  const target = limbs - 96
  store<i64>(target, load<i64>(target) + value * fold0)
  store<i64>(target, load<i64>(target, 8) + value * fold1, 8)
  store<i64>(target, load<i64>(target, 16) + value * fold2, 16)
  store<i64>(target, load<i64>(target, 24) + value * fold3, 24)
  store<i64>(target, load<i64>(target, 32) + value * fold4, 32)
  store<i64>(target, load<i64>(target, 40) + value * fold5, 40)
  store<i64>(limbs, 0)
}

/** Brings limbs `first` to `last` - 1 into 0..2^21-1 and adds what is over, or a debt, to the one above. */
function carry(first: u32, last: u32): void {
  let over: i64 = 0
  const end = scalarLimbs + 8 * <usize>last
  for (let pointer = scalarLimbs + 8 * <usize>first; pointer < end; pointer += 8) {
    const value = load<i64>(pointer) + over
    store<i64>(pointer, value & 0x1fffff)
    over = value >> 21
  }
  store<i64>(end, load<i64>(end) + over)
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
 * Writes the digits of the width-w non-adjacent form that are not 0 (Solinas, "Efficient arithmetic on Koblitz curves",
 * algorithm 2), as pairs of the digit (i8), odd and below 2^(width-1) in size, and its bit (u8); answers how many there are.
 * Two are at least `width` bits apart. Asks: 32 bytes below 2^253, so that the last carry finds a place, and 8 bytes of zero
 * behind them.
 */
export function nonAdjacentForm(digits: usize, bytes: usize, width: u32): usize {
  const half: u64 = 1 << (width - 1)
  let carried: u64 = 0
  let count: usize = 0
  let position: u32 = 0
  while (true) {
    const window = load<u64>(bytes + (position >> 3)) >> (position & 7)
    // With a carry a run of ones stands for zeros. Of the 57 bits that are there at least, 48 are skipped at most.
    const zeros = min<u64>(ctz(carried ? ~window : window), 48)
    position += <u32>zeros
    if (position >= 256) return count
    if (zeros === 48) continue
    const digit = ((window >> zeros) & (2 * half - 1)) + carried
    carried = digit >= half ? 1 : 0
    store<i8>(digits + 2 * count, <i8>(<i64>digit - <i64>(carried << width)))
    store<u8>(digits + 2 * count, <u8>position, 1)
    count++
    position += width
    if (position >= 256) return count
  }
}

/**
 * Writes `count` signed digits (i16) of `width` bits, from -2^(width-1) to 2^(width-1) - 1 but for the last, which takes
 * what is left. Asks for 8 bytes of zero behind the number.
 */
export function signedWindows(digits: usize, bytes: usize, width: u32, count: u32): void {
  const half = 1 << (width - 1)
  let carried: i32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const position = i * width
    const window = <i32>((load<u64>(bytes + (position >> 3)) >> (position & 7)) & ((1 << width) - 1)) + carried
    carried = window >= half && i + 1 < count ? 1 : 0
    store<i16>(digits + ((<usize>i) << 1), <i16>(window - (carried << width)))
  }
}
