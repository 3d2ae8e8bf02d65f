// Taking a step: what it brings, what it does in the other modules, where the case stands then, and who hears of it.

import {
  addSeconds,
  type CaseAct,
  type CaseEntry,
  type CaseStep,
  type CaseTag,
  type CommonCounter,
  compareTime,
  decodeArgs,
  encodeCanonicalJson,
  equals,
  formatBase64Url,
  isPartyRole,
  limits,
  listenersEntry,
  listenersKey,
  type Procedure,
  ResultCode,
  withinDays,
} from '@muniment/sdk'
import { type CaseGiven, nothingGiven } from './case-arguments.ts'
import { runEffects } from './case-effects.ts'
import { requireGuards } from './case-guards.ts'
import { count, countPairs, waitsForOffice } from './counters.ts'
import type { BlockContext } from './kernel.ts'
import { passLate } from './obligations.ts'
import { nameOf } from './overlay.ts'
import { type Act, Refusal, require } from './rules.ts'
import { createState, getCase, getProcedure, putCase, type State } from './state.ts'
import { setTimer } from './timers.ts'
import { familyOf, getUnique, putUnique } from './unique.ts'

/** Of a tag under which the case itself is told of. */
const tellsFact = '!'

/** One step of one case, about to be taken. */
export type Taking = {
  readonly state: State
  readonly block: BlockContext
  readonly procedure: Procedure
  readonly id: Uint8Array
  readonly name: string
  readonly step: CaseStep
  /** Undefined where time or another service takes it. */
  readonly act: Act | undefined
  readonly given: CaseGiven
}

export type Held = { readonly id: Uint8Array; readonly entry: CaseEntry }

/** All that must hold was asked before. Answers the case as it stands then, which is written. */
export function takeStep(taking: Taking, before: CaseEntry): CaseEntry {
  const brought = bring(taking, before)
  const done = runEffects(taking, brought)
  const moved = atWork(taking, move(taking, done))
  const after = { ...moved, acts: withAct(taking, done.acts), version: before.version + 1n }
  if (isFreeAt(taking, before.state) && !isFreeAt(taking, after.state)) holdTags(taking, after)
  putCase(taking.state, taking.id, after)
  countStep(taking, before, after)
  tellOf(taking, after)
  if (after.dueTime && after.dueTime !== before.dueTime)
    setTimer(taking.state, taking.id, { due: after.dueTime, now: taking.block.time })
  if (isFreeAt(taking, after.state)) freeTags(taking, after)
  for (const tag of taking.step.emits) tell(taking, after, taking.given.tags[tag]!)
  return taking.step.to === undefined ? after : followUp(taking, after)
}

/** What came while the case could not follow: a death during an inquiry suspends the licence when the inquiry ends. */
function followUp(taking: Taking, entry: CaseEntry): CaseEntry {
  for (const heard of entry.unfollowed) {
    const after = follow(taking, entry, heard)
    if (after) return after
  }
  return entry
}

/** The case moved by its link for the fact; undefined where none leads from its state, or the link's step cannot be taken. */
function follow(
  { state, block, procedure, id }: Pick<Taking, 'state' | 'block' | 'procedure' | 'id'>,
  entry: CaseEntry,
  { fact, name: heardAs }: CaseTag,
): CaseEntry | undefined {
  const link = procedure.links.find(
    each => each.fact === fact && procedure.steps[each.step]!.from.includes(entry.state),
  )
  if (!link) return undefined
  const step = procedure.steps[link.step]!
  const taking = { state, block, procedure, id, name: link.step, step, act: undefined, given: nothingGiven }
  return tryStep(taking, { ...entry, unfollowed: entry.unfollowed.filter(({ name }) => name !== heardAs) })
}

