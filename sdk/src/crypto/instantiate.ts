// Wasm modules, which come as base64 in JavaScript: pages, workers and Node all load that alike. The large ones are deflated
// before (RFC 1950), since a server's compression finds nothing left to shorten in base64 of plain Wasm: a quarter is saved.

import { concat, parseBase64 } from '../bytes.ts'

/** The host refused to compile: a page's policy without 'wasm-unsafe-eval', or no WebAssembly at all. */
export class WasmRefusedError extends Error {
  override readonly name = 'WasmRefusedError'
}

/** Answers the exports of a new instance. */
export async function instantiate<Module>(base64: string): Promise<Module> {
  try {
    const { instance } = await WebAssembly.instantiate(await inflate(decode(base64)))
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
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] === 0) return bytes
  const { readable, writable } = new DecompressionStream('deflate')
  const writer = writable.getWriter()
  // What fails here fails where it is read.
  void writer.write(bytes).catch(() => undefined)
  void writer.close().catch(() => undefined)
  const parts: Uint8Array[] = []
  for (const reader = readable.getReader(); ; ) {
    const { value, done } = await reader.read()
    if (done) return concat(...parts) as Uint8Array<ArrayBuffer>
    parts.push(value)
  }
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return parseBase64(base64) as Uint8Array<ArrayBuffer>
}
