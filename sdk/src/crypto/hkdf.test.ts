import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { formatHex } from '../bytes.ts'
import { hkdf } from './hkdf.ts'
import { loadCrypto } from './load.ts'

const crypto = await loadCrypto()

it('keys are those of RFC 5869, test case 3, as far as one block goes', () => {
  const key = hkdf(crypto, new Uint8Array(22).fill(0x0b), { info: new Uint8Array(0), length: 32 })
  assert.equal(formatHex(key), '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d')
})

it('keys are those of noble for any secret, purpose and length', () => {
  const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
  const property = fc.property(bytes(64), bytes(80), fc.integer({ min: 1, max: 32 }), (secret, info, length) => {
    const key = hkdf(crypto, secret, { info, length })
    assert.deepEqual(key, nobleHkdf(sha256, secret, undefined, info, length))
  })
  fc.assert(property, { numRuns: 200 })
})
