// Wasm modules, which come as base64 in JavaScript: pages, workers and Node all load that alike. The large ones are deflated
// before (RFC 1950), since a server's compression finds nothing left to shorten in base64 of plain Wasm: a quarter is saved.

import { parseBase64 } from '../bytes.ts'
import { inflate } from '../deflate.ts'
import { moduleBytesMax } from '../limits.ts'

/** The host refused to compile: a page's policy without 'wasm-unsafe-eval', or no WebAssembly at all. */
export class WasmRefusedError extends Error {
  override readonly name = 'WasmRefusedError'
}

/** Answers the exports of a new instance. */
export async function instantiate<Module>(base64: string): Promise<Module> {
  try {
    const { instance } = await WebAssembly.instantiate(await plain(decode(base64)))
    return instance.exports as Module
  } catch (cause) {
    throw new WasmRefusedError('this page or process does not allow WebAssembly', { cause })
  }
}

/** Whether the engine knows all that the module uses, which is a plain one. */
export function isValidModule(base64: string): boolean {
  return globalThis.WebAssembly?.validate(decode(base64)) ?? false
}

/** Wasm begins with a zero, what is deflated never. */
async function plain(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] === 0) return bytes
  return (await inflate(bytes, { format: 'deflate', lengthMax: moduleBytesMax })) as Uint8Array<ArrayBuffer>
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return parseBase64(base64) as Uint8Array<ArrayBuffer>
}
