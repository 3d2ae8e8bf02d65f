// The keys that were seen, by their exact 32 bytes, and what was computed for each: a slot. Tables grow with use, because a
// validator's key comes again with every header and most others never.
//
// A slot:  key (32) | uses (u32) | mark (u32) | state (u32) | wide table (u32) | comb (u32) | unused to 64
//          narrow table: -A, -3A ... -15A as Niels points, the first of which is the decoded key itself
//          columns (32 i64, batch.ts)

import { keyIndex, keyIndexEntries, nielsBytes, seed, signaturesMax } from './memory'
import { buildOddMultiples } from './tables'

export const narrowWidth: u32 = 5
export const narrowMultiples: usize = 8
export const wideWidth: u32 = 7
export const wideMultiples: usize = 32

const usesOffset: usize = 32
const markOffset: usize = 36
const stateOffset: usize = 40
const wideOffset: usize = 44
const combOffset: usize = 48
const tableOffset: usize = 64
export const columnsOffset: usize = tableOffset + narrowMultiples * nielsBytes
const slotBytes: usize = (columnsOffset + 256 + 63) & ~63

/** A slot's states. */
const fresh: u32 = 0
const decoded: u32 = 1
const noPoint: u32 = 2
const tabled: u32 = 3

/** Tables beyond this are forgotten, all at once, before the next signatures come; a batch may add a slot for each of its own. */
const tableBytesMax: usize = 16 << 20
/** Combs are large, and signatures of many keys are better checked as a batch. */
const combsMax: u32 = 32

const tablesBase: usize = (__heap_base + 63) & ~63
let tablesTop: usize = tablesBase
let keys: u32 = 0
let combs: u32 = 0
let lastMark: u32 = 0

/** Space that lasts until all is forgotten. */
export function reserve(bytes: usize): usize {
  const start = tablesTop
  tablesTop = start + ((bytes + 63) & ~63)
  const pages = <i32>((tablesTop + 65535) >> 16) - memory.size()
  // A host without memory stops the instance, never the verdict: the SDK goes on with another.
  if (pages > 0 && memory.grow(pages) < 0) unreachable()
  return start
}

/** Forgets all keys where their tables have grown beyond the bound. Slots are of no use afterwards. */
export function forgetBeyondBound(): bool {
  if (tablesTop - tablesBase < tableBytesMax && keys + signaturesMax < keyIndexEntries / 2) return false
  tablesTop = tablesBase
  keys = 0
  combs = 0
  memory.fill(keyIndex, 0, 4 * keyIndexEntries)
  return true
}

/** The slot of a key, a fresh one where it was never seen. */
export function slotOf(key: usize): usize {
  let entry = hash(key)
  while (true) {
    const slot = <usize>load<u32>(keyIndex + ((<usize>entry) << 2))
    if (slot === 0) break
    if (sameKey(slot, key)) return slot
    entry = (entry + 1) & (keyIndexEntries - 1)
  }
  const slot = reserve(slotBytes)
  v128.store(slot, v128.load(key))
  v128.store(slot, v128.load(key, 16), 16)
  v128.store(slot, i64x2.splat(0), 32)
  v128.store(slot, i64x2.splat(0), 48)
  store<u32>(keyIndex + ((<usize>entry) << 2), <u32>slot)
  keys++
  return slot
}

/** Without the seed nobody can choose keys that all meet in one place. */
function hash(key: usize): u32 {
  let sum: u64 = 0
  for (let i: usize = 0; i < 32; i += 8) sum += load<u64>(key + i) * load<u64>(seed + i)
  return <u32>(sum >> 48)
}

function sameKey(slot: usize, key: usize): bool {
  const low = v128.xor(v128.load(slot), v128.load(key))
  const high = v128.xor(v128.load(slot, 16), v128.load(key, 16))
  return !v128.any_true(v128.or(low, high))
}

export function tableOf(slot: usize): usize {
  return slot + tableOffset
}

export function wideTableOf(slot: usize): usize {
  return load<u32>(slot, wideOffset)
}

export function combOf(slot: usize): usize {
  return load<u32>(slot, combOffset)
}

export function setComb(slot: usize, comb: usize): void {
  store<u32>(slot, <u32>comb, combOffset)
  combs++
}

export function hasRoomForComb(): bool {
  return combs < combsMax
}

/** Counts one use more and answers how many there were. */
export function countUse(slot: usize): u32 {
  const uses = load<u32>(slot, usesOffset) + 1
  store<u32>(slot, uses, usesOffset)
  return uses
}

/** A number that no slot is marked with. */
export function nextMark(): u32 {
  return ++lastMark
}

/** Whether the slot was not yet marked with this number; marks it. */
export function isNewIn(slot: usize, mark: u32): bool {
  if (load<u32>(slot, markOffset) === mark) return false
  store<u32>(slot, mark, markOffset)
  return true
}

export function isFresh(slot: usize): bool {
  return load<u32>(slot, stateOffset) === fresh
}

/** Whether the key is a point, once it is decoded. */
export function isPoint(slot: usize): bool {
  return load<u32>(slot, stateOffset) !== noPoint
}

export function setDecoded(slot: usize, failed: bool): void {
  store<u32>(slot, failed ? noPoint : decoded, stateOffset)
}

/** Makes the narrow tables that are missing in `count` slots, all of which are points. `list` is scratch for slots. */
export function buildNarrowTables(slots: usize, count: u32, list: usize): void {
  let found: u32 = 0
  for (let i: usize = 0; i < count; i++) {
    const slot = load<u32>(slots + 4 * i)
    if (load<u32>(slot, stateOffset) !== decoded) continue
    store<u32>(slot, tabled, stateOffset)
    store<u32>(list + 4 * <usize>found, slot + <u32>tableOffset)
    found++
  }
  buildOddMultiples(list, list, found, narrowMultiples)
}

/** Makes the wide tables of two slots, which may be the same. `list` is scratch for four pointers. */
export function buildWideTables(slot0: usize, slot1: usize, list: usize): void {
  const bytes = wideMultiples * nielsBytes
  store<u32>(list, <u32>tableOf(slot0))
  store<u32>(list, <u32>tableOf(slot1), 4)
  store<u32>(slot0, <u32>reserve(bytes), wideOffset)
  if (slot1 !== slot0) store<u32>(slot1, <u32>reserve(bytes), wideOffset)
  store<u32>(list, load<u32>(slot0, wideOffset), 8)
  store<u32>(list, load<u32>(slot1, wideOffset), 12)
  buildOddMultiples(list, list + 8, 2, wideMultiples)
}

export function usesOf(slot: usize): u32 {
  return load<u32>(slot, usesOffset)
}
