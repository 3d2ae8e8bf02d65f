// BlockID and Timestamp, as CometBFT writes them (proto/tendermint/types/types.proto, v0.34 to v0.40).

import { empty } from '../bytes.ts'
import { always, bytes, int32, int64, type Message, message, uint32 } from '../protobuf.ts'
import type { Timestamp } from '../time.ts'

export type PartSetHeader = { readonly total: number; readonly hash: Uint8Array }

export type BlockId = { readonly hash: Uint8Array; readonly partSetHeader: PartSetHeader }

export const noBlockId: BlockId = { hash: empty, partSetHeader: { total: 0, hash: empty } }

export const timestamp: Message<Timestamp> = message({ seconds: int64(1), nanos: int32(2) })

const partSetHeader: Message<PartSetHeader> = message({ total: uint32(1), hash: bytes(2, 32) })

export const blockId: Message<BlockId> = message({ hash: bytes(1, 32), partSetHeader: always(2, partSetHeader) })
