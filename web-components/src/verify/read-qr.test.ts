import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { qrOf } from '@muniment/sdk/qr'
import decodeQr from 'qr/decode.js'
import { readBarcodes, ZXING_WASM_SHA256 } from 'zxing-wasm/reader'
import { readPng } from '../../../test/png.ts'
import { imageOf } from '../../../test/qr-image.ts'
import { listVectors, readVectorBytes, vectorsSkip } from '../../../test/vectors.ts'
import { createHardQrReader } from './read-hard-qr.ts'
import { createQrReader, readQr } from './read-qr.ts'

const wasm = readFileSync(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')))
const readHard = await createHardQrReader(new Uint8Array(wasm).buffer)

test('photos: as many as the small reader can, and with the lazy one as many as ZXing', {
  skip: vectorsSkip,
}, async context => {
  const photos = listVectors('qr/photos').filter(name => name.endsWith('.png'))
  const counts = { photos: photos.length, alone: 0, small: 0, zxing: 0, both: 0 }
  for (const name of photos) {
    const photo = readPng(Buffer.from(readVectorBytes(`qr/photos/${name}`)))
    const image = { ...photo, data: new Uint8ClampedArray(photo.data) } as unknown as ImageData
    const [zxing] = await readBarcodes(image, { formats: ['QRCode'], maxNumberOfSymbols: 1 })
    const small = readQr(photo)
    if (isRead(() => decodeQr(photo))) counts.alone++
    if (small !== undefined) counts.small++
    if (zxing?.isValid) counts.zxing++
    if ((small ?? (await readHard(photo))) !== undefined) counts.both++
  }
  context.diagnostic(JSON.stringify(counts))
  assert.ok(counts.photos > 50)
  assert.ok(counts.small >= counts.alone, 'the small reader')
  assert.ok(counts.both >= counts.zxing, 'with the lazy reader')
})

function isRead(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

test('both read a record’s link as it was drawn, and find nothing where nothing is', async () => {
  const link = `HTTPS://EXAMPLE.ORG/verify#2/${'AB12:'.repeat(150)}`
  const picture = imageOf(qrOf(link))
  const empty = { ...picture, data: picture.data.map(() => 255) }
  assert.equal(readQr(picture), link)
  assert.equal(await readHard(picture), link)
  assert.equal(readQr(empty), undefined)
  assert.equal(await readHard(empty), undefined)
})

test('the lazy reader runs only as the file that this release was made with', () => {
  assert.equal(createHash('sha256').update(wasm).digest('hex'), ZXING_WASM_SHA256)
})

test('a browser’s own detector goes first; where it finds nothing or fails, the small reader looks', async t => {
  const picture = imageOf(qrOf('1/example-1/x')) as unknown as ImageData
  let answer: () => Promise<readonly { rawValue: string }[]> = async () => [{ rawValue: 'from the detector' }]
  let formats = ['qr_code']
  const Detector = class {
    static getSupportedFormats = async (): Promise<string[]> => formats
    detect = (): ReturnType<typeof answer> => answer()
  }
  Object.assign(globalThis, { BarcodeDetector: Detector })
  t.after(() => Object.assign(globalThis, { BarcodeDetector: undefined }))
  assert.equal(await (await createQrReader())(picture), 'from the detector')
  answer = async () => []
  assert.equal(await (await createQrReader())(picture), '1/example-1/x')
  answer = () => Promise.reject(new DOMException('the service is gone', 'InvalidStateError'))
  assert.equal(await (await createQrReader())(picture), '1/example-1/x')
  formats = ['ean_13']
  answer = () => assert.fail('not asked')
  assert.equal(await (await createQrReader())(picture), '1/example-1/x')
})
