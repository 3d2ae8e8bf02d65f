// Field elements as the builds of field.ts hold them, put into memory and read back as whole numbers.

import assert from 'node:assert/strict'
import { build, modulo, prime, type Representation, run, workspace } from './engine-build.ts'
import type { Exports } from './signature-engines.ts'

/** One lane's limbs, each counted in its weight. */
export type Lane = readonly bigint[]

export type FieldMachine = {
  readonly representation: Representation
  readonly exports: Exports
  readonly laneBytes: number
  readonly elementBytes: number
  /** Pointers into a space of our own. */
  readonly at: (offset: number) => number
  readonly bytes: Uint8Array
  /** `stride` is 16 for a lane of an element, and 8 for one that stands alone. */
  readonly put: (offset: number, lane: Lane, stride: 8 | 16) => void
  readonly take: (offset: number, stride: 8 | 16) => Lane
}

/** No vector can come from JavaScript, so the one function that takes one is reached through a number. */
const multiplySignedBy = `
export function multiplySignedBy(out: usize, a: usize, b0: usize, b1: usize, negatives: u32): void {
  multiplySigned(out, a, b0, b1, i64x2.replace_lane(i64x2.splat(<i64>negatives << 63), 1, <i64>(negatives >> 1) << 63))
}
`
/** What a checked build knows of the units of a lane. */
const notes = `
export function note(lane: usize, units: u32): void {
  noteLaneUnits(lane, units)
}
export function noted(lane: usize): u32 {
  return laneUnitsOf(lane)
}
`
const entry = 'assembly/ed25519/field.ts'

export async function openField(representation: Representation, { checked = false } = {}): Promise<FieldMachine> {
  const sources = { [entry]: (text: string) => text + multiplySignedBy + (checked ? notes : '') }
  const exports = await run(await build({ entry, representation, checked, sources }))
  const { base, view, bytes } = workspace(exports)
  const scaleOf = (limb: number): number => (representation.inPlace ? 2 ** representation.weights[limb]! : 1)
  return {
    representation,
    exports,
    laneBytes: 8 * representation.limbs,
    elementBytes: 16 * representation.limbs,
    at: offset => base + offset,
    bytes,
    put: (offset, lane, stride) => {
      for (const [i, limb] of lane.entries()) view.setFloat64(offset + stride * i, Number(limb) * scaleOf(i), true)
    },
    take: (offset, stride) =>
      Array.from({ length: representation.limbs }, (_, i) =>
        BigInt(view.getFloat64(offset + stride * i, true) / scaleOf(i)),
      ),
  }
}

export function numberOf({ weights }: Representation, lane: Lane): bigint {
  return modulo(wholeOf({ weights }, lane), prime)
}

/** The same before it is reduced. */
function wholeOf({ weights }: Pick<Representation, 'weights'>, lane: Lane): bigint {
  return lane.reduce((sum, limb, i) => sum + (limb << BigInt(weights[i]!)), 0n)
}

export function assertWithin({ units }: Representation, lane: Lane, count: number): void {
  for (const [i, limb] of lane.entries()) {
    const most = units[i]! * BigInt(count)
    assert.ok(-most <= limb && limb <= most, `limb ${i} is ${limb}, more than ${count} units`)
  }
}

/** A choice that follows from a number alone. */
function hash(number: number): number {
  let value = Math.imul(number + 1, 0x9e3779b1)
  value = Math.imul(value ^ (value >>> 15), 0x85ebca6b)
  return (value ^ (value >>> 13)) >>> 0
}

/** All limbs as large as `count` units allow, all of one sign, by turns and by chance; one alone; and some less than that. */
export function extremeLanes({ units }: Representation, count: number): readonly Lane[] {
  const signs: readonly ((i: number) => bigint)[] = [
    () => 1n,
    () => -1n,
    i => (i % 2 === 0 ? 1n : -1n),
    i => (i % 2 === 0 ? -1n : 1n),
    i => (i === 0 ? 1n : -1n),
    i => (i === 0 ? -1n : 1n),
    i => (i === units.length - 1 ? 1n : 0n),
    () => 0n,
    ...Array.from({ length: 6 }, (_, pattern) => (i: number) => (hash(100 * pattern + i) & 1 ? 1n : -1n)),
  ]
  const extremes = signs.map(sign => units.map((unit, i) => sign(i) * unit * BigInt(count)))
  const within = Array.from({ length: 6 }, (_, pattern) =>
    units.map((unit, i) => {
      const most = unit * BigInt(count)
      return (BigInt(hash(1000 * pattern + i)) * 2n * most) / (1n << 32n) - most
    }),
  )
  return [...extremes, ...within]
}

/** Lanes within `count` units that are the number itself, limbs being lent and borrowed where there is room. */
export function spellingsOf(representation: Representation, number: bigint, count: number): readonly Lane[] {
  const { weights, limbs, units } = representation
  let rest = number
  const plainly = Array.from({ length: limbs }, (_, i) => {
    if (i === limbs - 1) return rest
    const width = BigInt(weights[i + 1]! - weights[i]!)
    const limb = BigInt.asIntN(Number(width), rest)
    rest = (rest - limb) >> width
    return limb
  })
  const fits = (lane: Lane): boolean =>
    lane.every((limb, i) => -units[i]! * BigInt(count) <= limb && limb <= units[i]! * BigInt(count))
  const found = [plainly]
  for (let turn = 0; turn < 8; turn++) {
    const lane = [...found.at(-1)!]
    for (let i = 0; i + 1 < limbs; i++) {
      const sign = hash(limbs * turn + i) & 1 ? 1n : -1n
      const lent = [...lane]
      lent[i] = lane[i]! + (sign << BigInt(weights[i + 1]! - weights[i]!))
      lent[i + 1] = lane[i + 1]! - sign
      if (fits(lent)) lane.splice(0, limbs, ...lent)
    }
    found.push(lane)
  }
  for (const lane of found) assert.equal(wholeOf(representation, lane), number)
  return found.filter(fits)
}
