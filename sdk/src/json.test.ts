import assert from 'node:assert/strict'
import { test } from 'node:test'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { encodeUtf8 } from './bytes.ts'
import { VerifyError } from './errors.ts'
import { decodeCanonicalJson, encodeCanonicalJson, formatJson, type JsonObject, parseJson } from './json.ts'

function refused(text: string, code: string): void {
  assert.throws(
    () => parseJson(text),
    (error: VerifyError) => error instanceof VerifyError && error.code === code,
    text,
  )
}

test('what JSON.parse reads is read to the same value', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), text => {
      if (text.includes('__proto__')) return
      assert.deepEqual(parseJson(text), JSON.parse(text))
    }),
  )
})

test('a member that stands twice is refused, also when it is spelled with escapes', () => {
  refused('{"a":1,"a":2}', 'malformed')
  refused('{"a":1,"\\u0061":2}', 'malformed')
  refused('{"__proto__":1}', 'malformed')
})

test('what two readers could read differently is refused', () => {
  for (const text of [
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    '01',
    '+1',
    '1.',
    'NaN',
    '"\\x"',
    '"\n"',
    '"\\ud800"',
    '1e999',
    '{"a"}',
    "{'a':1}",
    '1 2',
  ])
    refused(text, 'malformed')
  refused(`${'['.repeat(40)}${']'.repeat(40)}`, 'oversized')
  refused(`[${'1,'.repeat(5000)}1]`, 'oversized')
  refused(`"${'a'.repeat(10_000_000)}"`, 'oversized')
  refused(`"${'a'.repeat(2_000_000)}`, 'malformed')
})

test('random text gives a value or a VerifyError, nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ue1-.0atrlsn ') }), text => {
      try {
        parseJson(text)
      } catch (error) {
        assert.ok(error instanceof VerifyError)
      }
    }),
  )
})

test('canonical JSON has one spelling, and only that one is read', () => {
  const value: JsonObject = { b: [1, 'é', { z: null, a: true }], a: -5 }
  const encoded = encodeCanonicalJson(value)
  assert.deepEqual(decodeCanonicalJson(encoded), value)
  for (const other of ['{"b":1,"a":2}', '{ "a":1}', '{"a":1.0}', '{"a":"\\u0041"}'])
    assert.throws(() => decodeCanonicalJson(encodeUtf8(other)), { code: 'non-canonical' }, other)
  for (const other of ['{"a":1.5}', '{"a":9007199254740993}', '[1]'])
    assert.throws(() => decodeCanonicalJson(encodeUtf8(other)), { code: 'malformed' }, other)
  assert.equal(formatJson({ b: 1, a: 2 }), '{"a":2,"b":1}')
})

test('the canonical form is that of RFC 8785: its own example, and whatever another implementation writes', () => {
  // Section 3.2.3, the members by UTF-16 code units; section 3.2.2, strings and numbers.
  const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
  assert.equal(formatJson(names), '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}')
  const text =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
  assert.equal(
    formatJson(parseJson(text)),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  const property = fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
    assert.equal(formatJson(value as never), canonicalize(value))
  })
  fc.assert(property, { numRuns: 1_000 })
})

test('what JSON cannot hold is refused, and never written as something else', () => {
  for (const value of [
    '\ud800',
    { '\udc00': 1 },
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
    { a: undefined },
    [() => 1],
  ])
    assert.throws(() => formatJson(value as never), { name: 'VerifyError', code: 'malformed' })
})
