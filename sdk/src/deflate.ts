// Compression by what every browser and Node have of their own (WHATWG Compression Streams).

import { concat } from './bytes.ts'
import { assert, check, VerifyError } from './errors.ts'

/** `deflate`: RFC 1950; `deflate-raw`: RFC 1951. */
type DeflateFormat = 'deflate' | 'deflate-raw'

/** The part of node:zlib that is used, where there is one. */
type Zlib = {
  readonly deflateRawSync: (
    bytes: Uint8Array,
    options: { readonly level: 9; readonly dictionary: Uint8Array },
  ) => Uint8Array
}

/**
 * Raw deflate of what is inflated with the same dictionary. Only Node can make use of it here; elsewhere the result is the
 * longer one of a writer that never points back into it, and is read all the same.
 */
export async function deflateRaw(bytes: Uint8Array, dictionary: Uint8Array): Promise<Uint8Array> {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const zlib = host.process?.getBuiltinModule?.('node:zlib') as Zlib | undefined
  if (zlib) return new Uint8Array(zlib.deflateRawSync(bytes, { level: 9, dictionary }))
  return through(bytes, new CompressionStream('deflate-raw'), Number.MAX_SAFE_INTEGER)
}

export type InflateOptions = {
  readonly format: DeflateFormat
  /** Bytes; not counting the dictionary. */
  readonly lengthMax: number
  /** With `deflate-raw` only: bytes that are taken to stand before the first, at most 65,535 of them. */
  readonly dictionary?: Uint8Array | undefined
}

/**
 * Stops at `lengthMax` bytes, whatever was to come. Throws VerifyError: `oversized`, and `malformed` for what ends too soon, is
 * followed by anything, or was never compressed.
 */
export async function inflate(bytes: Uint8Array, options: InflateOptions): Promise<Uint8Array> {
  const { format, lengthMax, dictionary = new Uint8Array() } = options
  assert(dictionary.length === 0 || format === 'deflate-raw', 'only a raw stream begins with a dictionary')
  const primed = dictionary.length === 0 ? bytes : concat(storedBlock(dictionary), bytes)
  try {
    const all = await through(primed, new DecompressionStream(format), dictionary.length + lengthMax)
    return all.subarray(dictionary.length)
  } catch (error) {
    if (error instanceof VerifyError) throw error
    throw new VerifyError('malformed', 'not what was compressed')
  }
}

/** A block that is not the last and holds its bytes as they are (RFC 1951, 3.2.4): what follows can point back into it. */
function storedBlock(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  assert(length < 1 << 16, 'a stored block is shorter')
  return concat(Uint8Array.of(0, length, length >> 8, ~length, ~length >> 8), bytes)
}

/** Without Response and Blob, which bring two megabytes of fetch with them in Node. */
async function through(bytes: Uint8Array, stream: GenericTransformStream, lengthMax: number): Promise<Uint8Array> {
  const writer = stream.writable.getWriter()
  // What fails here fails where it is read.
  void writer.write(bytes).catch(() => undefined)
  void writer.close().catch(() => undefined)
  const parts: Uint8Array[] = []
  let length = 0
  for (const reader = stream.readable.getReader(); ; ) {
    const { value, done } = await reader.read()
    if (done) return concat(...parts)
    parts.push(value)
    length += value.length
    if (length <= lengthMax) continue
    void reader.cancel().catch(() => undefined)
    check(false, 'oversized', 'compressed bytes hold too much', { expected: `<= ${lengthMax}` })
  }
}
