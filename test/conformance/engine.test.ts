// Both modules on what forces each of their ways to a verdict (engine-workloads.ts), and the randomness of their batches.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createRandom, secretsFrom, signWith, withScalar } from '../ed25519-signing.ts'
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
      assert.deepEqual(calls.slice(calls.indexOf('choose')), ['choose', `random ${17 * items.length}`, 'check'])
    }
    assert.equal(drawn.length, 2)
    // Not a byte that stays the same by more than chance.
    const [first, second] = drawn.map(hex => Buffer.from(hex, 'hex'))
    const same = first!.filter((byte, i) => byte === second![i]).length
    assert.ok(same < first!.length / 32, `${same} of ${first!.length} bytes`)
  })

  test(`${name} would be deceived by errors that cancel out if the factors were known: on them its verdict rests`, {
    skip,
  }, async context => {
    const engine = await open()
    const changed = [...items]
    changed[10] = withScalar(items[10]!, s => s + 5n)
    changed[70] = withScalar(items[70]!, s => s - 5n)
    assert.deepEqual(badOf(engine, changed), [10, 70])
    context.mock.method(globalThis.crypto, 'getRandomValues', (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(77))
    assert.deepEqual(badOf(engine, changed), [])
    const alone = [...items]
    alone[10] = changed[10]!
    assert.deepEqual(badOf(engine, alone), [10])
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
