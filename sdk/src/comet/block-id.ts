// BlockID and Timestamp, as CometBFT writes them (proto/tendermint/types/types.proto, v0.34 to v0.40).

import { empty, equals } from '../bytes.ts'
import { check, type VerifyErrorCode } from '../errors.ts'
import { always, bytes, int32, int64, type Message, message, uint32 } from '../protobuf.ts'
import { type Timestamp, zeroTime } from '../time.ts'
import { uvarintLength, writeUvarint } from './varint.ts'

export type PartSetHeader = { readonly total: number; readonly hash: Uint8Array }

export type BlockId = { readonly hash: Uint8Array; readonly partSetHeader: PartSetHeader }

export const noBlockId: BlockId = { hash: empty, partSetHeader: { total: 0, hash: empty } }

const timestampFields: Message<Timestamp> = message({ seconds: int64(1), nanos: int32(2) })
const secondsMax = 253_402_300_799n

/** google.protobuf.Timestamp within its own bounds: years 1 to 9999, nanoseconds 0 to 999,999,999. */
export const timestamp: Message<Timestamp> = {
  encode: timestampFields.encode,
  decode(encoded) {
    const time = timestampFields.decode(encoded)
    checkTimestamp(time, 'malformed')
    return time
  },
}

/** Throws a VerifyError of this code for times outside those bounds. */
export function checkTimestamp({ seconds, nanos }: Timestamp, code: VerifyErrorCode): void {
  check(seconds >= zeroTime.seconds && seconds <= secondsMax, code, 'time outside years 1 to 9999')
  check(nanos >= 0 && nanos < 1_000_000_000, code, 'nanoseconds outside one second')
}

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

const partSetHeader: Message<PartSetHeader> = message({ total: uint32(1), hash: bytes(2, 32) })

export const blockId: Message<BlockId> = message({ hash: bytes(1, 32), partSetHeader: always(2, partSetHeader) })

/** CometBFT counts a block id as absent only when both hashes are empty and there are no parts. */
export function isNoBlockId(id: BlockId): boolean {
  return id.hash.length === 0 && id.partSetHeader.hash.length === 0 && id.partSetHeader.total === 0
}

export function sameBlockId(left: BlockId, right: BlockId): boolean {
  return (
    equals(left.hash, right.hash) &&
    left.partSetHeader.total === right.partSetHeader.total &&
    equals(left.partSetHeader.hash, right.partSetHeader.hash)
  )
}
