// Timestamps: their bounds, and how they are written a hundred times for each header.

import { check, type VerifyErrorCode } from '../errors.ts'
import { int32, int64, type Message, message } from '../protobuf.ts'
import { type Timestamp, zeroTime } from '../time.ts'
import { uvarintLength, writeUvarint } from './varint.ts'

/** google.protobuf.Timestamp, in whatever bounds. */
export const timestampFields: Message<Timestamp> = message({ seconds: int64(1), nanos: int32(2) })

const secondsMax = 253_402_300_799n
const secondsTag = 0x08
const nanosTag = 0x10

/** Bytes of an encoded timestamp. */
export function timestampLength(time: Timestamp): number {
  const seconds = Number(time.seconds)
  if (seconds < 0) return timestampFields.encode(time).length
  return (seconds === 0 ? 0 : 1 + uvarintLength(seconds)) + (time.nanos === 0 ? 0 : 1 + uvarintLength(time.nanos))
}

/** Writes one by hand, since votes have one each; answers where it ends. Times before 1970 are rare, and left to the table. */
export function writeTimestamp(bytes: Uint8Array, offset: number, time: Timestamp): number {
  const seconds = Number(time.seconds)
  if (seconds < 0) {
    const encoded = timestampFields.encode(time)
    bytes.set(encoded, offset)
    return offset + encoded.length
  }
  let end = offset
  if (seconds > 0) {
    bytes[end++] = secondsTag
    end = writeUvarint(bytes, end, seconds)
  }
  if (time.nanos > 0) {
    bytes[end++] = nanosTag
    end = writeUvarint(bytes, end, time.nanos)
  }
  return end
}

/** Throws a VerifyError of this code for times outside the bounds of google.protobuf.Timestamp. */
export function checkTimestamp({ seconds, nanos }: Timestamp, code: VerifyErrorCode): void {
  check(seconds >= zeroTime.seconds && seconds <= secondsMax, code, 'time outside years 1 to 9999')
  check(nanos >= 0 && nanos < 1_000_000_000, code, 'nanoseconds outside one second')
}
