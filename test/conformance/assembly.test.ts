// The arithmetic of assembly/ held against BigInt, at the largest limbs that its comments allow and at the edges of its
// ranges. Mistakes in such bounds pass random tests and fail on chosen inputs.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const prime = 2n ** 255n - 19n
const order = 2n ** 252n + 27742317777372353535851937790883648493n
/** ceil(25.5 i): the weight of limb i. */
const weights = [0, 26, 51, 77, 102, 128, 153, 179, 204, 230]
/** field.ts: an element is "n" when its even limbs are at most n u in size and its odd ones half of that. */
const unit = 1.01 * 2 ** 25
const rounds = 300

type Exports = Readonly<Record<string, (...values: number[]) => number>> & { readonly memory: WebAssembly.Memory }
type Limbs = readonly number[]

/** A source file's exported functions, compiled with the flags of the real modules. */
async function compile(name: string): Promise<Exports> {
  let binary: Uint8Array | undefined
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const { error, stderr } = await asc.main(
    [`assembly/${name}.ts`, '--baseDir', root, '--target', 'ed25519', '--outFile', 'module.wasm'],
    {
      writeFile: (path, contents) => {
        if (path === 'module.wasm') binary = contents as Uint8Array
      },
    },
  )
  assert.equal(error, null, stderr.toString())
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>)
  return instance.exports as Exports
}

/** A page of our own, after the module's. */
function workspace({ memory }: Exports): { readonly base: number; readonly view: () => DataView } {
  const base = memory.grow(1) * 65_536
  return { base, view: () => new DataView(memory.buffer, base, 65_536) }
}

const numberOf = (limbs: Limbs): bigint =>
  limbs.reduce((sum, limb, i) => sum + BigInt(limb) * 2n ** BigInt(weights[i]!), 0n)
const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by
const limitOf = (n: number, limb: number): number => Math.floor((n * unit) / (limb % 2 === 0 ? 1 : 2))
const randomSign = (): number => (randomBytes(1)[0]! < 128 ? 1 : -1)

/** All limbs as large as n allows: all of one sign, by turns, and by chance. */
function extremes(n: number): Limbs[] {
  const signs = [() => 1, () => -1, (i: number) => (i % 2 === 0 ? 1 : -1), (i: number) => (i === 0 ? 1 : -1)]
  return [...signs, ...Array.from({ length: 12 }, () => randomSign)].map(sign =>
    weights.map((_, i) => sign(i) * limitOf(n, i)),
  )
}

function chance(n: number): Limbs {
  return weights.map((_, i) => Math.round(randomSign() * (randomBytes(4).readUInt32LE() / 2 ** 32) * limitOf(n, i)))
}

const field = await compile('field')
const fieldSpace = workspace(field)
const at = (slot: number): number => fieldSpace.base + 64 * slot

function put(slot: number, limbs: Limbs): number {
  limbs.forEach((limb, i) => {
    fieldSpace.view().setInt32(64 * slot + 4 * i, limb, true)
  })
  return at(slot)
}

const take = (slot: number): Limbs => weights.map((_, i) => fieldSpace.view().getInt32(64 * slot + 4 * i, true))

function assertUnit(limbs: Limbs): void {
  for (const [i, limb] of limbs.entries()) assert.ok(Math.abs(limb) <= limitOf(1, i), `limb ${i} is ${limb}`)
}

test('products and squares are right for the largest limbs allowed, and come out within one unit', () => {
  const bounds = [
    [1, 1],
    [1, 32],
    [32, 1],
    [4, 8],
    [8, 4],
    [2, 16],
    [4, 4],
  ] as const
  for (const [n, m] of bounds) {
    const pairs = [
      ...extremes(n).flatMap(f => extremes(m).map(g => [f, g] as const)),
      ...Array.from({ length: rounds }, () => [chance(n), chance(m)] as const),
    ]
    for (const [f, g] of pairs) {
      field.multiply!(at(2), put(0, f), put(1, g))
      assertUnit(take(2))
      assert.equal(modulo(numberOf(take(2)), prime), modulo(numberOf(f) * numberOf(g), prime))
    }
  }
  for (const n of [1, 4, 5.65]) {
    for (const f of [...extremes(n), ...Array.from({ length: rounds }, () => chance(n))]) {
      field.square!(at(2), put(0, f))
      assertUnit(take(2))
      assert.equal(modulo(numberOf(take(2)), prime), modulo(numberOf(f) ** 2n, prime))
    }
  }
})

test('zero and the sign are recognised in every form of a value that the limbs allow', () => {
  let zeros = 0
  for (const limbs of [
    ...extremes(1),
    ...extremes(62),
    ...Array.from({ length: rounds }, () => chance(62)),
    ...nearMultiples(),
  ]) {
    const value = modulo(numberOf(limbs), prime)
    if (value === 0n) zeros++
    assert.equal(field.isZero!(put(0, limbs)), value === 0n ? 1 : 0, String(numberOf(limbs)))
    assert.equal(field.isNegative!(put(0, limbs)), Number(value & 1n), String(numberOf(limbs)))
  }
  assert.equal(zeros, 9)
})

