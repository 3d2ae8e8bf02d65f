import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { english } from './messages/en.ts'
import { cleanText, fieldText, fill, fillParts, partsText, plural, shownTextLengthMax, visibleText } from './text.ts'

describe('text of a record on the page', () => {
  it('holds no control character, and nothing that turns the reading direction', () => {
    assert.equal(cleanText('owner\u202eA\u2066B\u0000C\u200fD\u061cE'), 'ownerABCDE')
    assert.equal(cleanText('one\r\ntwo\tthree\u2028four'), 'one two threefour')
    assert.equal(cleanText('half \ud83d of a character'), 'half  of a character')
    assert.equal(cleanText('hidden\u{e0041}\u{e0042}\ufe0f\u200b\u00adtag'), 'hiddentag')
  })

  it('keeps the joiners with which scripts spell, and only those', () => {
    assert.equal(cleanText('می\u200cخواهم'), 'می\u200cخواهم')
    assert.equal(cleanText('क्\u200dष'), 'क्\u200dष')
    assert.equal(cleanText('A\u200d\u200d B'), 'A B')
    assert.equal(cleanText('\u200cA\u200c'), 'A')
  })

  it('is cut off at its length, whole characters only, and says so', () => {
    assert.equal(cleanText('𝐀'.repeat(30), 10), `${'𝐀'.repeat(10)}…`)
    assert.equal(cleanText('x'.repeat(10), 10), 'x'.repeat(10))
  })

  it('does not pile marks on one letter', () => {
    assert.equal(cleanText(`e${'\u0301'.repeat(200)}x`), `e${'\u0301'.repeat(3)}x`)
  })

  it('stays within its bounds whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), text => {
        const clean = cleanText(text)
        assert.ok([...clean].length <= shownTextLengthMax + 1)
        assert.doesNotMatch(clean, /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
        assert.equal(cleanText(clean, shownTextLengthMax + 1), clean)
      }),
    )
  })
})

describe('a sentence with values', () => {
  it('keeps the values apart from our words', () => {
    assert.deepEqual(fill('Issued by {office} on {date}.', { office: 'Office', date: '3 March' }), [
      { kind: 'words', text: 'Issued by ' },
      { kind: 'value', text: 'Office' },
      { kind: 'words', text: ' on ' },
      { kind: 'value', text: '3 March' },
      { kind: 'words', text: '.' },
    ])
  })

  it('does not fill in what a value says, nor names that objects have of themselves', () => {
    assert.equal(partsText(fill('{a} and {b}', { a: '{b}', b: 'x' })), '{b} and x')
    assert.equal(partsText(fill('{constructor}{toString}', {})), '')
    assert.equal(partsText(fillParts('{constructor} {a}', { a: [{ kind: 'value', text: '{a}' }] })), ' {a}')
  })

  it('counts as the language does', () => {
    assert.equal(partsText(plural(english.hiddenFields, 1, 'en')), '1 more field was not shown to you.')
    assert.equal(partsText(plural(english.hiddenFields, 12, 'en')), '12 more fields were not shown to you.')
  })
})

describe('a field’s value', () => {
  it('is text whatever JSON it is', () => {
    const words = { yes: 'yes', no: 'no' }
    assert.equal(fieldText('A\u202eB', words), 'AB')
    assert.equal(fieldText(800, words), '800')
    assert.equal(fieldText(true, words), 'yes')
    assert.equal(fieldText(null, words), '—')
    assert.equal(fieldText(['<b>', { a: 1 }], words), '["<b>",{"a":1}]')
  })
})

describe('a text that someone will sign', () => {
  it('keeps its lines and loses what could not be seen', () => {
    assert.equal(visibleText(' one\r\n\ttwo\u202e\u200b\u0000\n\nthree '), 'one\n two\n\nthree')
    assert.equal(visibleText('x'.repeat(5_000)).length, 5_000)
  })
})
