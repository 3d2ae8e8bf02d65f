// Writes assembly/ed25519/field.ts for one representation: arithmetic modulo p = 2^255 - 19 on two elements at once, in the
// two lanes of each vector. The build gives its text to the compiler; no file is kept.
//
// Every function is described once, by what it asks of its operands (in units, see representation.mjs) and by its steps.
// From the description come the text, the proof that no step can overflow (`proveField`), and, in a checked build, the code
// that carries the units of every element along in memory and traps where a function is given more than it asks.

import { bytesToElement, copies, elementToBytes } from './lanes.mjs'
import { createProgram, keptMax, magnitude } from './program.mjs'
import { limbsOf, rangesOf } from './representation.mjs'

/** In a checked build the units of the eight bytes at an address are the byte at `shadow` + address / 8. */
const shadow = 128 << 20
const prime = (1n << 255n) - 19n

/** What multiplies with factors or to places of its own, where more copies of `multiply` would be too much code. */
const compositions = `export function multiplyToLanes(out0: usize, out1: usize, a: usize, b: usize): void {
  multiply(left, a, b)
  scatter(out0, out1, left, 1)
}
export function multiplySum(out: usize, a: usize, b: usize, lane0: usize, lane1: usize): void {
  add(left, a, b)
  gather(right, lane0, lane1, 1)
  multiply(out, left, right)
}
export function multiplyDifference(out: usize, a: usize, b: usize, lane0: usize, lane1: usize): void {
  subtract(left, a, b)
  gather(right, lane0, lane1, 1)
  multiply(out, left, right)
}
export function multiplySigned(out: usize, a: usize, lane0: usize, lane1: usize, signs: v128): void {
  gather(right, lane0, lane1, 1)
  for (let i: usize = 0; i < elementBytes; i += 16) v128.store(right + i, v128.xor(signs, v128.load(right + i)))
  multiply(out, a, right)
}
const left: usize = memory.data(elementBytes, 16)
const right: usize = memory.data(elementBytes, 16)`

/** The text of field.ts. */
export function writeField(representation, { checked = false } = {}) {
  const constants = createConstants()
  const functions = describe(representation).map(each => writeFunction(each, { representation, constants, checked }))
  return [
    '// Made by assembly/generator/field.mjs.',
    `export const elementBytes: usize = ${16 * representation.limbs}`,
    `export const laneBytes: usize = ${8 * representation.limbs}`,
    ...curveConstants(representation),
    ...copies(representation, checked),
    bytesToElement(representation, checked),
    elementToBytes(representation, checked),
    ...functions,
    'export function square(out: usize, a: usize): void {\n  squareTimes(out, a, 1)\n}',
    ...(representation.sharesMultiply ? [compositions] : []),
    `const kept: usize = memory.data(${16 * keptMax}, 16)`,
    checked ? checkedHelpers(representation) : 'export function prepareField(): void {}',
    `const constants: usize = memory.data<u64>([${constants.words().join(', ')}], 16)`,
    '',
  ].join('\n')
}

/** Follows every function over the ranges of all operands that it takes; throws a RangeError where a bound does not hold. */
export function proveField(representation) {
  let cases = 0
  for (const { name, operands, limits, build, returns } of describe(representation)) {
    for (const units of unitsWithin(limits, operands.length)) {
      try {
        const program = createProgram({ constants: { place: () => '' } })
        const values = operands.map((_, i) => inputs(representation, units[i], `x${i}_`))
        build(program, ...values)
        returns(...units).forEach((most, part) => within(representation, program.results[part], most))
      } catch (cause) {
        throw new RangeError(`${representation.name}: ${name} of ${units} units: ${cause.message}`, { cause })
      }
      cases++
    }
  }
  return cases
}

/**
 * The functions. `operands` are parameters and how they are read: an 'element' of two lanes, or 'lanes', two parameters
 * that point to one lane each. `limits` says which units are taken, `returns` which come out, `build` adds the steps; the
 * result's lanes may go to two places `apart`. A single result may take the place of an operand.
 */
