// What the proof of the field arithmetic (field-ranges.test.ts) believes of each step is what the machine does: the lemma behind
// fused products, and carries; at the ends of the ranges and where rounding could go either way.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bitsOf,
  build,
  createProgram,
  fused,
  keptMax,
  type Program,
  type Range,
  run,
  type Value,
  workspace,
} from '../engine-build.ts'
import { unfusedSkip } from '../signature-engines.ts'

/** Steps of a program, compiled; `run` answers the 64 bits that each result has for inputs of these bits. */
type Machine = {
  readonly values: Readonly<Record<string, Value>>
  readonly run: (...inputs: readonly bigint[]) => Readonly<Record<string, bigint>>
}

async function machineOf(
  inputs: readonly Range[],
  steps: (program: Program, ...operands: readonly Value[]) => Readonly<Record<string, Value>>,
): Promise<Machine> {
  const words: bigint[] = []
  const place = (bits: bigint): string => `constants, ${16 * (words.push(bits) - 1)}`
  const program = createProgram({ constants: { place } })
  const values = steps(program, ...inputs.map((range, i) => ({ text: `x${i}`, range })))
  const text = [
    'export function run(inputs: usize, results: usize): void {',
    ...inputs.map((_, i) => `const x${i} = v128.load(inputs, ${16 * i})`),
    ...program.lines,
    ...Object.values(values).map((value, i) => `v128.store(results, ${value.text}, ${16 * i})`),
    '}',
    `const kept: usize = memory.data(${16 * keptMax}, 16)`,
    `const constants: usize = memory.data<u64>([${[...words, 0n].flatMap(bits => [`${bits}`, `${bits}`]).join(', ')}], 16)`,
  ].join('\n')
  const binary = await build({
    entry: 'assembly/steps.ts',
    representation: fused,
    sources: { 'assembly/steps.ts': text },
  })
  const module = await run(binary)
  const { base, view } = workspace(module)
  return {
    values,
    run: (...bits) => {
      for (const [i, each] of bits.entries()) {
        for (const lane of [0, 8]) view.setBigUint64(16 * i + lane, BigInt.asUintN(64, each), true)
      }
      module.run!(base, base + 1024)
      const results = Object.keys(values).map((name, i) => [name, view.getBigUint64(1024 + 16 * i, true)] as const)
      for (const [i] of results.entries()) {
        assert.equal(view.getBigUint64(1024 + 16 * i + 8, true), view.getBigUint64(1024 + 16 * i, true))
      }
      return Object.fromEntries(results)
    },
  }
}

/** The whole number of 2^exponent that a float's bits are. */
function wholeOf(bits: bigint, exponent: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return BigInt(view.getFloat64(0) / 2 ** exponent)
}

const floatBits = (whole: bigint, exponent = 0): bigint => bitsOf(Number(whole) * 2 ** exponent)

function assertFloatWithin(bits: bigint, { range }: Value): bigint {
  const whole = wholeOf(bits, range.exponent)
  assert.ok(range.low <= whole && whole <= range.high, `${whole} is not within ${range.low} and ${range.high}`)
  return whole
}

/** Numbers from low to high: the ends, powers of two, multiples of them that end in a half, what is near, and some by chance. */
function samples({ low, high }: { readonly low: bigint; readonly high: bigint }): bigint[] {
  const near = (value: bigint): bigint[] => [-1n, 0n, 1n].map(step => value + step)
  const powers = [0, 1, 20, 21, 22, 25, 26, 47, 48, 49, 50, 51, 52, 57].map(i => 1n << BigInt(i))
  const known = [low, high, 0n, ...powers.flatMap(power => [-5n, -3n, -1n, 1n, 3n, 5n].map(odd => odd * power))]
  const chance = Array.from({ length: 40 }, (_, i) => low + ((high - low) * BigInt((i * 7919) % 10_007)) / 10_007n)
  return [...new Set([...known, ...chance].flatMap(near))].filter(value => low <= value && value <= high)
}

/**
 * The lemma behind `fusedProduct`. Let a and b be whole and |ab| <= 2^102, C = 1.5 * 2^103, and every rounding to nearest.
 *   1. 2^103 <= ab + C <= 2^104, where floats are 2^51 apart, so h = round(ab + C) = C + 2^51 q with |ab - 2^51 q| <= 2^50.
 *   2. C - h = -2^51 q is exact: |q| <= 2^51.
 *   3. ab - 2^51 q is whole and at most 2^50, and so exact.
 */
