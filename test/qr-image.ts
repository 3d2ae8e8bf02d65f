// A drawn QR code as a camera's picture has it: four pixels a module and the quiet zone around.

import type { Qr } from '@muniment/sdk/qr'

const scale = 4
const quietModules = 4

/** RGBA. */
export type Picture = { readonly width: number; readonly height: number; readonly data: Uint8Array }

export function imageOf({ size, isDark }: Qr): Picture {
  const width = (size + 2 * quietModules) * scale
  const data = new Uint8Array(width * width * 4).fill(255)
  const module = (pixel: number): number => Math.floor(pixel / scale) - quietModules
  const isInside = (at: number): boolean => at >= 0 && at < size
  for (let pixel = 0; pixel < width * width; pixel++) {
    const x = module(pixel % width)
    const y = module(Math.floor(pixel / width))
    if (isInside(x) && isInside(y) && isDark(x, y)) data.fill(0, pixel * 4, pixel * 4 + 3)
  }
  return { width, height: width, data }
}
