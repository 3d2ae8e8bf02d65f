import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatHex } from './bytes.ts'
import { frame } from './tags.ts'

test('no two different lists of parts give the same bytes', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      const same = JSON.stringify(left.map(formatHex)) === JSON.stringify(right.map(formatHex))
      const framed = [left, right].map(list => formatHex(frame('muniment/type/1', ...list)))
      assert.equal(framed[0] === framed[1], same)
    }),
    { numRuns: 2000 },
  )
})

test('moving a byte from one part to the next changes what is hashed', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  assert.notDeepEqual(
    frame('muniment/type/1', bytes('owner'), bytes('x')),
    frame('muniment/type/1', bytes('owne'), bytes('rx')),
  )
})
