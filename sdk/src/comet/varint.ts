// Varints of Protocol Buffers, written by hand into bytes that are there already. The field tables of protobuf.ts are the rule;
// these serve the few messages of which a light client writes a hundred for each header.

/** 2^53 - 1 takes so many. Who calls checks no types: whatever comes, writing ends. */
const uvarintBytesMax = 8

/** Bytes of a whole number from 0 to 2^53 - 1. */
export function uvarintLength(value: number): number {
  let length = 1
  for (let rest = value; rest > 127 && length < uvarintBytesMax; rest = Math.floor(rest / 128)) length++
  return length
}

/** Answers where it ends. */
export function writeUvarint(bytes: Uint8Array, offset: number, value: number): number {
  let end = offset
  let rest = value
  for (; rest > 127 && end - offset < uvarintBytesMax - 1; rest = Math.floor(rest / 128)) {
    bytes[end++] = (rest % 128) | 128
  }
  bytes[end++] = rest
  return end
}
