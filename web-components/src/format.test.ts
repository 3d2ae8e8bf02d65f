import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAge, formatDate } from './format.ts'

const style = { language: 'en', withTime: false, unknown: 'an unknown time' }

describe('a date', () => {
  it('is written as the language writes it', () => {
    const time = { seconds: 1_772_539_200n, nanos: 0 }
    assert.equal(formatDate(time, style), 'March 3, 2026')
    assert.equal(formatDate(time, { ...style, language: 'en-GB' }), '3 March 2026')
    assert.match(formatDate(time, { ...style, language: 'ar' }), /مارس/)
  })

  it('that no calendar holds is said to be unknown', () => {
    assert.equal(formatDate({ seconds: 2n ** 62n, nanos: 0 }, style), 'an unknown time')
    assert.equal(formatDate({ seconds: -(2n ** 62n), nanos: 0 }, style), 'an unknown time')
  })
})

describe('an age', () => {
  it('never sounds younger than one unit of what it is', () => {
    assert.equal(formatAge(0, 'en'), '0 seconds ago')
    assert.equal(formatAge(119, 'en'), '119 seconds ago')
    assert.equal(formatAge(120, 'en'), '2 minutes ago')
    assert.equal(formatAge(31 * 3_600 + 59, 'en'), '31 hours ago')
    assert.equal(formatAge(400 * 86_400, 'en'), '13 months ago')
    assert.equal(formatAge(-5, 'en'), '0 seconds ago')
  })
})
