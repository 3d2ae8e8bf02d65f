// Where events are found: of each attribute that may be searched for, the blocks and transactions that have it. A help and no more: it is
// in no hash, so whoever uses it proves what it finds. Written in the batch of its block.

import { encodeUtf8 } from '@muniment/sdk'
import { sha256 } from '../hasher.ts'
import type { LedgerEvent } from '../ledger/application.ts'
import { indexMatchesMax } from '../limits.ts'
import type { Database, Write } from '../storage/database.ts'
import { height64, index32, key, keySpace, readHeight64, readIndex32 } from '../storage/keys.ts'

export type EventPlace = {
  readonly height: bigint
  /** Of the transaction; undefined for what a clock did. */
  readonly index: number | undefined
}

export type EventSearch = {
  /** `case.id`: type and key. */
  readonly name: string
  readonly value: string
  /** Both included. */
  readonly from: bigint
  readonly to: bigint
}

const clocks = 0xff_ff_ff_ff
/** So long that two attributes have one only where somebody works for years at a false match of his own. */
const hashLength = 16
const present = Uint8Array.of(1)

/** In the store's meta space, beside the genesis file and the engine's state. */
const fromKey = key(keySpace.meta, encodeUtf8('indexed from'))

export function readIndexedFrom(database: Database): bigint | undefined {
  const value = database.get(fromKey)
  return value && readHeight64(value)
}

export function indexedFromWrite(height: bigint): Write {
  return { key: fromKey, value: height64(height) }
}

function attributeHash(name: string, value: string): Uint8Array {
  return sha256(encodeUtf8(`${name}=${value}`)).subarray(0, hashLength)
}

type Told = {
  readonly results: readonly { readonly events?: readonly LedgerEvent[] }[]
  readonly events?: readonly LedgerEvent[]
}

export function eventWrites(height: bigint, { results, events = [] }: Told): readonly Write[] {
  const writes: Write[] = []
  const at = height64(height)
  const add = (told: readonly LedgerEvent[], index: number): void => {
    const place = index32(index)
    for (const hash of searchable(told)) writes.push({ key: key(keySpace.eventIndex, hash, at, place), value: present })
  }
  for (const [index, each] of results.entries()) add(each.events ?? [], index)
  add(events, clocks)
  return writes
}

/** Each name and value once. */
function searchable(events: readonly LedgerEvent[]): readonly Uint8Array[] {
  const hashes = new Map<string, Uint8Array>()
  for (const { type, attributes } of events)
    for (const { key: name, value, index } of attributes) {
      const attribute = `${type}.${name}=${value}`
      if (index && !hashes.has(attribute)) hashes.set(attribute, attributeHash(`${type}.${name}`, value))
    }
  return [...hashes.values()]
}

/** Ascending; undefined where there are more than one search may find. */
export async function searchEvents(
  database: Database,
  { name, value, from, to }: EventSearch,
): Promise<readonly EventPlace[] | undefined> {
  if (from > to) return []
  const hash = attributeHash(name, value)
  const range = {
    from: key(keySpace.eventIndex, hash, height64(from)),
    to: key(keySpace.eventIndex, hash, height64(to + 1n)),
    countMax: indexMatchesMax + 1,
  }
  const found = await database.entries(range)
  if (found.length > indexMatchesMax) return undefined
  return found.map(({ key: place }) => {
    const index = readIndex32(place, 1 + hashLength + 8)
    return { height: readHeight64(place, 1 + hashLength), index: index === clocks ? undefined : index }
  })
}
