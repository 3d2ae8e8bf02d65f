import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writePng } from '../../../test/png.ts'
import { pictureSizeOf } from './picture-size.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

/** Beginnings of files, by hand from the formats' standards. */
const pictures: readonly (readonly [string, Uint8Array, readonly [number, number]])[] = [
  ['PNG', new Uint8Array(writePng({ width: 3, height: 2, data: new Uint8Array(24) })), [3, 2]],
  [
    'PNG of a size beyond all measure',
    hex('89504e470d0a1a0a 0000000d 49484452 7fffffff 7fffffff'),
    [2 ** 31 - 1, 2 ** 31 - 1],
  ],
  ['JPEG', hex('ffd8 ffe0 0004 0000 ffc0 000b 08 0123 0456 01'), [0x456, 0x123]],
  ['JPEG with a fill byte, progressive', hex('ffd8 ffe1 0003 00 ff ffc2 000b 08 0003 0007 01'), [7, 3]],
  ['WebP, lossy', hex('52494646 00000000 57454250 56503820 00000000 000000 9d012a 2301 4502'), [0x123, 0x245]],
  ['WebP, lossless', hex('52494646 00000000 57454250 5650384c 00000000 2f 02c00000'), [3, 4]],
  ['WebP, extended', hex('52494646 00000000 57454250 56503858 0a000000 00000000 040000 090000'), [5, 10]],
]

for (const [what, bytes, [width, height]] of pictures) {
  test(`the size of a picture is read before it is decoded: ${what}`, () => {
    assert.deepEqual(pictureSizeOf(bytes), { width, height })
    // Within other bytes too.
    const inside = new Uint8Array(bytes.length + 9)
    inside.set(bytes, 5)
    assert.deepEqual(pictureSizeOf(inside.subarray(5, 5 + bytes.length)), { width, height })
  })
}

test('wherever a picture is cut off before its size, and whatever else is no picture, there is none', () => {
  const sizes = [24, 24, 17, 17, 30, 25, 30]
  for (const [index, [what, bytes]] of pictures.entries())
    for (let length = 0; length < sizes[index]!; length++)
      assert.equal(pictureSizeOf(bytes.subarray(0, Math.min(length, bytes.length - 1))), undefined, `${what} ${length}`)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(...pictures), (noise, [, start]) => {
      const size = pictureSizeOf(Uint8Array.from([...start.subarray(0, 12), ...noise]))
      assert.ok(size === undefined || (size.width >= 0 && size.height >= 0))
    }),
  )
})
