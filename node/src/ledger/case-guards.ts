// What must hold before a step of a case: who signs it, and under which conditions. Each has a name, and whoever is refused is told
// which one is closed and what would open it.

import {
  type AccountEntry,
  addSeconds,
  type CaseEntry,
  compareTime,
  equals,
  evaluateFormula,
  formatTime,
  isPartyRole,
  localize,
  RecordStatus,
  ResultCode,
  type ServiceRole,
  shredDue,
  typeHash,
  validSecondsMax,
} from '@muniment/sdk'
import { timeArgument } from './arguments.ts'
import { caseFactsOf } from './case-facts.ts'
import type { Taking } from './case-step.ts'
import { Refusal, require } from './rules.ts'
import { getAccount, getRecord } from './state.ts'
import { getUnique } from './unique.ts'

/** Refuses with the guard's name first, as `issue/late: …`, so that a page can say it in its reader's language. */
function hold(taking: Taking, open: unknown, [guard, sentence]: readonly [string, string]): asserts open {
  if (!open) throw new Refusal(ResultCode.guardClosed, `${taking.name}/${guard}: ${sentence}`)
}

/** Who signs: as many as must, of different offices where they must, nobody with an interest, and none who may not be the second. */
export function requireActors(taking: Taking, entry: CaseEntry): void {
  const { step, act } = taking
  const { actors } = act!
  hold(taking, actors.length >= step.persons, ['persons', `this step takes ${step.persons} persons`])
  if (step.together) {
    const roles = actors.map(({ role }) => role)
    const isAll = roles.length === step.by.length && step.by.every((role, place) => roles[place] === role)
    hold(taking, isAll, ['persons', `this step takes ${step.by.join(', ')} together, in this order`])
  }
  const offices = new Set(actors.map(({ office }) => office))
  hold(taking, !step.apart || offices.size === actors.length, ['apart', 'this step takes persons of different offices'])
  for (const name of step.notBy) {
    const others = entry.acts.find(each => each.step === name)?.accounts ?? []
    const isOther = actors.every(
      actor => !others.some(each => equals(each, actor.account) || equals(each, actor.signer)),
    )
    hold(taking, isOther, ['notBy', `whoever took the step ${name} does not take this one`])
  }
  for (const { account, role, office, mandate } of actors) {
    if (office === undefined) continue
    const isParty = entry.parties.some(party => equals(party.account, account))
    // Nor where he acted for a party before.
    const forParties = entry.acts.filter(each => each.offices.length === 0).flatMap(each => each.accounts)
    const hasActed = forParties.some(each => equals(each, account))
    hold(taking, !isParty && !hasActed, ['conflict', 'an official does not act in a case of his own'])
    const isHis = entry.assignments.some(each => each.role === role && equals(each.mandate, mandate))
    const isDrawn = entry.assignments.every(each => each.role !== role || each.mandate.length > 0)
    const whose = isDrawn ? 'the case is assigned to another official' : 'the official for the case is being drawn'
    hold(taking, !step.assigned || isHis, ['assigned', whose])
  }
  requireParties(taking, entry)
}

/** Whoever acts as a party is the one whom the case names, or is named by acting. */
function requireParties({ step, act, given, state, procedure, block }: Taking, entry: CaseEntry): void {
  const isNew = (role: string): boolean => step.from.length === 0 || step.parties.includes(role)
  for (const { role, account } of act!.actors) {
    if (!isPartyRole(procedure.service.roles[role])) continue
    const named = entry.parties.find(each => each.role === role)
    require(named || isNew(role), ResultCode.notAllowed, `the case names nobody as ${role}`)
    // Where a step names him anew, whoever came first keeps nobody else away: not the living man from his protest.
    const isHis = !named || equals(named.account, account) || step.parties.includes(role)
    require(isHis, ResultCode.notAllowed, `another is the case’s ${role}`)
    const held = getAccount(state, account)!
    const isFirst = held.createdHeight === block.height && hasUsedOneNonce(held)
    require(named || isFirst || !asksFresh(procedure.service.roles[role]), ResultCode.notAllowed, freshSentence(role))
  }
  for (const { role, account } of given.parties) {
    const isUnused = !asksFresh(procedure.service.roles[role]) || getAccount(state, account) === undefined
    require(isUnused, ResultCode.notAllowed, freshSentence(role))
  }
}

