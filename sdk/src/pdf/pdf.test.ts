import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import * as cantoo from '@cantoo/pdf-lib'
import fc from 'fast-check'
import * as pdfLib from 'pdf-lib'
// @ts-expect-error: it comes without types.
import PdfKit from 'pdfkit'
import { type HandMade, handMadePdf } from '../../../test/pdf-files.ts'
import { VerifyError } from '../errors.ts'
import { findRecordInPdf } from './attachment.ts'
import { openByTables } from './file.ts'
import type { Dictionary } from './values.ts'

const attached = `1/example-1/${'A'.repeat(43)}/1/eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln~WyJzIiwibiIsMV0~`
const other = 'this is the terms of use, and no record'
const recordOf = async (bytes: Uint8Array): Promise<string> => {
  const answer = await findRecordInPdf(new Uint8Array(bytes))
  return answer.kind === 'record' ? new TextDecoder().decode(answer.bytes) : answer.kind
}

/** As issuers write them: each library by its own way to attach a file. */
async function byPdfLib(lib: typeof pdfLib | typeof cantoo, options: object): Promise<Uint8Array> {
  const pdf = await lib.PDFDocument.create()
  for (let i = 0; i < 3; i++) pdf.addPage([200, 200]).drawText('Example title')
  await pdf.attach(new TextEncoder().encode(other), 'terms.txt', { mimeType: 'text/plain' })
  await pdf.attach(new TextEncoder().encode(attached), 'record.txt', { mimeType: 'text/plain' })
  return pdf.save(options)
}

function byPdfKit(options: object): Promise<Uint8Array> {
  const pdf = new PdfKit({ size: [200, 200], ...options })
  pdf.text('Example title')
  pdf.file(Buffer.from(other), { name: 'terms.txt' })
  pdf.file(Buffer.from(attached), { name: 'record.txt', type: 'text/plain' })
  pdf.end()
  return new Promise(resolve => {
    const parts: Buffer[] = []
    pdf.on('data', (part: Buffer) => parts.push(part))
    pdf.on('end', () => resolve(new Uint8Array(Buffer.concat(parts))))
  })
}

const producers: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'pdf-lib, objects in streams': () => byPdfLib(pdfLib, {}),
  'pdf-lib, a plain table': () => byPdfLib(pdfLib, { useObjectStreams: false }),
  '@cantoo/pdf-lib, objects in streams': () => byPdfLib(cantoo, {}),
  '@cantoo/pdf-lib, a plain table': () => byPdfLib(cantoo, { useObjectStreams: false }),
  pdfkit: () => byPdfKit({}),
  'pdfkit, PDF 1.7 without compression': () => byPdfKit({ pdfVersion: '1.7', compress: false }),
  'one that was attached to by another program later': async () => {
    const pdf = await cantoo.PDFDocument.load(await byPdfKit({}), { forIncrementalUpdate: true } as object)
    await pdf.attach(new TextEncoder().encode('and a note'), 'note.txt')
    return pdf.save({ useObjectStreams: false })
  },
}
for (const [producer, make] of Object.entries(producers))
  test(`the record is found in a PDF by ${producer}`, async () => assert.equal(await recordOf(await make()), attached))

const handMade: readonly (readonly [string, Omit<HandMade, 'attached'>])[] = [
  ['named in a tree', { by: 'kids' }],
  ['named by the document only (/AF)', { by: 'catalogue' }],
  ['named by a page only (/AF)', { by: 'page' }],
  ['pinned to a page', { by: 'annotation' }],
  ['with its table in a stream, its rows as differences', { tables: 'stream' }],
  ['with a table of both kinds', { tables: 'hybrid' }],
  ['as it is', { filter: 'none' }],
  ['in hexadecimal', { filter: 'hex' }],
  ['in ASCII85', { filter: 'ascii85' }],
  ['with its length in another object', { length: 'indirect' }],
  ['with a wrong length', { length: 'wrong' }],
  ['with a length that counts the end of the line', { length: 'with the end of the line' }],
  ['behind the lines of a mail', { prefix: 'Content-Type: application/pdf\r\n\r\n' }],
]
for (const [what, options] of handMade)
  test(`the record is found: ${what}`, async () =>
    assert.equal(await recordOf(handMadePdf({ attached, ...options })), attached))

