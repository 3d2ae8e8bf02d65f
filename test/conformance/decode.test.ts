// Encodings of points as both modules read them, against noble: which are points by ZIP-215, and which points they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createRandom, largeOrderSpellings, littleEndian, numberOf, smallOrderEncodings } from '../ed25519-signing.ts'
import { build, modulo, prime, representations, run, workspace } from '../engine-build.ts'

const entry = 'assembly/ed25519/decodings.ts'
const source = `
import { decodeAll } from './decode'
import { gather, laneBytes, storeLane } from './field'
import { failed, nielsBytes, sources, targets } from './memory'
export { prepareField } from './field'
/** Writes 97 bytes for each encoding: 1 where it is no point, and y + x, y - x and 2dxy. */
export function decodeEach(encodings: usize, count: usize, out: usize, work: usize): void {
  const element = work
  const points = work + 1024
  for (let i: usize = 0; i < count; i++) {
    store<u32>(sources + 4 * i, <u32>(encodings + 32 * i))
    store<u32>(targets + 4 * i, <u32>(points + nielsBytes * i))
  }
  decodeAll(sources, targets, count, failed)
  for (let i: usize = 0; i < count; i++) {
    store<u8>(out + 97 * i, load<u8>(failed + i))
    for (let j: usize = 0; j < 3; j++) {
      const lane = points + nielsBytes * i + laneBytes * j
      gather(element, lane, lane, 1)
      storeLane(out + 97 * i + 1 + 32 * j, element)
    }
  }
}
`

/** y + x, y - x and 2dxy, or undefined where there is no point. */
function expectedOf(encoding: Uint8Array): readonly bigint[] | undefined {
  try {
    const { x, y } = ed25519.Point.fromBytes(encoding, true).toAffine()
    return [y + x, y - x, 2n * ed25519.Point.CURVE().d * x * y].map(each => modulo(each, prime))
  } catch {
    return undefined
  }
}

const random = createRandom('decode')
const signed = (number: bigint): Uint8Array[] => [littleEndian(number), littleEndian(number | (1n << 255n))]
const edges = Array.from({ length: 64 }, (_, i) => BigInt(i)).flatMap(i => [
  ...signed(i),
  ...signed(prime - 1n - i),
  ...signed(2n ** 255n - 1n - i),
])
const known = [...edges, ...smallOrderEncodings, ...largeOrderSpellings]
const encodings = [...known, ...Array.from({ length: 1500 }, () => random.bytes(32))]
const expected = encodings.map(expectedOf)
const most = 50

const modules = await Promise.all(
  representations.map(async ({ representation, skip }) => {
    const binary = await build({ entry, representation, checked: true, sources: { [entry]: source } })
    return { name: representation.name, skip, exports: await run(binary) }
  }),
)

for (const { name, skip, exports } of modules) {
  test(`${name}: 32 bytes are read as the point, or as none, that ZIP-215 says, with whatever others`, { skip }, () => {
    const { base, bytes } = workspace(exports)
    let points = 0
    for (let start = 0; start < encodings.length; ) {
      const count = Math.min(1 + random.below(most), encodings.length - start)
      for (let i = 0; i < count; i++) bytes.set(encodings[start + i]!, 32 * i)
      exports.decodeEach!(base, count, base + 32 * most, base + 65_536)
      for (let i = 0; i < count; i++) {
        const answer = bytes.subarray(32 * most + 97 * i, 32 * most + 97 * (i + 1))
        const niels = [0, 1, 2].map(j => numberOf(answer.subarray(1 + 32 * j, 33 + 32 * j)))
        const point = expected[start + i]
        assert.equal(answer[0], point === undefined ? 1 : 0, `encoding ${start + i}`)
        if (point !== undefined) assert.deepEqual(niels, point)
        if (point !== undefined) points++
      }
      start += count
    }
    assert.ok(points > 500 && points < encodings.length - 500)
  })
}
