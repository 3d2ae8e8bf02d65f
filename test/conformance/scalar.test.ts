// Arithmetic modulo L, digits of scalars and half-size scalars of assembly/ed25519 against BigInt, at the edges of their ranges.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { build, modulo, order, plain, run, workspace } from '../engine-build.ts'
import type { Exports } from '../signature-engines.ts'

const entry = 'assembly/ed25519/scalars.ts'
const exports: Exports = await run(
  await build({
    entry,
    representation: plain,
    sources: {
      [entry]: [
        "export * from './scalar'",
        "export { halve } from './halve'",
        "export { scalarLimbs, signaturesMax } from './memory'",
      ].join('\n'),
    },
  }),
)
const { base, view, bytes } = workspace(exports)
const global = (name: string): number => (exports[name] as unknown as WebAssembly.Global).value
const limbBits = 21n

/** Writes a number as little-endian bytes at an offset of our own space, with 32 bytes of zero behind it. */
function putNumber(offset: number, number: bigint, length: number): number {
  for (let i = 0; i < length; i++) bytes[offset + i] = Number((number >> BigInt(8 * i)) & 255n)
  bytes.fill(0, offset + length, offset + length + 32)
  return base + offset
}

function takeNumber(offset: number, length: number): bigint {
  return BigInt(
    `0x${Buffer.from(bytes.slice(offset, offset + length))
      .reverse()
      .toString('hex')}`,
  )
}

function putLimbs(offset: number, limbs: readonly bigint[]): number {
  for (const [i, limb] of limbs.entries()) view.setBigInt64(offset + 8 * i, limb, true)
  return base + offset
}

const takeLimbs = (offset: number, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => view.getBigInt64(offset + 8 * i, true))
const sumOf = (limbs: readonly bigint[]): bigint =>
  limbs.reduce((sum, limb, i) => sum + (limb << (limbBits * BigInt(i))), 0n)
const randomNumber = (length: number): bigint => BigInt(`0x${randomBytes(length).toString('hex')}`)

/** Numbers of `bits` bits: the ends, powers of two, patterns of bits, multiples of L and what is near all of them. */
function edges(bits: number): bigint[] {
  const end = 1n << BigInt(bits)
  const powers = Array.from({ length: bits + 1 }, (_, i) => 1n << BigInt(i))
  const multiples = [1n, 2n, 3n, 8n, 15n, (1n << 256n) / order, (end - 1n) / order].map(factor => factor * order)
  const patterns = ['1', '3', '5', 'a', 'f', '7', '01', 'fe', '0f', 'f0', '1f', 'e0'].map(
    pattern => BigInt(`0x${pattern.repeat(128)}`) % end,
  )
  const near = [0n, order / 2n, ...powers, ...multiples, ...patterns].flatMap(each => [each - 1n, each, each + 1n])
  return [...new Set(near)].filter(number => number >= 0n && number < end)
}

test('64 bytes modulo L are right at every edge', () => {
  for (const number of [...edges(512), ...Array.from({ length: 2000 }, () => randomNumber(64))]) {
    exports.reduce!(base + 256, putNumber(0, number, 64))
    assert.equal(takeNumber(256, 32), number % order, String(number))
  }
})

test('S is told to be below L, or not, at every edge', () => {
  for (const number of [...edges(256), ...Array.from({ length: 500 }, () => randomNumber(32))]) {
    assert.equal(exports.isBelowOrder!(putNumber(0, number, 32)), number < order ? 1 : 0, String(number))
  }
})

test('bytes are cut into limbs of 21 bits, whatever stands behind them', () => {
  for (const bits of [127, 128, 132, 147, 256, 512]) {
    const count = Math.ceil(bits / 21)
    for (const number of [0n, (1n << BigInt(bits)) - 1n, randomNumber(64) % (1n << BigInt(bits))]) {
      const behind = randomNumber(16) << BigInt(bits)
      putNumber(0, number + behind, Math.ceil(bits / 8) + 8)
      assert.equal(exports.setLimbs!(base + 256, base, bits), count)
      const limbs = takeLimbs(256, count)
      assert.equal(sumOf(limbs), number)
      assert.ok(limbs.every(limb => limb >= 0n && limb < 1n << limbBits))
    }
  }
})

