import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatBase43, parseBase43 } from './base43.ts'
import { VerifyError } from './errors.ts'

test('bytes come back, in three characters for two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const text = formatBase43(bytes)
      assert.equal(text.length, Math.ceil(bytes.length * 1.5))
      assert.match(text, /^[0-9A-Z$*+\-./:]*$/)
      assert.deepEqual(parseBase43(text), bytes)
    }),
  )
})

test('known values', () => {
  assert.equal(formatBase43(new Uint8Array([0])), '00')
  assert.equal(formatBase43(new Uint8Array([0, 1])), '100')
  assert.equal(formatBase43(new Uint8Array([255, 255])), '3JZ')
  assert.equal(formatBase43(new Uint8Array([255])), '.5')
})

test('any other text is refused, and one sequence of bytes has one text', () => {
  for (const text of ['0', '0000', ':::', '::', '0a0', '0 0', '0%0', '0é0', '000\n'])
    assert.throws(() => parseBase43(text), { name: 'VerifyError', code: 'malformed' }, text)
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9A-Z$*+\-./:]{0,40}$/), text => {
      try {
        assert.equal(formatBase43(parseBase43(text)), text)
      } catch (error) {
        assert.ok(error instanceof VerifyError, String(error))
      }
    }),
  )
})
