// QR codes in pixels: by the browser's own detector where it has one, else by a small reader. Loaded with the camera or the
// first picture.

import decodeQr from 'qr/decode.js'

/** RGBA, four bytes a pixel. */
export type Pixels = { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray | Uint8Array }

/** Shape Detection API; not in every browser, and not in TypeScript's own types. */
type Detector = { readonly detect: (image: ImageData) => Promise<readonly { readonly rawValue: string }[]> }
type DetectorClass = {
  new (options: { readonly formats: readonly string[] }): Detector
  readonly getSupportedFormats: () => Promise<readonly string[]>
}

export type QrReader = (pixels: ImageData) => Promise<string | undefined>

/** A code's text, by the reader that comes with this file. */
export function readQr({ width, height, data }: Pixels): string | undefined {
  try {
    return decodeQr({ width, height, data })
  } catch {
    // It throws for whatever is no QR code, or none that it can read.
    return undefined
  }
}

/** The browser's detector reads what it can; what it does not find is looked for here. */
export async function createQrReader(): Promise<QrReader> {
  const native = await nativeDetector()
  return async pixels => {
    const found = await native?.detect(pixels).catch(() => [])
    return found?.[0]?.rawValue || readQr(pixels)
  }
}

async function nativeDetector(): Promise<Detector | undefined> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorClass }
  try {
    const formats = await BarcodeDetector?.getSupportedFormats()
    return BarcodeDetector && formats?.includes('qr_code') ? new BarcodeDetector({ formats: ['qr_code'] }) : undefined
  } catch {
    return undefined
  }
}

/** The pixels of a picture or a frame, no side longer than `sideMax`. Undefined while there are none. */
export function pixelsOf(
  source: CanvasImageSource & { readonly width: number; readonly height: number },
  given: {
    readonly canvas: HTMLCanvasElement
    readonly width: number
    readonly height: number
    readonly sideMax: number
  },
): ImageData | undefined {
  const { canvas, width, height, sideMax } = given
  if (width === 0 || height === 0) return undefined
  const scale = Math.min(1, sideMax / Math.max(width, height))
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return undefined
  // What is transparent is paper.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