/** Reduces these limbs where the module keeps them. */
function reduced(limbs: readonly bigint[], count: number): bigint {
  const all = new DataView(exports.memory.buffer)
  for (let i = 0; i < 34; i++) all.setBigInt64(global('scalarLimbs') + 8 * i, limbs[i] ?? 0n, true)
  exports.reduceLimbs!(base + 256, count)
  return takeNumber(256, 32)
}

test('a number of signed limbs as large as they may be is right modulo L, for every count of limbs', () => {
  const most = (1n << 59n) - 1n
  const signs: readonly ((i: number) => bigint)[] = [
    () => 1n,
    () => -1n,
    i => (i % 2 === 0 ? 1n : -1n),
    i => (i % 2 === 0 ? -1n : 1n),
    i => (i % 3 === 0 ? 1n : 0n),
    i => (i % 3 === 1 ? -1n : 0n),
    ...Array.from({ length: 10 }, () => () => BigInt((randomBytes(1)[0]! % 3) - 1)),
  ]
  for (let count = 13; count <= 31; count++) {
    for (const sign of signs) {
      for (const size of [most, 1n, 1n << 21n, (1n << 21n) - 1n, 1n << 58n, most / 3n]) {
        const limbs = Array.from({ length: count }, (_, i) => sign(i) * size)
        assert.equal(reduced(limbs, count), modulo(sumOf(limbs), order), `${count} limbs of ${size}`)
      }
    }
    for (let i = 0; i < count; i++) {
      for (const size of [most, -most, 1n, -1n]) {
        const limbs = Array.from({ length: count }, (_, j) => (i === j ? size : 0n))
        assert.equal(reduced(limbs, count), modulo(sumOf(limbs), order))
      }
    }
  }
  for (const number of [-order, order, order - 1n, 1n - order, -2n * order, 2n * order - 1n, -1n, 0n]) {
    for (const shift of [0n, 1n, 12n]) {
      const limbs = Array.from({ length: 13 }, (_, i) => BigInt.asUintN(21, number >> (21n * BigInt(i))))
      limbs[12] = number >> 252n
      limbs[11]! += shift << 21n
      limbs[12]! -= shift
      assert.equal(sumOf(limbs), number)
      assert.equal(reduced(limbs, 13), modulo(number, order))
    }
  }
})

test('columns that took as many of the largest products as a batch may have are right modulo L', () => {
  const products = global('signaturesMax')
  const largest = (1n << limbBits) - 1n
  const lefts = [
    Array(7).fill(1n << limbBits),
    Array(7).fill(-1n << limbBits),
    [1n, -1n, 1n, -1n, 1n, -1n, 1n].map(sign => sign << limbBits),
  ]
  for (const left of lefts) {
    for (const count of [13, 25]) {
      const right = Array(count).fill(largest)
      bytes.fill(0, 1024, 2048)
      const [l, r] = [putLimbs(0, left), putLimbs(512, right)]
      for (let i = 0; i < products; i++) exports.addProduct!(base + 1024, l, r, count)
      const columns = takeLimbs(1024, 32)
      assert.equal(sumOf(columns), sumOf(left) * sumOf(right) * BigInt(products))
      assert.ok(columns.slice(count + 6).every(column => column === 0n))
      assert.equal(reduced(columns, 31), modulo(sumOf(columns), order))
    }
  }
})

