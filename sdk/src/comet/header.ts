import { empty } from '../bytes.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { appHashBytesMax, chainIdLengthMax } from '../limits.ts'
import { merkleRoot } from '../merkle/root.ts'
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

/** The block protocol of CometBFT v0.34 to v0.40 (version.BlockProtocol). */
export const blockProtocol = 11n

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

const stringValue: Message<{ readonly value: string }> = message({ value: string(1, chainIdLengthMax) })
const int64Value: Message<{ readonly value: bigint }> = message({ value: int64(1) })
const bytesValue: Message<{ readonly value: Uint8Array }> = message({ value: bytes(1, appHashBytesMax) })
const bytesValueTag = 0x0a

/**
 * The block hash: the RFC 6962 root over the header's fourteen fields in their order, each in its own protobuf wrapper
 * (types/block.go, Header.Hash). 32 bytes, or empty where the header names no validators, as in CometBFT.
 */
export function headerHash(value: Header, hasher: Hasher): Uint8Array {
  if (value.validatorsHash.length === 0) return empty
  return merkleRoot(headerLeaves(value), hasher)
}

function headerLeaves(value: Header): Uint8Array[] {
  const hashes = [
    value.lastCommitHash,
    value.dataHash,
    value.validatorsHash,
    value.nextValidatorsHash,
    value.consensusHash,
    value.appHash,
    value.lastResultsHash,
    value.evidenceHash,
    value.proposerAddress,
  ]
  return [
    consensusVersion.encode(value.version),
    stringValue.encode({ value: value.chainId }),
    int64Value.encode({ value: value.height }),
    timestamp.encode(value.time),
    blockId.encode(value.lastBlockId),
    ...hashes.map(encodeBytesValue),
  ]
}

/** A BytesValue of less than 128 bytes by hand, as nearly all are; the table above says the same. */
function encodeBytesValue(value: Uint8Array): Uint8Array {
  const { length } = value
  if (length === 0 || length > 127) return bytesValue.encode({ value })
  const encoded = new Uint8Array(2 + length)
  encoded[0] = bytesValueTag
  encoded[1] = length
  encoded.set(value, 2)
  return encoded
}
