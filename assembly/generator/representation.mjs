// The two ways in which elements of the field of 2^255 - 19 elements are held, two at a time: limbs of floats, one vector of
// two lanes for each limb.
//
// A bound is counted in units: an element "of m units" has limb i from -m * unit[i] to m * unit[i]. A multiplication gives
// one unit, and sums add their units. `multiply` takes two elements whose units multiply to `productLimit` at most,
// `multiplySum` to `sumLimit`.
//
// `multiply`, `multiplySum`, `square` and `reduce` are given a program (program.mjs), operands, and what to do with each limb of
// the result: `write(limb, value)`.

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
  productLimit: 1,
  sumLimit: 2,
  squareLimit: 1,
  units: Array(5).fill((1n << 50n) + 512n),
  multiply: (program, a, b, write) => fusedColumns(program, pairs(a, b), write, [4]),
  multiplySum: (program, a, b, write) => fusedColumns(program, pairs(a, b), write, [3, 4, 5]),
  square: (program, a, write) => fusedColumns(program, squarePairs(program, a), write),
  /** Brings a sum back to one unit. */
  reduce: (program, a, write) => {
    const parts = a.map(limb => program.split(limb, 51))
    for (const k of [1, 2, 3, 4, 0]) carryLimb(program, parts, k, write)
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
  sumLimit: 16,
  squareLimit: 4,
  units: Array.from({ length: 12 }, (_, i) => (1n << BigInt(halves[i + 1] - halves[i] - 1)) + 1024n),
  multiply: multiplyInPlace,
  multiplySum: multiplyInPlace,
  square: (program, a, write) => carryInPlace(program, placeColumns(program, squarePairs(program, a), a), write),
  reduce: (program, a, write) => a.forEach((limb, k) => write(k, limb)),
}

function multiplyInPlace(program, a, b, write) {
  carryInPlace(program, placeColumns(program, pairs(a, b), b), write)
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

/**
 * Ten columns, one after the other: column k is the low halves of the products of its weight and the high halves of those
 * below. Column k + 5 weighs 19 times column k modulo the prime, and is added to it; of the sum the carry goes to the limb above.
 * Those columns of `early` would be too large, and give a first carry of their own.
 */
function fusedColumns(program, products, write, early = []) {
  const columns = []
  const parts = []
  let highs
  let carried
  for (let k = 0; k < 9; k++) {
    const made = products.filter(({ i, j }) => i + j === k).map(({ left, right }) => program.fusedProduct(left, right))
    let column = made.map(({ low }) => low).reduce(program.add)
    if (carried !== undefined) column = program.carryInto(carried, 1, column)
    carried = undefined
    if (early.includes(k)) {
      const first = program.split(column, 51)
      column = first.rest
      carried = first.carried
    }
    if (highs !== undefined) column = program.carryInto(highs, -1, column)
    highs = made.map(({ minusHigh }) => minusHigh).reduce(program.add)
    if (k < 5) {
      columns[k] = program.keep(column)
      continue
    }
    parts[k - 5] = program.splitSum(columns[k - 5], 19, column)
    if (k > 5) carryLimb(program, parts, k - 5, write)
  }
  // The last column is high halves alone, so that it is taken with 2^-51.
  parts[4] = program.splitSum(columns[4], -19, highs)
  carryLimb(program, parts, 4, write)
  carryLimb(program, parts, 0, write)
}

/** Limb k is what was left of it and the carry of the limb below. */
function carryLimb(program, parts, k, write) {
  write(k, program.carryInto(parts[(k + 4) % 5].carried, k === 0 ? 19 : 1, parts[k].rest))
}

/** Twelve columns of floats; where the weights pass 255 the product is taken with 19 * 2^-255 times the second factor. */
function placeColumns(program, products, second) {
  const fold = program.constant(19 * 2 ** -255)
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
function carryInPlace(program, columns, write) {
  const limbs = [...columns]
  const fold = program.constant(19 * 2 ** -255)
  for (const k of [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 0]) {
    const { carried, rest } = program.split(limbs[k], halves[k + 1])
    limbs[k] = rest
    const next = (k + 1) % 12
    limbs[next] = program.add(limbs[next], k === 11 ? program.multiply(carried, fold) : carried)
  }
  limbs.forEach((limb, k) => write(k, limb))
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
