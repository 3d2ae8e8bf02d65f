// The proof that no step of the field arithmetic can overflow or be rounded, whatever the inputs are within their bounds: it
// holds, and it fails where a bound is loosened. That it is right about each step is shown in field-steps.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createProgram,
  fused,
  plain,
  proveField,
  type Representation,
  rangesOf,
  representations,
  type Value,
} from '../engine-build.ts'
import { allChoices, operations } from '../field-operations.ts'

for (const { representation } of representations) {
  test(`no operation on ${representation.name} elements can overflow, for any units that it takes`, context => {
    const cases = proveField(representation)
    context.diagnostic(`${cases} choices of an operation and its operands' units`)
    // A square is what `squareTimes` makes, once. On plain elements these are calls of operations that are followed.
    const composed = ['multiplyToLanes', 'multiplySum', 'multiplyDifference', 'multiplySignedBy']
    const made = representation.name === 'fused' ? ['square'] : ['square', ...composed]
    const followed = operations.filter(({ name }) => !made.includes(name))
    const choices = followed.flatMap(operation =>
      allChoices(operation).filter(units => operation.takes(representation, ...units)),
    )
    assert.equal(cases, choices.length)
  })

  test(`the steps on ${representation.name} elements that are followed are those that are written, whatever the units`, () => {
    const linesFor = (units: number): string => {
      const program = createProgram({ place: bits => `constants, ${bits}` })
      const [a, b] = ['a', 'b'].map(letter => valuesOf(representation, { units, letter }))
      representation.multiply(program, a!, valuesOf(representation, { units: 1, letter: 'b' }))
      representation.square(program, valuesOf(representation, { units: 1, letter: 'a' }))
      representation.reduce(program, b!)
      return program.lines.join('\n')
    }
    assert.equal(linesFor(3), linesFor(1))
  })
}

function valuesOf(
  representation: Representation,
  { units, letter }: { readonly units: number; readonly letter: string },
): readonly Value[] {
  return rangesOf(representation, units).map((range, i) => ({ text: `${letter}${i}`, range }) as Value)
}

const unitsOf = ({ units }: Representation, change: (unit: bigint) => bigint): Representation['units'] =>
  units.map(change)

/** What must not be provable, and what is found wrong. */
const loosened: readonly (readonly [string, Representation, RegExp])[] = [
  ['products of 4 units', { ...fused, productLimit: 4 }, /multiply of 1,4 units: a fused product/],
  ['squares of 2 units', { ...fused, squareLimit: 2 }, /squareTimes of 2 units: a fused product/],
  [
    'a unit without room for the carries',
    { ...fused, units: unitsOf(fused, unit => unit - 400n) },
    /more than 1 units/,
  ],
  ['a unit of half a bit more', { ...fused, units: unitsOf(fused, unit => (unit * 3n) / 2n) }, /a fused product/],
  ['sums that are not brought back', { ...fused, reduce: (_, a) => a }, /more than 1 units/],
  ['products of 32 by 32 units', { ...plain, productLimit: 1024, units: unitsOf(plain, unit => unit * 8n) }, /exact/],
  [
    'a unit without room for the carries',
    { ...plain, units: unitsOf(plain, unit => unit - 1000n) },
    /more than 1 units/,
  ],
  ['products that are not carried', { ...plain, multiply: (_, a) => a }, /more than 1 units/],
]
for (const [name, representation, sentence] of loosened) {
  test(`the proof fails for ${representation.name} elements with ${name}`, () => {
    assert.throws(() => proveField(representation), sentence)
  })
}
