// The module Obligations: what one owes another, and why. Nothing is forgotten and nothing counted twice: what was assessed and the
// interest on it are paid, waived or open at every moment, and a receipt serves once.

import {
  addSeconds,
  behindAmount,
  compareTime,
  limits,
  nextDueTime,
  type ObligationEntry,
  ObligationStatus,
  obligationEntry,
  obligationKey,
  openAmount,
  ResultCode,
  receiptEntry,
  receiptKey,
  reckonInterest,
  type Timestamp,
} from '@muniment/sdk'
import { readEntry } from './entries.ts'
import { readable, require } from './rules.ts'
import type { State } from './state.ts'

const amountMax = 1n << 53n

type Of = { readonly id: Uint8Array; readonly name: string }

/** The block's time, and since when an office is late with the case: no interest runs from there on. */
export type When = { readonly now: Timestamp; readonly late: Timestamp | undefined }

export function getObligation(state: State, { id, name }: Of): ObligationEntry | undefined {
  const value = state.get(obligationKey(state.hasher, id, name))
  return value && readEntry(obligationEntry, value)
}

/** What comes again, as a yearly fee does, is added to what was owed and settled before. */
export function assess(
  state: State,
  of: Of,
  given: {
    readonly debtor: Uint8Array
    readonly creditor: string
    readonly amount: bigint
    readonly dueTime: Timestamp
  },
): void {
  requireAmount(given.amount)
  const { debtor, creditor, amount, dueTime } = given
  const before = getObligation(state, of)
  const isOver = !before || before.status === ObligationStatus.settled
  require(isOver, ResultCode.wrongState, `${of.name} was assessed already, and is not settled`)
  const nothing = { assessed: 0n, paid: 0n, waived: 0n, refunded: 0n, interest: 0n }
  const sums = before ?? nothing
  // A fee that comes again may not grow past what an amount may be.
  requireAmount(sums.assessed + amount)
  put(state, {
    ...{ case: of.id, name: of.name, debtor, creditor, dueTime, status: ObligationStatus.due, stayedSeconds: 0n },
    ...{ assessed: sums.assessed + amount, paid: sums.paid, waived: sums.waived, refunded: sums.refunded },
    ...{ interest: sums.interest, earlierInterest: sums.interest },
    ...{ interestRest: 0, interestRate: 0, interestTime: undefined, plan: undefined },
  })
}

/** What is owed from now on, beside its interest: never less than what was paid and waived, nor for one that has ended. */
export function adjust(state: State, of: Of, given: When & { readonly assessed: bigint }): void {
  const { assessed, now } = given
  requireAmount(assessed)
  const entry = running(state, of, given)
  const isEnough = assessed + entry.interest >= entry.paid + entry.waived
  require(isEnough, ResultCode.wrongState, 'more than that was paid or waived')
  // What was settled bears no interest for the time until it is owed again.
  const wasSettled = entry.status === ObligationStatus.settled && compareTime(entry.dueTime, now) < 0
  put(state, { ...entry, assessed, ...(wasSettled ? { interestTime: now } : {}) })
}

/** On the creditor's word that so much came in under the number `receipt` of its books. */
export function pay(
  state: State,
  of: Of,
  payment: When & {
    readonly amount: bigint
    readonly receipt: string
    readonly office: string | undefined
    readonly height: bigint
  },
): void {
  const entry = running(state, of, payment)
  const { amount, receipt, office, height } = payment
  require(office === entry.creditor, ResultCode.notAllowed, `only ${entry.creditor} says what it was paid`)
  require(amount > 0n && amount <= openAmount(entry), ResultCode.badArguments, 'no more is paid than is open')
  const key = receiptKey(state.hasher, entry.creditor, receipt)
  require(!state.get(key), ResultCode.exists, 'this receipt has served')
  state.put(key, receiptEntry.encode({ case: of.id, name: of.name, amount, height }))
  put(state, { ...entry, paid: entry.paid + amount })
}

/** All that is open, where no amount is given. */
export function waive(state: State, of: Of, given: When & { readonly amount: bigint | undefined }): void {
  const entry = running(state, of, given)
  const waived = given.amount ?? openAmount(entry)
  require(waived >= 0n && waived <= openAmount(entry), ResultCode.wrongState, 'no more is waived than is open')
  put(state, { ...entry, waived: entry.waived + waived })
}

/** While it is argued about nothing falls due, no interest runs and nothing is enforced. What a plan left of the time is what is left. */
export function stay(state: State, of: Of, when: When): void {
  const found = getObligation(state, of)
  if (found?.status !== ObligationStatus.due && found?.status !== ObligationStatus.enforced) return
  const entry = reckonInterest(found, when.now, when.late)
  const due = nextDueTime(entry) ?? entry.dueTime
  const left = when.now.seconds < due.seconds ? due.seconds - when.now.seconds : 0n
  const stayed = { status: ObligationStatus.stayed, stayedSeconds: left, interestTime: undefined, plan: undefined }
  put(state, { ...entry, ...stayed })
}

export function resume(state: State, of: Of, now: Timestamp): void {
  const entry = getObligation(state, of)
  if (entry?.status !== ObligationStatus.stayed) return
  put(state, {
    ...entry,
    status: ObligationStatus.due,
    dueTime: addSeconds(now, entry.stayedSeconds),
    stayedSeconds: 0n,
  })
}

