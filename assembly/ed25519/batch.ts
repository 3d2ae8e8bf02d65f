// Many signatures at once. With a random z of 128 bits for each, all are good but with a chance of 2^-128 where
//
//   8 (sum z R + sum (z k) A - (sum z S) B) = 0
//
// and the sum over A needs one factor a key, however many signatures it made (Bernstein, Duif, Lange, Schwabe, Yang,
// "High-speed high-security signatures", section 5; the cofactor makes it ZIP-215's rule exactly).
//
// z is taken from the random bytes in signed digits of c bits, chunk - 2^(c-1), so it needs no recoding.

import { basePoint } from './comb'
import { isNeutral } from './exact'
import { columnsOffset, isNewIn, narrowWidth, nextMark, tableOf, wideMultiples, wideTableOf, wideWidth } from './keys'
import {
  baseTable,
  batchKeys,
  buckets,
  commitments,
  digits,
  lanePointBytes,
  leftLimbs,
  nielsBytes,
  offsetLimbs,
  pairPointBytes,
  pending,
  points,
  random,
  randomBytes,
  rightLimbs,
  scalarLimbs,
  scalars,
  signatureBytes,
  signatures,
  slots,
} from './memory'
import {
  addLanes,
  addNiels,
  addNielsApart,
  addPoint,
  copyPoint,
  doublePoint,
  gatherPoint,
  neutralNiels,
  scatterPoint,
  setNeutral,
  setNeutralLane,
} from './point'
import { addProduct, nonAdjacentForm, reduceLimbs, setLimbs } from './scalar'
import { buildOddMultiples } from './tables'

const columnCount: u32 = 31
const columnBytes: usize = 256
const laneScratch: usize = memory.data(3 * lanePointBytes, 16)
const baseColumns: usize = memory.data(256, 16)
const pointers: usize = memory.data(16, 16)
/**
 * The terms: a pointer to a Niels point, whose lowest bit says that it is taken away, and one to the next term of the same
 * bit. A key has 52 at most: the
 * narrower digits are 5 bits apart.
 */
const terms: usize = memory.data(8 * 16400 * 52, 16)
/** The round in which each bucket was last put to use, so that none has to be emptied. */
const rounds: usize = memory.data(2 * 1025 * 4, 16)
let lastRound: u32 = 0
const neutralLane: usize = memory.data(lanePointBytes, 16)
/** The term noted last at each bit, 0 for none. */
const lastTerms: usize = memory.data(1024, 16)
let termCount: usize = 0

const total = points + 3 * pairPointBytes
const bucketSum = points + 4 * pairPointBytes
const running = points + 5 * pairPointBytes
const bucket = points + 6 * pairPointBytes

let baseIsBuilt: bool = false

/** Whether the equation holds for the signatures `pending[first]` to `pending[end - 1]`; their points are decoded. */
export function equationHolds(first: u32, end: u32): bool {
  prepareBaseTable()
  const width = widthFor(end - first)
  const windows = windowsFor(width)
  const keys = addFactors(first, end, width, windows)
  sumCommitments(first, end, width, windows)
  copyPoint(bucketSum, total)
  sumKeys(keys)
  addPoint(total, bucketSum)
  addLanes(total)
  doublePoint(total, 3)
  return isNeutral(total)
}

function prepareBaseTable(): void {
  if (baseIsBuilt) return
  baseIsBuilt = true
  setNeutralLane(neutralLane)
  store<u32>(pointers, <u32>basePoint())
  store<u32>(pointers, <u32>baseTable, 4)
  buildOddMultiples(pointers, pointers + 4, 1, wideMultiples)
}

/** Bits of a digit of z: wider ones mean fewer additions and more buckets to sum. */
function widthFor(count: u32): u32 {
  if (count < 24) return 4
  if (count < 400) return 5
  return count < 3_000 ? 8 : 11
}

