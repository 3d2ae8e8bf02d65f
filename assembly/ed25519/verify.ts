// Which way a signature is checked. All ways give ZIP-215's verdict; they differ in cost:
//   comb    a few signatures of keys that come often
//   exact   a few of others, and what a comb does not accept
//   batch   many; where the equation does not hold, it is asked again for parts, down to a few

import { equationHolds } from './batch'
import { buildKeyComb, prepareBaseComb, verifyByComb } from './comb'
import { decodeAll } from './decode'
import { verifyExactly } from './exact'
import {
  buildNarrowTables,
  buildWideTables,
  combOf,
  countUse,
  hasRoomForComb,
  isFresh,
  isNewIn,
  isPoint,
  nextMark,
  setDecoded,
  tableOf,
  usesOf,
  wideTableOf,
} from './keys'
import {
  batchKeys,
  commitments,
  failed,
  nielsBytes,
  output,
  pending,
  signatureBytes,
  signatures,
  slots,
  sources,
  targets,
} from './memory'

/** Fewer than these are not worth a batch. */
const batchMin: u32 = 8
/** With combs for all keys, up to so many are checked one by one. */
const combMax: u32 = 48
/** The use of a key, among a few, at which it gets a comb; and the batch at which its table becomes a wide one. */
const combFromUse: u32 = 3
const wideFromUse: u32 = 6
/** Parts of a batch whose equation does not hold. */
const parts: u32 = 8

/** How many signatures are pending, and of how many keys; whether they are checked one by one. */
let pendingCount: u32 = 0
let keyCount: u32 = 0
let few: bool = false

/** Takes the `count` signatures that are listed in `pending`; answers whether they will be checked as a batch. */
export function choosePath(count: u32): bool {
  pendingCount = count
  keyCount = listKeys(count)
  few = count <= combMax && (count < batchMin || countCombs(keyCount) === keyCount)
  return !few
}

/** Writes 1 to `output` for each good one. */
export function verifyPending(): void {
  if (few) verifyFew(pendingCount)
  else verifyMany(pendingCount, keyCount)
}

/** Lists the keys' slots in `batchKeys`, each once, and counts their use. */
function listKeys(count: u32): u32 {
  const mark = nextMark()
  let keys: u32 = 0
  for (let i: usize = 0; i < count; i++) {
    const slot = slotOfPending(i)
    if (!isNewIn(slot, mark)) continue
    store<u32>(batchKeys + 4 * <usize>keys, <u32>slot)
    keys++
    const uses = countUse(slot)
    if (count <= combMax && uses >= combFromUse && combOf(slot) === 0 && !isFresh(slot) && isPoint(slot)) {
      if (hasRoomForComb()) buildKeyComb(slot)
    }
  }
  return keys
}

function slotOfPending(place: usize): usize {
  return load<u32>(slots + 4 * <usize>load<u32>(pending + 4 * place))
}

function countCombs(keys: u32): u32 {
  let combs: u32 = 0
  for (let i: usize = 0; i < keys; i++) if (combOf(load<u32>(batchKeys + 4 * i)) !== 0) combs++
  return combs
}

/** By combs where there are, and exactly where there are none or they say nothing. */
function verifyFew(count: u32): void {
  if (count === 0) return
  prepareBaseComb()
  let combed: u32 = 0
  for (let i: usize = 0; i < count; i++) {
    if (combOf(slotOfPending(i)) === 0) continue
    store<u32>(sources + 4 * <usize>combed, load<u32>(pending + 4 * i))
    combed++
  }
  if (combed > 0) verifyByComb(sources, combed, output)
  const left = keepUnverified(count)
  decodePending(left, true)
  const points = keepPoints(left)
  for (let i: usize = 0; i < points; i++) setVerdict(i, verifyExactly(load<u32>(pending + 4 * i)))
}

