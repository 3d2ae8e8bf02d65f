// The clocks of cases. Each stretch of ten minutes has a list of cases whose clocks run out in it; when the stretch is over, a
// block looks at so many of them and no more, and whoever wants can see how many wait.

import {
  concat,
  limits,
  type TimersEntry,
  type Timestamp,
  timerChunkKey,
  timerCountKey,
  timerDayKey,
  timersEntry,
  timersKey,
} from '@muniment/sdk'
import { readEntry } from './entries.ts'
import type { State } from './state.ts'

const bucketSeconds = 600n
const bucketsPerDay = 86_400n / bucketSeconds
const idsPerChunk = 8n

function bucketOf({ seconds }: Timestamp): bigint {
  return seconds / bucketSeconds
}

function getTimers(state: State): TimersEntry | undefined {
  const value = state.get(timersKey(state.hasher))
  return value && readEntry(timersEntry, value)
}

/** The case will be looked at when `due` has passed. Whether its clock still runs is seen then. */
export function setTimer(state: State, id: Uint8Array, { due, now }: { due: Timestamp; now: Timestamp }): void {
  const timers = getTimers(state) ?? { bucket: bucketOf(now), done: 0n, set: 0n, seen: 0n }
  // A stretch that is being looked at takes no more.
  const bucket = bucketOf(due) > timers.bucket ? bucketOf(due) : timers.bucket + 1n
  const count = countOf(state, bucket)
  const key = timerChunkKey(state.hasher, bucket, count / idsPerChunk)
  state.put(key, concat(state.get(key) ?? new Uint8Array(0), id))
  state.put(timerCountKey(state.hasher, bucket), bytes64(count + 1n))
  // Whose first clock it is marks the day.
  if (count === 0n) state.put(dayKey(state, bucket), bytes64(1n))
  putTimers(state, { ...timers, set: timers.set + 1n })
}

/** Cases whose clocks may have run out, at most so many; they count as looked at. */
export function takeDue(state: State, now: Timestamp): readonly Uint8Array[] {
  const timers = getTimers(state)
  if (!timers || timers.bucket >= bucketOf(now)) return []
  const due: Uint8Array[] = []
  let { bucket, done } = timers
  for (let looked = 0; looked < limits.timerBucketsPerBlockMax && bucket < bucketOf(now); looked++) {
    const count = countOf(state, bucket)
    for (; done < count && due.length < limits.timersPerBlockMax; done++) due.push(idAt(state, bucket, done))
    if (done < count) break
    forget(state, bucket, count)
    bucket += 1n
    done = 0n
    // The cursor never passes the present, where clocks may still be set.
    while (
      bucket % bucketsPerDay === 0n &&
      bucket + bucketsPerDay <= bucketOf(now) &&
      looked < limits.timerBucketsPerBlockMax
    ) {
      if (state.get(dayKey(state, bucket))) break
      bucket += bucketsPerDay
      looked += 1
    }
  }
  putTimers(state, { ...timers, bucket, done, seen: timers.seen + BigInt(due.length) })
  return due
}

function dayKey({ hasher }: State, bucket: bigint): Uint8Array {
  return timerDayKey(hasher, bucket / bucketsPerDay)
}

/** Nobody asks for a stretch that is over. */
function forget(state: State, bucket: bigint, count: bigint): void {
  if (count > 0n) state.remove(timerCountKey(state.hasher, bucket))
  for (let chunk = 0n; chunk * idsPerChunk < count; chunk++) state.remove(timerChunkKey(state.hasher, bucket, chunk))
  const day = dayKey(state, bucket)
  if ((bucket + 1n) % bucketsPerDay === 0n && state.get(day)) state.remove(day)
}

function idAt(state: State, bucket: bigint, place: bigint): Uint8Array {
  const chunk = state.get(timerChunkKey(state.hasher, bucket, place / idsPerChunk))!
  const offset = Number(place % idsPerChunk) * 32
  return chunk.slice(offset, offset + 32)
}

function countOf(state: State, bucket: bigint): bigint {
  const value = state.get(timerCountKey(state.hasher, bucket))
  return value ? new DataView(value.buffer, value.byteOffset).getBigUint64(0) : 0n
}

function putTimers(state: State, timers: TimersEntry): void {
  state.put(timersKey(state.hasher), timersEntry.encode(timers))
}

function bytes64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, value)
  return bytes
}
