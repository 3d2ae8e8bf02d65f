// What stands in the state tree for cases and what hangs on them: clocks, rosters, counters; obligations have a file of their own. Formats are frozen by
// test/golden; a field may be added, none may change its meaning.

import { timestamp } from '../comet/block-id.ts'
import {
  caseActorsMax,
  caseFactsBytesMax,
  casePartiesMax,
  listenersPerTagMax,
  obligationsPerCaseMax,
  officeIdLengthMax,
  recordsPerCaseMax,
  roleNameLengthMax,
  rosterMax,
  serviceMembersMax,
  serviceNameLengthMax,
  signersMax,
  statesMax,
  tagsPerStepMax,
  transitionNameLengthMax,
} from '../limits.ts'
import {
  always,
  bool,
  bytes,
  type Message,
  message,
  optional,
  repeated,
  repeatedBytes,
  repeatedString,
  string,
  uint32,
  uint64,
} from '../protobuf.ts'
import type { Timestamp } from '../time.ts'

/** A step that was taken: how often, and when and by whom the last time. */
export type CaseAct = {
  readonly step: string
  readonly times: number
  readonly height: bigint
  readonly time: Timestamp
  /** For which offices the last signers acted, each once; none where nobody acted for one. */
  readonly offices: readonly string[]
  /** Everyone who has ever taken the step, and for whom: 32 bytes each; none where a clock or a link took it. */
  readonly accounts: readonly Uint8Array[]
  readonly mandates: readonly Uint8Array[]
  /** A code of the service file, and the hash of the text that explains it. */
  readonly reason: string
  readonly text: Uint8Array
}

export type CaseParty = { readonly role: string; readonly account: Uint8Array }

/** A keyed tag that the case holds, 32 bytes. `fact` is what it waits for under it, empty where it keeps others away, `!` where it tells. */
export type CaseTag = { readonly name: string; readonly tag: Uint8Array; readonly fact: string }

export type Assignment = {
  readonly role: string
  readonly mandate: Uint8Array
  /** `rota`; `draw` while nobody is drawn yet, and then by whom the value was made: `draw/operator` or `draw/validators`. */
  readonly how: string
  /** How many there were to choose from. */
  readonly pool: number
  /** Of a draw. */
  readonly draw: AssignmentDraw | undefined
}

/** By what a draw is worked out again (ledger/draws.ts). */
export type AssignmentDraw = {
  readonly poolHash: Uint8Array
  /** The block that fixed the pool. */
  readonly height: bigint
  /** The block whose value decided; 0 while there is none. */
  readonly mixHeight: bigint
}

export type CaseEntry = {
  /** With the version under which it was opened, which stays the case's own. */
  readonly service: string
  readonly state: string
  /** How many steps it has taken; a transaction may ask for one (ifState). */
  readonly version: bigint
  readonly openedHeight: bigint
  readonly openedTime: Timestamp
  /** When it happened, as the opener says; undefined where the service does not ask. */
  readonly eventTime: Timestamp | undefined
  /** When it came into this state. */
  readonly stateTime: Timestamp
  /** When the state's clock runs out. */
  readonly dueTime: Timestamp | undefined
  /** What was left of the clock that stands still, seconds, and whose it is. */
  readonly pausedSeconds: bigint
  readonly pausedState: string
  readonly parties: readonly CaseParty[]
  /** Public fields, canonical JSON. */
  readonly facts: Uint8Array
  /** Root of the committed fields, 32 bytes, or empty. */
  readonly committed: Uint8Array
  readonly acts: readonly CaseAct[]
  readonly visited: readonly string[]
  readonly tags: readonly CaseTag[]
  /** Facts that came while no link led from the case's state, the newest under each name: followed as soon as one does. */
  readonly unfollowed: readonly CaseTag[]
  readonly assignments: readonly Assignment[]
  /** State keys of the records that it issued; the last is the one that its steps change. */
  readonly records: readonly Uint8Array[]
  readonly obligations: readonly string[]
  /** When an official said that what opens the committed fields is destroyed. */
  readonly shreddedTime: Timestamp | undefined
  /** Since when an office is late: a clock ran out on it, and it has moved nothing since. No interest runs meanwhile. */
  readonly lateTime: Timestamp | undefined
}

const caseAct: Message<CaseAct> = message({
  step: string(1, transitionNameLengthMax),
  times: uint32(2),
  height: uint64(3),
  time: always(4, timestamp),
  offices: repeatedString(5, signersMax, officeIdLengthMax),
  accounts: repeatedBytes(6, caseActorsMax, 32),
  mandates: repeatedBytes(7, signersMax, 32),
  reason: string(8, transitionNameLengthMax),
  text: bytes(9, 32),
})

