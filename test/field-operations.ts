// What the operations of field.ts promise, said once more and independently of the generator.

import { prime, type Representation } from './engine-build.ts'
import type { FieldMachine } from './field-machine.ts'

export type Operation = {
  readonly name: string
  readonly operands: number
  /** The last operand is two lanes that stand apart. */
  readonly lanes?: boolean
  /** The second operand stands right behind the first, and no pointer is given for it. */
  readonly behind?: boolean
  /** The lanes of the result go to two places, which are given for it. */
  readonly apart?: boolean
  /** Numbers that the operation takes, one of them at a time, behind its operands. */
  readonly extras?: readonly number[]
  /** The choices of units of the operands that it takes. */
  readonly takes: (representation: Representation, ...units: number[]) => boolean
  /** The numbers it gives for a lane, and the units of each; `reduced` says what is left of units that are brought back. */
  readonly gives: (context: { readonly extra: number; readonly lane: 0 | 1 }, ...numbers: bigint[]) => readonly bigint[]
  readonly units: (reduced: (units: number) => number, ...units: number[]) => readonly number[]
}

const product: Operation['takes'] = ({ productLimit }, a, b) => a! * b! <= productLimit
const squared: Operation['takes'] = ({ squareLimit }, ...units) => units.every(each => each <= squareLimit)
const summed: Operation['takes'] = (_, a, b) => a! + b! <= 4
const sumTimes: Operation['takes'] = (representation, a, b, c) =>
  summed(representation, a!, b!) && (a! + b!) * c! <= representation.sumLimit
const one: Operation['units'] = () => [1]
const both: Operation['units'] = (_, a, b) => [a! + b!]
const bothReduced: Operation['units'] = (reduced, a, b) => [reduced(a! + b!)]
const raised = (number: bigint, times: number): bigint =>
  times === 0 ? number : raised((number * number) % prime, times - 1)

const all: readonly Operation[] = [
  { name: 'multiply', operands: 2, takes: product, gives: (_, a, b) => [a! * b!], units: one },
  { name: 'multiplyToLanes', operands: 2, apart: true, takes: product, gives: (_, a, b) => [a! * b!], units: one },
  { name: 'square', operands: 1, takes: squared, gives: (_, a) => [a! * a!], units: one },
  {
    name: 'squareTimes',
    operands: 1,
    extras: [1, 2, 7],
    takes: squared,
    gives: ({ extra }, a) => [raised(a!, extra)],
    units: one,
  },
  {
    name: 'squareTimesPair',
    operands: 2,
    behind: true,
    extras: [1, 2, 7],
    takes: squared,
    gives: ({ extra }, a, b) => [raised(a!, extra), raised(b!, extra)],
    units: () => [1, 1],
  },
  { name: 'add', operands: 2, takes: summed, gives: (_, a, b) => [a! + b!], units: both },
  { name: 'subtract', operands: 2, takes: summed, gives: (_, a, b) => [a! - b!], units: both },
  { name: 'addReduced', operands: 2, takes: summed, gives: (_, a, b) => [a! + b!], units: bothReduced },
  { name: 'subtractReduced', operands: 2, takes: summed, gives: (_, a, b) => [a! - b!], units: bothReduced },
  {
    name: 'multiplySum',
    operands: 3,
    lanes: true,
    takes: sumTimes,
    gives: (_, a, b, c) => [(a! + b!) * c!],
    units: one,
  },
  {
    name: 'multiplyDifference',
    operands: 3,
    lanes: true,
    takes: sumTimes,
    gives: (_, a, b, c) => [(a! - b!) * c!],
    units: one,
  },
  {
    // multiplySigned, reached from JavaScript (field-machine.ts): the extra number's bits say which lanes are negated.
    name: 'multiplySignedBy',
    operands: 2,
    lanes: true,
    extras: [0, 1, 2, 3],
    takes: product,
    gives: ({ extra, lane }, a, b) => [(extra >> lane) & 1 ? -a! * b! : a! * b!],
    units: one,
  },
  {
    name: 'middleOfAddition',
    operands: 4,
    takes: (_, a, b, c, z) => a! + b! <= 2 && 2 * z! + c! <= 3,
    gives: (_, a, b, c, z) => [b! - a!, b! + a!, 2n * z! - c!, 2n * z! + c!],
    units: (reduced, a, b, c, z) => [a! + b!, a! + b!, 2 * z! + c!, 2 * z! + c!].map(reduced),
  },
  {
    name: 'middleOfDoubling',
    operands: 4,
    takes: (_, a, b, c, xy) => a! + b! <= 2 && c === 1 && xy === 1,
    gives: (_, a, b, c, xy) => [2n * xy!, a! + b!, 2n * c! - (b! - a!), b! - a!],
    units: (reduced, a, b, c, xy) => [2 * xy!, a! + b!, 2 * c! + a! + b!, a! + b!].map(reduced),
  },
]

/** Those of a representation: sums that are not brought back are there where that is never needed. */
export function operationsOf({ name }: Representation): readonly Operation[] {
  return name === 'plain' ? all : all.filter(operation => operation.name !== 'add' && operation.name !== 'subtract')
}

/** What units a sum has once it is brought back: the plain form has room enough to leave it. */
export function reducedUnits({ name }: Representation): (units: number) => number {
  return units => (name === 'fused' ? 1 : units)
}

/** Every choice of units from 1 to 4 for each operand. */
export function allChoices({ operands }: Operation): readonly (readonly number[])[] {
  let heads: number[][] = [[]]
  for (let i = 0; i < operands; i++) heads = heads.flatMap(head => [1, 2, 3, 4].map(units => [...head, units]))
  return heads
}

/** Where the lanes of an operand stand, and how far apart their limbs are. */
type Place = { readonly lanes: readonly [number, number]; readonly stride: 8 | 16 }

export type Places = {
  readonly operands: readonly Place[]
  readonly results: readonly Place[]
  readonly run: (extra: number) => void
}

/** The operation on operands of our own space; with `over` the result is written over that operand. */
export function placesOf(field: FieldMachine, operation: Operation, over?: number): Places {
  const { name, lanes, behind, apart, units, extras } = operation
  const operands = Array.from({ length: operation.operands }, (_, i): Place => {
    if (lanes === true && i === operation.operands - 1) {
      return { lanes: [1024 * i, 1024 * i + field.laneBytes + 64], stride: 8 }
    }
    const offset = behind === true ? i * field.elementBytes : 1024 * i
    return { lanes: [offset, offset + 8], stride: 16 }
  })
  const out = over === undefined ? 16 * 1024 : operands[over]!.lanes[0]
  const count = units(each => each, 1, 1, 1, 1).length
  const results = Array.from({ length: count }, (_, i): Place => {
    const offset = out + i * field.elementBytes
    return apart === true
      ? { lanes: [offset, offset + field.laneBytes + 64], stride: 8 }
      : { lanes: [offset, offset + 8], stride: 16 }
  })
  const targets = apart === true ? results[0]!.lanes : [out]
  const pointers = operands.flatMap(place => (place.stride === 8 ? place.lanes : [place.lanes[0]]))
  const given = [...targets, ...(behind === true ? pointers.slice(0, 1) : pointers)].map(field.at)
  return {
    operands,
    results,
    run: extra => {
      field.exports[name]!(...given, ...(extras === undefined ? [] : [extra]))
    },
  }
}
