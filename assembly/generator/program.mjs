// A straight-line program over vectors of two lanes of floats, built step by step. The same steps are written out as
// AssemblyScript, and are followed over ranges: at each step it is checked that nothing is rounded that must be exact and that
// nothing overflows, whatever the inputs are within the ranges given (`test/conformance/field-ranges.test.ts`).
//
// What a step yields:
//   text   the name or expression of the vector
//   range  every value is `n * 2^exponent` with a whole n from `low` to `high`
//
// Steps are written in the order in which they should be done, but the compiler moves what is computed to where it is used
// first, across anything but a store. So what is not used soon is kept in memory: with 16 registers it ends there anyway.

const exactFloat = 1n << 53n

/**
 * A program; `constants` collects the bit patterns that the text loads from memory (V8 builds an inline one anew each time),
 * and `write(part, limb, text)` gives the lines that put a limb of a result where it goes.
 */
export function createProgram({ constants, write = () => [] }) {
  const lines = []
  let names = 0
  let kept = 0
  const step = (text, range) => {
    const name = `t${names++}`
    lines.push(`const ${name} = ${text}`)
    return { text: name, range }
  }

  /** A constant loaded once for the function. */
  const loaded = new Map()
  const constant = value => {
    const bits = bitsOf(value)
    if (!loaded.has(bits)) loaded.set(bits, step(`v128.load(${constants.place(bits)})`, undefined).text)
    return { text: loaded.get(bits), range: wholeOf(value) }
  }

  /** The nearest multiple of 2^exponent, and what is left to it: adding and taking away 1.5 * 2^(52+exponent) leaves no finer bits. */
  const nearest = (text, exponent) => {
    const round = constant(1.5 * 2 ** (52 + exponent)).text
    return `f64x2.sub(f64x2.add(${text}, ${round}), ${round})`
  }

  return {
    lines,
    /** The results' limbs, by part. */
    results: [],
    constant,
    add: (a, b) => step(`f64x2.add(${a.text}, ${b.text})`, exact(sum(a.range, b.range))),
    subtract: (a, b) => step(`f64x2.sub(${a.text}, ${b.text})`, exact(sum(a.range, negative(b.range)))),
    multiply: (a, b) => step(`f64x2.mul(${a.text}, ${b.text})`, exact(product(a.range, b.range))),
    /**
     * ab = low - minusHigh for whole numbers, by two fused multiplications, minusHigh being a multiple of 2^51.
     *
     * With C = 1.5 * 2^103, whose neighbours are 2^51 away, ab + C rounds to C + 2^51 q, where q is ab / 2^51 rounded: asked
     * is |ab| <= 2^102, so that it stays from 2^103 to 2^104. minusHigh = C - (C + 2^51 q) is exact, and so is
     * low = ab - 2^51 q, which is 2^50 at most and whole.
     */
    fusedProduct: (a, b) => {
      const whole = product(a.range, b.range)
      check(whole.exponent === 0, 'fused products are of whole numbers')
      check(magnitude(whole) <= 1n << 102n, 'a fused product must be at most 2^102')
      const c = constant(1.5 * 2 ** 103).text
      const factors = `${a.text}, ${b.text}`
      const half = 1n << 50n
      // A half may be rounded either way.
      const minusHigh = step(`f64x2.sub(${c}, f64x2.relaxed_madd(${factors}, ${c}))`, {
        exponent: 51,
        low: -((whole.high + half) >> 51n),
        high: (half - whole.low) >> 51n,
      })
      const low = step(`f64x2.relaxed_madd(${factors}, ${minusHigh.text})`, { exponent: 0, low: -half, high: half })
      return { minusHigh, low }
    },
    /** a = carried + rest, where carried is the nearest multiple of 2^exponent. Asks |a| <= 2^(51+exponent). */
    split: (a, exponent) => {
      check(exponent >= a.range.exponent, 'a carry is coarser than what it is taken from')
      const fine = BigInt(exponent - a.range.exponent)
      check(magnitude(a.range) <= 1n << (51n + fine), 'too large to be rounded so')
      const half = (1n << fine) >> 1n
      const carried = step(nearest(a.text, exponent), {
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
    /**
     * a + factor b = carried + rest, where carried is a multiple of 2^51: the nearest one to the sum as a float, which may be
     * rounded. Then factor b - carried is rest - a, which is exact where it is at most 2^53, and so is rest. Of a b that is a
     * multiple of 2^exponent, that many are taken.
     */
    splitSum: (a, factor, b) => {
      check(a.range.exponent === 0, 'a whole number is split')
      const total = sum(a.range, { ...scaled(b.range, factor), exponent: 0 })
      const half = (1n << 50n) + roundingOf(magnitude(total))
      check(magnitude(total) + half <= 1n << 102n, 'too large to be rounded so')
      check(magnitude(a.range) + half <= exactFloat, 'a rest must be exact')
      const times = constant(factor * 2 ** -b.range.exponent).text
      const whole = nearest(`f64x2.relaxed_madd(${b.text}, ${times}, ${a.text})`, 51)
      const carried = step(whole, { exponent: 51, low: -((half - total.low) >> 51n), high: (total.high + half) >> 51n })
      const rest = step(`f64x2.sub(${a.text}, f64x2.relaxed_nmadd(${b.text}, ${times}, ${carried.text}))`, {
        exponent: 0,
        low: -half,
        high: half,
      })
      return { carried, rest }
    },
    /** a * 2^-51 * factor + b, a being a multiple of 2^51. All of it is exact, so it does not matter whether it is fused. */
    carryInto: (a, factor, b) => {
      check(a.range.exponent === 51, 'a carry counts in 2^51')
      const carried = exact({ ...scaled(a.range, factor), exponent: 0 })
      const scale = constant(Math.abs(factor) * 2 ** -51).text
      const operation = factor < 0 ? 'relaxed_nmadd' : 'relaxed_madd'
      return step(`f64x2.${operation}(${a.text}, ${scale}, ${b.text})`, exact(sum(carried, b.range)))
    },
    /** Puts the value into memory, from where each use takes it. */
    keep: ({ text, range }) => {
      const place = `kept, ${16 * kept++}`
      check(kept <= keptMax, 'there is no room for more')
      lines.push(`v128.store(${place.replace(',', `, ${text},`)})`)
      return { text: `v128.load(${place})`, range }
    },
    /** A limb of a result. It is written at once, so that nothing may be read later from the same limb of an operand. */
    result(part, limb, value) {
      this.results[part] ??= []
      this.results[part][limb] = value
      lines.push(...write(part, limb, value.text))
    },
  }
}

/** How many vectors a program can keep. */
export const keptMax = 10

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

function scaled({ exponent, low, high }, factor) {
  const ends = [low * BigInt(factor), high * BigInt(factor)]
  return { exponent, low: ends[factor < 0 ? 1 : 0], high: ends[factor < 0 ? 0 : 1] }
}

/** The most by which a whole number of that size is rounded as a float. */
function roundingOf(most) {
  const bits = most.toString(2).length
  return bits <= 53 ? 0n : 1n << BigInt(bits - 54)
}
