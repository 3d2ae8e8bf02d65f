// Both modules on what forces each of their ways to a verdict (engine-workloads.ts), and the randomness of their batches.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createRandom, secretsFrom, signWith, torsion, withScalar } from '../ed25519-signing.ts'
import { workloads } from '../engine-workloads.ts'
import { badOf, badOfPacked, engineChoices, watch } from '../signature-engines.ts'

const random = createRandom('engine')
const key = secretsFrom(random.scalar(), 1)[0]!
const commitments = secretsFrom(random.scalar(), 100)
const items = commitments.map((commitment, i) => signWith(key, commitment, random.bytes(i)))

for (const { name, skip, open } of engineChoices) {
  for (const { name: promise, batches } of workloads) {
    test(`${name} ${promise}`, { skip }, async () => {
      const engine = await open()
      let count = 0
      for (const batch of batches(engine.signaturesMax)) {
        const ask = count++ % 2 === 0 ? badOf : badOfPacked
        assert.deepEqual(ask(engine, batch.items), batch.bad, `batch ${count} of ${batch.items.length}`)
      }
      assert.ok(count > 0)
    })
  }

  test(`${name} draws its random factors anew for each batch, and after the signatures are fixed`, {
    skip,
  }, async context => {
    const { calls, ...watched } = watch(context, open)
    const engine = await watched.opened
    const drawn: string[] = []
    const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto)
    context.mock.method(globalThis.crypto, 'getRandomValues', (bytes: Uint8Array<ArrayBuffer>) => {
      calls.push(`random ${bytes.length}`)
      getRandomValues(bytes)
      drawn.push(Buffer.from(bytes).toString('hex'))
      return bytes
    })
    for (let times = 0; times < 2; times++) {
      calls.length = 0
      assert.deepEqual(badOf(engine, items), [])
      assert.equal(calls.lastIndexOf('push'), calls.indexOf('choose') - 1)
      assert.deepEqual(calls.slice(calls.indexOf('choose')), ['choose', `random ${16 * items.length}`, 'check'])
    }
    assert.equal(drawn.length, 2)
    // More than getRandomValues gives at once.
    calls.length = 0
    const many = Array.from({ length: 9000 }, (_, i) => items[i % items.length]!)
    assert.deepEqual(badOf(engine, many), [])
    const sizes = calls.flatMap(call => (call.startsWith('random ') ? [Number(call.slice(7))] : []))
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      16 * many.length,
    )
    // Not a byte that stays the same by more than chance.
    const [first, second] = drawn.map(hex => Buffer.from(hex, 'hex'))
    const same = first!.filter((byte, i) => byte === second![i]).length
    assert.ok(same < first!.length / 32, `${same} of ${first!.length} bytes`)
  })

  test(`${name} lets 128 random bits of each signature decide, in batches of every size`, { skip }, async context => {
    const engine = await open()
    // Other keys take all the combs that there are: with one of its own no batch would be needed for few signatures.
    const others = secretsFrom(random.scalar(), 48).map((other, i) => signWith(other, commitments[i]!, random.bytes(9)))
    for (let times = 0; times < 4; times++) assert.deepEqual(badOf(engine, others), [])
    // Errors that cancel out where both have the same factor.
    const pair = [3, 6]
    for (const [count, step] of [
      [20, 1],
      [100, 1],
      [450, 1],
      [3100, 8],
    ] as const) {
      const changed = Array.from({ length: count }, (_, i) => items[i % items.length]!)
      changed[3] = withScalar(changed[3]!, s => s + 5n)
      changed[6] = withScalar(changed[6]!, s => s - 5n)
      // Its part of order 8 must not keep the equation from holding.
      changed[1] = signWith(secretsFrom(key.factor, 1, [torsion[1]!])[0]!, commitments[1]!, random.bytes(9))
      assert.deepEqual(badOf(engine, changed), pair)
      const fill = (set: (bytes: Uint8Array) => void): (() => void) => {
        const mock = context.mock.method(globalThis.crypto, 'getRandomValues', (bytes: Uint8Array<ArrayBuffer>) => {
          set(bytes.fill(77))
          return bytes
        })
        return () => mock.mock.restore()
      }
      for (let bit = 0; bit < 128; bit += step) {
        const restoreBit = fill(bytes => {
          bytes[16 * 3 + (bit >> 3)]! ^= 1 << (bit & 7)
        })
        assert.deepEqual(badOf(engine, changed), pair, `bit ${bit} of ${count} signatures`)
        restoreBit()
      }
      const restore = fill(() => {})
      assert.deepEqual(badOf(engine, changed), [], 'known factors would deceive it')
      assert.deepEqual(badOf(engine, changed.with(6, items[6]!)), [3])
      restore()
    }
  })

  test(`${name} keeps its memory within bounds, however many keys come`, { skip }, async context => {
    const watched = watch(context, open)
    const engine = await watched.opened
    const { memory } = watched.exports()
    const beyondOrder = new Uint8Array(64).fill(0xff)
    const rounds = Array.from({ length: 16 }, (_, round) => {
      const keys = randomBytes(32 * engine.signaturesMax)
      const strangers = Array.from({ length: engine.signaturesMax }, (__, i) => ({
        publicKey: keys.subarray(32 * i, 32 * i + 32),
        message: new Uint8Array(0),
        signature: beyondOrder,
      }))
      assert.equal(badOf(engine, strangers).length, strangers.length)
      assert.deepEqual(badOf(engine, [...items, strangers[round]!]), [items.length])
      return memory.buffer.byteLength
    })
    assert.equal(rounds.at(-1), rounds[3])
    assert.ok(rounds.at(-1)! < 128 << 20)
  })
}
