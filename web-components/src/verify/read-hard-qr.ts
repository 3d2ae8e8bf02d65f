// The reader for photos that the small one can't read: ZXing in Wasm, fetched from where this file came from, and used only if it
// is the file that this release was made with.

import { prepareZXingModule, readBarcodes, ZXING_WASM_SHA256 } from 'zxing-wasm/reader'
import { InputError } from './input.ts'
import type { Pixels } from './read-qr.ts'

export type HardQrReader = (pixels: Pixels) => Promise<string | undefined>

const wasmUrl: URL = new URL('zxing-wasm/reader/zxing_reader.wasm', import.meta.url)

/** Rejects with InputError `reader-unavailable` where the file did not come or is another. */
export async function loadHardQrReader(signal: AbortSignal): Promise<HardQrReader> {
  const hash = Uint8Array.from(ZXING_WASM_SHA256.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
  const integrity = `sha256-${btoa(String.fromCharCode(...hash))}`
  const wasm = await fetch(wasmUrl, { integrity, signal })
    .then(answer => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(answer.statusText))))
    .catch(() => {
      signal.throwIfAborted()
      throw new InputError('reader-unavailable')
    })
  return createHardQrReader(wasm)
}

export async function createHardQrReader(wasmBinary: ArrayBuffer): Promise<HardQrReader> {
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
  return async ({ width, height, data }) => {
    const image = { width, height, data: new Uint8ClampedArray(data) } as ImageData
    const [found] = await readBarcodes(image, { formats: ['QRCode'], maxNumberOfSymbols: 1, tryHarder: true })
    return found?.isValid ? found.text : undefined
  }
}
