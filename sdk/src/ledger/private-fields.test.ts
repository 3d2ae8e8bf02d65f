import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { changeBytes, changes, readOrRefused } from '../../../test/hostile.ts'
import { encodeUtf8, equals, formatHex } from '../bytes.ts'
import { loadCrypto } from '../crypto/load.ts'
import { VerifyError } from '../errors.ts'
import { taggedHash } from '../tags.ts'
import {
  checkOpening,
  commitFields,
  fieldOpening,
  newCaseSecret,
  type PrivateField,
  privateFieldNames,
} from './private-fields.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const secret = crypto.sha256(encodeUtf8('an example case'))
const plate = { name: 'plate', value: 'EX 123' }
const photo = { name: 'photo', value: 'aGFzaA' }
const nothing = { name: 'photo', value: undefined }
const names = ['plate', 'photo']

const fieldList = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 })
  .chain(list =>
    fc.tuple(
      ...list.map(name =>
        fc.record({
          name: fc.constant(name),
          value: fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger()), { nil: undefined }),
        }),
      ),
    ),
  )
const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 })
const rootOf = (fields: readonly PrivateField[], round = 0): string =>
  formatHex(commitFields(crypto, secret, { fields, round }).root)

test('what was committed to opens field by field, each to its value and to nothing else', () => {
  fc.assert(
    fc.property(fieldList, secrets, (fields, key) => {
      const { root, openings } = commitFields(crypto, key, { fields })
      const all = fields.map(({ name }) => name)
      for (const [place, opening] of openings.entries()) {
        const read = fieldOpening.decode(fieldOpening.encode(opening))
        assert.deepEqual(checkOpening(crypto, read, { root, names: all }), fields[place]!.value)
      }
    }),
    { numRuns: 100 },
  )
})

test('two lists of fields never have one root: names, values, their order, their number and their absence all count', () => {
  fc.assert(
    fc.property(fieldList, fieldList, (one, other) => {
      const isSame =
        JSON.stringify(one.map(each => [each.name, each.value ?? null])) ===
        JSON.stringify(other.map(each => [each.name, each.value ?? null]))
      assert.equal(rootOf(one) === rootOf(other), isSame)
    }),
    { numRuns: 200 },
  )
  const roots = [
    rootOf([plate, photo]),
    rootOf([photo, plate]),
    rootOf([plate]),
    rootOf([plate, nothing]),
    rootOf([plate, { name: 'photo', value: '' }]),
    rootOf([plate, { name: 'phot', value: 'oaGFzaA' }]),
    rootOf([{ name: 'plate', value: 7 }, photo]),
    rootOf([{ name: 'plate', value: '7' }, photo]),
    rootOf([plate, photo], 1),
    formatHex(commitFields(crypto, newCaseSecret(), { fields: [plate, photo] }).root),
  ]
  assert.equal(new Set(roots).size, roots.length)
})

test('one opening shows one field: no byte of it depends on another’s value, or tells whether there is one', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12, unit: 'grapheme-ascii' }), secrets, (value, key) => {
      const hidden = { name: 'photo', value: `hidden ${value}` }
      const { openings } = commitFields(crypto, key, { fields: [plate, hidden] })
      const shown = formatHex(fieldOpening.encode(openings[0]!))
      // What is there of the other field: 32 bytes, the same number as where it has no value.
      const without = commitFields(crypto, key, { fields: [plate, nothing] }).openings[0]!
      assert.equal(shown.length, formatHex(fieldOpening.encode(without)).length)
      assert.deepEqual(openings[0]!.salt, without.salt)
      for (const part of [encodeUtf8(hidden.value), openings[1]!.salt, key]) assert.ok(!shown.includes(formatHex(part)))
      // Whoever tries values for it knows no salt: neither the shown one nor none fits.
      for (const salt of [openings[0]!.salt, new Uint8Array(0), new Uint8Array(32)]) {
        const tried = { ...openings[1]!, salt }
        assert.throws(() =>
          checkOpening(crypto, tried, { root: commitFields(crypto, key, { fields: [plate, hidden] }).root, names }),
        )
      }
    }),
    { numRuns: 60 },
  )
})

test('a field that was shown once cannot be guessed when the case is committed again: each round has its salts', () => {
  const salts = [0, 1, 2, 11].map(round =>
    formatHex(commitFields(crypto, secret, { fields: [plate, photo], round }).openings[0]!.salt),
  )
  assert.equal(new Set(salts).size, salts.length)
  const other = commitFields(crypto, newCaseSecret(), { fields: [plate, photo] })
  assert.ok(!salts.includes(formatHex(other.openings[0]!.salt)))
})

test('an opening that was altered by any byte, moved, or taken from another case opens nothing', () => {
  const { root, openings } = commitFields(crypto, secret, { fields: [plate, photo] })
  const encoded = fieldOpening.encode(openings[0]!)
  fc.assert(
    fc.property(changes, list => {
      const changed = changeBytes(encoded, list)
      const read = readOrRefused(() => checkOpening(crypto, fieldOpening.decode(changed), { root, names }))
      assert.equal(read, equals(changed, encoded) ? plate.value : undefined)
    }),
    { numRuns: 500 },
  )
  const renamed = { ...openings[0]!, name: 'photo' }
  const foreign = commitFields(crypto, newCaseSecret(), { fields: [plate, photo] }).openings[0]!
  const fewer = { ...openings[0]!, leaves: openings[0]!.leaves.slice(0, 1) }
  for (const wrong of [renamed, foreign, fewer, { ...openings[0]!, name: 'owner' }])
    assert.throws(() => checkOpening(crypto, wrong, { root, names }), { code: 'disclosure-bad' })
  assert.throws(() => checkOpening(crypto, openings[0]!, { root, names: ['photo', 'plate'] }), {
    code: 'disclosure-bad',
  })
})

test('a value has one spelling: whoever commits may commit to nonsense, and whoever reads refuses it', () => {
  const [opening] = commitFields(crypto, secret, { fields: [plate] }).openings
  const read = (text: string) => {
    const value = encodeUtf8(text)
    const leaf = taggedHash(crypto, 'muniment/field/1', encodeUtf8('plate'), opening!.salt, value)
    const root = taggedHash(crypto, 'muniment/fields/1', leaf)
    return checkOpening(crypto, { ...opening!, value, leaves: [leaf] }, { root, names: ['plate'] })
  }
  assert.equal(read('"EX 123"'), 'EX 123')
  assert.equal(read('-7'), -7)
  for (const text of [
    '"EX\\u0020123"',
    ' "EX 123"',
    '1.5',
    '1e3',
    'null',
    '["EX 123"]',
    '{}',
    '9007199254740993',
    '"\\ud800"',
  ])
    assert.throws(() => read(text), VerifyError, text)
})

test('all private fields of a file are committed to, in its order; public ones are not', () => {
  const fields = [
    { name: 'offence', show: 'public' },
    { name: 'plate', show: 'committed' },
    { name: 'photo', show: 'sealed' },
  ] as const
  assert.deepEqual(privateFieldNames(fields), names)
})

test('a secret is 32 random bytes, and nothing shorter is taken', () => {
  assert.equal(newCaseSecret().length, 32)
  assert.ok(!equals(newCaseSecret(), newCaseSecret()))
  assert.throws(() => commitFields(crypto, new Uint8Array(16), { fields: [plate] }), /32 bytes/)
  assert.throws(() => commitFields(crypto, secret, { fields: [plate, plate] }), /twice/)
})
