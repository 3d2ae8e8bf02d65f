/** Memory for the keys and values of one block: few large pieces instead of twenty thousand small ones. */
export type Output = {
  /** So many bytes, all zero. */
  readonly take: (length: number) => Uint8Array
}

/** Each piece is twice as long as the one before, up to the longest. */
const firstPieceBytes = 256
const pieceBytesMax = 512 * 1024

export function newOutput(): Output {
  let piece = new Uint8Array(0)
  let used = 0
  let pieceBytes = firstPieceBytes
  return {
    take(length) {
      if (used + length > piece.length) {
        piece = new Uint8Array(Math.max(pieceBytes, length))
        pieceBytes = Math.min(2 * pieceBytes, pieceBytesMax)
        used = 0
      }
      used += length
      return piece.subarray(used - length, used)
    },
  }
}