/** As many digits, an even number, as make 128 bits: 32, 22, 16 and 12. */
function windowsFor(width: u32): u32 {
  const windows = (127 + width) / width
  return windows + (windows & 1)
}

/** Adds z k to the columns of each key and z S to the base's. Answers the number of keys, which are listed in `batchKeys`. */
function addFactors(first: u32, end: u32, width: u32, windows: u32): u32 {
  const mark = nextMark()
  setOffset(width, windows)
  clear(baseColumns)
  let keys: u32 = 0
  for (let i = first; i < end; i++) {
    const index = <usize>load<u32>(pending + 4 * <usize>i)
    const slot = <usize>load<u32>(slots + 4 * index)
    if (isNewIn(slot, mark)) {
      clear(slot + columnsOffset)
      store<u32>(batchKeys + 4 * <usize>keys, <u32>slot)
      keys++
    }
    setFactor(random + index * randomBytes, width * windows)
    const signature = signatures + index * signatureBytes
    addProduct(slot + columnsOffset, leftLimbs, rightLimbs, setLimbs(rightLimbs, signature + 64, 512))
    addProduct(baseColumns, leftLimbs, rightLimbs, setLimbs(rightLimbs, signature + 32, 256))
  }
  return keys
}

function clear(columns: usize): void {
  for (let i: usize = 0; i < columnBytes; i += 16) v128.store(columns + i, i64x2.splat(0))
}

/** What all z are less than their random bits: half of the range of each digit. */
function setOffset(width: u32, windows: u32): void {
  clear(offsetLimbs)
  for (let i: u32 = 0; i < windows; i++) {
    const bit = i * width + width - 1
    const limb = offsetLimbs + ((<usize>(bit / 21)) << 3)
    store<i64>(limb, load<i64>(limb) | ((<i64>1) << (bit % 21)))
  }
}

/** leftLimbs = z, seven limbs. */
function setFactor(bytes: usize, bits: u32): void {
  const used = setLimbs(leftLimbs, bytes, bits)
  for (let i: usize = used; i < 7; i++) store<i64>(leftLimbs + (i << 3), 0)
  for (let i: usize = 0; i < 56; i += 8) {
    store<i64>(leftLimbs + i, load<i64>(leftLimbs + i) - load<i64>(offsetLimbs + i))
  }
}

/**
 * total = sum z R, its lanes to be added. Two windows at a time, one in each lane: each R is added to the bucket of its
 * digit, and the buckets are summed so that bucket b counts b times (Pippenger).
 */
function sumCommitments(first: u32, end: u32, width: u32, windows: u32): void {
  const half = 1 << (width - 1)
  const mask = (1 << width) - 1
  const secondBuckets = <usize>half + 1
  setNeutral(total)
  for (let window = <i32>windows - 2; window >= 0; window -= 2) {
    lastRound++
    const bit0 = <u32>window * width
    const bit1 = bit0 + width
    for (let i = first; i < end; i++) {
      const index = <usize>load<u32>(pending + 4 * <usize>i)
      const bytes = random + index * randomBytes
      const digit0 = (<i32>(load<u32>(bytes + (bit0 >> 3)) >> (bit0 & 7)) & mask) - half
      const digit1 = (<i32>(load<u32>(bytes + (bit1 >> 3)) >> (bit1 & 7)) & mask) - half
      const place0 = <usize>abs(digit0)
      const place1 = secondBuckets + <usize>abs(digit1)
      const niels = commitments + index * nielsBytes
      gatherPoint(bucket, contentOf(place0), contentOf(place1))
      addNielsApart(fill(place0), fill(place1), bucket, niels, <u32>digit0 >> 31, niels, <u32>digit1 >> 31)
    }
    setNeutral(running)
    setNeutral(bucketSum)
    for (let i = <usize>half; i > 0; i--) {
      gatherPoint(bucket, contentOf(i), contentOf(secondBuckets + i))
      addPoint(running, bucket)
      addPoint(bucketSum, running)
    }
    if (window < <i32>windows - 2) doublePoint(total, 2 * width)
    addPoint(total, bucketSum)
  }
  raiseSecondLane(width)
}

