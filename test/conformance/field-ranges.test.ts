// The proof that no step of the field arithmetic can overflow or be rounded, whatever the inputs are within their bounds: it
// holds, and it fails where a bound is loosened. That it is right about each step is shown in field-steps.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createProgram,
  fused,
  type Program,
  plain,
  proveField,
  type Representation,
  rangesOf,
  representations,
  type Value,
  type Write,
} from '../engine-build.ts'
import { allChoices, operationsOf } from '../field-operations.ts'

for (const { representation } of representations) {
  test(`no operation on ${representation.name} elements can overflow, for any units that it takes`, context => {
    const cases = proveField(representation)
    context.diagnostic(`${cases} choices of an operation and its operands' units`)
    // A square is what `squareTimes` makes, once. On plain elements these are calls of operations that are followed.
    const composed = ['multiplyToLanes', 'multiplySum', 'multiplyDifference', 'multiplySignedBy']
    const made = representation.name === 'fused' ? ['square'] : ['square', ...composed]
    const followed = operationsOf(representation).filter(({ name }) => !made.includes(name))
    const choices = followed.flatMap(operation =>
      allChoices(operation).filter(units => operation.takes(representation, ...units)),
    )
    assert.equal(cases, choices.length)
  })

  test(`the steps on ${representation.name} elements that are followed are those that are written, whatever the units`, () => {
    const linesFor = (units: { readonly sum: number; readonly reduced: number }): string => {
      const sum = valuesOf(representation, { units: units.sum, letter: 'a' })
      const reduced = valuesOf(representation, { units: units.reduced, letter: 'b' })
      const one = valuesOf(representation, { units: 1, letter: 'c' })
      const { multiplySum, multiply, square, reduce } = representation
      const operations: readonly ((program: Program, write: Write) => void)[] = [
        (program, write) => multiplySum(program, sum, one, write),
        (program, write) => multiply(program, one, one, write),
        (program, write) => square(program, one, write),
        (program, write) => reduce(program, reduced, write),
      ]
      return operations.map(linesOf).join('\n')
    }
    assert.equal(linesFor({ sum: 2, reduced: 3 }), linesFor({ sum: 1, reduced: 1 }))
  })
}

/** The steps, and after which of them each limb of the result is written. */
function linesOf(build: (program: Program, write: Write) => void): string {
  const program = createProgram({ constants: { place: bits => `constants, ${bits}` } })
  const written: string[] = []
  build(program, (limb, { text }) => void written.push(`${limb} ${text} ${program.lines.length}`))
  return [...program.lines, ...written].join('\n')
}

function valuesOf(
  representation: Representation,
  { units, letter }: { readonly units: number; readonly letter: string },
): readonly Value[] {
  return rangesOf(representation, units).map((range, i) => ({ text: `${letter}${i}`, range }) as Value)
}

const unitsOf = ({ units }: Representation, change: (unit: bigint) => bigint): Representation['units'] =>
  units.map(change)

const unchanged: Representation['reduce'] = (_, a, write) => {
  for (const [limb, value] of a.entries()) write(limb, value)
}

/** What must not be provable, and what is found wrong. */
const loosened: readonly (readonly [string, Representation, RegExp])[] = [
  ['products of 2 units', { ...fused, productLimit: 2 }, /multiply of 1,2 units: a float must/],
  ['sums of 3 units', { ...fused, sumLimit: 3 }, /multiplySum of 1,2,1 units: a float must/],
  [
    'sums multiplied as what is no sum',
    { ...fused, multiplySum: fused.multiply },
    /multiplySum of 1,1,1 units: a float must/,
  ],
  ['squares of 2 units', { ...fused, squareLimit: 2 }, /squareTimes of 2 units: a fused product/],
  [
    'a unit without room for the carries',
    { ...fused, units: unitsOf(fused, unit => unit - 400n) },
    /more than 1 units/,
  ],
  ['a unit of half a bit more', { ...fused, units: unitsOf(fused, unit => (unit * 3n) / 2n) }, /a float must/],
  ['sums that are not brought back', { ...fused, reduce: unchanged }, /more than 1 units/],
  ['products of 32 by 32 units', { ...plain, productLimit: 1024, units: unitsOf(plain, unit => unit * 8n) }, /exact/],
  [
    'a unit without room for the carries',
    { ...plain, units: unitsOf(plain, unit => unit - 1000n) },
    /more than 1 units/,
  ],
  [
    'products that are not carried',
    { ...plain, multiply: (program, a, _, write) => unchanged(program, a, write) },
    /more than 1 units/,
  ],
]
for (const [name, representation, sentence] of loosened) {
  test(`the proof fails for ${representation.name} elements with ${name}`, () => {
    assert.throws(() => proveField(representation), sentence)
  })
}
