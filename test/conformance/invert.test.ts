// Inverses modulo p of assembly/ed25519/invert.ts, two at once, against BigInt.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { build, modulo, prime, representations, run, workspace } from '../engine-build.ts'

const entry = 'assembly/ed25519/inverses.ts'
const source = [
  "import { invert } from './invert'",
  "import { addReduced, prepareField, setLaneFromBytes, storeLane, zero } from './field'",
  'export { prepareField }',
  // Two numbers of 32 bytes at `pointer` become their inverses.
  'export function invertTwo(pointer: usize, element: usize): void {',
  '  setLaneFromBytes(element, pointer)',
  '  setLaneFromBytes(element + 8, pointer + 32)',
  '  addReduced(element, element, zero)',
  '  invert(element, element)',
  '  storeLane(pointer, element)',
  '  storeLane(pointer + 32, element + 8)',
  '}',
].join('\n')

const engines = await Promise.all(
  representations.map(async ({ representation, skip }) => {
    if (skip !== false) return { name: representation.name, skip, exports: undefined }
    const binary = await build({ entry, representation, checked: true, sources: { [entry]: source } })
    return { name: representation.name, skip, exports: await run(binary) }
  }),
)

const powers = Array.from({ length: 255 }, (_, i) => 1n << BigInt(i))
const edges = [...powers, ...powers.flatMap(power => [power - 1n, power + 1n, prime - power, prime / power])]
const patterns = ['1', '3', '5', 'a', 'f', '7f', '01', 'fe'].map(pattern => BigInt(`0x${pattern.repeat(64)}`))
const chance = Array.from({ length: 3000 }, () => BigInt(`0x${randomBytes(32).toString('hex')}`))
const numbers = [...edges, ...patterns, ...chance].map(each => modulo(each, prime)).filter(each => each !== 0n)

for (const { name, skip, exports } of engines) {
  test(`${name}: each number from 1 to p - 1 has its inverse, whatever stands in the other lane`, { skip }, () => {
    const { base, bytes } = workspace(exports!)
    const put = (offset: number, number: bigint): void => {
      for (let i = 0; i < 32; i++) bytes[offset + i] = Number((number >> BigInt(8 * i)) & 255n)
    }
    const take = (offset: number): bigint =>
      bytes.subarray(offset, offset + 32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    for (const [i, number] of numbers.entries()) {
      const other = numbers[(i * 7919 + 1) % numbers.length]!
      put(0, number)
      put(32, other)
      exports!.invertTwo!(base, base + 1024)
      const [first, second] = [take(0), take(32)]
      assert.ok(first < prime && second < prime)
      assert.equal((first * number) % prime, 1n, `1/${number}`)
      assert.equal((second * other) % prime, 1n, `1/${other}`)
    }
  })
}