function describe(representation) {
  const { productLimit, sumLimit, squareLimit, multiply, multiplySum, square, reduce } = representation
  const reducing = representation.name === 'fused'
  const least = units => (reducing ? 1 : units)
  const to = (program, part) => (limb, value) => program.result(part, limb, value)
  const each = (operation, a, b, program) => a.map((limb, i) => program[operation](limb, b[i]))
  const product = (a, b) => a * b <= productLimit
  const squared = a => a <= squareLimit
  const summed = (a, b) => a + b <= 4
  const one = () => [1]
  const element = (...names) => names.map(name => ({ name, kind: 'element' }))
  const lanes = { name: 'lane', kind: 'lanes' }
  const products = (name, operands, more = {}) => ({
    name,
    operands,
    ...more,
    limits: product,
    returns: one,
    build: (program, a, b) => multiply(program, a, b, to(program, 0)),
  })
  const productOfSum = (name, operation) => ({
    name,
    operands: [...element('a', 'b'), lanes],
    limits: (a, b, c) => summed(a, b) && (a + b) * c <= sumLimit,
    returns: one,
    build: (program, a, b, c) => multiplySum(program, each(operation, a, b, program), c, to(program, 0)),
  })
  const sums = (name, operation, reduced) => ({
    name,
    operands: element('a', 'b'),
    limits: summed,
    returns: (a, b) => [reduced ? least(a + b) : a + b],
    build: (program, a, b) => {
      const result = each(operation, a, b, program)
      if (reduced) reduce(program, result, to(program, 0))
      else result.forEach((value, limb) => program.result(0, limb, value))
    },
  })
  // Multiplications whose factors are made on the way, or whose product's lanes go apart.
  const compositions = [
    products('multiplyToLanes', element('a', 'b'), { apart: true }),
    productOfSum('multiplySum', 'add'),
    productOfSum('multiplyDifference', 'subtract'),
    products('multiplySigned', [...element('a'), { ...lanes, kind: 'signed lanes' }]),
  ]
  return [
    products('multiply', element('a', 'b')),
    // In the other representation they are calls, of these two among others.
    ...(representation.sharesMultiply
      ? [sums('add', 'add', false), sums('subtract', 'subtract', false)]
      : compositions),
    {
      name: 'squareTimes',
      operands: element('a'),
      repeated: true,
      limits: squared,
      returns: one,
      build: (program, a) => square(program, a, to(program, 0)),
    },
    {
      name: 'squareTimesPair',
      operands: [...element('a'), { name: 'b', kind: 'element', after: 'a' }],
      repeated: true,
      limits: (a, b) => squared(a) && squared(b),
      returns: () => [1, 1],
      build: (program, ...both) => both.forEach((value, part) => square(program, value, to(program, part))),
    },
    sums('addReduced', 'add', true),
    sums('subtractReduced', 'subtract', true),
    {
      // E = B - A, H = B + A, F = 2Z - C, G = 2Z + C: the middle of an addition (point.ts).
      name: 'middleOfAddition',
      operands: element('a', 'b', 'c', 'z'),
      limits: (a, b, c, z) => a + b <= 2 && 2 * z + c <= 3,
      returns: (a, b, c, z) => [least(a + b), least(a + b), least(2 * z + c), least(2 * z + c)],
      build: (program, a, b, c, z) => {
        reduce(program, each('subtract', b, a, program), to(program, 0))
        reduce(program, each('add', b, a, program), to(program, 1))
        const doubled = each('add', z, z, program)
        reduce(program, each('subtract', doubled, c, program), to(program, 2))
        reduce(program, each('add', doubled, c, program), to(program, 3))
      },
    },
    {
      // E = 2XY, H = A + B, F = 2C - G, G = B - A: the middle of a doubling (point.ts).
      name: 'middleOfDoubling',
      operands: element('a', 'b', 'c', 'xy'),
      limits: (a, b, c, xy) => a + b <= 2 && c === 1 && xy === 1,
      returns: (a, b, c, xy) => [least(2 * xy), least(a + b), least(2 * c + a + b), least(a + b)],
      build: (program, a, b, c, xy) => {
        reduce(program, each('add', xy, xy, program), to(program, 0))
        reduce(program, each('add', a, b, program), to(program, 1))
        const g = each('subtract', b, a, program)
        reduce(program, each('subtract', each('add', c, c, program), g, program), to(program, 2))
        reduce(program, g, to(program, 3))
      },
    },
  ]
}