test('tables of each kind are read, not only made up for; and one that names itself is read once', async () => {
  const files = await Promise.all(Object.values(producers).map(make => make()))
  const tables = (['plain', 'stream', 'hybrid'] as const).map(kind => handMadePdf({ attached, tables: kind }))
  const own = /startxref\n(\d+)/.exec(tables[0]!.toString('latin1'))![1]
  const named = tables[0]!.toString('latin1').replace('/Root 1 0 R', `/Root 1 0 R /Prev ${own}`)
  for (const bytes of [...files, ...tables, Buffer.from(named, 'latin1')]) {
    const { trailer, resolve } = await openByTables(new Uint8Array(bytes))
    const catalogue = await resolve(trailer.get('Root'))
    assert.deepEqual((catalogue as Dictionary).get('Type'), { name: 'Catalog' })
  }
})

test('damaged tables are made up for by looking through the file', async () => {
  for (const tables of ['plain', 'stream', 'hybrid'] as const) {
    const whole = handMadePdf({ attached, tables }).toString('latin1')
    const damaged = [
      whole.replace(/startxref\n\d+/, 'startxref\n7'),
      whole.replace(/startxref.*$/s, ''),
      whole.replace('%PDF-1.7\n', '%PDF-1.7\nmore bytes than there were'),
      whole.replaceAll('/Type /XRef', '/Type /Xref').replaceAll('xref', 'xxxx'),
      whole.replaceAll('/Type /XRef', '/Type /Xref').replaceAll('xref', 'xxxx').replaceAll('trailer', 'failure'),
    ]
    for (const [place, text] of damaged.entries()) {
      // In the last nothing says which object is the catalogue, but itself.
      assert.equal(await recordOf(Buffer.from(text, 'latin1')), attached, `${tables} ${place}`)
    }
  }
})

test('of a file that was changed, the newest state counts', async () => {
  const before = handMadePdf({ attached: `2/${'B'.repeat(40)}` })
  const packed = deflateSync(attached)
  const update = Buffer.concat([
    Buffer.from(`5 0 obj\n<< /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`),
    packed,
    Buffer.from('\nendstream\nendobj\n'),
  ])
  const table = `xref\n5 1\n${String(before.length).padStart(10, '0')} 00000 n \n`
  const previous = /startxref\n(\d+)/.exec(before.toString('latin1'))![1]
  const trailer = `trailer\n<< /Size 10 /Root 1 0 R /Prev ${previous} >>\nstartxref\n${before.length + update.length}\n%%EOF\n`
  const changed = Buffer.concat([before, update, Buffer.from(table + trailer)])
  assert.equal(await recordOf(changed), attached)
  assert.equal(
    await recordOf(Buffer.from(changed.toString('latin1').replaceAll('startxref', 'startxxxx'), 'latin1')),
    attached,
  )
})

test('a PDF without a record, and one that is encrypted, say so', async () => {
  const pdf = await pdfLib.PDFDocument.create()
  pdf.addPage()
  assert.equal(await recordOf(await pdf.save()), 'none')
  assert.equal(await recordOf(handMadePdf({ attached: other })), 'none')
  assert.equal(await recordOf(await byPdfKit({ userPassword: 'example', pdfVersion: '1.7ext3' })), 'encrypted')
  assert.equal(await recordOf(await byPdfKit({ ownerPassword: 'example' })), 'encrypted')
  const damaged = handMadePdf({ attached, trailer: '/Encrypt 6 0 R' }).toString('latin1').replace('startxref', 'x')
  assert.equal(await recordOf(Buffer.from(damaged, 'latin1')), 'encrypted')
})

