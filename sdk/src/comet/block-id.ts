// BlockID and Timestamp, as CometBFT writes them (proto/tendermint/types/types.proto, v0.34 to v0.40).

import { compare, concat, empty, equals } from '../bytes.ts'
import { always, bytes, type Message, message, uint32 } from '../protobuf.ts'
import type { Timestamp } from '../time.ts'
import { checkTimestamp, timestampFields } from './timestamp-bytes.ts'

export type PartSetHeader = { readonly total: number; readonly hash: Uint8Array }

export type BlockId = { readonly hash: Uint8Array; readonly partSetHeader: PartSetHeader }

export const noBlockId: BlockId = { hash: empty, partSetHeader: { total: 0, hash: empty } }

/** google.protobuf.Timestamp within its own bounds: years 1 to 9999, nanoseconds 0 to 999,999,999. */
export const timestamp: Message<Timestamp> = {
  encode: timestampFields.encode,
  decode(encoded) {
    const time = timestampFields.decode(encoded)
    checkTimestamp(time, 'malformed')
    return time
  },
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

/** The order in which the two votes of evidence stand (types/block.go, BlockID.Key); nil stands first. */
export function compareBlockIds(left: BlockId, right: BlockId): number {
  const keyOf = (id: BlockId): Uint8Array => {
    const parts = isNoBlockId(id) ? empty : partSetHeader.encode(id.partSetHeader)
    return concat(id.hash, parts)
  }
  return compare(keyOf(left), keyOf(right))
}