function writeFunction(description, { representation, constants, checked }) {
  const { name, operands, limits, repeated, apart, build, returns } = description
  const count = representation.limbs
  const units = unitsWithin(limits, operands.length).at(-1)
  const values = operands.map(({ name: letter }, i) => inputs(representation, units[i], `${letter}_`))
  const store = (part, limb, text) =>
    apart
      ? [0, 1].map(lane => `v128.store64_lane(out${lane}, ${text}, ${lane}, ${8 * limb})`)
      : [`v128.store(out, ${text}, ${16 * (count * part + limb)})`]
  const program = createProgram({
    constants,
    write: repeated ? (part, limb, text) => [`${values[part][limb].text} = ${text}`] : store,
  })
  build(program, ...values)
  const loads = operands.flatMap((operand, i) =>
    values[i].map(({ text }, limb) => `${repeated ? 'let' : 'const'} ${text} = ${load(operand, limb, count)}`),
  )
  const constantLines = program.lines.filter(line => line.includes('= v128.load(constants'))
  const steps = program.lines.filter(line => !line.includes('= v128.load(constants'))
  const body = repeated
    ? [
        'do {',
        ...steps.map(line => `  ${line}`),
        '} while (--count)',
        ...values.flatMap((value, part) => value.flatMap(({ text }, limb) => store(part, limb, text))),
      ]
    : steps
  const notes = apart ? ['noteLaneUnits(out0, 1)', 'noteLaneUnits(out1, 1)'] : writeUnits(returns, count)
  const guard = checked ? [...writeGuard(description), ...notes] : []
  const parameters = [
    ...(apart ? ['out0: usize', 'out1: usize'] : ['out: usize']),
    ...operands.flatMap(parametersOf),
    ...(repeated ? ['count: u32'] : []),
  ]
  const lines = [...guard, ...constantLines, ...loads, ...body]
  return `export function ${name}(${parameters.join(', ')}): void {\n${lines.map(line => `  ${line}`).join('\n')}\n}`
}

function parametersOf({ name, kind, after }) {
  if (after !== undefined) return []
  if (kind === 'element') return [`${name}: usize`]
  const both = [`${name}0: usize`, `${name}1: usize`]
  return kind === 'lanes' ? both : [...both, 'signs: v128']
}

function load({ name, kind, after }, limb, count) {
  if (after !== undefined) return `v128.load(${after}, ${16 * (count + limb)})`
  if (kind === 'element') return `v128.load(${name}, ${16 * limb})`
  const lanes = `v128.load64_lane(${name}1, v128.load64_zero(${name}0, ${8 * limb}), 1, ${8 * limb})`
  return kind === 'lanes' ? lanes : `v128.xor(signs, ${lanes})`
}

/** Traps unless the operands' units are within the limits. */
function writeGuard({ operands, limits }) {
  const unit = ({ name, kind, after }) => {
    if (after !== undefined) return `unitsOf(${after} + elementBytes)`
    return kind === 'element' ? `unitsOf(${name})` : `max(laneUnitsOf(${name}0), laneUnitsOf(${name}1))`
  }
  const allowed = unitsWithin(limits, operands.length).map(
    units => `(${units.map((value, i) => `units${i} === ${value}`).join(' && ')})`,
  )
  return [
    ...operands.map((operand, i) => `const units${i}: u32 = ${unit(operand)}`),
    `if (!(${allowed.join(' || ')})) unreachable()`,
  ]
}

