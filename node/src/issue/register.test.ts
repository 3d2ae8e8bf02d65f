import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeUtf8, type Service } from '@muniment/sdk'
import { registerCellLengthMax } from '../limits.ts'
import { type Register, type RegisterOptions, readRegister } from './register.ts'

const field = (name: string, en: string, ar: string): Service['fields'][number] => ({
  name,
  label: { en, ar },
  show: 'committed',
})
const service: Service = {
  id: 'example@1',
  title: { en: 'Example' },
  type: 'urn:example:type',
  freshnessSeconds: 300,
  roles: {},
  fields: [field('parcel', 'Parcel', 'القطعة'), field('owner', 'Owner', 'المالك')],
  transitions: {},
  looks: {},
  hasCases: false,
}

function read(text: string | Uint8Array, options: Partial<RegisterOptions> = {}): Register {
  const bytes = typeof text === 'string' ? encodeUtf8(text) : text
  return readRegister(bytes, { service, map: {}, optional: [], ...options })
}

describe('a register', () => {
  test('is read as RFC 4180 says: quotes, commas and quotation marks in cells, CRLF or LF, a mark at the beginning', () => {
    const { rows } = read('\ufeffparcel,owner\r\n"1,2","An ""owner"""\r\n3,B\n')
    assert.deepEqual(
      rows.map(({ row, fields }) => [row, fields]),
      [
        [2, { parcel: '1,2', owner: 'An "owner"' }],
        [3, { parcel: '3', owner: 'B' }],
      ],
    )
  })

  test('names its columns by fields, or by what people read above them in any language, in any order', () => {
    assert.deepEqual(read('المالك,PARCEL\nA,1').rows[0]!.fields, { owner: 'A', parcel: '1' })
  })

  test('maps columns to fields and to times, and leaves out what it is told to', () => {
    const map = { Who: 'owner', 'No.': 'parcel', Until: '@validUntil', From: '@validFrom', Remarks: '' }
    const { rows } = read('Who,No.,From,Until,Remarks\nA,1,2026-01-31,2030-01-01T12:00:00Z,x\nB,2,,,', { map })
    assert.deepEqual(rows[0], {
      row: 2,
      cells: ['A', '1', '2026-01-31', '2030-01-01T12:00:00Z', 'x'],
      fields: { owner: 'A', parcel: '1' },
      validFrom: '2026-01-31T00:00:00Z',
      validUntil: '2030-01-01T12:00:00Z',
    })
    assert.equal('validUntil' in rows[1]!, false)
  })

  test('binds documents to the public keys of their holders, where a column has them, and refuses whatever is none', () => {
    const map = { Key: '@holder' }
    const quoted = (json: object): string => `"${JSON.stringify(json).replaceAll('"', '""')}"`
    const key = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }
    const { rows } = read(`parcel,owner,Key\n1,A,${quoted({ ...key, kid: 'example' })}\n2,B,`, { map })
    assert.deepEqual(rows[0]!.holder, key)
    assert.equal('holder' in rows[1]!, false)
    const offCurve = { kty: 'EC', crv: 'P-256', x: key.x, y: key.x }
    const secret = 'S'.repeat(43)
    for (const wrong of [quoted({ ...key, d: secret }), quoted({ ...key, x: 'AA' }), quoted(offCurve), quoted([]), 'x'])
      assert.throws(
        () => read(`parcel,owner,Key\n1,A,${wrong}`, { map }),
        (error: unknown) => {
          const { message } = error as Error
          return /^row 2: column Key: not the public key of a holder/.test(message) && !message.includes(secret)
        },
      )
  })

  test('may have empty cells where that is allowed, and empty lines at its end', () => {
    const { rows } = read('parcel,owner\n1,\n\n', { optional: ['owner'] })
    assert.deepEqual(rows[0]!.fields, { parcel: '1' })
    assert.equal(rows.length, 1)
  })

  const refused: readonly [string, string | Uint8Array, string, Partial<RegisterOptions>?][] = [
    ['nothing', '', 'row 1: no column becomes the field parcel\nrow 1: no column becomes the field owner'],
    ['no rows', 'parcel,owner\n', 'the file has no rows'],
    ['letters of another encoding', Uint8Array.of(0x70, 0xe4, 0x0a), 'the file is not UTF-8: save it as CSV UTF-8'],
    ['semicolons', 'parcel;owner\n1;A', 'row 1: the columns are separated by semicolons; save the file with commas'],
    [
      'an open quotation mark',
      'parcel,owner\n1,"A\n2,B',
      'line 3: a quotation mark is opened and not closed before the end of the file',
    ],
    [
      'something behind a quotation mark',
      'parcel,owner\n1,"A"B',
      'line 2: something stands between a closing quotation mark and the next comma',
    ],
    ['a column twice', 'parcel,owner,owner\n1,A,B', 'row 1: two columns are named “owner”'],
    ['two columns for one field', 'parcel,owner,المالك\n1,A,B', 'row 1: two columns become owner'],
    [
      'a map to no field',
      'parcel,owner\n1,A',
      '--map parcel=nothing: example@1 has no such field\nrow 1: no column becomes the field parcel',
      { map: { parcel: 'nothing' } },
    ],
    ['a map of no column', 'parcel,owner\n1,A', '--map x=owner: the file has no such column', { map: { x: 'owner' } }],
    [
      'a day that is none',
      'parcel,owner,d\n1,A,2026-02-30',
      'row 2: column d: not a day (2026-01-31) or a time (2026-01-31T00:00:00Z)',
      { map: { d: '@validUntil' } },
    ],
    [
      'an end before its beginning',
      'parcel,owner,from,until\n1,A,2026-02-02,2026-02-01',
      'row 2: it ends before it begins',
      { map: { from: '@validFrom', until: '@validUntil' } },
    ],
    [
      'a cell that is too long',
      `parcel,owner\n1,${'x'.repeat(registerCellLengthMax + 1)}`,
      `row 2: column owner: longer than ${registerCellLengthMax} characters`,
    ],
    [
      'a line break in a cell',
      'parcel,owner\n1,"A\nB"',
      'row 2: column owner: a line break, or a character that nobody sees',
    ],
  ]
  for (const [what, text, sentences, options] of refused) {
    test(`with ${what} is refused in words`, () => {
      assert.throws(() => read(text, options), { name: 'RegisterError', message: sentences })
    })
  }

  test('tells an unknown column what can be done', () => {
    assert.throws(
      () => read('parcel,owner,Remarks\n1,A,x'),
      /no field “Remarks”: name one by --map "Remarks=FIELD", or leave it out by --map "Remarks="/,
    )
  })

  test('with many mistakes tells fifty, and how many more there are', () => {
    const text = `parcel,owner\n${Array.from({ length: 60 }, (_, index) => `${index},`).join('\n')}`
    assert.throws(
      () => read(text),
      (error: Error) => {
        const lines = error.message.split('\n')
        assert.equal(lines.length, 51)
        assert.equal(lines[50], 'and 10 more')
        return true
      },
    )
  })
})
