// Pictures of PNG files for tests in Node: every kind of colour up to 8 bits a channel, not interlaced. And back again.

import assert from 'node:assert/strict'
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import type { Picture } from './qr-image.ts'

const signature = Buffer.from('89504e470d0a1a0a', 'hex')
/** Channels of each kind of colour (PNG, section 6.1). */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

export function readPng(file: Buffer): Picture {
  assert.ok(file.subarray(0, 8).equals(signature), 'a PNG file')
  const chunks = [...chunksOf(file)]
  const named = (name: string): Buffer =>
    Buffer.concat(chunks.filter(chunk => chunk.name === name).map(({ body }) => body))
  const header = named('IHDR')
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const [depth, colours, , , interlaced] = header.subarray(8) as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
  ]
  assert.ok(depth <= 8 && interlaced === 0, 'a kind of PNG that tests have')
  const channels = channelsOf[colours]!
  const samples = samplesOf(inflateSync(named('IDAT')), { width, height, channels, depth })
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const own = samples.subarray(pixel * channels, (pixel + 1) * channels)
    data.set(rgba(own, { colours, palette: named('PLTE'), most: 2 ** depth - 1 }), pixel * 4)
  }
  return { width, height, data }
}

export function writePng({ width, height, data }: Picture): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6], 8)
  const rows = Array.from({ length: height }, (_, y) => [
    Buffer.from([0]),
    Buffer.from(data.subarray(y * width * 4, (y + 1) * width * 4)),
  ])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(name: string, body: Buffer): Buffer {
  const inner = Buffer.concat([Buffer.from(name), body])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(body.length, 0)
  ends.writeUInt32BE(crc32(inner), 4)
  return Buffer.concat([ends.subarray(0, 4), inner, ends.subarray(4)])
}

function* chunksOf(file: Buffer): Generator<{ readonly name: string; readonly body: Buffer }> {
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at))
    yield { name: file.toString('latin1', at + 4, at + 8), body: file.subarray(at + 8, at + 8 + file.readUInt32BE(at)) }
}

type Shape = { readonly width: number; readonly height: number; readonly channels: number; readonly depth: number }

/** Each row stands behind a byte that says how it was filtered (section 9). */
function samplesOf(rows: Buffer, { width, height, channels, depth }: Shape): Uint8Array {
  const length = Math.ceil((width * channels * depth) / 8)
  const step = Math.max(1, (channels * depth) / 8)
  const samples = new Uint8Array(width * height * channels)
  let above = new Uint8Array(length)
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (length + 1)]!
    const row = Uint8Array.from(rows.subarray(y * (length + 1) + 1, (y + 1) * (length + 1)))
    for (let i = 0; i < length; i++)
      row[i] = row[i]! + predicted(filter, [row[i - step] ?? 0, above[i]!, above[i - step] ?? 0])
    for (let i = 0; i < width * channels; i++) {
      const shift = 8 - depth - ((i * depth) % 8)
      samples[y * width * channels + i] = (row[(i * depth) >> 3]! >> shift) & (2 ** depth - 1)
    }
    above = row
  }
  return samples
}

function predicted(filter: number, [left, above, corner]: readonly [number, number, number]): number {
  if (filter < 2) return filter * left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  const estimate = left + above - corner
  const [a, b, c] = [left, above, corner].map(value => Math.abs(estimate - value)) as [number, number, number]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

function rgba(
  samples: Uint8Array,
  given: { readonly colours: number; readonly palette: Buffer; readonly most: number },
): readonly number[] {
  const { colours, palette, most } = given
  const [first, second, third] = [...samples] as [number, number, number]
  if (colours === 3) return [...palette.subarray(first * 3, first * 3 + 3), 255]
  const grey = (first / most) * 255
  if (colours === 0) return [grey, grey, grey, 255]
  if (colours === 4) return [grey, grey, grey, second]
  return [first, second, third, samples[3] ?? 255]
}