test('signed windows stand for their number, and only the last may be larger than the others', () => {
  for (const [width, count, bits, bound] of [
    [4, 32, 127, 1n << 127n],
    [5, 52, 253, order],
    [6, 43, 253, order],
    [8, 32, 253, order],
  ] as const) {
    const numbers = [...edges(bits), ...Array.from({ length: 1000 }, () => randomNumber(32))]
    for (const number of numbers.map(each => each % bound)) {
      exports.signedWindows!(base + 256, putNumber(0, number, 32), width, count)
      const digits = Array.from({ length: count }, (_, i) => BigInt(view.getInt16(256 + 2 * i, true)))
      assert.equal(
        digits.reduce((sum, digit, i) => sum + (digit << BigInt(width * i)), 0n),
        number,
      )
      const half = 1n << BigInt(width - 1)
      assert.ok(digits.slice(0, -1).every(digit => digit >= -half && digit < half))
      // It is looked up like the others.
      assert.ok(digits.at(-1)! >= 0n && digits.at(-1)! <= half, `${digits.at(-1)} of ${number}`)
    }
  }
})

test('a non-adjacent form stands for its number, of odd digits far enough apart', () => {
  for (const width of [5, 6, 7, 8]) {
    const numbers = [...edges(253), ...Array.from({ length: 1000 }, () => randomNumber(32) % (1n << 253n))]
    for (const number of numbers) {
      const count = exports.nonAdjacentForm!(base + 256, putNumber(0, number, 32), width)
      const digits = Array.from({ length: count }, (_, i) => BigInt(view.getInt8(256 + 2 * i)))
      const places = Array.from({ length: count }, (_, i) => view.getUint8(256 + 2 * i + 1))
      assert.equal(
        digits.reduce((sum, digit, i) => sum + (digit << BigInt(places[i]!)), 0n),
        number,
      )
      const half = 1n << BigInt(width - 1)
      assert.ok(digits.every(digit => (digit & 1n) === 1n && digit < half && digit > -half))
      assert.ok(places.every((place, i) => i === 0 || place >= places[i - 1]! + width))
      assert.ok(count <= 1 + 253 / width)
    }
  }
})

/** Scalars whose quotients in Euclid's algorithm are all small, all large, or mixed. */
function awkwardScalars(): bigint[] {
  const scale = 1n << 300n
  const golden = squareRoot(5n * scale * scale)
  const ratios = [golden - scale, 2n * (golden - 2n * scale), squareRoot(2n * scale * scale) - scale]
  const small = ratios.flatMap(ratio => [-2n, -1n, 0n, 1n, 2n].map(step => (order * ratio) / (2n * scale) + step))
  const divisors = Array.from({ length: 252 }, (_, i) => 1n << BigInt(i + 1))
  const large = divisors.flatMap(divisor => [order / divisor, order / divisor + 1n, order - order / divisor])
  const inverses = [2n, 3n, 5n, 1n << 126n, (1n << 127n) - 1n, 1n << 127n].map(each => power(each, order - 2n))
  const half = [126n, 127n, 128n].flatMap(bits => [-1n, 0n, 1n].map(step => (1n << bits) + step))
  const ends = [0n, 1n, 2n, order - 1n, order - 2n, (order - 1n) / 2n, (order + 1n) / 2n]
  return [...small, ...large, ...inverses, ...half, ...ends, ...half.map(each => order - each)].map(each =>
    modulo(each, order),
  )
}

function squareRoot(number: bigint): bigint {
  let root = 1n << BigInt(number.toString(2).length)
  for (let next = (root + number / root) >> 1n; next < root; next = (root + number / root) >> 1n) root = next
  return root
}

function power(value: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n
  const half = power((value * value) % order, exponent >> 1n)
  return exponent & 1n ? (half * value) % order : half
}

test('every scalar is a quotient of two of 127 bits', () => {
  const scalars = [
    ...edges(252),
    ...awkwardScalars(),
    ...Array.from({ length: 10_000 }, () => randomNumber(40) % order),
  ]
  const bound = 1n << 127n
  for (const k of scalars) {
    bytes.fill(0xff, 256, 512)
    const negative = exports.halve!(base + 256, base + 320, putNumber(0, k, 32))
    // Both with 16 bytes of zero behind.
    const [c0, size] = [takeNumber(256, 32), takeNumber(320, 32)]
    assert.ok(c0 < bound && size < bound && size > 0n, String(k))
    assert.equal(modulo((negative === 1 ? -size : size) * k - c0, order), 0n, String(k))
  }
})
