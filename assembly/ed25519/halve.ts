// Half-size scalars: for k modulo L, c0 and c1 of 127 bits with c0 = c1 k modulo L (Antipa and others, "Accelerated
// Verification of ECDSA Signatures", section 3: Euclid's algorithm on L and k, stopped half way).

import { latticeRows } from './memory'

/** L as four little-endian words. */
const order: usize = memory.data<u64>([0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000])

/** A remainder (32 bytes) and the size of its cofactor (16). */
const rowBytes: usize = 64
const cofactor: usize = 32
const shifted: usize = latticeRows + 128

/**
 * Writes c0 and the size of c1, 16 bytes each with 16 of zero behind, to the scalars' places; answers 1 where c1 is negative.
 * Asks: k as 32 bytes below L.
 *
 * Each remainder r has a cofactor t with r = t k modulo L. At the first r below 2^127 the one before is not, and the product of
 * t's size with that is L at most, so t is below 2^127 too; it is not 0 and so has an inverse modulo L.
 */
export function halve(c0: usize, c1: usize, k: usize): u32 {
  let upper = latticeRows
  let lower = latticeRows + rowBytes
  for (let i: usize = 0; i < 32; i += 8) {
    store<u64>(upper + i, load<u64>(order + i))
    store<u64>(lower + i, load<u64>(k + i))
  }
  setCofactor(upper, 0)
  setCofactor(lower, 1)
  let negative: u32 = 0
  while (bitLength(lower) > 127) {
    divide(upper, lower)
    const row = upper
    upper = lower
    lower = row
    negative ^= 1
  }
  for (let i: usize = 0; i < 16; i += 8) {
    store<u64>(c0 + i, load<u64>(lower + i))
    store<u64>(c0 + i, 0, 16)
    store<u64>(c1 + i, load<u64>(lower + cofactor + i))
    store<u64>(c1 + i, 0, 16)
  }
  return negative
}

function setCofactor(row: usize, value: u64): void {
  store<u64>(row, value, cofactor)
  store<u64>(row, 0, cofactor + 8)
}

/**
 * Takes the lower row from the upper, shifted as far as it goes, until what is left is less. Cofactors have opposite signs,
 * so their sizes add.
 */
function divide(upper: usize, lower: usize): void {
  const lowerLength = bitLength(lower)
  while (true) {
    let shift = <i32>bitLength(upper) - <i32>lowerLength
    if (shift < 0) return
    shiftLeft(shifted, lower, <u32>shift)
    if (isLess(upper, shifted)) {
      if (shift === 0) return
      shift--
      shiftLeft(shifted, lower, <u32>shift)
    }
    subtractShifted(upper)
    addCofactor(upper, lower, <u32>shift)
  }
}

function bitLength(row: usize): u32 {
  for (let i: i32 = 24; i >= 0; i -= 8) {
    const word = load<u64>(row + i)
    if (word !== 0) return <u32>(i << 3) + 64 - <u32>clz(word)
  }
  return 0
}

/** The result fits in 256 bits, as the row's length and the shift are no more. */
function shiftLeft(out: usize, row: usize, shift: u32): void {
  const words = <i32>(shift >> 6)
  const bits = <u64>(shift & 63)
  for (let i = 3; i >= 0; i--) {
    const from = i - words
    const high = from >= 0 ? load<u64>(row + ((<usize>from) << 3)) << bits : 0
    const low = from > 0 && bits > 0 ? load<u64>(row + ((<usize>(from - 1)) << 3)) >> (64 - bits) : 0
    store<u64>(out + ((<usize>i) << 3), high | low)
  }
}

function isLess(row: usize, than: usize): bool {
  for (let i: i32 = 24; i >= 0; i -= 8) {
    const left = load<u64>(row + i)
    const right = load<u64>(than + i)
    if (left !== right) return left < right
  }
  return false
}

function subtractShifted(row: usize): void {
  let borrow: u64 = 0
  for (let i: usize = 0; i < 32; i += 8) {
    const left = load<u64>(row + i)
    const right = load<u64>(shifted + i)
    const difference = left - right
    store<u64>(row + i, difference - borrow)
    borrow = <u64>(left < right) | <u64>(difference < borrow)
  }
}

/** upper's cofactor += lower's, shifted. */
function addCofactor(upper: usize, lower: usize, shift: u32): void {
  const l0 = load<u64>(lower, cofactor)
  const l1 = load<u64>(lower, cofactor + 8)
  const bits = <u64>(shift & 63)
  const low = shift < 64 ? l0 << bits : 0
  const spilled = shift < 64 ? (bits > 0 ? (l1 << bits) | (l0 >> (64 - bits)) : l1) : l0 << bits
  const u0 = load<u64>(upper, cofactor) + low
  store<u64>(upper, u0, cofactor)
  store<u64>(upper, load<u64>(upper, cofactor + 8) + spilled + <u64>(u0 < low), cofactor + 8)
}
