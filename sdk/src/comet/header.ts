import { appHashBytesMax, chainIdLengthMax } from '../limits.ts'
import { always, bytes, int64, type Message, message, string, uint64 } from '../protobuf.ts'
import type { Timestamp } from '../time.ts'
import { type BlockId, blockId, timestamp } from './block-id.ts'

/** CometBFT's Header (types.proto); every hash is 32 bytes or empty, the app hash any length, the address 20 bytes. */
export type Header = {
  readonly version: { readonly block: bigint; readonly app: bigint }
  readonly chainId: string
  readonly height: bigint
  readonly time: Timestamp
  readonly lastBlockId: BlockId
  readonly lastCommitHash: Uint8Array
  readonly dataHash: Uint8Array
  readonly validatorsHash: Uint8Array
  readonly nextValidatorsHash: Uint8Array
  readonly consensusHash: Uint8Array
  readonly appHash: Uint8Array
  readonly lastResultsHash: Uint8Array
  readonly evidenceHash: Uint8Array
  readonly proposerAddress: Uint8Array
}

export const consensusVersion: Message<Header['version']> = message({ block: uint64(1), app: uint64(2) })

export const header: Message<Header> = message({
  version: always(1, consensusVersion),
  chainId: string(2, chainIdLengthMax),
  height: int64(3),
  time: always(4, timestamp),
  lastBlockId: always(5, blockId),
  lastCommitHash: bytes(6, 32),
  dataHash: bytes(7, 32),
  validatorsHash: bytes(8, 32),
  nextValidatorsHash: bytes(9, 32),
  consensusHash: bytes(10, 32),
  appHash: bytes(11, appHashBytesMax),
  lastResultsHash: bytes(12, 32),
  evidenceHash: bytes(13, 32),
  proposerAddress: bytes(14, 20),
})