/** Notes the units of what is written: for each operands' units those that the description returns. */
function writeUnits(returns, count) {
  const expressions = returns.length === 0 ? returns() : symbolic(returns)
  return expressions.map((units, part) => `noteUnits(out + ${16 * count * part}, ${units})`)
}

/** `returns` as expressions: it is linear in the units, so its values at 0 and at the unit vectors give them. */
function symbolic(returns) {
  const arity = returns.length
  const at = units => returns(...units)
  const zero = at(Array(arity).fill(0))
  const steps = Array.from({ length: arity }, (_, i) => at(Array.from({ length: arity }, (__, j) => (i === j ? 1 : 0))))
  return zero.map((base, output) => {
    const terms = steps.map((step, i) => [step[output] - base, i]).filter(([factor]) => factor !== 0)
    return [String(base), ...terms.map(([factor, i]) => `${factor} * units${i}`)].join(' + ')
  })
}

/** Of the curve -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032, 5.1). */
function curveConstants(representation) {
  const d = (prime - 121665n) * power(121666n, prime - 2n)
  const numbers = { one: 1n, zero: 0n, d, twiceD: 2n * d, squareRootOfMinusOne: power(2n, (prime - 1n) / 4n) }
  return Object.entries(numbers).map(([name, number]) => {
    const words = limbsOf(representation, number).flatMap(bits => [hex(bits), hex(bits)])
    return `export const ${name}: usize = memory.data<u64>([${words.join(', ')}], 16)`
  })
}

function checkedHelpers() {
  return [
    'function laneUnitsOf(lane: usize): u32 {',
    '  const units = load<u8>((lane >> 3) + shadow)',
    '  if (units === 0) unreachable()',
    '  return units',
    '}',
    'function unitsOf(element: usize): u32 {',
    '  return max(laneUnitsOf(element), laneUnitsOf(element + 8))',
    '}',
    'function noteLaneUnits(lane: usize, units: u32): void {',
    '  store<u8>((lane >> 3) + shadow, <u8>units)',
    '}',
    'function noteUnits(element: usize, units: u32): void {',
    '  noteLaneUnits(element, units)',
    '  noteLaneUnits(element + 8, units)',
    '}',
    `const shadow: usize = ${shadow}`,
    'export function prepareField(): void {',
    `  memory.grow(${(shadow + (shadow >> 3)) >> 16} - memory.size())`,
    ...['one', 'zero', 'd', 'twiceD', 'squareRootOfMinusOne'].map(name => `  noteUnits(${name}, 1)`),
    '}',
  ].join('\n')
}

function inputs(representation, units, letter) {
  return rangesOf(representation, units).map((range, limb) => ({ text: `${letter}${limb}`, range }))
}

/** Every choice of units from 1 to 4 for each operand that the limits allow, the least first. */
function unitsWithin(limits, arity) {
  let choices = [[]]
  for (let i = 0; i < arity; i++) choices = choices.flatMap(head => [1, 2, 3, 4].map(units => [...head, units]))
  return choices.filter(units => limits(...units))
}

/** Throws where a result is wider than the units it is said to have. */
function within(representation, result, units) {
  rangesOf(representation, units).forEach((allowed, limb) => {
    const { range } = result[limb]
    const finer = range.exponent - allowed.exponent
    if (finer < 0) throw new RangeError(`limb ${limb} is finer than it may be`)
    const most = magnitude(range) << BigInt(finer)
    if (most > magnitude(allowed)) throw new RangeError(`limb ${limb} reaches ${most}, more than ${units} units`)
  })
}

function createConstants() {
  const places = new Map()
  return {
    place: bits => {
      if (!places.has(bits)) places.set(bits, places.size)
      return `constants, ${16 * places.get(bits)}`
    },
    words: () => [...places.keys()].flatMap(bits => [hex(bits), hex(bits)]),
  }
}

function power(base, exponent) {
  let result = 1n
  let square = base % prime
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}

function hex(bits) {
  return `0x${bits.toString(16)}`
}