const caseParty: Message<CaseParty> = message({ role: string(1, roleNameLengthMax), account: bytes(2, 32) })

const caseTag: Message<CaseTag> = message({
  name: string(1, transitionNameLengthMax),
  tag: bytes(2, 32),
  fact: string(3, serviceNameLengthMax + transitionNameLengthMax),
})

const assignment: Message<Assignment> = message({
  role: string(1, roleNameLengthMax),
  mandate: bytes(2, 32),
  how: string(3, 20),
  pool: uint32(4),
  draw: optional(5, message<AssignmentDraw>({ poolHash: bytes(1, 32), height: uint64(2), mixHeight: uint64(3) })),
})

export const caseEntry: Message<CaseEntry> = message({
  service: string(1, serviceNameLengthMax),
  state: string(2, transitionNameLengthMax),
  version: uint64(3),
  openedHeight: uint64(4),
  openedTime: always(5, timestamp),
  eventTime: optional(6, timestamp),
  stateTime: always(7, timestamp),
  dueTime: optional(8, timestamp),
  pausedSeconds: uint64(9),
  parties: repeated(10, caseParty, casePartiesMax),
  facts: bytes(11, caseFactsBytesMax),
  committed: bytes(12, 32),
  acts: repeated(13, caseAct, serviceMembersMax),
  visited: repeatedString(14, statesMax, transitionNameLengthMax),
  tags: repeated(15, caseTag, tagsPerStepMax * 4),
  assignments: repeated(16, assignment, casePartiesMax),
  records: repeatedBytes(17, recordsPerCaseMax, 32),
  obligations: repeatedString(18, obligationsPerCaseMax, transitionNameLengthMax),
  pausedState: string(19, transitionNameLengthMax),
  lateTime: optional(20, timestamp),
  unfollowed: repeated(21, caseTag, tagsPerStepMax * 4),
  shreddedTime: optional(24, timestamp),
})

/** Who holds a post in an office, and whose turn is next. */
export type RosterEntry = {
  /** Mandates, 32 bytes each, ascending. */
  readonly mandates: readonly Uint8Array[]
  /** Those who take no new cases at present; who said so stands in the transaction. */
  readonly absent: readonly Uint8Array[]
  /** The mandate whose turn was last. */
  readonly last: Uint8Array
}

export const rosterEntry: Message<RosterEntry> = message({
  mandates: repeatedBytes(1, rosterMax, 32),
  absent: repeatedBytes(2, rosterMax, 32),
  last: bytes(3, 32),
})

/** Cases that wait for a fact. */
export type ListenersEntry = { readonly cases: readonly Uint8Array[] }

export const listenersEntry: Message<ListenersEntry> = message({ cases: repeatedBytes(1, listenersPerTagMax, 32) })

/** How far the clocks have been looked after. */
export type TimersEntry = {
  /** The oldest stretch of time whose clocks have not all been looked at. */
  readonly bucket: bigint
  /** How many of its clocks have. */
  readonly done: bigint
  /** Clocks that were set, and that were looked at, since the chain began: the difference still runs. */
  readonly set: bigint
  readonly seen: bigint
}

export const timersEntry: Message<TimersEntry> = message({
  bucket: uint64(1),
  done: uint64(2),
  set: uint64(3),
  seen: uint64(4),
})

/** A receipt serves once. */
export type ReceiptEntry = {
  readonly case: Uint8Array
  readonly name: string
  readonly amount: bigint
  readonly height: bigint
}

export const receiptEntry: Message<ReceiptEntry> = message({
  case: bytes(1, 32),
  name: string(2, transitionNameLengthMax),
  amount: uint64(3),
  height: uint64(4),
})

/** Which case holds a unique tag. */
export type UniqueEntry = {
  readonly case: Uint8Array
  readonly isFree: boolean
  /** Who had cases under this tag, by roles: whoever begins anew meets the same officials. */
  readonly assigned: readonly { readonly role: string; readonly mandate: Uint8Array }[]
}

const assignedBefore: Message<UniqueEntry['assigned'][number]> = message({
  role: string(1, roleNameLengthMax),
  mandate: bytes(2, 32),
})

export const uniqueEntry: Message<UniqueEntry> = message({
  case: bytes(1, 32),
  isFree: bool(2),
  assigned: repeated(3, assignedBefore, casePartiesMax),
})

/** What a transaction names as `ifState`: the case's id and its version, 40 bytes. */
export function caseVersion(id: Uint8Array, version: bigint): Uint8Array {
  const bytes = new Uint8Array(40)
  bytes.set(id)
  new DataView(bytes.buffer).setBigUint64(32, version)
  return bytes
}
