// How lanes of field elements come from bytes and go to bytes, and how they are moved, in both modules.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { modulo, prime, representations } from '../engine-build.ts'
import { assertWithin, extremeLanes, type Lane, numberOf, openField, spellingsOf } from '../field-machine.ts'

const resultAt = 16 * 1024

// All are compiled before a test begins: a run may end when the tests that it knows of are done.
const fields = await Promise.all(
  representations.map(async each => ({ ...each, field: await openField(each.representation) })),
)

for (const { representation, skip, field } of fields) {
  test(`${representation.name}: a lane is written as the number below p that it is, whatever its form`, {
    skip,
  }, () => {
    // What no other step asks of a lane of the fused form is not asked here: it is one unit there.
    const most = representation.name === 'fused' ? 1 : 4
    const edges = [-20n, -19n, -18n, -2n, -1n, 0n, 1n, 2n, 18n, 19n, 20n]
    const multiples = [-4n, -3n, -2n, -1n, 0n, 1n, 2n, 3n, 4n].flatMap(factor =>
      edges.map(edge => factor * prime + edge),
    )
    const powers = Array.from({ length: 257 }, (_, i) => 1n << BigInt(i))
    const numbers = [...multiples, ...powers.flatMap(power => [power, power - 1n, -power, 1n - power])]
    const forms = [1, most].flatMap(count => [
      ...extremeLanes(representation, count),
      ...numbers.flatMap(number => spellingsOf(representation, number, count)),
    ])
    assert.ok(forms.length > 3000)
    for (const [i, lane] of forms.entries()) {
      const offset = i % 2 === 0 ? 0 : 8
      field.put(offset, lane, 16)
      field.exports.storeLane!(field.at(resultAt), field.at(offset))
      assert.equal(littleEndian(field.bytes.subarray(resultAt, resultAt + 32)), numberOf(representation, lane))
    }
  })

  test(`${representation.name}: 32 bytes become a lane, also of p and more, without the sign bit`, { skip }, () => {
    const most = 2n ** 255n - 1n
    const edges = Array.from({ length: 40 }, (_, i) => BigInt(i)).flatMap(i => [
      i,
      most - i,
      prime - i,
      prime + (i % 19n),
    ])
    const powers = Array.from({ length: 255 }, (_, i) => 1n << BigInt(i)).flatMap(power => [power, power - 1n])
    const chance = Array.from({ length: 200 }, () => BigInt(`0x${randomBytes(32).toString('hex')}`) & most)
    for (const number of [...edges, ...powers, ...chance]) {
      for (const sign of [0n, 1n << 255n]) {
        for (const offset of [0, 8]) {
          for (let i = 0; i < 32; i++) field.bytes[resultAt + i] = Number(((number | sign) >> BigInt(8 * i)) & 255n)
          field.exports.setLaneFromBytes!(field.at(offset), field.at(resultAt))
          const lane = field.take(offset, 16)
          assert.equal(numberOf(representation, lane), number % prime)
          assertWithin(representation, lane, 2)
        }
      }
    }
  })

  test(`${representation.name}: elements and lanes are moved, negated and set as they say`, { skip }, () => {
    const [a, b] = extremeLanes(representation, 1).slice(12)
    const { at, exports, laneBytes, elementBytes, put, take } = field
    const pairAt = (offset: number): readonly Lane[] => [take(offset, 16), take(offset + 8, 16)]
    // Two lanes of two values each, a and b, and b and a.
    for (const [i, lane] of [a!, b!].entries()) put(i * laneBytes, lane, 8)
    for (const [i, lane] of [b!, a!].entries()) put(1024 + i * laneBytes, lane, 8)
    exports.gather!(at(2048), at(0), at(1024), 2)
    assert.deepEqual([...pairAt(2048), ...pairAt(2048 + elementBytes)], [a, b, b, a])
    exports.copy!(at(4096), at(2048), 2)
    assert.deepEqual([...pairAt(4096), ...pairAt(4096 + elementBytes)], [a, b, b, a])
    exports.scatter!(at(6144), at(8192), at(4096), 2)
    assert.deepEqual(
      [6144, 6144 + laneBytes, 8192, 8192 + laneBytes].map(offset => take(offset, 8)),
      [a, b, b, a],
    )
    exports.copyLane!(at(4096), at(2048 + 8))
    assert.deepEqual(pairAt(4096), [b, b])
    exports.negateLane!(at(4096 + 8))
    assert.deepEqual(pairAt(4096), [b, b!.map(limb => -limb)])
    for (const value of [0, 1]) {
      exports.setLane!(at(6144), value)
      assert.deepEqual(
        take(6144, 8),
        a!.map((_, i) => (i === 0 ? BigInt(value) : 0n)),
      )
    }
  })

  test(`${representation.name}: the curve's constants are those of RFC 8032, 5.1`, { skip }, () => {
    const constants: Readonly<Record<string, (number: bigint) => bigint>> = {
      one: number => number - 1n,
      zero: number => number,
      d: number => number * 121666n + 121665n,
      twiceD: number => number * 121666n + 2n * 121665n,
      squareRootOfMinusOne: number => number * number + 1n,
    }
    for (const [name, zero] of Object.entries(constants)) {
      const pointer = (field.exports[name] as unknown as WebAssembly.Global).value
      field.exports.copy!(field.at(0), pointer, 1)
      for (const lane of [0, 8]) {
        const limbs = field.take(lane, 16)
        assert.equal(modulo(zero(numberOf(representation, limbs)), prime), 0n, name)
        assertWithin(representation, limbs, 1)
      }
    }
  })
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
