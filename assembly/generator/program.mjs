// A straight-line program over vectors of two lanes, built step by step. The same steps are written out as AssemblyScript,
// and are followed over ranges: at each step it is checked that nothing is rounded that must be exact and that nothing
// overflows, whatever the inputs are within the ranges given (`test/conformance/field-ranges.test.ts`).
//
// What a step yields:
//   text   the name or expression of the vector
//   range  float lanes: every value is `n * 2^exponent` with a whole n from `low` to `high`;
//          integer lanes: the 64 bits are `offset` + n modulo 2^64, with n from `low` to `high`

const word = 1n << 64n
const exactFloat = 1n << 53n

/** A program; `constants` collects the bit patterns that the text loads from memory (V8 builds an inline one anew each time). */
export function createProgram(constants) {
  const lines = []
  let names = 0
  const step = (text, range) => {
    const name = `t${names++}`
    lines.push(`const ${name} = ${text}`)
    return { text: name, range }
  }

  /** A constant loaded once for the function. */
  const loaded = new Map()
  const constant = (bits, range) => {
    const pattern = BigInt.asUintN(64, bits)
    if (!loaded.has(pattern)) loaded.set(pattern, step(`v128.load(${constants.place(pattern)})`, undefined).text)
    return { text: loaded.get(pattern), range }
  }
  const float = value => constant(bitsOf(value), { ...wholeOf(value) })
  const integer = value => constant(value, { offset: BigInt.asUintN(64, value), low: 0n, high: 0n })

  const program = {
    lines,
    step,
    constant,
    float,
    integer,
    add: (a, b) => step(`f64x2.add(${a.text}, ${b.text})`, exact(sum(a.range, b.range))),
    subtract: (a, b) => step(`f64x2.sub(${a.text}, ${b.text})`, exact(sum(a.range, negative(b.range)))),
    multiply: (a, b) => step(`f64x2.mul(${a.text}, ${b.text})`, exact(product(a.range, b.range))),
    addInteger: (a, b) => step(`i64x2.add(${a.text}, ${b.text})`, sumInteger(a.range, b.range)),
    /** 19 a, without a multiplication, which no vector unit has for 64 bits. */
    times19: a => {
      const shifted = step(`i64x2.add(i64x2.shl(${a.text}, 4), i64x2.shl(${a.text}, 1))`, scaled(a.range, 18n))
      return step(`i64x2.add(${shifted.text}, ${a.text})`, scaled(a.range, 19n))
    },
    /** a >> bits of a value that is not negative. */
    shiftRight: (a, bits) => {
      const { low, high } = unsigned(a.range)
      const range = { offset: 0n, low: low >> BigInt(bits), high: high >> BigInt(bits) }
      return step(`i64x2.shr_u(${a.text}, ${bits})`, range)
    },
    /** The lowest bits of a value that is not negative. */
    lowest: (a, bits) => {
      unsigned(a.range)
      const mask = (1n << BigInt(bits)) - 1n
      return step(`v128.and(${a.text}, ${integer(mask).text})`, { offset: 0n, low: 0n, high: mask })
    },
    /** A whole number below 2^52 as a float, less `value`: the bits of 2^52 are put above it, and 2^52 + value taken away. */
    toFloat: (a, value) => {
      const { low, high } = unsigned(a.range)
      check(high < 1n << 52n, 'a whole number must be below 2^52 to become a float')
      const base = constant(bitsOf(2 ** 52), undefined)
      const less = constant(bitsOf(2 ** 52 + value), undefined)
      check(2 ** 52 + value < 2 ** 53, 'what is taken away must be exact')
      const range = exact({ exponent: 0, low: low - BigInt(value), high: high - BigInt(value) })
      return step(`f64x2.sub(v128.or(${a.text}, ${base.text}), ${less.text})`, range)
    },
    /**
     * The high and the low half of a product of whole numbers, by two fused multiplications.
     *
     * With C = 1.5 * 2^103, whose neighbours are 2^51 away, h = ab + C rounds to C + 2^51 q, where q is ab / 2^51 rounded:
     * asked is |ab| <= 2^102, so that h stays from 2^103 to 2^104. C + 1.5 * 2^52 - h = 1.5 * 2^52 - 2^51 q is exact, as
     * |3 - q| < 2^53; and l = ab + that is 1.5 * 2^52 + (ab - 2^51 q), exact again, as the bracket is 2^50 at most and whole.
     * Within one power of two the bits of a float count up like a whole number, so as integers h is bits(C) + q and l is
     * bits(1.5 * 2^52) + (ab - 2^51 q).
     */
    fusedProduct: (a, b) => {
      const whole = product(a.range, b.range)
      check(whole.exponent === 0, 'fused products are of whole numbers')
      check(magnitude(whole) <= 1n << 102n, 'a fused product must be at most 2^102')
      const c = constant(bitsOf(1.5 * 2 ** 103), undefined)
      const shiftedC = constant(bitsOf(1.5 * 2 ** 103) + 3n, undefined)
      const half = 1n << 50n
      // A half may be rounded either way.
      const quotients = { low: -((half - whole.low) >> 51n), high: (whole.high + half) >> 51n }
      const high = step(`f64x2.relaxed_madd(${a.text}, ${b.text}, ${c.text})`, {
        offset: bitsOf(1.5 * 2 ** 103),
        ...quotients,
      })
      const low = step(`f64x2.relaxed_madd(${a.text}, ${b.text}, f64x2.sub(${shiftedC.text}, ${high.text}))`, {
        offset: bitsOf(1.5 * 2 ** 52),
        low: -half,
        high: half,
      })
      return { high, low }
    },
    /**
     * a = carried + rest, where carried is the nearest multiple of 2^exponent: adding and taking away 1.5 * 2^(52+exponent)
     * leaves no finer bits. Asks |a| <= 2^(51+exponent).
     */
    split: (a, exponent) => {
      check(exponent >= a.range.exponent, 'a carry is coarser than what it is taken from')
      const fine = BigInt(exponent - a.range.exponent)
      check(magnitude(a.range) <= 1n << (51n + fine), 'too large to be rounded so')
      const round = constant(bitsOf(1.5 * 2 ** (52 + exponent)), undefined)
      const half = (1n << fine) >> 1n
      const carried = step(`f64x2.sub(f64x2.add(${a.text}, ${round.text}), ${round.text})`, {
        exponent,
        low: -((half - a.range.low) >> fine),
        high: (a.range.high + half) >> fine,
      })
      const most = magnitude(a.range) < half ? magnitude(a.range) : half
      const rest = step(
        `f64x2.sub(${a.text}, ${carried.text})`,
        exact({ exponent: a.range.exponent, low: -most, high: most }),
      )
      return { carried, rest }
    },
    /** a * 2^-51 * factor + b, a being a carry that counts in 2^51. All of it is exact, so it does not matter whether it is fused. */
    carryInto: (a, factor, b) => {
      check(a.range.exponent === 51, 'a carry counts in 2^51')
      const carried = exact({ exponent: 0, low: a.range.low * BigInt(factor), high: a.range.high * BigInt(factor) })
      const scale = constant(bitsOf(factor * 2 ** -51), undefined)
      return step(`f64x2.relaxed_madd(${a.text}, ${scale.text}, ${b.text})`, exact(sum(carried, b.range)))
    },
  }
  return program
}

