// What no version needs any more, remembered until the last version that needed it is let go. A list is one entry of the
// database for a thousand keys, since a block makes ten thousand keys stale.

import type { Database, Write } from '../storage/database.ts'
import { height64, index32, key, keySpace } from '../storage/keys.ts'

const keysPerList = 1_000
/** Lists removed with a block beyond as many as the block itself makes: bounded work, and no backlog for ever. */
const extraListsPerVersion = 1

/** Remembers keys that no version from `version` on needs. */
export function staleWrites(version: bigint, keys: readonly Uint8Array[]): readonly Write[] {
  const writes: Write[] = []
  for (let from = 0; from < keys.length; from += keysPerList) {
    const value = encodeList(keys.slice(from, from + keysPerList))
    writes.push({ key: listKey(version, writes.length), value })
  }
  return writes
}

/** Deletes of entries that no version from `oldest` on needs, of at most one list more than `listCount`. */
export async function pruneWrites(database: Database, oldest: bigint, listCount: number): Promise<readonly Write[]> {
  const lists = await database.entries({
    from: key(keySpace.treeStale),
    to: listKey(oldest + 1n, 0),
    countMax: listCount + extraListsPerVersion,
  })
  return lists.flatMap(list => [
    { key: list.key, value: undefined },
    ...decodeList(list.value).map(stale => ({ key: stale, value: undefined })),
  ])
}

function listKey(version: bigint, index: number): Uint8Array {
  return key(keySpace.treeStale, height64(version), index32(index))
}

/** Each key behind its length, which is less than 256. */
function encodeList(keys: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(keys.reduce((sum, { length }) => sum + 1 + length, 0))
  let at = 0
  for (const stale of keys) {
    bytes[at] = stale.length
    bytes.set(stale, at + 1)
    at += 1 + stale.length
  }
  return bytes
}

function decodeList(bytes: Uint8Array): readonly Uint8Array[] {
  const keys: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]!) keys.push(bytes.subarray(at + 1, at + 1 + bytes[at]!))
  return keys
}