const productRanges = [
  [1n << 51n, 1n << 51n],
  [3n * (fused.units[0] ?? 0n), fused.units[0] ?? 0n],
  [1n << 53n, 1n << 49n],
  [1n, 1n << 53n],
  // The largest quotients are halves.
  [1n, 3n << 50n],
] as const
for (const [most, mostOther] of productRanges) {
  test(`two fused multiplications give both halves of every product up to ${most} by ${mostOther}`, {
    skip: unfusedSkip,
  }, async () => {
    const [a, b] = [most, mostOther].map(high => ({ exponent: 0, low: -high, high }))
    const machine = await machineOf([a!, b!], (program, x, y) => {
      const { minusHigh, low } = program.fusedProduct!(x, y)
      return { minusHigh: minusHigh!, low: low! }
    })
    for (const x of samples(a!)) {
      for (const y of samples(b!)) {
        const { minusHigh, low } = machine.run(floatBits(x), floatBits(y))
        const quotient = -assertFloatWithin(minusHigh!, machine.values.minusHigh!)
        const rest = assertFloatWithin(low!, machine.values.low!)
        assert.equal((quotient << 51n) + rest, x * y, `${x} * ${y}`)
      }
    }
  })
}

test('beyond 2^102 the low half may be larger: the bound is no larger than it must be', {
  skip: unfusedSkip,
}, async () => {
  const allowed = { exponent: 0, low: -(1n << 51n), high: 1n << 51n }
  const machine = await machineOf([allowed, allowed], (program, x, y) => ({ low: program.fusedProduct!(x, y).low! }))
  const beyond = 2n * fused.units[0]!
  assert.ok(beyond * beyond - (1n << 102n) < 1n << 65n)
  const { low } = machine.run(floatBits(beyond), floatBits(beyond + 1n))
  const rest = wholeOf(low!, 0)
  assert.ok(rest > 1n << 50n || -rest > 1n << 50n)
})

/** A carry's exponent above that of what it is taken from, and the ends of that: at the limit, at halves, and well within. */
const splits = [
  [51, -(1n << 102n), 1n << 102n],
  [51, -3n << 50n, 3n << 50n],
  [51, -5n << 50n, 1n << 50n],
  [21, -(1n << 72n), 1n << 72n],
  [22, -(1n << 52n), 1n << 53n],
  [22, -3n << 21n, 7n << 21n],
  [0, -(1n << 51n), 1n << 51n],
] as const
for (const [exponent, low, high] of splits) {
  test(`a carry of 2^${exponent} is the nearest one, from ${low} to ${high}`, async () => {
    const input = { exponent: 0, low, high }
    const machine = await machineOf([input], (program, x) => {
      const { carried, rest } = program.split!(x, exponent)
      return { carried: carried!, rest: rest! }
    })
    // Only what a float holds.
    for (const x of samples(input).filter(value => BigInt(Number(value)) === value)) {
      const { carried, rest } = machine.run(floatBits(x))
      const whole = assertFloatWithin(carried!, machine.values.carried!)
      const remainder = assertFloatWithin(rest!, machine.values.rest!)
      assert.equal((whole << BigInt(exponent)) + remainder, x)
      assert.ok(2n * (remainder < 0n ? -remainder : remainder) <= 1n << BigInt(exponent))
    }
  })
}