function setVerdict(place: usize, good: bool): void {
  store<u8>(output + <usize>load<u32>(pending + 4 * place), good ? 1 : 0)
}

function keepUnverified(count: u32): u32 {
  let kept: u32 = 0
  for (let i: usize = 0; i < count; i++) {
    const index = load<u32>(pending + 4 * i)
    if (load<u8>(output + <usize>index) === 1) continue
    store<u32>(pending + 4 * <usize>kept, index)
    kept++
  }
  return kept
}

/** Decodes R of the pending signatures, and their keys with them where they are few. */
function decodePending(count: u32, withKeys: bool): void {
  for (let i: usize = 0; i < count; i++) {
    const index = <usize>load<u32>(pending + 4 * i)
    setDecoding(i, signatures + index * signatureBytes, commitments + index * nielsBytes)
  }
  let all = count
  if (withKeys) {
    for (let i: usize = 0; i < count; i++) {
      const slot = slotOfPending(i)
      if (isFresh(slot)) setDecoding(all++, slot, tableOf(slot))
    }
  }
  decodeAll(sources, targets, all, failed)
  for (let i = count; i < all; i++) {
    setDecoded(load<u32>(sources + 4 * <usize>i), load<u8>(failed + <usize>i) === 1)
  }
}

function setDecoding(place: usize, source: usize, target: usize): void {
  store<u32>(sources + 4 * place, <u32>source)
  store<u32>(targets + 4 * place, <u32>target)
}

/** Keeps those whose R (as `failed` says) and key are points; the others are bad. */
function keepPoints(count: u32): u32 {
  let kept: u32 = 0
  for (let i: usize = 0; i < count; i++) {
    const index = load<u32>(pending + 4 * i)
    if (load<u8>(failed + i) === 1 || !isPoint(slotOfPending(i))) continue
    store<u32>(pending + 4 * <usize>kept, index)
    kept++
  }
  return kept
}

function verifyMany(count: u32, keys: u32): void {
  let fresh: u32 = 0
  for (let i: usize = 0; i < keys; i++) {
    const slot = <usize>load<u32>(batchKeys + 4 * i)
    if (isFresh(slot)) setDecoding(fresh++, slot, tableOf(slot))
  }
  decodeAll(sources, targets, fresh, failed)
  for (let i: usize = 0; i < fresh; i++) setDecoded(load<u32>(sources + 4 * i), load<u8>(failed + i) === 1)
  prepareTables(keys)
  decodePending(count, false)
  judge(0, keepPoints(count))
}

function prepareTables(keys: u32): void {
  let points: u32 = 0
  for (let i: usize = 0; i < keys; i++) {
    const slot = load<u32>(batchKeys + 4 * i)
    if (!isPoint(slot)) continue
    store<u32>(batchKeys + 4 * <usize>points, slot)
    points++
  }
  buildNarrowTables(batchKeys, points, targets)
  let waiting: usize = 0
  for (let i: usize = 0; i < points; i++) {
    const slot = <usize>load<u32>(batchKeys + 4 * i)
    if (wideTableOf(slot) !== 0 || usesOf(slot) < wideFromUse) continue
    if (waiting === 0) waiting = slot
    else {
      buildWideTables(waiting, slot, targets)
      waiting = 0
    }
  }
  if (waiting !== 0) buildWideTables(waiting, waiting, targets)
}

/** Finds the good ones of `pending[first]` to `pending[end - 1]`. What a few cost one by one is less than a batch's. */
function judge(first: u32, end: u32): void {
  if (end - first < batchMin) {
    for (let i = first; i < end; i++) setVerdict(i, verifyExactly(load<u32>(pending + 4 * <usize>i)))
    return
  }
  if (equationHolds(first, end)) {
    for (let i = first; i < end; i++) setVerdict(i, true)
    return
  }
  const length = (end - first + parts - 1) / parts
  for (let start = first; start < end; start += length) judge(start, min(start + length, end))
}
