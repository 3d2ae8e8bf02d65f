// What the ledger itself must know after a restart, beside its tree and history.

import { limits, type Message, protobuf, type Timestamp, timestamp } from '@muniment/sdk'
import { HomeError } from '../home-error.ts'
import type { Database } from '../storage/database.ts'
import { key, keySpace } from '../storage/keys.ts'

export type LedgerState = {
  readonly chainId: string
  readonly genesisHash: Uint8Array
  /** Of the newest block; 0 after the genesis. */
  readonly height: bigint
  /** Of the newest block, or of the genesis. */
  readonly time: Timestamp
  readonly appHash: Uint8Array
}

const message: Message<LedgerState> = protobuf.message({
  chainId: protobuf.string(1, limits.chainIdLengthMax),
  genesisHash: protobuf.bytes(2, 32),
  height: protobuf.uint64(3),
  time: protobuf.always(4, timestamp),
  appHash: protobuf.bytes(5, 32),
})

export const ledgerStateKey: Uint8Array = key(keySpace.meta, new TextEncoder().encode('ledger'))

export const encodeLedgerState: (state: LedgerState) => Uint8Array = message.encode

/** Undefined before the genesis. Throws HomeError home-corrupt. */
export function readLedgerState(database: Database): LedgerState | undefined {
  const stored = database.get(ledgerStateKey)
  if (!stored) return undefined
  try {
    return message.decode(stored)
  } catch (error) {
    throw new HomeError('home-corrupt', 'The ledger on this disk is damaged; restore it from a backup.', error)
  }
}
