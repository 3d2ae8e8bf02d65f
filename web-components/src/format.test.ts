import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAge, formatCount, formatDate, formatList } from './format.ts'

const style = { language: 'en', withTime: false, unknown: 'an unknown time' }

describe('a date', () => {
  it('is written as the language writes it', () => {
    const time = { seconds: 1_772_539_200n, nanos: 0 }
    assert.equal(formatDate(time, style), 'March 3, 2026')
    assert.equal(formatDate(time, { ...style, language: 'en-GB' }), '3 March 2026')
    assert.match(formatDate(time, { ...style, language: 'ar' }), /مارس/)
  })

  it('is of the Gregorian calendar, and says so where another one is usual', () => {
    const time = { seconds: 1_772_539_200n, nanos: 0 }
    assert.equal(formatDate(time, { ...style, language: 'fa' }), '۳ مارس ۲۰۲۶ م.')
    assert.equal(formatDate(time, { ...style, language: 'th' }), '3 มีนาคม ค.ศ. 2026')
    assert.match(formatDate(time, { ...style, language: 'fa-u-ca-persian', withTime: true }), /۲۰۲۶ م\./)
    assert.match(formatDate(time, { ...style, language: 'th-TH-u-ca-buddhist' }), /ค\.ศ\. 2026/)
    assert.match(formatDate(time, { ...style, language: 'ar-SA' }), /مارس ٢٠٢٦/)
    assert.match(formatDate(time, { ...style, language: 'ar-SA-u-ca-islamic-umalqura' }), /مارس ٢٠٢٦/)
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

describe('numbers and lists', () => {
  it('are written in the digits and with the separators of the language', () => {
    assert.equal(formatCount(1_234_567n, 'fa'), '۱٬۲۳۴٬۵۶۷')
    assert.equal(formatCount(1_234_567, 'bn'), '১২,৩৪,৫৬৭')
    assert.equal(formatCount(1_234_567, 'ar-EG'), '١٬٢٣٤٬٥٦٧')
    assert.equal(formatCount(1_234_567, 'de'), '1.234.567')
    assert.equal(formatList(['one', 'two', 'three'], 'de'), 'one, two und three')
    assert.equal(formatList(['one', 'two'], 'ja'), 'one、two')
  })
})
