// The one table of key spaces. A key is one byte of this table, then the parts; numbers are big endian, so that keys of
// one space stand in the order of their heights.

import { concat } from '@muniment/sdk'

export const keySpace = {
  /** The format of this store, the genesis file, the newest state of the engine. */
  meta: 0x00,
  /** height -> block */
  block: 0x01,
  /** height -> the commit for that height, as the next block carries it (seen commit at the newest height) */
  commit: 0x02,
  /** height -> validator set */
  validators: 0x03,
  /** height -> results of its transactions and the application's hash after it */
  results: 0x04,
  /** block hash -> height */
  blockHash: 0x05,
  /** SHA-256 of a transaction -> height, index */
  transaction: 0x06,
  /** signer's address -> the last thing it signed */
  signState: 0x07,
  /** height of the infraction, evidence's id -> evidence that waits for a block */
  evidence: 0x08,
  /** offence -> height of the block that carries evidence of it */
  offence: 0x09,
  /** 16 bytes of an attribute's hash, height, index of the transaction -> nothing; the index is 2^32 - 1 for what a clock did */
  eventIndex: 0x0a,
  /** SHA-256 of a transaction -> the transaction, which was promised a place in a block, and by when */
  promise: 0x0b,
  /** version, path -> a node of the state tree */
  treeNode: 0x10,
  /** version, hash of a state key -> the key and the value it was given at that version */
  treeValue: 0x11,
  /** version -> root of the state tree */
  treeRoot: 0x12,
  /** version, number -> keys of treeRoot, treeNode and treeValue that no version from this one on needs */
  treeStale: 0x13,
  /** level, index -> root of a complete subtree of the block history */
  history: 0x20,
} as const

export type KeySpace = (typeof keySpace)[keyof typeof keySpace]

export function key(space: KeySpace, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat(Uint8Array.of(space), ...parts)
}

/** 8 bytes, big endian. */
export function height64(height: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, height)
  return bytes
}

/** 4 bytes, big endian. */
export function index32(index: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}

/** Reads what height64 wrote, at `offset`. */
export function readHeight64(bytes: Uint8Array, offset = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset)
}

/** Reads what index32 wrote, at `offset`. */
export function readIndex32(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset)
}
