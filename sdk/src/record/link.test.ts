import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VerifyError } from '../errors.ts'
import { formatRecordLink, parseRecordLink, type RecordLink } from './link.ts'

const link: RecordLink = {
  chainId: 'example-1',
  key: new Uint8Array(32).fill(7),
  height: 42n,
  document: 'aaa.bbb.ccc~ddd~',
}

test('a link reads back as it was written, with or without a page in front', () => {
  const fragment = formatRecordLink(link)
  assert.deepEqual(parseRecordLink(fragment), link)
  assert.deepEqual(parseRecordLink(`https://example.org/verify?x=1#${fragment}`), link)
})

test('one link has one spelling', () => {
  const good = formatRecordLink(link)
  const bad = [
    good.replace('/42/', '/042/'),
    good.replace('/42/', '/-1/'),
    `${good} `,
    good.replace('1/', '01/'),
    good.replace('BwcH', 'BwcH='),
    `${good}/`,
    good.replace('ddd', 'd d'),
  ]
  // The key's last character holds two stray bits, so three other characters would spell the same key.
  bad.push(good.replace(/Bw\/42/, 'Bx/42').replace(/Bwc\/42/, 'Bwd/42'))
  for (const text of bad) assert.throws(() => parseRecordLink(text), VerifyError, text)
})

test('a link of a later version says so', () => {
  assert.throws(() => parseRecordLink('2/whatever'), { code: 'format-unknown' })
})

test('random text is refused with a VerifyError', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), text => {
      try {
        assert.equal(formatRecordLink(parseRecordLink(text)), text.slice(text.indexOf('#') + 1))
      } catch (error) {
        assert.ok(error instanceof VerifyError)
      }
    }),
  )
})