/** The case with its clock looked at: where it has run out, the first step that is open was taken. */
export function runOut(state: State, block: BlockContext, { id, entry }: Held): Held {
  if (!entry.dueTime || block.time.seconds < entry.dueTime.seconds) return { id, entry }
  const procedure = getProcedure(state, entry.service)!
  const { clock, ...of } = procedure.states[entry.state]!
  const isLate = waitsForOffice(procedure, of) !== undefined
  const late = isLate ? { ...entry, lateTime: entry.lateTime ?? entry.dueTime } : entry
  for (const name of clock!.next) {
    const step = procedure.steps[name]!
    const after = tryStep({ state, block, procedure, id, name, step, act: undefined, given: nothingGiven }, late)
    if (after) return { id, entry: after }
  }
  // The linter wants the last to be without conditions; where none can be taken, the case waits on.
  return { id, entry: late }
}

/** An office that was late is so no more when somebody has moved the case, or it waits for an office no longer. */
function atWork({ state, procedure, step, act, id, block }: Taking, entry: CaseEntry): CaseEntry {
  const { lateTime: late } = entry
  if (late === undefined || step.to === undefined) return entry
  if (act === undefined && waitsForOffice(procedure, procedure.states[entry.state]!) !== undefined) return entry
  for (const name of entry.obligations) passLate(state, { id, name }, { late, now: block.time })
  return { ...entry, lateTime: undefined }
}

/**
 * A step that nobody signs, whole or not at all. Undefined where a condition is closed or an effect refused, as when no judge is there
 * to be assigned: nobody is told of a refusal here, and it must stop neither the block nor whoever made the fact known.
 */
