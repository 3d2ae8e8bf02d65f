// A picture's QR code: what was photographed, scanned or saved.

import { limits } from '@muniment/sdk'
import { InputError, isRecordText, loaded } from './input.ts'
import { pictureSizeOf } from './picture-size.ts'
import { createQrReader, pixelsOf } from './read-qr.ts'

export type ReadPictureOptions = {
  readonly signal: AbortSignal
  /** Whether the page allows Wasm, which the reader for hard photos needs. */
  readonly wasm: boolean
}

/** The text of the record in a picture. Rejects with InputError. */
export async function readPicture(file: Blob, { signal, wasm }: ReadPictureOptions): Promise<string> {
  const pixels = await decode(file)
  signal.throwIfAborted()
  const text = (await (await createQrReader())(pixels)) ?? (wasm ? await readHard(pixels, signal) : undefined)
  signal.throwIfAborted()
  if (text === undefined) throw new InputError('qr-none')
  if (!isRecordText(text)) throw new InputError('qr-foreign')
  return text
}

/** What its first bytes say of its size is looked at before any decoder sees it. */
async function decode(file: Blob): Promise<ImageData> {
  const head = new Uint8Array(await file.slice(0, limits.pictureHeadBytesMax).arrayBuffer())
  const size = pictureSizeOf(head)
  if (!size || size.width === 0 || size.height === 0) throw new InputError('picture-unreadable')
  if (size.width * size.height > limits.picturePixelsMax) throw new InputError('picture-too-large')
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new InputError('picture-unreadable')
  })
  try {
    const canvas = document.createElement('canvas')
    const { width, height } = bitmap
    const pixels = pixelsOf(bitmap, { canvas, width, height, sideMax: limits.pictureSideMax })
    if (!pixels) throw new InputError('picture-unreadable')
    return pixels
  } finally {
    bitmap.close()
  }
}

async function readHard(pixels: ImageData, signal: AbortSignal): Promise<string | undefined> {
  const { loadHardQrReader } = await loaded(import('./read-hard-qr.ts'))
  try {
    return await (await loadHardQrReader(signal))(pixels)
  } catch (error) {
    if (error instanceof InputError || signal.aborted) throw error
    // The page's policy refuses Wasm, or the reader gave up on this picture.
    return undefined
  }
}
