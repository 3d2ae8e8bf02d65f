/** Memory for the bytes of one block: few large pieces instead of ten thousand small ones. */
export type Output = {
  /** Lets `write` fill some space of at most `lengthMax` bytes; it answers how many it took, and those come back. */
  readonly take: (lengthMax: number, write: (space: Uint8Array) => number) => Uint8Array
}

const pieceBytes = 512 * 1024

export function newOutput(): Output {
  let piece = new Uint8Array(0)
  let used = 0
  return {
    take(lengthMax, write) {
      if (used + lengthMax > piece.length) {
        piece = new Uint8Array(Math.max(pieceBytes, lengthMax))
        used = 0
      }
      const begin = used
      used += write(piece.subarray(begin, begin + lengthMax))
      return piece.subarray(begin, used)
    },
  }
}
