import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { deflateRaw, inflate } from './deflate.ts'

const raw = { format: 'deflate-raw', lengthMax: 10_000 } as const

test('what was compressed comes back, with a dictionary and without', async () => {
  const sizes = { maxLength: 3_000 }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(sizes), fc.uint8Array({ ...sizes, minLength: 1 }), async (bytes, dictionary) => {
      const lengthMax = bytes.length
      const primed = await deflateRaw(bytes, dictionary)
      assert.deepEqual(await inflate(primed, { format: 'deflate-raw', lengthMax, dictionary }), bytes)
      const plain = new Uint8Array(deflateRawSync(bytes))
      assert.deepEqual(await inflate(plain, { format: 'deflate-raw', lengthMax }), bytes)
      assert.deepEqual(await inflate(plain, { format: 'deflate-raw', lengthMax, dictionary }), bytes)
      assert.deepEqual(await inflate(new Uint8Array(deflateSync(bytes)), { format: 'deflate', lengthMax }), bytes)
    }),
    { numRuns: 100 },
  )
})

test('where there is no node:zlib, as in a browser, it is longer, and read all the same', async t => {
  const dictionary = new TextEncoder().encode('a document of the land registry')
  const bytes = new TextEncoder().encode('land registry')
  const inNode = await deflateRaw(bytes, dictionary)
  t.mock.method(process, 'getBuiltinModule', () => undefined)
  const inBrowser = await deflateRaw(bytes, dictionary)
  assert.ok(inNode.length < inBrowser.length)
  for (const packed of [inNode, inBrowser])
    assert.deepEqual(await inflate(packed, { format: 'deflate-raw', lengthMax: 13, dictionary }), bytes)
})

test('a bomb is left unread where it passes its bound', async () => {
  const bomb = deflateRawSync(new Uint8Array(64 << 20))
  const before = process.memoryUsage().arrayBuffers
  await assert.rejects(inflate(bomb, raw), { name: 'VerifyError', code: 'oversized' })
  assert.ok(process.memoryUsage().arrayBuffers - before < 8 << 20)
  const within = deflateRawSync(new Uint8Array(10_000))
  assert.equal((await inflate(within, raw)).length, 10_000)
  await assert.rejects(inflate(within, { ...raw, lengthMax: 9_999 }), { code: 'oversized' })
})

test('what ends too soon, or is followed by one byte more, is refused', async () => {
  const packed = new Uint8Array(deflateRawSync(new Uint8Array(300).map((_, at) => at * at)))
  for (let length = 0; length < packed.length; length++)
    await assert.rejects(inflate(packed.subarray(0, length), raw), { name: 'VerifyError', code: 'malformed' })
  const more = new Uint8Array(packed.length + 1)
  more.set(packed)
  await assert.rejects(inflate(more, raw), { name: 'VerifyError', code: 'malformed' })
})

test('any bytes are inflated within the bound, or refused with a VerifyError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
      await inflate(bytes, raw).then(
        out => assert.ok(out.length <= raw.lengthMax),
        error => assert.equal(error.name, 'VerifyError'),
      )
    }),
    { numRuns: 500 },
  )
})
