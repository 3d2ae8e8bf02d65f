// A service file's procedure: how its cases go from state to state, who takes each step, under which conditions, and what it does.
// All of it is data that this file reads; the ledger's rules for it stand in node/src/ledger, the page in docs/protocol/service.md.

import { check } from '../errors.ts'
import { checkMembers, decodeCanonicalJson, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { clockSecondsMax, clockSecondsMin, serviceMembersMax, statesMax } from '../limits.ts'
import { isCounter } from './counters.ts'
import { parseDuration } from './durations.ts'
import { environmentOf } from './facts.ts'
import type { GuardEnvironment } from './guard/environment.ts'
import { decodeService, readMap, type Service } from './service.ts'
import { readTexts } from './service-acts.ts'
import { checkSigningPlaces } from './signing-place.ts'
import { type CaseStep, readStep } from './steps.ts'
import { readTables, type ServiceTable } from './tables.ts'
import { unsignedFaults } from './unsigned.ts'

export type CaseState = {
  /** Whose turn it is: a role of the file; undefined where the case is at its end. */
  readonly waits: string | undefined
  /** After so many seconds of block time without a step the first of `next` that is open is taken. */
  readonly clock: { readonly seconds: number; readonly next: readonly string[] } | undefined
  /** The clock of the state before stands still meanwhile, and runs on afterwards. */
  readonly pauses: boolean
  /** Nothing more is owed to anybody here; steps may still lead away. */
  readonly isFinal: boolean
  /** The case's unique tags are free again for another. */
  readonly frees: boolean
}

/** A fact of another service moves cases of this one that wait for it. */
export type Link = {
  /** `civil.death/register`: the service's name without its version, and the step that makes it known. */
  readonly fact: string
  readonly step: string
  /** The article that says so. */
  readonly basis: string
}

/** What the law says, and since when. */
export type Basis = {
  readonly eli: string
  readonly from: string
  /** Whether the entry is the right itself, or only evidence of it. */
  readonly is: 'constitutive' | 'mirror'
}

type FactType = 'code' | 'integer' | 'date' | 'id' | 'hash'

/** A field of the file as the ledger and the linter see it. */
export type Fact = {
  readonly name: string
  readonly show: 'public' | 'committed' | 'sealed'
  /** Public ones are never free text: nobody knows what an official writes into it. */
  readonly type: FactType | 'text'
  /** Of codes: which. */
  readonly codes: readonly string[]
  /** Roles that are given the opening. */
  readonly to: readonly string[]
  /** Seconds after the case's end until what opens it is destroyed; undefined: kept. */
  readonly keepSeconds: number | undefined
  /** Why it is asked though another service has a field of this name. */
  readonly held: string
}

export type Procedure = {
  readonly service: Service
  readonly basis: readonly Basis[]
  /** Whether nobody may learn that a case exists: then no index tells of one either. */
  readonly isPrivate: boolean
  /** The domain of its subjects' pseudonyms. */
  readonly sector: string
  readonly facts: Readonly<Record<string, Fact>>
  /** Fees, rates and limits, by day. */
  readonly tables: Readonly<Record<string, ServiceTable>>
  readonly states: Readonly<Record<string, CaseState>>
  readonly steps: Readonly<Record<string, CaseStep>>
  readonly links: readonly Link[]
  /** Public facts by which the counters are kept apart. */
  readonly countedBy: readonly string[]
  readonly environment: GuardEnvironment
}

/** Throws VerifyError for anything but a service with cases that is sound in itself; the linter asks for more. */
export function decodeProcedure(bytes: Uint8Array): Procedure {
  const service = decodeService(bytes)
  check(service.hasCases, 'malformed', 'this service has no cases')
  const json = decodeCanonicalJson(bytes)
  const { existence = 'public' } = json
  check(existence === 'public' || existence === 'private', 'malformed', 'existence is public or private')
  const facts = readFacts(json.fields)
  const tables = readTables(json, facts)
  const environment = environmentOf(facts, tables)
  const states = readMap(json, 'states', readState)
  check(Object.keys(states).length <= statesMax, 'oversized', 'too many states')
  const steps = readMap(json, 'transitions', value => readStep(value, environment))
  const links = readList(json.on, readLink)
  const procedure: Procedure = {
    service,
    basis: readList(json.basis, readBasis),
    isPrivate: existence === 'private',
    sector: textMember(json, 'sector'),
    facts,
    tables,
    states,
    steps,
    links,
    countedBy: readCounted(json.stats, facts),
    environment,
  }
  checkNames(procedure)
  return procedure
}

/**
 * A file as the ledger takes it into its catalogue: its form is sound, and no clock or link of it can fail in a block. What else a good
 * file is (lintService) is judged by those who vote on it. Throws VerifyError.
 */
export function admitService(bytes: Uint8Array): Service {
  const service = decodeService(bytes)
  checkSigningPlaces(service)
  if (!service.hasCases) return service
  const [fault] = unsignedFaults(decodeProcedure(bytes))
  check(!fault, 'malformed', fault?.sentence.replace(/\.$/, '') ?? '')
  return service
}

function readState(json: JsonObject): CaseState {
  checkMembers(json, ['waits', 'clock', 'then', 'pauses', 'final', 'frees', 'label'])
  const { waits, clock, then: next, pauses = false, final: isFinal = false, frees = false } = json
  const isWell = [pauses, isFinal, frees].every(each => typeof each === 'boolean')
  check(isWell, 'malformed', 'pauses, final and frees are true or false')
  check((clock === undefined) === (next === undefined), 'malformed', 'a clock says what happens then')
  const seconds = clock === undefined ? 0 : parseDuration(clock)
  const fits = clock === undefined || (seconds >= clockSecondsMin && seconds <= clockSecondsMax)
  check(fits, 'malformed', 'a clock runs between an hour and a century')
  return {
    waits: waits === undefined ? undefined : textMember(json, 'waits'),
    clock: clock === undefined ? undefined : { seconds, next: typeof next === 'string' ? [next] : readTexts(next) },
    pauses: pauses === true,
    isFinal: isFinal === true,
    frees: frees === true,
  }
}

function readFacts(value: Json | undefined): Readonly<Record<string, Fact>> {
  return Object.fromEntries(readList(value, readFact).map(fact => [fact.name, fact]))
}

function readFact(json: JsonObject): Fact {
  const { type = 'text', to = [], keep } = json
  const show = textMember(json, 'show') as Fact['show']
  const codes = isObject(type) ? readTexts(type.code) : []
  const kind = isObject(type) ? 'code' : type
  const known = ['text', 'code', 'integer', 'date', 'id', 'hash'].includes(String(kind))
  check(known && (kind !== 'code' || codes.length > 0), 'malformed', 'a field has a type')
  check(show !== 'public' || kind !== 'text', 'malformed', 'free text is never public', { actual: String(json.name) })
  return {
    name: textMember(json, 'name'),
    show,
    type: kind as Fact['type'],
    codes,
    to: Array.isArray(to) && to.length === 0 ? [] : readTexts(to),
    keepSeconds: keep === undefined || keep === 'always' ? undefined : parseDuration(keep),
    held: json.held === undefined ? '' : textMember(json, 'held'),
  }
}

function readBasis(json: JsonObject): Basis {
  checkMembers(json, ['eli', 'from', 'is'])
  const is = json.is ?? 'mirror'
  check(is === 'mirror' || is === 'constitutive', 'malformed', 'a basis is mirror or constitutive')
  return { eli: textMember(json, 'eli'), from: textMember(json, 'from'), is }
}

function readLink(json: JsonObject): Link {
  checkMembers(json, ['fact', 'do', 'basis'])
  return { fact: textMember(json, 'fact'), step: textMember(json, 'do'), basis: textMember(json, 'basis') }
}

function readCounted(value: Json | undefined, facts: Procedure['facts']): readonly string[] {
  if (value === undefined) return []
  check(isObject(value), 'malformed', 'stats is an object')
  checkMembers(value, ['by'])
  const names = readTexts(value.by)
  const isCode = (name: string): boolean => facts[name]?.show === 'public' && facts[name].type === 'code'
  check(names.every(isCode), 'malformed', 'counters are kept apart by public codes only')
  return names
}

function readList<T>(value: Json | undefined, read: (item: JsonObject) => T): readonly T[] {
  const list = value ?? []
  check(Array.isArray(list) && list.length <= serviceMembersMax, 'malformed', 'a list of at most 64 is expected')
  return list.map(item => {
    check(isObject(item), 'malformed', 'a list holds something else than objects')
    return read(item)
  })
}

/** Every name that one part uses for another is there. */
function checkNames({ service, states, steps, facts, links }: Procedure): void {
  const named = (fits: boolean, what: string, name: string): void => check(fits, 'malformed', what, { actual: name })
  const role = (name: string): void => named(Object.hasOwn(service.roles, name), 'there is no such role', name)
  const step = (name: string): void => named(Object.hasOwn(steps, name), 'there is no such step', name)
  const state = (name: string): void => named(Object.hasOwn(states, name), 'there is no such state', name)
  const unsigned = (name: string): void => {
    step(name)
    named(steps[name]!.by.length === 0, 'a clock or a link takes steps that nobody signs', name)
  }
  for (const { waits, clock } of Object.values(states)) {
    if (waits !== undefined) role(waits)
    clock?.next.forEach(unsigned)
    for (const name of clock?.next ?? [])
      named(steps[name]!.to !== undefined, 'a step that a clock takes leads somewhere', name)
  }
  for (const name of Object.keys(steps)) named(!isCounter(name), 'a counter of every service has this name', name)
  for (const each of Object.values(steps)) {
    for (const name of [...each.by, ...each.parties, ...each.effects.flatMap(effect => effect.roles)]) role(name)
    for (const name of [...each.from, ...(each.to === undefined ? [] : [each.to])]) state(name)
    each.notBy.forEach(step)
    for (const name of each.asks) named(facts[name]?.show === 'public', 'a step asks for public fields', name)
  }
  const uniques = Object.values(steps).flatMap(each => each.unique)
  const effects = Object.values(steps).flatMap(each => each.effects)
  for (const effect of effects)
    if ('again' in effect && effect.again !== undefined)
      named(uniques.includes(effect.again), 'no step of the file has this unique tag', effect.again)
  for (const link of links) unsigned(link.step)
  for (const fact of Object.values(facts)) fact.to.forEach(role)
}
