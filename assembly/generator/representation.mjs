// The two ways in which elements of the field of 2^255 - 19 elements are held, two at a time: limbs of floats, one vector of
// two lanes for each limb.
//
// A bound is counted in units: an element "of m units" has limb i from -m * unit[i] to m * unit[i]. A multiplication gives
// one unit, sums add their units, and `multiply` takes two elements whose units multiply to `productLimit` at most.

import { bitsOf } from './program.mjs'

const prime = (1n << 255n) - 19n

/**
 * For engines with relaxed SIMD and processors that fuse: five limbs that are whole numbers of weight 2^(51 i). A product of
 * two limbs has 102 bits, of which two fused multiplications give both halves.
 */
export const fused = {
  name: 'fused',
  sharesMultiply: false,
  limbs: 5,
  /** Weight of limb i; what is stored is the whole number. */
  weights: [0, 51, 102, 153, 204, 255],
  inPlace: false,
  productLimit: 3,
  squareLimit: 1,
  units: Array(5).fill((1n << 50n) + 512n),
  multiply: (program, a, b) => carryColumns(program, fusedColumns(program, pairs(a, b))),
  square: (program, a) => carryColumns(program, fusedColumns(program, squarePairs(program, a))),
  /** Brings a sum back to one unit. */
  reduce: (program, a) => {
    const parts = a.map(limb => program.split(limb, 51))
    return parts.map(({ rest }, i) => program.carryInto(parts[(i + 4) % 5].carried, i === 0 ? 19 : 1, rest))
  },
}

/**
 * For every engine with SIMD: twelve limbs of 21 or 22 bits. A limb is held together with its weight, so that a product of
 * limbs has its weight too and a carry needs no shift; all sums of products are exact (Bernstein, "Curve25519", section 3,
 * holds limbs so).
 */
const halves = Array.from({ length: 13 }, (_, i) => Math.ceil(21.25 * i))
export const plain = {
  name: 'plain',
  sharesMultiply: true,
  limbs: 12,
  weights: halves,
  inPlace: true,
  productLimit: 16,
  squareLimit: 4,
  units: Array.from({ length: 12 }, (_, i) => (1n << BigInt(halves[i + 1] - halves[i] - 1)) + 1024n),
  multiply: (program, a, b) => carryInPlace(program, placeColumns(program, pairs(a, b), b)),
  square: (program, a) => carryInPlace(program, placeColumns(program, squarePairs(program, a), a)),
  reduce: (program, a) => a,
}

/** Every product of a limb of a with one of b, and the column it belongs to. */
function pairs(a, b) {
  return a.flatMap((left, i) => b.map((right, j) => ({ left, right, i, j })))
}

/** The same for a square: each product that comes twice is taken once, of the doubled limb. */
function squarePairs(program, a) {
  const doubled = a.map((limb, i) => (i + 1 < a.length ? program.add(limb, limb) : undefined))
  return a.flatMap((limb, i) =>
    a.slice(i).map((right, k) => ({ left: k === 0 ? limb : doubled[i], right, i, j: i + k })),
  )
}

/** Ten columns of integers; the products' high halves weigh one limb more. */
function fusedColumns(program, products) {
  const columns = Array(10).fill(undefined)
  const gather = (k, value) => {
    columns[k] = columns[k] === undefined ? value : program.addInteger(columns[k], value)
  }
  for (const { left, right, i, j } of products.toSorted((x, y) => x.i + x.j - y.i - y.j)) {
    const { high, low } = program.fusedProduct(left, right)
    gather(i + j, low)
    gather(i + j + 1, high)
  }
  return columns
}

/**
 * Column k + 5 weighs 19 times column k modulo the prime. All five carries are taken at once: the columns are made positive
 * by 2^60, which is 512 units of the limb above, and each limb is centred by 2^50.
 */
function carryColumns(program, columns) {
  const bias = (1n << 60n) + (1n << 50n)
  const sums = columns.slice(0, 5).map((column, k) => {
    const folded = program.times19(columns[k + 5])
    const offset = column.range.offset + folded.range.offset
    return program.addInteger(program.addInteger(column, program.integer(bias - offset)), folded)
  })
  const carries = sums.map(each => program.shiftRight(each, 51))
  carries[4] = program.times19(carries[4])
  return sums.map((each, k) => {
    const limb = program.addInteger(program.lowest(each, 51), carries[(k + 4) % 5])
    return program.toFloat(limb, 2 ** 50 + (k === 0 ? 19 * 512 : 512))
  })
}

/** Twelve columns of floats; where the weights pass 255 the product is taken with 19 * 2^-255 times the second factor. */
function placeColumns(program, products, second) {
  const fold = program.float(19 * 2 ** -255)
  const folded = second.map((limb, j) => (j === 0 ? undefined : program.multiply(limb, fold)))
  const columns = Array(12).fill(undefined)
  for (const { left, right, i, j } of products.toSorted((x, y) => x.i + x.j - y.i - y.j)) {
    const k = (i + j) % 12
    const value = program.multiply(left, i + j < 12 ? right : folded[j])
    columns[k] = columns[k] === undefined ? value : program.add(columns[k], value)
  }
  return columns
}

/** Two chains of carries side by side, of limbs 0 to 5 and 6 to 11, and one step more of each for what they gave each other. */
function carryInPlace(program, columns) {
  const limbs = [...columns]
  const fold = program.float(19 * 2 ** -255)
  for (const k of [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 0]) {
    const { carried, rest } = program.split(limbs[k], halves[k + 1])
    limbs[k] = rest
    const next = (k + 1) % 12
    limbs[next] = program.add(limbs[next], k === 11 ? program.multiply(carried, fold) : carried)
  }
  return limbs
}

/** The ranges of an element of some units. */
export function rangesOf({ units, weights, inPlace }, count) {
  return units.map((unit, i) => ({
    exponent: inPlace ? weights[i] : 0,
    low: -unit * BigInt(count),
    high: unit * BigInt(count),
  }))
}

/** Bit patterns of a number's limbs, each centred around zero, as the number itself is: that is one unit. */
export function limbsOf({ limbs, weights, inPlace }, number) {
  let rest = ((number % prime) + prime) % prime
  if (rest > prime / 2n) rest -= prime
  return Array.from({ length: limbs }, (_, i) => {
    const width = weights[i + 1] - weights[i]
    const limb = i + 1 < limbs ? BigInt.asIntN(width, rest) : rest
    rest = (rest - limb) >> BigInt(width)
    return bitsOf(Number(limb) * (inPlace ? 2 ** weights[i] : 1))
  })
}
