// What one owes another, as it stands in the state tree, and what follows from that at a given time: interest, the parts of a plan,
// what is behind. Whole numbers only; the same code answers in the node that decides and in the page that shows it. The format is
// frozen by test/golden; a field may be added, none may change its meaning.

import { timestamp } from '../comet/block-id.ts'
import { interestRateMax, officeIdLengthMax, planPartsMax, transitionNameLengthMax } from '../limits.ts'
import { always, bytes, type Message, message, optional, string, uint32, uint64 } from '../protobuf.ts'
import { addSeconds, compareTime, type Timestamp } from '../time.ts'

export const ObligationStatus = { due: 1, settled: 2, stayed: 3, void: 4, refunded: 5, enforced: 6 } as const

/** Parts that are equal in minor units, what does not divide on the first; the n-th falls due n times `everySeconds` after the beginning. */
export type ObligationPlan = {
  readonly parts: number
  readonly everySeconds: bigint
  readonly fromTime: Timestamp
  /** What was open when it began, and what had been paid and waived by then. */
  readonly total: bigint
  readonly settledBefore: bigint
}

/** What one owes another. In minor units; paid + waived + open = assessed + interest, whatever happens. */
export type ObligationEntry = {
  readonly case: Uint8Array
  readonly name: string
  /** An account, 32 bytes. */
  readonly debtor: Uint8Array
  /** An office. */
  readonly creditor: string
  readonly assessed: bigint
  readonly paid: bigint
  readonly waived: bigint
  readonly refunded: bigint
  readonly dueTime: Timestamp
  readonly status: number
  /** While it is stayed: what was left of the time to pay, seconds. */
  readonly stayedSeconds: bigint
  /** Interest reckoned so far; and of what did not make a whole unit, the 3,650,000ths. */
  readonly interest: bigint
  readonly interestRest: number
  /** Basis points a year; 0 where none runs. */
  readonly interestRate: number
  /** Up to when it is reckoned; undefined where that is the due time. */
  readonly interestTime: Timestamp | undefined
  /** Interest on what was assessed, and settled, before: the newest assessment bears interest, interest never does. */
  readonly earlierInterest: bigint
  readonly plan: ObligationPlan | undefined
}

const obligationPlan: Message<ObligationPlan> = message({
  parts: uint32(1),
  everySeconds: uint64(2),
  fromTime: always(3, timestamp),
  total: uint64(4),
  settledBefore: uint64(5),
})

export const obligationEntry: Message<ObligationEntry> = message({
  case: bytes(1, 32),
  name: string(2, transitionNameLengthMax),
  debtor: bytes(3, 32),
  creditor: string(4, officeIdLengthMax),
  assessed: uint64(5),
  paid: uint64(6),
  waived: uint64(7),
  refunded: uint64(8),
  dueTime: always(9, timestamp),
  status: uint32(10),
  stayedSeconds: uint64(11),
  interest: uint64(12),
  interestRest: uint32(13),
  interestRate: uint32(14),
  interestTime: optional(15, timestamp),
  earlierInterest: uint64(16),
  plan: optional(17, obligationPlan),
})

const secondsPerDay = 86_400n
/** Basis points of a whole, times days of a year: a year has 365 of them, leap years too. */
const interestUnit = 10_000n * 365n

/** What an obligation still asks for, with the interest reckoned so far; nothing where it is void. `reckonInterest` brings that up to a time. */
export function openAmount({ assessed, interest, paid, waived, status }: ObligationEntry): bigint {
  const isOver = status === ObligationStatus.void || status === ObligationStatus.refunded
  return isOver ? 0n : assessed + interest - paid - waived
}

/**
 * With the interest up to a time: simple, on what is open of the sum itself (payments settle that first), for each whole day behind the
 * due time, rounded down once over all of them. A day that has begun counts when it is over. `until` is where an office became late,
 * if one is; nothing runs from there on.
 */
export function reckonInterest(
  entry: ObligationEntry,
  now: Timestamp,
  until: Timestamp | undefined = undefined,
): ObligationEntry {
  const runs = entry.status === ObligationStatus.due || entry.status === ObligationStatus.enforced
  if (!runs || entry.interestRate === 0 || entry.interestRate > interestRateMax) return entry
  const from = entry.interestTime ?? entry.dueTime
  const end = until && compareTime(until, now) < 0 ? until : now
  const days = (end.seconds - from.seconds) / secondsPerDay
  if (days <= 0n) return entry
  const sum = openAmount(entry) - (entry.interest - entry.earlierInterest)
  if (sum <= 0n) return { ...entry, interestTime: addSeconds(from, days * secondsPerDay) }
  const units = BigInt(entry.interestRest) + sum * BigInt(entry.interestRate) * days
  return {
    ...entry,
    interest: entry.interest + units / interestUnit,
    interestRest: Number(units % interestUnit),
    interestTime: addSeconds(from, days * secondsPerDay),
  }
}

/** How many parts of the plan have fallen due, and how much all of those up to the n-th come to. */
function partsDue({ parts, everySeconds, fromTime }: ObligationPlan, now: Timestamp): number {
  if (everySeconds <= 0n || now.seconds <= fromTime.seconds) return 0
  const passed = (now.seconds - fromTime.seconds) / everySeconds
  return passed > BigInt(parts) ? parts : Number(passed)
}

function sumOfParts({ parts, total }: ObligationPlan, count: number): bigint {
  return count === 0 ? 0n : total - BigInt(parts - count) * (total / BigInt(parts))
}

/**
 * What should have been paid by now and was not: of a plan its parts that have fallen due, else all that is open once it is due. Nothing
 * while it is stayed.
 */
export function behindAmount(entry: ObligationEntry, now: Timestamp): bigint {
  if (entry.status === ObligationStatus.stayed) return 0n
  const open = openAmount(entry)
  const { plan } = entry
  if (!plan) return compareTime(now, entry.dueTime) < 0 ? 0n : open
  const settled = entry.paid + entry.waived - plan.settledBefore
  const behind = sumOfParts(plan, partsDue(plan, now)) - settled
  if (behind > open) return open
  return behind > 0n ? behind : 0n
}

/** When what is next to be paid falls due, or fell: of a plan the first part that is not settled. Undefined where nothing is, or it is stayed. */
export function nextDueTime(entry: ObligationEntry): Timestamp | undefined {
  if (openAmount(entry) === 0n || entry.status === ObligationStatus.stayed) return undefined
  const { plan } = entry
  if (!plan) return entry.dueTime
  const settled = entry.paid + entry.waived - plan.settledBefore
  for (let count = 1; count < plan.parts && count <= planPartsMax; count++)
    if (sumOfParts(plan, count) > settled) return addSeconds(plan.fromTime, BigInt(count) * plan.everySeconds)
  return entry.dueTime
}
