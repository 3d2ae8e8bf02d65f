// What Chromium's fake camera shows: a file of a few frames (YUV4MPEG2), grey but for what is held in front of it.

import { writeFileSync } from 'node:fs'
import type { Picture } from '../qr-image.ts'

const width = 1_280
const height = 720

/** `held`: put in the middle, as large as it is; nothing: an empty desk. */
export function writeCameraFile(path: string, held?: Picture): void {
  const light = Buffer.alloc(width * height, 190)
  if (held) {
    const [left, top] = [(width - held.width) >> 1, (height - held.height) >> 1]
    if (left < 0 || top < 0) throw new Error('the picture is larger than what the camera sees')
    for (let y = 0; y < held.height; y++)
      for (let x = 0; x < held.width; x++)
        light[(top + y) * width + left + x] = 16 + (held.data[(y * held.width + x) * 4]! / 255) * 219
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((width * height) / 2, 128)])
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)
  writeFileSync(path, Buffer.concat([header, frame, frame, frame]))
}