/** All that is open in equal parts, what does not divide on the first; each falls due `everySeconds` after the one before. */
export function plan(
  state: State,
  of: Of,
  given: When & { readonly parts: bigint; readonly everySeconds: number },
): void {
  const { now, parts, everySeconds } = given
  const entry = running(state, of, given)
  const isFree = entry.status === ObligationStatus.due && !entry.plan
  require(isFree, ResultCode.wrongState, `${of.name} is not simply due: a plan stands, or it is stayed or enforced`)
  const fits = parts >= 2n && parts <= BigInt(limits.planPartsMax) && parts <= openAmount(entry)
  require(fits, ResultCode.badArguments, `a plan has 2 to ${limits.planPartsMax} parts of at least one unit`)
  put(state, {
    ...entry,
    dueTime: addSeconds(now, parts * BigInt(everySeconds)),
    interestTime: undefined,
    plan: {
      ...{ parts: Number(parts), everySeconds: BigInt(everySeconds), fromTime: now },
      ...{ total: openAmount(entry), settledBefore: entry.paid + entry.waived },
    },
  })
}

/** The plan was not kept: what is open is due, and bears its interest from now on. */
export function endPlan(state: State, of: Of, when: When): void {
  const entry = running(state, of, when)
  put(state, entry.plan ? { ...entry, ...dueAtOnce(when.now) } : entry)
}

/** From its due time on it bears interest, or from now on at another rate. */
export function bearInterest(state: State, of: Of, given: When & { readonly rate: bigint }): void {
  const fits = given.rate >= 0n && given.rate <= BigInt(limits.interestRateMax)
  require(fits, ResultCode.badArguments, `a rate is 0 to ${limits.interestRateMax} basis points a year`)
  // The days before are reckoned at the rate that ran; where none ever did, all days since it was due bear this one.
  const found = running(state, of, given)
  const isNone = given.rate === 0n && compareTime(found.dueTime, given.now) < 0
  const entry = { ...found, interestRate: Number(given.rate), ...(isNone ? { interestTime: given.now } : {}) }
  put(state, reckonInterest(entry, given.now, given.late))
}

/** What is behind is taken by force. A lien on a title will follow from it, when titles are there. */
export function enforce(state: State, of: Of, when: When): void {
  const entry = running(state, of, when)
  const isDue = entry.status === ObligationStatus.due && behindAmount(entry, when.now) > 0n
  require(isDue, ResultCode.wrongState, `nothing of ${of.name} is behind`)
  const due = entry.plan ? dueAtOnce(when.now) : {}
  put(state, { ...entry, ...due, status: ObligationStatus.enforced })
}

/** An office was late from then until now: the time between bears no interest. */
export function passLate(state: State, of: Of, { late, now }: { late: Timestamp; now: Timestamp }): void {
  const found = getObligation(state, of)
  if (found?.status !== ObligationStatus.due && found?.status !== ObligationStatus.enforced) return
  if (compareTime(now, found.dueTime) <= 0) return
  const entry = reckonInterest(found, now, late)
  const from = entry.interestTime ?? entry.dueTime
  const begun = late.seconds > from.seconds ? late.seconds - from.seconds : 0n
  put(state, { ...entry, interestTime: addSeconds(now, -begun) })
}

/** It never was: what was paid on it is owed back. */
export function voidObligation(state: State, of: Of): void {
  const entry = getObligation(state, of)
  if (!entry || ended(entry)) return
  put(state, { ...entry, status: ObligationStatus.void, plan: undefined })
}

/** What was paid goes back; by the creditor, once. */
export function refund(state: State, of: Of): void {
  const entry = getObligation(state, of)
  require(entry, ResultCode.notFound, `nothing is owed as ${of.name}`)
  require(entry.refunded === 0n && entry.paid > 0n, ResultCode.wrongState, 'there is nothing to give back')
  put(state, { ...entry, status: ObligationStatus.refunded, refunded: entry.paid, plan: undefined })
}

function dueAtOnce(now: Timestamp): Pick<ObligationEntry, 'dueTime' | 'interestTime' | 'plan'> {
  return { dueTime: now, interestTime: undefined, plan: undefined }
}

/** With its interest up to now. */
function running(state: State, of: Of, { now, late }: When): ObligationEntry {
  const entry = getObligation(state, of)
  require(entry, ResultCode.notFound, `nothing is owed as ${of.name}`)
  require(!ended(entry), ResultCode.wrongState, `${of.name} has ended`)
  return reckonInterest(entry, now, late)
}

function ended({ status }: ObligationEntry): boolean {
  return status === ObligationStatus.void || status === ObligationStatus.refunded
}

function requireAmount(amount: bigint): void {
  require(amount >= 0n && amount < amountMax, ResultCode.badArguments, 'an amount is a whole number of minor units')
}

function put(state: State, entry: ObligationEntry): void {
  const isAsked = entry.status === ObligationStatus.due || entry.status === ObligationStatus.enforced
  const settles = isAsked && openAmount(entry) === 0n
  const reopens = entry.status === ObligationStatus.settled && openAmount(entry) > 0n
  const status = settles ? ObligationStatus.settled : reopens ? ObligationStatus.due : entry.status
  const plan = settles ? undefined : entry.plan
  const written = readable(obligationEntry, { ...entry, status, plan })
  state.put(obligationKey(state.hasher, entry.case, entry.name), written)
}