/** The point in a bucket: the neutral one where nothing was put into it in this round. */
function contentOf(place: usize): usize {
  return load<u32>(rounds + (place << 2)) === lastRound ? buckets + place * lanePointBytes : neutralLane
}

/** The bucket itself, which is from now on of this round. */
function fill(place: usize): usize {
  store<u32>(rounds + (place << 2), lastRound)
  return buckets + place * lanePointBytes
}

/** The second lane of `total` weighs 2^width times the first: it is doubled as often, the first is not. */
function raiseSecondLane(width: u32): void {
  const raised = laneScratch + 2 * lanePointBytes
  copyPoint(bucket, total)
  doublePoint(bucket, width)
  scatterPoint(laneScratch, raised, bucket)
  scatterPoint(laneScratch, laneScratch + lanePointBytes, total)
  gatherPoint(total, laneScratch, raised)
}

/** total = sum (z k) A - (sum z S) B, its lanes to be added: bit by bit from the top, with tables of odd multiples (Straus). */
function sumKeys(keys: u32): void {
  for (let i: usize = 0; i < 256; i += 4) v128.store(lastTerms + 4 * i, i64x2.splat(0))
  termCount = 0
  for (let i: u32 = 0; i < keys; i++) {
    const slot = <usize>load<u32>(batchKeys + 4 * <usize>i)
    const wide = wideTableOf(slot)
    if (wide !== 0) listTerms(slot + columnsOffset, wide, wideWidth, 0)
    else listTerms(slot + columnsOffset, tableOf(slot), narrowWidth, 0)
  }
  listTerms(baseColumns, baseTable, wideWidth, 1)
  setNeutral(total)
  for (let bit = 255; bit >= 0; bit--) {
    if (bit < 255) doublePoint(total, 1)
    addTerms(load<u32>(lastTerms + ((<usize>bit) << 2)))
  }
}

/** Notes at each bit of the columns' number the table entry to be added there; `negative` turns all signs around. */
function listTerms(columns: usize, table: usize, width: u32, negative: u32): void {
  for (let i: usize = 0; i < columnBytes; i += 16) v128.store(scalarLimbs + i, v128.load(columns + i))
  reduceLimbs(scalars, columnCount)
  const digitCount = nonAdjacentForm(digits, scalars, width)
  for (let i: usize = 0; i < 2 * digitCount; i += 2) {
    const digit = <i32>load<i8>(digits + i)
    const last = lastTerms + ((<usize>load<u8>(digits + i, 1)) << 2)
    const entry = table + <usize>(abs(digit) >> 1) * nielsBytes
    termCount++
    const term = terms + 8 * termCount
    store<u32>(term, <u32>entry | ((<u32>digit >> 31) ^ negative))
    store<u32>(term, load<u32>(last), 4)
    store<u32>(last, <u32>term)
  }
}

/** Adds the terms of one bit, two at a time. While they are added the next ones are touched, so that they are in the cache. */
function addTerms(first: usize): void {
  let term = first
  while (term !== 0) {
    const term0 = load<u32>(term)
    term = load<u32>(term, 4)
    const term1 = term === 0 ? <u32>neutralNiels : load<u32>(term)
    if (term !== 0) term = load<u32>(term, 4)
    if (term !== 0) touch(term)
    addNiels(total, term0 & ~1, term0 & 1, term1 & ~1, term1 & 1)
  }
}

function touch(term: usize): void {
  const next = <usize>load<u32>(term, 4)
  const entry0 = <usize>load<u32>(term) & ~1
  const entry1 = next === 0 ? entry0 : <usize>load<u32>(next) & ~1
  let touched: u64 = 0
  for (let i: usize = 0; i < nielsBytes; i += 64) touched |= load<u64>(entry0 + i) | load<u64>(entry1 + i)
  store<u64>(pointers, touched, 8)
}