/** The bits of a float. */
export function bitsOf(value) {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

/** The most that a range reaches in size, in units of its exponent. */
export function magnitude({ low, high }) {
  const below = low < 0n ? -low : low
  const above = high < 0n ? -high : high
  return below > above ? below : above
}

/** A float as a whole number of powers of two. */
function wholeOf(value) {
  let exponent = 0
  let whole = value
  while (!Number.isInteger(whole)) {
    whole *= 2
    exponent--
  }
  while (whole !== 0 && whole % 2 === 0) {
    whole /= 2
    exponent++
  }
  return { exponent, low: BigInt(whole), high: BigInt(whole) }
}

function check(holds, sentence) {
  if (!holds) throw new RangeError(sentence)
}

function exact(range) {
  check(magnitude(range) <= exactFloat, 'a float must be exact')
  return range
}

function sum(a, b) {
  const exponent = Math.min(a.exponent, b.exponent)
  const of = range => 1n << BigInt(range.exponent - exponent)
  return { exponent, low: a.low * of(a) + b.low * of(b), high: a.high * of(a) + b.high * of(b) }
}

function negative({ exponent, low, high }) {
  return { exponent, low: -high, high: -low }
}

function product(a, b) {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
  return {
    exponent: a.exponent + b.exponent,
    low: corners.reduce((least, each) => (each < least ? each : least)),
    high: corners.reduce((most, each) => (each > most ? each : most)),
  }
}

function sumInteger(a, b) {
  return { offset: (a.offset + b.offset) % word, low: a.low + b.low, high: a.high + b.high }
}

function scaled({ offset, low, high }, factor) {
  return { offset: (offset * factor) % word, low: low * factor, high: high * factor }
}

/** The range with its offset taken in, as an unsigned number of 64 bits. */
function unsigned({ offset, low, high }) {
  const signed = BigInt.asIntN(64, offset)
  check(signed + low >= 0n && signed + high < word, 'an integer must not be negative here')
  return { low: signed + low, high: signed + high }
}
