// The module Obligations: what one owes another, and why. Nothing is forgotten and nothing counted twice: what was assessed is
// paid, waived or open at every moment, and a receipt serves once.

import {
  addSeconds,
  type ObligationEntry,
  ObligationStatus,
  obligationEntry,
  obligationKey,
  openAmount,
  ResultCode,
  receiptEntry,
  receiptKey,
  type Timestamp,
} from '@muniment/sdk'
import { readEntry } from './entries.ts'
import { readable, require } from './rules.ts'
import type { State } from './state.ts'

const amountMax = 1n << 53n

type Of = { readonly id: Uint8Array; readonly name: string }

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
  const nothing = { assessed: 0n, paid: 0n, waived: 0n, refunded: 0n }
  const sums = before ?? nothing
  // A fee that comes again may not grow past what an amount may be.
  requireAmount(sums.assessed + amount)
  put(state, {
    ...{ case: of.id, name: of.name, debtor, creditor, dueTime, status: ObligationStatus.due, stayedSeconds: 0n },
    ...{ assessed: sums.assessed + amount, paid: sums.paid, waived: sums.waived, refunded: sums.refunded },
  })
}

/** What is owed from now on: never less than what was paid and waived, nor for one that has ended. */
export function adjust(state: State, of: Of, assessed: bigint): void {
  requireAmount(assessed)
  const entry = running(state, of)
  require(assessed >= entry.paid + entry.waived, ResultCode.wrongState, 'more than that was paid or waived')
  put(state, { ...entry, assessed })
}

/** On the creditor's word that so much came in under the number `receipt` of its books. */
export function pay(
  state: State,
  of: Of,
  payment: {
    readonly amount: bigint
    readonly receipt: string
    readonly office: string | undefined
    readonly height: bigint
  },
): void {
  const entry = running(state, of)
  const { amount, receipt, office, height } = payment
  require(office === entry.creditor, ResultCode.notAllowed, `only ${entry.creditor} says what it was paid`)
  require(amount > 0n && amount <= openAmount(entry), ResultCode.badArguments, 'no more is paid than is open')
  const key = receiptKey(state.hasher, entry.creditor, receipt)
  require(!state.get(key), ResultCode.exists, 'this receipt has served')
  state.put(key, receiptEntry.encode({ case: of.id, name: of.name, amount, height }))
  put(state, { ...entry, paid: entry.paid + amount })
}

/** All that is open, where no amount is given. */
export function waive(state: State, of: Of, amount: bigint | undefined): void {
  const entry = running(state, of)
  const waived = amount ?? openAmount(entry)
  require(waived >= 0n && waived <= openAmount(entry), ResultCode.wrongState, 'no more is waived than is open')
  put(state, { ...entry, waived: entry.waived + waived })
}

/** While it is argued about nothing falls due. */
export function stay(state: State, of: Of, now: Timestamp): void {
  const entry = getObligation(state, of)
  if (entry?.status !== ObligationStatus.due) return
  const left = now.seconds < entry.dueTime.seconds ? entry.dueTime.seconds - now.seconds : 0n
  put(state, { ...entry, status: ObligationStatus.stayed, stayedSeconds: left })
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

/** It never was: what was paid on it is owed back. */
export function voidObligation(state: State, of: Of): void {
  const entry = getObligation(state, of)
  if (!entry || ended(entry)) return
  put(state, { ...entry, status: ObligationStatus.void })
}

/** What was paid goes back; by the creditor, once. */
export function refund(state: State, of: Of): void {
  const entry = getObligation(state, of)
  require(entry, ResultCode.notFound, `nothing is owed as ${of.name}`)
  require(entry.refunded === 0n && entry.paid > 0n, ResultCode.wrongState, 'there is nothing to give back')
  put(state, { ...entry, status: ObligationStatus.refunded, refunded: entry.paid })
}

function running(state: State, of: Of): ObligationEntry {
  const entry = getObligation(state, of)
  require(entry, ResultCode.notFound, `nothing is owed as ${of.name}`)
  require(!ended(entry), ResultCode.wrongState, `${of.name} has ended`)
  return entry
}

function ended({ status }: ObligationEntry): boolean {
  return status === ObligationStatus.void || status === ObligationStatus.refunded
}

function requireAmount(amount: bigint): void {
  require(amount >= 0n && amount < amountMax, ResultCode.badArguments, 'an amount is a whole number of minor units')
}

function put(state: State, entry: ObligationEntry): void {
  const settles = entry.status === ObligationStatus.due && openAmount(entry) === 0n
  const reopens = entry.status === ObligationStatus.settled && openAmount(entry) > 0n
  const status = settles ? ObligationStatus.settled : reopens ? ObligationStatus.due : entry.status
  const written = readable(obligationEntry, { ...entry, status })
  state.put(obligationKey(state.hasher, entry.case, entry.name), written)
}
