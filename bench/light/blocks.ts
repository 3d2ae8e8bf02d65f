// How the bench hands light blocks to its page and to the Go program, which reads the same (bench/go-light).

/** The block's length (u32, little-endian), and the block. */
export function withLength(encoded: Uint8Array): readonly Uint8Array[] {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, encoded.length, true)
  return [length, encoded]
}

/** One after the other; the parts are views of `packed`. */
export function unpackBlocks(packed: ArrayBuffer): readonly Uint8Array[] {
  const view = new DataView(packed)
  const blocks: Uint8Array[] = []
  for (let offset = 0; offset < packed.byteLength; ) {
    const length = view.getUint32(offset, true)
    blocks.push(new Uint8Array(packed, offset + 4, length))
    offset += 4 + length
  }
  return blocks
}