function tryStep(taking: Taking, entry: CaseEntry): CaseEntry | undefined {
  const inner = createState({ get: taking.state.get }, taking.state.hasher)
  const trying = { ...taking, state: inner }
  try {
    requireGuards(trying, entry)
    const after = takeStep(trying, entry)
    taking.state.take(inner)
    return after
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** What the step brings with it: fields, the committed root, parties, tags. */
function bring({ step, given, act, procedure, state, id }: Taking, entry: CaseEntry): CaseEntry {
  const signing = (act?.actors ?? []).filter(({ role }) => isPartyRole(procedure.service.roles[role]))
  const named = [...given.parties, ...signing.map(({ role, account }) => ({ role, account }))]
  const others = entry.parties.filter(({ role }) => !named.some(each => each.role === role))
  const parties = [...others, ...named]
  require(parties.length <= limits.casePartiesMax, ResultCode.quota, 'the case has too many parties')
  const unique = step.unique.map((name): CaseTag => ({ name, tag: given.tags[name]!, fact: '' }))
  const listening = Object.entries(step.listens)
    .filter(([fact]) => !entry.tags.some(each => each.fact === fact))
    .map(([fact, name]): CaseTag => ({ name, tag: given.tags[name]!, fact }))
  const telling = step.emits
    .filter(name => !entry.tags.some(each => each.name === name))
    .map((name): CaseTag => ({ name, tag: given.tags[name]!, fact: tellsFact }))
  for (const each of unique) putUnique(state, procedure.service.id, { ...nameOfTag(each), case: id, isFree: false })
  for (const each of listening) listen(state, id, each)
  const facts = { ...decodeArgs(entry.facts), ...given.fields }
  return {
    ...entry,
    parties,
    tags: [...entry.tags, ...unique, ...listening, ...telling],
    facts: encodeCanonicalJson(facts),
    committed: given.committed.length > 0 ? given.committed : entry.committed,
    // A new secret opens it.
    shreddedTime: given.committed.length > 0 ? undefined : entry.shreddedTime,
    eventTime: given.eventTime ?? entry.eventTime,
  }
}

/** For indexes: where the case stands now and whose it is, as the tree tells it; nothing of a case that nobody may know of. */
function tellOf({ state, procedure, id, name }: Taking, { service, state: stands, parties }: CaseEntry): void {
  if (procedure.isPrivate) return
  const accounts = distinct(parties.map(({ account }) => account)).map(formatBase64Url)
  state.emit({
    type: 'case',
    attributes: [
      { key: 'id', value: formatBase64Url(id), index: true },
      { key: 'service', value: service, index: false },
      { key: 'step', value: name, index: false },
      { key: 'state', value: stands, index: false },
      ...accounts.map(value => ({ key: 'party', value, index: true })),
    ],
  })
}

/** Into the state that the step leads to, whose clock begins. A state that pauses keeps what was left of the one before. */
function move({ step, procedure, block: { time } }: Taking, entry: CaseEntry): CaseEntry {
  if (step.to === undefined) return entry
  const [from, to] = [procedure.states[entry.state], procedure.states[step.to]!]
  const left = entry.dueTime ? entry.dueTime.seconds - time.seconds : 0n
  const returns = from?.pauses === true && entry.pausedState === step.to && to.clock !== undefined
  const seconds = returns ? entry.pausedSeconds : BigInt(to.clock?.seconds ?? 0)
  const nothing = { pausedState: '', pausedSeconds: 0n }
  const { pausedState, pausedSeconds } =
    from?.pauses === true ? entry : { pausedState: entry.state, pausedSeconds: left }
  const paused = to.pauses && pausedSeconds > 0n ? { pausedState, pausedSeconds } : nothing
  const visited = entry.visited.includes(step.to) ? entry.visited : [...entry.visited, step.to]
  return {
    ...entry,
    state: step.to,
    visited,
    stateTime: time,
    dueTime: to.clock && addSeconds(time, seconds),
    ...paused,
  }
}

function withAct({ name, act, block, given }: Taking, acts: readonly CaseAct[]): readonly CaseAct[] {
  const before = acts.find(({ step }) => step === name)
  const actors = act?.actors ?? []
  const taken: CaseAct = {
    step: name,
    times: (before?.times ?? 0) + 1,
    height: block.height,
    time: block.time,
    offices: [...new Set(actors.flatMap(({ office }) => (office === undefined ? [] : [office])))],
    accounts: distinct([...(before?.accounts ?? []), ...actors.flatMap(({ account, signer }) => [account, signer])]),
    mandates: actors.flatMap(({ mandate }) => (mandate.length > 0 ? [mandate] : [])),
    reason: given.reason,
    text: given.text,
  }
  return before ? acts.map(each => (each === before ? taken : each)) : [...acts, taken]
}

/** Each once, in the order of their first. */
function distinct(accounts: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(accounts.map(account => [nameOf(account), account])).values()]
}

function countStep(
  { state, procedure, step, name, act, given, block: { time } }: Taking,
  before: CaseEntry,
  after: CaseEntry,
): void {
  const [from, to] = [procedure.states[before.state], procedure.states[after.state]!]
  // What a link moves is nobody's lateness.
  const isLate = act === undefined && before.dueTime !== undefined && compareTime(before.dueTime, time) <= 0
  const clockOffice = isLate && from ? waitsForOffice(procedure, from) : undefined
  const ends = to.isFinal && from?.isFinal !== true
  const names: (CommonCounter | false)[] = [
    before.version === 0n && 'opened',
    ends && 'ended',
    ends && withinDays('endedIn', time.seconds - before.openedTime.seconds),
    step.adverse && 'adverse',
    step.appeals && 'appeals',
    step.corrects && 'corrections',
    step.corrects && withinDays('correctedIn', time.seconds - before.stateTime.seconds),
    clockOffice !== undefined && 'overdue',
    step.effects.some(({ do: effect }) => effect === 'cases.assign' || effect === 'cases.draw') && 'assigned',
    step.recuses && 'recusals',
    step.effects.some(effect => effect.do === 'cases.shred') && 'shredded',
    given.eventTime !== undefined && withinDays('enteredIn', time.seconds - given.eventTime.seconds),
  ]
  const facts = decodeArgs(after.facts)
  const apart = procedure.countedBy.flatMap(field => (facts[field] === undefined ? [] : [`${field}=${facts[field]}`]))
  const office = act?.actors.find(each => each.office !== undefined)?.office ?? clockOffice ?? ''
  count(state, procedure, { office, time, apart, names: [name, ...names.filter(each => each !== false)] })
  countPairs(state, procedure, { office, time, pairs: pairsOf(act, step, before) })
}

/** Officials who sign one step together, and those of whom one acts because the other, who took an earlier step, may not. */
function pairsOf(
  act: Act | undefined,
  step: CaseStep,
  { acts }: CaseEntry,
): readonly (readonly [Uint8Array, Uint8Array])[] {
  const own = (act?.actors ?? []).flatMap(({ mandate }) => (mandate.length > 0 ? [mandate] : []))
  const earlier = acts.filter(each => step.notBy.includes(each.step)).flatMap(({ mandates }) => mandates)
  const together = own.flatMap((one, place) => own.slice(place + 1).map(other => [one, other] as const))
  const apart = own.flatMap(one => distinct(earlier).map(other => [one, other] as const))
  return [...together, ...apart].filter(([one, other]) => !equals(one, other))
}

function isFreeAt({ procedure }: Taking, name: string): boolean {
  return procedure.states[name]?.frees === true
}

/** Its own only: what another case took meanwhile stays that one's. */
function freeTags({ state, procedure, id }: Taking, { tags }: CaseEntry): void {
  for (const each of tags.filter(({ fact }) => fact === '')) {
    const held = getUnique(state, procedure.service.id, each)
    if (held && equals(held.case, id))
      putUnique(state, procedure.service.id, { ...nameOfTag(each), case: id, isFree: true })
  }
}

/** A case that was at its end and lives on takes its tags again, where nobody else has them. */
function holdTags({ state, procedure, id, name }: Taking, { tags }: CaseEntry): void {
  for (const each of tags.filter(({ fact }) => fact === '')) {
    const { case: holder, isFree } = getUnique(state, procedure.service.id, each) ?? { case: id, isFree: true }
    const sentence = `${name}/unique.${each.name}: another case has this ${each.name} by now`
    require(isFree || equals(holder, id), ResultCode.guardClosed, sentence)
    putUnique(state, procedure.service.id, { ...nameOfTag(each), case: id, isFree: false })
  }
}

function nameOfTag({ name, tag }: CaseTag): Pick<CaseTag, 'name' | 'tag'> {
  return { name, tag }
}

function listen(state: State, id: Uint8Array, { fact, tag }: CaseTag): void {
  const key = listenersKey(state.hasher, fact, tag)
  // Whose case has come to its end makes room.
  const waiting = listeners(state, key).filter(each => !equals(each, id) && !isAtEnd(state, each))
  require(waiting.length < limits.listenersPerTagMax, ResultCode.quota, 'too many cases wait for this fact')
  state.put(key, listenersEntry.encode({ cases: [...waiting, id] }))
}

function listeners(state: State, key: Uint8Array): readonly Uint8Array[] {
  const value = state.get(key)
  return value ? listenersEntry.decode(value).cases : []
}

function isAtEnd(state: State, id: Uint8Array): boolean {
  const entry = getCase(state, id)
  return !entry || getProcedure(state, entry.service)!.states[entry.state]!.isFinal
}

/**
 * The step is a fact: cases that wait for it under this tag move, where they can, and where they cannot, as soon as they can. Of its own
 * family a case moves only those that were opened before it: an older will never undoes a newer one.
 */
function tell(
  { state, block, procedure, name, id: teller }: Taking,
  { openedHeight }: CaseEntry,
  tag: Uint8Array,
): void {
  const family = familyOf(procedure.service.id)
  const fact = `${family}/${name}`
  for (const id of listeners(state, listenersKey(state.hasher, fact, tag))) {
    const found = getCase(state, id)
    if (!found || equals(id, teller)) continue
    if (familyOf(found.service) === family && found.openedHeight > openedHeight) continue
    const { entry } = runOut(state, block, { id, entry: found })
    const theirs = getProcedure(state, entry.service)!
    const heard = entry.tags.find(each => each.fact === fact && equals(each.tag, tag))
    if (!heard || follow({ state, block, procedure: theirs, id }, entry, heard)) continue
    const others = entry.unfollowed.filter(each => each.name !== heard.name)
    putCase(state, id, { ...entry, unfollowed: [...others, heard] })
  }
}
