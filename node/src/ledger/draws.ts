// Draws of officials. A step fixes who can be drawn; the first value that nobody could know or choose then decides, in a later block. So
// neither the order of a block's transactions nor a case's id, which its opener can try out, picks an official.

import {
  type CaseEntry,
  type DecidedDrawsEntry,
  type DrawEntry,
  decidedDrawsEntry,
  decidedDrawsKey,
  decodeUtf8,
  drawEntry,
  drawKey,
  drawPlace,
  encodeUtf8,
  type Hasher,
  limits,
  poolHash,
  ResultCode,
  type WaitingDrawEntry,
  waitingDrawEntry,
  waitingDrawKey,
} from '@muniment/sdk'
import type { Write } from '../storage/database.ts'
import type { TransactionResult } from './application.ts'
import {
  type BeaconSecrets,
  type BeaconValue,
  countMissedTurn,
  getBeacon,
  isShared,
  proposeReveal,
  putBeacon,
  takeReveal,
  valueAt,
} from './beacon.ts'
import { readEntry } from './entries.ts'
import type { BlockContext, View } from './kernel.ts'
import { readable, refusing } from './rules.ts'
import { createState, getCase, getProcedure, putCase, type State } from './state.ts'
import { rememberAssigned } from './unique.ts'

/** Fixes the pool, in the order of the mandates' ids, and queues the draw. Answers the case with nobody in the role yet. */
export function awaitDraw(
  state: State,
  { height }: BlockContext,
  given: {
    readonly id: Uint8Array
    readonly entry: CaseEntry
    readonly role: string
    readonly pool: readonly Uint8Array[]
  },
): CaseEntry {
  const { id, entry, role, pool } = given
  const { hasher } = state
  const beacon = getBeacon(state)
  const waiting: WaitingDrawEntry = { case: id, role: encodeUtf8(role), height }
  state.put(waitingDrawKey(hasher, beacon.next), waitingDrawEntry.encode(waiting))
  putBeacon(state, { ...beacon, next: beacon.next + 1n })
  // More than can be read back are refused here, not in the block that draws.
  state.put(drawKey(hasher, id, role), readable(drawEntry, { height, pool }))
  const draw = { poolHash: poolHash(hasher, { id, role, pool }), height, mixHeight: 0n }
  const kept = entry.assignments.filter(each => each.role !== role)
  const drawn = { role, mandate: new Uint8Array(0), how: 'draw', pool: pool.length, draw }
  return { ...entry, assignments: [...kept, drawn] }
}

/** What a block begins with: its proposer's reveal, and draws that have their value, a bounded number. */
export function beginBlock(
  view: View,
  transaction: Uint8Array | undefined,
  surroundings: { readonly hasher: Hasher; readonly block: BlockContext },
): { readonly result: TransactionResult | undefined; readonly writes: readonly Write[] } {
  const { hasher, block } = surroundings
  const state = createState(view, hasher)
  const { result, value } = transaction ? reveal(state, block, transaction) : { result: undefined, value: undefined }
  if (result?.code !== ResultCode.ok) countMissedTurn(state, block)
  if (value) decideWaiting(state, value)
  drawDecided(state)
  return { result, writes: state.writes() }
}

export function proposedReveal(
  view: View,
  secrets: BeaconSecrets,
  surroundings: { readonly hasher: Hasher; readonly block: BlockContext },
): Uint8Array | undefined {
  return proposeReveal(createState(view, surroundings.hasher), surroundings.block, secrets)
}

function reveal(
  state: State,
  block: BlockContext,
  transaction: Uint8Array,
): { readonly result: TransactionResult; readonly value: BeaconValue | undefined } {
  const inner = createState({ get: state.get }, state.hasher)
  let value: BeaconValue | undefined
  const refused = refusing(() => {
    value = takeReveal(inner, block, transaction)
  })
  if (refused) return { result: refused, value: undefined }
  state.take(inner)
  return { result: { code: ResultCode.ok, log: '', data: new Uint8Array(0) }, value }
}

/**
 * All that wait have their value now, if its secret was fixed before the oldest of their pools. Among few validators one knows every secret
 * whenever it was fixed, so nothing would be gained by waiting; nor is waited for ever, so that who keeps silent cannot stop all draws.
 */
function decideWaiting(state: State, value: BeaconValue): void {
  const { hasher } = state
  const beacon = getBeacon(state)
  const oldest = getWaiting(state, beacon.valueless)
  const isPatient = isShared(state) && value.height < oldest.height + BigInt(limits.drawPatienceBlocks)
  if (isPatient && value.drawnBy(oldest.height) === 'operator') return
  const decided: DecidedDrawsEntry = { until: beacon.next, height: value.height }
  state.put(decidedDrawsKey(hasher, beacon.valueless), decidedDrawsEntry.encode(decided))
  putBeacon(state, { ...beacon, valueless: beacon.next })
}

function drawDecided(state: State): void {
  const { hasher } = state
  let beacon = getBeacon(state)
  const before = beacon.first
  for (let drawn = 0; drawn < limits.drawsPerBlockMax && beacon.first < beacon.valueless; drawn++) {
    if (beacon.first === beacon.until) {
      const key = decidedDrawsKey(hasher, beacon.first)
      const { until, height } = decidedDrawsEntry.decode(state.get(key)!)
      state.remove(key)
      beacon = { ...beacon, until, untilHeight: height }
    }
    const waiting = getWaiting(state, beacon.first)
    drawOne(state, waiting, valueAt(state, beacon.untilHeight)!)
    state.remove(waitingDrawKey(hasher, beacon.first))
    beacon = { ...beacon, first: beacon.first + 1n }
  }
  if (beacon.first > before) putBeacon(state, beacon)
}

/** Whoever is drawn has the case, unless another draw or a turn has given the role away meanwhile. */
function drawOne(state: State, waiting: WaitingDrawEntry, value: BeaconValue): void {
  const { hasher } = state
  const { case: id, height } = waiting
  const role = decodeUtf8(waiting.role)
  const entry = getCase(state, id)
  const waits = entry?.assignments.find(each => each.role === role && each.draw?.height === height)
  if (!entry || !waits?.draw || waits.draw.mixHeight > 0n) return
  const { pool } = getDraw(state, id, role)
  const mandate = pool[drawPlace(hasher, { mix: value.mix, id, role, count: pool.length })]!
  const draw = { ...waits.draw, mixHeight: value.height }
  const drawn = { ...waits, mandate, how: `draw/${value.drawnBy(height)}`, draw }
  putCase(state, id, { ...entry, assignments: entry.assignments.map(each => (each === waits ? drawn : each)) })
  rememberAssigned(state, getProcedure(state, entry.service)!, { entry, role, mandate })
}

function getWaiting(state: State, number: bigint): WaitingDrawEntry {
  return readEntry(waitingDrawEntry, state.get(waitingDrawKey(state.hasher, number))!)
}

function getDraw(state: State, id: Uint8Array, role: string): DrawEntry {
  return readEntry(drawEntry, state.get(drawKey(state.hasher, id, role))!)
}