/** The sender's first act uses nonce 1; who signs beside him uses a later one, and not none, which would leave no trace of it. */
function hasUsedOneNonce({ nonceFloor, nonceBits }: AccountEntry): boolean {
  const isOneBit = nonceBits > 0n && (nonceBits & (nonceBits - 1n)) === 0n
  return (nonceFloor === 1n && nonceBits === 0n) || (nonceFloor === 0n && isOneBit)
}

const freshSentence = (role: string): string => `${role} takes an account that was made for this case alone`

function asksFresh(role: ServiceRole | undefined): boolean {
  return isPartyRole(role) && role.party === 'fresh'
}

/** Conditions of the file, in their order; for steps that nobody signs too. */
export function requireGuards(taking: Taking, entry: CaseEntry): void {
  const { step, name, given } = taking
  const times = entry.acts.find(act => act.step === name)?.times ?? 0
  hold(taking, step.timesMax === 0 || times < step.timesMax, [
    'times',
    `this step is taken ${step.timesMax} times at most`,
  ])
  if (step.reasons.length > 0) {
    const known = step.reasons.includes(given.reason)
    hold(taking, known, ['reason', `this step takes a reason: ${step.reasons.join(', ')}`])
  }
  for (const tag of step.unique) requireUnique(taking, tag)
  requireValidity(taking)
  for (const need of step.needs) requireRecord(taking, need, entry)
  if (step.effects.some(effect => effect.do === 'cases.shred')) requireKept(taking, entry)
  const facts = caseFactsOf(taking, entry)
  for (const guard of step.guards) {
    const isOpen = evaluateFormula(guard.expression, facts) === true
    hold(taking, isOpen, [guard.name, localize(guard.say, 'en')])
  }
}

function requireValidity(taking: Taking): void {
  const seconds = validSecondsMax(taking.step)
  if (seconds === undefined) return
  const until = timeArgument(taking.given.record!, 'validUntil')
  const isShort = until && compareTime(until, addSeconds(taking.block.time, seconds)) <= 0
  hold(taking, isShort, ['validity', `the record ends within ${seconds / 86_400} days`])
}

/** Nothing is destroyed before its time, or said to be destroyed twice. */
function requireKept(taking: Taking, entry: CaseEntry): void {
  const due = shredDue(taking.procedure, entry)
  require(due && !entry.shreddedTime, ResultCode.wrongState, 'the case keeps nothing whose time could be over')
  const isDue = compareTime(due, taking.block.time) <= 0
  hold(taking, isDue, ['keep', `what opens the case is kept until ${formatTime(due)}`])
}

function requireUnique(taking: Taking, name: string): void {
  const { state, procedure, given } = taking
  const held = getUnique(state, procedure.service.id, { name, tag: given.tags[name]! })
  const isFree = !held || held.isFree
  hold(taking, isFree, [`unique.${name}`, `another case has this ${name} already`])
}

/** The record is there, of its type, in force when it must be, and its holder's. */
function requireRecord(taking: Taking, need: Taking['step']['needs'][number], entry: CaseEntry): void {
  const { state, given, block, act } = taking
  const record = getRecord(state, given.needs[need.name]!)
  const time = need.at === 'now' ? block.time : (given.eventTime ?? entry.eventTime ?? block.time)
  const fits = record && equals(record.type, typeHash(state.hasher, need.type))
  const isCurrent = fits && statusAt(record, time) === RecordStatus.current
  const isWithin =
    isCurrent &&
    (!record.validFrom || compareTime(record.validFrom, time) <= 0) &&
    (!record.validUntil || compareTime(time, record.validUntil) < 0)
  hold(taking, isWithin, [`needs.${need.name}`, `this step takes a ${need.name} that is in force`])
  if (need.holder === undefined) return
  const party = entry.parties.find(({ role }) => role === need.holder)?.account
  const signer = act?.actors.find(({ role }) => role === need.holder)?.account
  const holder = party ?? signer
  const isHis = holder !== undefined && equals(record!.holder, holder)
  hold(taking, isHis, [`needs.${need.name}`, `the ${need.name} is another’s`])
}

/** The status at a time that may lie before the newest change; none before it was issued. */
function statusAt(record: NonNullable<ReturnType<typeof getRecord>>, time: Taking['block']['time']): number {
  const last = record.changes.findLast(change => compareTime(change.time, time) <= 0)
  return last?.status ?? 0
}