test('a step beyond what can be rounded so, or held exactly, is not made', () => {
  const program = createProgram({ constants: { place: () => '' } })
  const float = (high: bigint, exponent = 0): Value => ({ text: 'x', range: { exponent, low: -high, high } })
  const one = float(1n)
  const refused: readonly (() => unknown)[] = [
    () => program.split!(float((1n << 72n) + 1n), 21),
    () => program.split!(float(1n, 5), 4),
    () => program.add!(float(1n << 53n), one),
    () => program.subtract!(one, float(1n << 53n)),
    () => program.add!(float(1n, 53), one),
    () => program.multiply!(float(1n << 27n), float((1n << 26n) + 1n)),
    () => program.fusedProduct!(float(1n << 52n), float((1n << 50n) + 1n)),
    () => program.fusedProduct!(float(1n, 1), one),
    () => program.carryInto!(float(1n << 50n, 51), 19, one),
    () => program.carryInto!(one, 1, one),
    () => program.splitSum!(float((1n << 53n) - (1n << 50n) + 1n), 1, one),
    () => program.splitSum!(one, 2, float(1n << 101n)),
    () => program.splitSum!(float(1n, 1), 19, one),
  ]
  for (const [i, make] of refused.entries()) assert.throws(make, RangeError, `${i}`)
  program.split!(float(1n << 72n), 21)
  program.add!(float((1n << 53n) - 1n), one)
  program.fusedProduct!(float(1n << 52n), float(1n << 50n))
  program.splitSum!(float((1n << 53n) - (1n << 50n)), 1, one)
  for (let i = 0; i < keptMax; i++) program.keep!(one)
  assert.throws(() => program.keep!(one), RangeError)
})

/** What is split, what is added to it, and how often: as the columns of a product, and at the limits. */
const sums = [
  [{ exponent: 0, most: (7n << 50n) - 16n }, 19, { exponent: 0, most: 8n << 50n }],
  [{ exponent: 0, most: (7n << 50n) - 9n }, -19, { exponent: 51, most: 1n << 50n }],
  [{ exponent: 0, most: 3n << 50n }, 1, { exponent: 0, most: 1n << 53n }],
  [{ exponent: 0, most: 1n }, 19, { exponent: 0, most: 5n << 48n }],
] as const
for (const [whole, factor, added] of sums) {
  const title = `${factor} times up to ${added.most} are added to up to ${whole.most}, and the sum is split exactly`
  test(title, { skip: unfusedSkip }, async () => {
    const ranges = [whole, added].map(({ exponent, most }) => ({ exponent, low: -most, high: most }))
    const machine = await machineOf(ranges, (program, x, y) => {
      const { carried, rest } = program.splitSum!(x, factor, y)
      return { carried: carried!, rest: rest! }
    })
    for (const x of samples(ranges[0]!)) {
      for (const y of samples(ranges[1]!)) {
        const { carried, rest } = machine.run(floatBits(x), floatBits(y, added.exponent))
        const multiple = assertFloatWithin(carried!, machine.values.carried!)
        assert.equal((multiple << 51n) + assertFloatWithin(rest!, machine.values.rest!), x + BigInt(factor) * y)
      }
    }
  })
}

test('of more than 2^53 the rest is wrong: the bound is no larger than it must be', { skip: unfusedSkip }, async () => {
  const allowed = { exponent: 0, low: -1n, high: 1n }
  const machine = await machineOf([allowed, allowed], (program, x, y) => {
    const { carried, rest } = program.splitSum!(x, 1, y)
    return { carried: carried!, rest: rest! }
  })
  // The rest is just below -2^50, and what is left when x is taken from it just beyond -2^53.
  const x = (1n << 53n) - (1n << 50n) + 8n
  const y = (1n << 51n) - 3n
  const { carried, rest } = machine.run(floatBits(x), floatBits(y))
  assert.notEqual((wholeOf(carried!, 51) << 51n) + wholeOf(rest!, 0), x + y)
})

test('what is kept in memory is what was there', async () => {
  const input = { exponent: 0, low: -(1n << 53n), high: 1n << 53n }
  const machine = await machineOf([input, input], (program, x, y) => ({
    first: program.keep!(x),
    second: program.keep!(y),
  }))
  const { first, second } = machine.run(floatBits(5n), floatBits(-7n))
  assert.deepEqual([first, second], [floatBits(5n), floatBits(-7n)])
})

test('a carry goes into the next limb exactly, whether it is fused or not', { skip: unfusedSkip }, async () => {
  const [carry, limb] = [
    { exponent: 51, low: -40n, high: 40n },
    { exponent: 0, low: -(1n << 50n), high: 1n << 50n },
  ] as const
  for (const factor of [1, 19, -1]) {
    const machine = await machineOf([carry, limb], (program, x, y) => ({ sum: program.carryInto!(x, factor, y) }))
    for (const x of samples(carry)) {
      for (const y of samples(limb)) {
        const { sum } = machine.run(floatBits(x, 51), floatBits(y))
        assert.equal(assertFloatWithin(sum!, machine.values.sum!), x * BigInt(factor) + y)
      }
    }
  }
})
