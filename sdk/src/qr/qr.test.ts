import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import decodeQr from 'qr/decode.js'
import { imageOf } from '../../../test/qr-image.ts'
import { qrOf } from './index.ts'

/** The version, and what a camera reads. */
const drawn = (text: string): readonly [number, string] => {
  const qr = qrOf(text)
  assert.equal(qr.size, 17 + 4 * qr.version)
  return [qr.version, decodeQr(imageOf(qr))]
}

test('links, texts in any script and mixtures are read as they were written', () => {
  for (const text of [
    'a',
    'HTTPS://RECORDS.EXAMPLE.ORG/verify#2/01AB$*+-./:Z',
    'https://example.org/verify#1/example-1/abc',
    'سند ملكية الأرض',
    'é'.repeat(40),
    `lower ${'CAPITALS 123 '.repeat(8)} lower`,
  ])
    assert.equal(drawn(text)[1], text)
})

test('any link of capitals and digits comes back from its drawing', () => {
  const fragment = fc.string({
    unit: fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-./:'),
    maxLength: 900,
  })
  fc.assert(
    fc.property(fragment, text => {
      const link = `HTTPS://EXAMPLE.ORG/verify#2/${text}`
      assert.equal(drawn(link)[1], link)
    }),
    { numRuns: 30 },
  )
})

test('capitals take 11 bits for two, also beside small letters', () => {
  assert.equal(drawn('A'.repeat(656))[0], 16)
  assert.equal(drawn('A'.repeat(657))[0], 17)
  assert.equal(drawn(`/verify#${'A'.repeat(630)}`)[0], 16)
  assert.equal(drawn('a'.repeat(450))[0], 16)
})

test('what fits no QR code is refused with its own code', () => {
  assert.equal(qrOf('A'.repeat(3_391)).version, 40)
  for (const text of ['A'.repeat(3_392), 'a'.repeat(2_332), 'é'.repeat(1_166), 'A'.repeat(10_000_000)])
    assert.throws(() => qrOf(text), { name: 'VerifyError', code: 'oversized' }, `${text.length}`)
})
