import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@muniment/sdk'
import { handMadePdf } from '../../../test/pdf-files.ts'
import { readFile } from './file.ts'
import { type InputError, isRecordText, problemOf, readInTime, waysOf } from './input.ts'

const all = waysOf('')
const signal = new AbortController().signal
const read = (parts: readonly (string | Uint8Array)[], accept = ''): ReturnType<typeof readFile> =>
  readFile(new Blob(parts as BlobPart[]), { ways: waysOf(accept), wasm: true, signal })
const refused = (code: string): { readonly name: string; readonly code: string } => ({ name: 'InputError', code })

test('a page names the ways in; without names all are open', () => {
  assert.deepEqual([...all], ['file', 'pdf', 'qr', 'camera', 'paste', 'link'])
  assert.deepEqual([...waysOf(' paste  qr')], ['qr', 'paste'])
  assert.deepEqual(waysOf('nonsense'), all)
})

test('what a QR code says is taken for a record only where it looks like one', () => {
  const document = 'eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln~WyJzIiwibiIsMV0~'
  for (const text of ['HTTPS://EXAMPLE.ORG/verify#2/AB', 'https://example.org/#1/a', '9/x', document])
    assert.ok(isRecordText(text), text)
  for (const text of [
    'https://example.org/',
    'https://example.org/1/2',
    'WIFI:S:example;T:WPA;P:secret;;',
    'BEGIN:VCARD\nVERSION:3.0\nFN:Example\nEND:VCARD',
    'javascript:alert(1)',
    '1234567890',
    '',
  ])
    assert.ok(!isRecordText(text), text)
})

test('nothing, and more than any document has, is refused before a check', () => {
  assert.equal(problemOf(' \n'), 'empty')
  assert.equal(problemOf(new Uint8Array()), 'empty')
  assert.equal(problemOf('x'.repeat(limits.linkLengthMax + 1)), 'too-long')
  assert.equal(problemOf(new Uint8Array(limits.bundleBytesMax + 1)), 'file-too-large')
  assert.equal(problemOf('x'), undefined)
})

test('a file is known by its first bytes, and refused with a code of its own', async () => {
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47])
  assert.deepEqual(await read(['1/example-1/x']), { input: new TextEncoder().encode('1/example-1/x'), source: 'file' })
  await assert.rejects(read([]), refused('empty'))
  await assert.rejects(read([png]), refused('picture-unreadable'))
  await assert.rejects(read(['GIF89a']), refused('picture-unreadable'))
  await assert.rejects(read(['\0\0\0\x18ftypheic']), refused('picture-unreadable'))
  await assert.rejects(read([new Uint8Array(limits.bundleBytesMax + 1)]), refused('file-too-large'))
  for (const [accept, bytes] of [
    ['pdf paste', png],
    ['qr', 'text'],
    ['file qr', '%PDF-1.7'],
  ] as const)
    await assert.rejects(read([bytes], accept), refused('not-accepted'), accept)
})

test('a PDF gives the file that is attached to it, or says why not', async () => {
  const attached = `1/example-1/${'A'.repeat(43)}/1/x.y.z~`
  const pdf = handMadePdf({ attached })
  assert.deepEqual(await read([pdf]), { input: new TextEncoder().encode(attached), source: 'pdf' })
  await assert.rejects(read([handMadePdf({ attached: 'terms of use' })]), refused('pdf-none'))
  await assert.rejects(read([handMadePdf({ attached, trailer: '/Encrypt 6 0 R' })]), refused('pdf-encrypted'))
  await assert.rejects(read([pdf.subarray(0, 40)]), refused('pdf-unreadable'))
  await assert.rejects(read([Buffer.concat([pdf, Buffer.alloc(limits.pdfBytesMax)])]), refused('file-too-large'))
})

test('a picture whose header names more pixels than memory holds is not decoded', async () => {
  const header = Buffer.from('89504e470d0a1a0a0000000d494844527fffffff7fffffff', 'hex')
  await assert.rejects(read([header]), refused('picture-too-large'))
})

test('a file that is gone says so, and one that is never read to its end stops with the time or the caller', async t => {
  const file = (arrayBuffer: () => Promise<ArrayBuffer>): File =>
    ({ size: 9, type: '', slice: () => ({ arrayBuffer }), arrayBuffer }) as unknown as File
  const gone = file(() => Promise.reject(new DOMException('gone', 'NotFoundError')))
  await assert.rejects(readFile(gone, { ways: all, wasm: true, signal }), refused('file-unreadable'))
  const slow = file(() => new Promise(() => undefined))
  const stop = new AbortController()
  const stopped = readInTime(slow, { ways: all, wasm: true, signal: stop.signal })
  stop.abort(new Error('enough'))
  await assert.rejects(stopped, { message: 'enough' })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const late = readInTime(slow, { ways: all, wasm: true, signal }).catch((error: InputError) => error.code)
  t.mock.timers.tick(limits.fileTimeoutMs)
  assert.equal(await late, 'took-too-long')
})
