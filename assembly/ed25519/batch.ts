// Many signatures at once. With a random z of 128 bits for each, all are good but with a chance of 2^-128 where
//
//   8 (sum z R + sum (z k) A - (sum z S) B) = 0
//
// and the sum over A needs one factor a key, however many signatures it made (Bernstein, Duif, Lange, Schwabe, Yang,
// "High-speed high-security signatures", section 5; the cofactor makes it ZIP-215's rule exactly).
//
// z is 128 random bits, read in signed digits of c bits, chunk - 2^(c-1), so it needs no recoding.

import { basePoint } from './comb'
import { isNeutral } from './exact'
import { elementBytes, negateLane } from './field'
import { columnsOffset, isNewIn, narrowWidth, nextMark, tableOf, wideMultiples, wideTableOf, wideWidth } from './keys'
import {
  baseTable,
  batchKeys,
  buckets,
  commitmentPoints,
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

/** Of one equation, since each brings many terms: chains have hundreds of keys, and thousands are asked in several. */
const keysMax: usize = 2048
const columnCount: u32 = 31
const columnBytes: usize = 256
/** For each digit of z, 32 at most, the sum of that digit times R; and at the bit where the digit begins a pointer to that. */
const windowSums: usize = memory.data(32 * lanePointBytes, 16)
const sumsAt: usize = memory.data(1024, 16)
const baseColumns: usize = memory.data(256, 16)
const pointers: usize = memory.data(16, 16)
/**
 * The terms: a pointer to a Niels point, whose lowest bit says that it is taken away, and one to the next term of the same
 * bit. A key has 52 at most: the narrower digits are 5 bits apart.
 */
const terms: usize = memory.data(8 * (keysMax + 1) * 52, 16)
/**
 * What is in each bucket of both lanes' windows: a pointer to the point, whose lowest bit says that its negative is meant, or
 * 0 where nothing is. Bucket 0 counts for nothing.
 */
const contents: usize = memory.data(2 * 1025 * 4, 16)
/** Of each lane's window: where a bucket's content is noted, and the Niels point to be added, its lowest bit as above. */
const additions: usize = memory.data(8 * 16384, 16)
const secondAdditions: usize = memory.data(8 * 16384, 16)
const neutralLane: usize = memory.data(lanePointBytes, 16)
/** The term noted last at each bit, 0 for none. */
const lastTerms: usize = memory.data(1024, 16)
let termCount: usize = 0

const total = points + 3 * pairPointBytes
const bucketSum = points + 4 * pairPointBytes
const running = points + 5 * pairPointBytes
const bucket = points + 6 * pairPointBytes

let baseIsBuilt: bool = false

/**
 * Whether the equation holds for the signatures `pending[first]` to `pending[end - 1]`, whose points are decoded; "no" also
 * where they are of too many keys for one.
 */
export function equationHolds(first: u32, end: u32): bool {
  prepareBaseTable()
  const windows = windowsFor(end - first)
  const keys = addFactors(first, end, windows)
  if (<usize>keys > keysMax) return false
  sumCommitments(first, end, windows)
  sumTerms(keys)
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

/** Digits of z, an even number: fewer mean fewer additions and more buckets to sum. */
function windowsFor(count: u32): u32 {
  if (count < 24) return 32
  if (count < 400) return 24
  return count < 3_000 ? 16 : 12
}

/** The bits of a digit: all together have 128, and the first ones have one more than the others where that doesn't divide. */
function widthOf(window: u32, windows: u32): u32 {
  return 128 / windows + <u32>(window < 128 % windows)
}

/** Adds z k to the columns of each key and z S to the base's. Answers the number of keys, which are listed in `batchKeys`. */
function addFactors(first: u32, end: u32, windows: u32): u32 {
  const mark = nextMark()
  setOffset(windows)
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
    setFactor(random + index * randomBytes)
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
function setOffset(windows: u32): void {
  clear(offsetLimbs)
  let end: u32 = 0
  for (let i: u32 = 0; i < windows; i++) {
    end += widthOf(i, windows)
    const bit = end - 1
    const limb = offsetLimbs + ((<usize>(bit / 21)) << 3)
    store<i64>(limb, load<i64>(limb) | ((<i64>1) << (bit % 21)))
  }
}

/** leftLimbs = z, seven limbs. */
function setFactor(bytes: usize): void {
  setLimbs(leftLimbs, bytes, 128)
  for (let i: usize = 0; i < 56; i += 8) {
    store<i64>(leftLimbs + i, load<i64>(leftLimbs + i) - load<i64>(offsetLimbs + i))
  }
}

/**
 * windowSums = for each digit of z the sum of that digit times R. Two windows at a time, one in each lane: each R is added to
 * the bucket of its digit, and the buckets are summed so that bucket b counts b times (Pippenger).
 */
function sumCommitments(first: u32, end: u32, windows: u32): void {
  memory.fill(sumsAt, 0, 1024)
  let bit: u32 = 0
  for (let window: u32 = 0; window < windows; window += 2) {
    const width = widthOf(window, windows)
    const half = 1 << (width - 1)
    const secondContents = contents + 4 * (half + 1)
    memory.fill(contents, 0, 8 * (half + 1))
    store<u32>(contents, <u32>neutralLane)
    store<u32>(secondContents, <u32>neutralLane)
    const count0 = listAdditions(first, end, bit, width, contents, additions)
    const count1 = listAdditions(first, end, bit + width, width, secondContents, secondAdditions)
    const last: usize = max<usize>(count0, count1) << 3
    // The lane that has fewer goes on with bucket 0.
    for (let i: usize = 8 * count0; i < last; i += 8) listAddition(additions + i, contents, neutralNiels)
    for (let i: usize = 8 * count1; i < last; i += 8) listAddition(secondAdditions + i, secondContents, neutralNiels)
    for (let i: usize = 0; i < last; i += 8) {
      const place0 = <usize>load<u32>(additions + i)
      const place1 = <usize>load<u32>(secondAdditions + i)
      const niels0 = load<u32>(additions + i, 4)
      const niels1 = load<u32>(secondAdditions + i, 4)
      const content0 = load<u32>(place0)
      const content1 = load<u32>(place1)
      gatherPoint(bucket, content0 & ~1, content1 & ~1)
      const out0 = buckets + ((place0 - contents) >> 2) * lanePointBytes
      const out1 = buckets + ((place1 - contents) >> 2) * lanePointBytes
      addNielsApart(out0, out1, bucket, niels0 & ~1, (niels0 ^ content0) & 1, niels1 & ~1, (niels1 ^ content1) & 1)
      store<u32>(place0, <u32>out0 | (content0 & 1))
      store<u32>(place1, <u32>out1 | (content1 & 1))
    }
    gatherBuckets(running, contents + 4 * half, secondContents + 4 * half)
    copyPoint(bucketSum, running)
    for (let i: usize = 4 * (half - 1); i > 0; i -= 4) {
      gatherBuckets(bucket, contents + i, secondContents + i)
      addPoint(running, bucket)
      addPoint(bucketSum, running)
    }
    const sum = windowSums + <usize>window * lanePointBytes
    scatterPoint(sum, sum + lanePointBytes, bucketSum)
    store<u32>(sumsAt + ((<usize>bit) << 2), <u32>sum)
    store<u32>(sumsAt + ((<usize>(bit + width)) << 2), <u32>(sum + lanePointBytes))
    bit += 2 * width
  }
}

/** Lists the additions of one window and answers how many there are. The first R in a bucket needs none: it is the content. */
function listAdditions(first: u32, end: u32, bit: u32, width: u32, contents: usize, list: usize): usize {
  const half = 1 << (width - 1)
  const mask = 2 * half - 1
  const bytes = random + (bit >> 3)
  const shift = bit & 7
  let next = list
  for (let i = first; i < end; i++) {
    const index = <usize>load<u32>(pending + 4 * <usize>i)
    const digit = <i32>((load<u32>(bytes + index * randomBytes) >> shift) & mask) - half
    if (digit === 0) continue
    const place = contents + 4 * <usize>abs(digit)
    const negative = <u32>digit >> 31
    if (load<u32>(place) === 0) store<u32>(place, (commitmentPoints + index * lanePointBytes) | negative)
    else {
      listAddition(next, place, (commitments + index * nielsBytes) | negative)
      next += 8
    }
  }
  return (next - list) >> 3
}

function listAddition(addition: usize, place: usize, niels: usize): void {
  store<u32>(addition, <u32>place)
  store<u32>(addition, <u32>niels, 4)
}

/** The points in a bucket of each lane: the neutral one where none was put. */
function gatherBuckets(out: usize, place0: usize, place1: usize): void {
  const content0 = load<u32>(place0) || <u32>neutralLane
  const content1 = load<u32>(place1) || <u32>neutralLane
  gatherPoint(out, content0 & ~1, content1 & ~1)
  if (content0 & 1) negate(out)
  if (content1 & 1) negate(out + 8)
}

function negate(lane: usize): void {
  negateLane(lane)
  negateLane(lane + 3 * elementBytes)
}

/** total = sum z R + sum (z k) A - (sum z S) B, its lanes to be added: bit by bit, with tables of odd multiples (Straus). */
function sumTerms(keys: u32): void {
  memory.fill(lastTerms, 0, 1024)
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
    const sum = load<u32>(sumsAt + ((<usize>bit) << 2))
    if (sum === 0) continue
    gatherPoint(bucket, sum, neutralLane)
    addPoint(total, bucket)
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
