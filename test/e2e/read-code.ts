// What a reader gets from a QR code on a page, by its drawing alone.

import type { Locator } from '@playwright/test'
import decodeQr from 'qr/decode.js'

export async function readCode(code: Locator): Promise<string> {
  const pixels = await code.evaluate(async (svg: SVGElement) => {
    const side = 600
    const copy = svg.cloneNode(true) as SVGElement
    copy.setAttribute('width', `${side}`)
    copy.setAttribute('height', `${side}`)
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    const picture = new Image()
    picture.src = URL.createObjectURL(
      new Blob([copy.outerHTML.replaceAll(/<!--.*?-->/g, '')], { type: 'image/svg+xml' }),
    )
    await picture.decode()
    const canvas = new OffscreenCanvas(side, side)
    const context = canvas.getContext('2d')!
    context.drawImage(picture, 0, 0)
    return { side, data: Array.from(context.getImageData(0, 0, side, side).data) }
  })
  return decodeQr({ width: pixels.side, height: pixels.side, data: Uint8ClampedArray.from(pixels.data) })
}
