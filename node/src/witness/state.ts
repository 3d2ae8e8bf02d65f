// What a witness must never forget: the largest tree that it cosigned. It is on the disk before a signature leaves the
// process. LevelDB's lock keeps a second process away from it.

import { decodeUtf8, encodeUtf8, limits, type Message, protobuf } from '@muniment/sdk'
import { HomeError } from '../home-error.ts'
import type { Database } from '../storage/database.ts'
import { key, keySpace } from '../storage/keys.ts'

export type WitnessState = {
  /** Of the last block in the tree. */
  readonly height: bigint
  /** Of that block's header; 32 bytes. */
  readonly hash: Uint8Array
  /** height + 1. */
  readonly size: bigint
  /** RFC 6962; 32 bytes. */
  readonly root: Uint8Array
  /** The checkpoint as the log signed it: one half of the evidence, should another contradict it. */
  readonly note: string
}

const stateMessage: Message<WitnessState> = protobuf.message({
  height: protobuf.uint64(1),
  hash: protobuf.bytes(2, 32),
  size: protobuf.uint64(3),
  root: protobuf.bytes(4, 32),
  note: protobuf.string(5, limits.noteBytesMax),
})

const stateKey = key(keySpace.meta, encodeUtf8('witness'))
const originKey = key(keySpace.meta, encodeUtf8('witness-origin'))
const logKeyKey = key(keySpace.meta, encodeUtf8('witness-log-key'))

/** Undefined before the first cosignature. Throws HomeError home-corrupt. */
export function readWitnessState(database: Database): WitnessState | undefined {
  const stored = database.get(stateKey)
  if (!stored) return undefined
  try {
    return stateMessage.decode(stored)
  } catch (error) {
    throw new HomeError('home-corrupt', 'The state of this witness is damaged; begin with a new home.', error)
  }
}

/** Durable when it resolves. */
export function writeWitnessState(database: Database, state: WitnessState): Promise<void> {
  return database.write([{ key: stateKey, value: stateMessage.encode(state) }])
}

/**
 * Binds a home to one log, once. A home with a key and no memory is refused: a witness that forgot what it cosigned must not
 * sign again. Throws HomeError.
 */
export async function openWitnessHome(
  database: Database,
  { origin, hasKey }: { readonly origin: string; readonly hasKey: boolean },
): Promise<void> {
  const stored = database.get(originKey)
  if (!stored && hasKey) {
    throw new HomeError('blocks-lost', 'This witness has lost its memory of what it cosigned; begin with a new home.')
  }
  if (!stored) return database.write([{ key: originKey, value: encodeUtf8(origin) }])
  if (decodeUtf8(stored) === origin) return
  throw new HomeError('home-other-chain', `This witness follows another log: ${decodeUtf8(stored)}.`)
}

/** The key of the log, as it was first told; undefined before. */
export function readLogKey(database: Database): string | undefined {
  const stored = database.get(logKeyKey)
  return stored && decodeUtf8(stored)
}

export function writeLogKey(database: Database, text: string): Promise<void> {
  return database.write([{ key: logKeyKey, value: encodeUtf8(text) }])
}
