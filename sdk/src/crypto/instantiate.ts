// Wasm modules, which come as base64 in JavaScript: pages, workers and Node all load that alike.

import { parseBase64 } from '../bytes.ts'

/** The host refused to compile: a page's policy without 'wasm-unsafe-eval', or no WebAssembly at all. */
export class WasmRefusedError extends Error {
  override readonly name = 'WasmRefusedError'
}

/** Answers the exports of a new instance. */
export async function instantiate<Module>(base64: string): Promise<Module> {
  try {
    const { instance } = await WebAssembly.instantiate(decode(base64))
    return instance.exports as Module
  } catch (cause) {
    throw new WasmRefusedError('this page or process does not allow WebAssembly', { cause })
  }
}

/** Whether the engine knows all that the module uses. */
export function isValidModule(base64: string): boolean {
  return globalThis.WebAssembly?.validate(decode(base64)) ?? false
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return parseBase64(base64) as Uint8Array<ArrayBuffer>
}