/** -4p to 4p and one to either side, 0 and p in two spellings among them. */
function nearMultiples(): Limbs[] {
  const p = weights.map((_, i) => (i % 2 === 0 ? 2 ** 26 : 2 ** 25) - (i === 0 ? 19 : 1))
  const multiples = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map(times => p.map(limb => times * limb))
  return multiples.flatMap(limbs => [-1, 0, 1].map(more => limbs.map((limb, i) => (i === 0 ? limb + more : limb))))
}

test('bytes are decoded as numbers of 255 bits, p and above too', () => {
  const edges = [0n, 1n, prime - 1n, prime, prime + 1n, 2n ** 255n - 1n, 2n ** 255n, 2n ** 256n - 1n]
  for (const value of [...edges, ...Array.from({ length: rounds }, () => fromLittleEndian(randomBytes(32)))]) {
    new Uint8Array(field.memory.buffer, at(1), 32).set(littleEndian(value, 32))
    field.decode!(at(2), at(1))
    assert.equal(numberOf(take(2)), value & (2n ** 255n - 1n))
  }
})

test('the power for square roots is that of (p - 5) / 8', () => {
  for (let i = 0; i < 20; i++) {
    const f = chance(1)
    field.powerForRoot!(at(2), put(0, f))
    assert.equal(modulo(numberOf(take(2)), prime), power(modulo(numberOf(f), prime), (prime - 5n) / 8n))
  }
})

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base]
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => 256n * sum + BigInt(byte), 0n)
}

const scalar = await compile('scalar')
const scalarSpace = workspace(scalar)
const scalarBytes = (offset: number, length: number): Uint8Array =>
  new Uint8Array(scalar.memory.buffer, scalarSpace.base + offset, length)

test('64 bytes are reduced modulo L to the one value below it', () => {
  const most = 2n ** 512n - 1n
  const multiples = [0n, 1n, 2n, 3n, 2n ** 127n, 2n ** 252n, most / order].map(times => times * order)
  const powers = [21n, 231n, 248n, 251n, 252n, 253n, 255n, 256n, 273n, 357n, 378n, 483n, 504n, 511n].map(e => 2n ** e)
  const edges = [...multiples, ...powers].flatMap(value => [value - 1n, value, value + 1n])
  const reducible = edges.filter(value => value >= 0n && value <= most)
  for (const value of [
    ...reducible,
    most,
    ...Array.from({ length: rounds }, () => fromLittleEndian(randomBytes(64))),
  ]) {
    scalarBytes(0, 64).set(littleEndian(value, 64))
    scalar.reduce!(scalarSpace.base + 64, scalarSpace.base)
    assert.equal(fromLittleEndian(scalarBytes(64, 32)), value % order, String(value))
  }
})

test('S is below L exactly where it should be', () => {
  const edges = [
    0n,
    1n,
    order - 1n,
    order,
    order + 1n,
    order - 2n ** 64n,
    order + 2n ** 128n,
    2n ** 252n,
    2n ** 256n - 1n,
  ]
  for (const value of edges) {
    scalarBytes(0, 32).set(littleEndian(value, 32))
    assert.equal(scalar.isBelowOrder!(scalarSpace.base), value < order ? 1 : 0, String(value))
  }
})

test('the signed digits of a scalar add up to it, are odd and in range, and stand apart', () => {
  const edges = [0n, 1n, 15n, 16n, 127n, 128n, 255n, order - 1n, 2n ** 252n, 2n ** 253n - 1n, 2n ** 253n - 2n ** 128n]
  for (const width of [5, 8]) {
    for (const value of [
      ...edges,
      ...Array.from({ length: rounds }, () => fromLittleEndian(randomBytes(32)) % order),
    ]) {
      scalarBytes(0, 32).set(littleEndian(value, 32))
      scalar.nonAdjacentForm!(scalarSpace.base + 64, scalarSpace.base, width)
      const digits = [...new Int8Array(scalar.memory.buffer, scalarSpace.base + 64, 256)]
      const sum = digits.reduce((total, digit, i) => total + BigInt(digit) * 2n ** BigInt(i), 0n)
      assert.equal(sum, value)
      const places = digits.flatMap((digit, i) => (digit === 0 ? [] : [i]))
      for (const [i, place] of places.entries()) {
        assert.ok(digits[place]! % 2 !== 0 && Math.abs(digits[place]!) < 2 ** (width - 1))
        if (i > 0) assert.ok(place - places[i - 1]! >= width)
      }
    }
  }
})