/** What is refused, and that it takes no time to be. */
async function refused(bytes: Uint8Array, code: string, what: string): Promise<void> {
  const began = performance.now()
  await assert.rejects(findRecordInPdf(bytes), { name: 'VerifyError', code }, what)
  assert.ok(performance.now() - began < 5_000, `${what}: ${performance.now() - began} ms`)
}

test('hostile files are refused within their bounds', async () => {
  const text = (body: string): Uint8Array => new Uint8Array(Buffer.from(`%PDF-1.7\n${body}`, 'latin1'))
  const bomb = deflateSync(Buffer.alloc(100 << 20))
  const withBomb = handMadePdf({ attached, filter: 'none' }).toString('latin1')
  await refused(text(''), 'malformed', 'nothing')
  await refused(new Uint8Array(Buffer.from('no PDF')), 'format-unknown', 'another file')
  await refused(new Uint8Array(65 << 20), 'oversized', 'too long')
  await refused(text(`1 0 obj\n${'['.repeat(1 << 20)}`), 'oversized', 'lists in lists')
  await refused(
    text(`trailer\n<< /Root 1 0 R >> 1 0 obj ${'<< /A '.repeat(200_000)}`),
    'oversized',
    'dictionaries without end',
  )
  await refused(
    text(Array.from({ length: 400_000 }, (_, i) => `${i} 0 obj (\n`).join('')),
    'oversized',
    'texts without end',
  )
  await refused(text(`${'1 0 obj << >>\nstream\n'.repeat(400_000)}`), 'malformed', 'streams without end')
  await refused(
    text(Array.from({ length: 400_000 }, (_, i) => `${i} 0 obj << >>\nstream\n`).join('')),
    'oversized',
    'many streams without end',
  )
  const replaced = Buffer.from(
    withBomb.replace(/\/EmbeddedFile\b.*?endstream/s, () => {
      const stream = bomb.toString('latin1')
      return `/EmbeddedFile /Filter /FlateDecode /Length ${bomb.length} >>\nstream\n${stream}\nendstream`
    }),
    'latin1',
  )
  await refused(new Uint8Array(replaced), 'oversized', 'a bomb')
})

test('objects that lead to each other in a circle lead nowhere', async () => {
  const whole = handMadePdf({ attached, by: 'kids' }).toString('latin1')
  const circles = [
    whole.replace('/Kids [ 6 0 R % a comment ( ]\n ]', '/Kids [ 8 0 R  8 0 R 6 0 R      ]'),
    whole.replace('/Kids [3 0 R]', '/Kids [2 0 R]'),
  ]
  for (const text of circles) assert.equal(await recordOf(Buffer.from(text, 'latin1')), attached)
  const length = handMadePdf({ attached, length: 'indirect' })
    .toString('latin1')
    .replace(/9 0 obj\n\d+/, '9 0 obj\n9 0 R')
  assert.equal(await recordOf(Buffer.from(length, 'latin1')), attached)
})

test('whatever is changed in a PDF, the answer is one of the three or a VerifyError', async () => {
  const files = [
    handMadePdf({ attached, by: 'kids' }),
    handMadePdf({ attached, tables: 'stream' }),
    new Uint8Array(await byPdfLib(pdfLib, {})),
  ]
  let found = 0
  const changes = fc.array(fc.tuple(fc.integer({ min: 9, max: 2 ** 30 }), fc.nat(255)), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), changes, fc.option(fc.nat(), { freq: 1 }), async (file, bytes, cut) => {
      const copy = Uint8Array.from(file)
      for (const [at, byte] of bytes) copy[at % copy.length] = byte
      try {
        const { kind } = await findRecordInPdf(cut === null ? copy : copy.subarray(0, cut % copy.length))
        if (kind === 'record') found++
      } catch (error) {
        assert.ok(error instanceof VerifyError, String((error as Error).stack))
      }
    }),
    { numRuns: 1_500 },
  )
  assert.ok(found > 200, `${found}`)
})

test('who no longer waits is told so', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await assert.rejects(findRecordInPdf(handMadePdf({ attached }), { signal }), { message: 'enough' })
})
