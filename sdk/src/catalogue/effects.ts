// What a step does beside moving its case: operations of the other modules, in the order in which the file names them.

import { check } from '../errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { effectsPerStepMax, planEverySecondsMax, planEverySecondsMin, rosterMax } from '../limits.ts'
import { parseDuration } from './durations.ts'
import { type Formula, readFormula } from './facts.ts'
import type { GuardEnvironment } from './guard/environment.ts'
import { readTexts } from './service-acts.ts'

type RecordEffect = {
  readonly do: 'records.issue' | 'records.replace' | 'records.suspend' | 'records.resume' | 'records.revoke'
  /** Of a new record: the party whom the ledger names as its holder, where that is public. */
  readonly holder: string | undefined
  /** A new record ends within so many seconds; undefined: whenever its issuer says. */
  readonly validSecondsMax: number | undefined
  /** Of records.revoke: where no record is in force or suspended, nothing is to be done. */
  readonly ifInForce: boolean
}

type AssessEffect = {
  readonly do: 'obligations.assess'
  readonly name: string
  readonly debtor: string
  /** The office that is owed. */
  readonly creditor: string
  /** Minor units. */
  readonly amount: Formula
  readonly dueSeconds: number
}

type ObligationEffect = {
  readonly do:
    | 'obligations.pay'
    | 'obligations.stay'
    | 'obligations.resume'
    | 'obligations.void'
    | 'obligations.refund'
    | 'obligations.waive'
    | 'obligations.adjust'
    | 'obligations.endPlan'
    | 'obligations.enforce'
  readonly name: string
  /** What is waived, or what is owed from now on. */
  readonly amount: Formula | undefined
}

/** What is open is paid in so many parts; nothing more is due but those. */
type PlanEffect = {
  readonly do: 'obligations.plan'
  readonly name: string
  readonly parts: Formula
  readonly everySeconds: number
}

/** From the due time on it bears interest. */
type InterestEffect = {
  readonly do: 'obligations.interest'
  readonly name: string
  /** Basis points a year. */
  readonly rate: Formula
}

type AssignEffect = {
  readonly do: 'cases.assign'
  readonly role: string
  /** In turn, and shown as that. */
  readonly how: 'rota'
  /** With fewer to choose from nobody is assigned, and the step is closed. */
  readonly least: number
  /** Nobody of an office that took one of these steps. */
  readonly apartFrom: readonly string[]
  /** Nobody who took one of these. */
  readonly notBy: readonly string[]
  /** A unique tag: where a case that held it had somebody in this role, the same one has it again, if he can take it. */
  readonly again: string | undefined
}

type DrawEffect = Omit<AssignEffect, 'do' | 'how'> & {
  /** By a value that nobody knows yet; until then the steps of whoever is drawn are closed. */
  readonly do: 'cases.draw'
}

/** Whoever signs says that the agency has destroyed what opens the case's private fields, and that their time is over. */
type ShredEffect = { readonly do: 'cases.shred' }

/** A file joins the catalogue, or takes no new cases any more; open ones go on. */
type CatalogueEffect = { readonly do: 'catalogue.activate' | 'catalogue.close' }

export type Effect = (
  | RecordEffect
  | AssessEffect
  | ObligationEffect
  | PlanEffect
  | InterestEffect
  | AssignEffect
  | DrawEffect
  | ShredEffect
  | CatalogueEffect
) & {
  /** Roles that it names. */
  readonly roles: readonly string[]
}

const recordEffects = ['records.issue', 'records.replace', 'records.suspend', 'records.resume', 'records.revoke']
const obligationEffects = ['pay', 'stay', 'resume', 'void', 'refund', 'waive', 'adjust', 'endPlan', 'enforce'].map(
  name => `obligations.${name}`,
)
const withAmount = ['obligations.waive', 'obligations.adjust']

/** What an effect reckons; undefined where it reckons nothing. */
export function effectFormula(effect: Effect): Formula | undefined {
  if (effect.do === 'obligations.plan') return effect.parts
  if (effect.do === 'obligations.interest') return effect.rate
  return 'amount' in effect ? effect.amount : undefined
}

export function readEffects(value: Json | undefined, environment: GuardEnvironment): readonly Effect[] {
  const list = value ?? []
  check(Array.isArray(list) && list.length <= effectsPerStepMax, 'malformed', 'do is a list of a few effects')
  return list.map(item => {
    const effect = typeof item === 'string' ? { do: item } : item
    check(isObject(effect), 'malformed', 'an effect is a name, or an object that says what to do')
    return readEffect(effect, environment)
  })
}

function readEffect(json: JsonObject, environment: GuardEnvironment): Effect {
  const name = textMember(json, 'do')
  if (recordEffects.includes(name)) return readRecordEffect(json, name as RecordEffect['do'])
  if (name === 'obligations.assess') return readAssess(json, environment)
  if (name === 'obligations.plan') return readPlan(json, environment)
  if (name === 'obligations.interest') return readInterest(json, environment)
  if (obligationEffects.includes(name)) return readObligation(json, name as ObligationEffect['do'], environment)
  if (name === 'cases.assign') return readAssign(json)
  if (name === 'cases.draw') return readDraw(json)
  const isKnown = name === 'catalogue.activate' || name === 'catalogue.close' || name === 'cases.shred'
  check(isKnown, 'malformed', 'unknown effect', { actual: name.slice(0, 40) })
  checkMembers(json, ['do'])
  return { do: name, roles: [] }
}

function readRecordEffect(json: JsonObject, name: RecordEffect['do']): Effect {
  checkMembers(json, ['do', 'holder', 'validAtMost', 'ifInForce'])
  const holder = json.holder === undefined ? undefined : textMember(json, 'holder')
  const issues = name === 'records.issue' || name === 'records.replace'
  check(holder === undefined || issues, 'malformed', 'only a new record names its holder')
  const validSecondsMax = json.validAtMost === undefined ? undefined : parseDuration(json.validAtMost)
  check(validSecondsMax === undefined || issues, 'malformed', 'only a new record has an end')
  const { ifInForce = false } = json
  const fits = ifInForce === false || (ifInForce === true && name === 'records.revoke')
  check(fits, 'malformed', 'only records.revoke may find nothing in force')
  return { do: name, holder, validSecondsMax, ifInForce, roles: holder === undefined ? [] : [holder] }
}

function readAssess(json: JsonObject, environment: GuardEnvironment): Effect {
  checkMembers(json, ['do', 'name', 'debtor', 'creditor', 'amount', 'due'])
  const debtor = textMember(json, 'debtor')
  return {
    do: 'obligations.assess',
    name: textMember(json, 'name'),
    debtor,
    creditor: textMember(json, 'creditor'),
    amount: readFormula(json.amount, environment, 'int'),
    dueSeconds: parseDuration(json.due),
    roles: [debtor],
  }
}

function readObligation(json: JsonObject, name: ObligationEffect['do'], environment: GuardEnvironment): Effect {
  checkMembers(json, withAmount.includes(name) ? ['do', 'name', 'amount'] : ['do', 'name'])
  const amount = json.amount === undefined ? undefined : readFormula(json.amount, environment, 'int')
  check(amount || name !== 'obligations.adjust', 'malformed', 'an adjustment names what is owed from now on')
  return { do: name, name: textMember(json, 'name'), amount, roles: [] }
}

function readPlan(json: JsonObject, environment: GuardEnvironment): Effect {
  checkMembers(json, ['do', 'name', 'parts', 'every'])
  const everySeconds = parseDuration(json.every)
  const fits = everySeconds >= planEverySecondsMin && everySeconds <= planEverySecondsMax
  check(fits, 'malformed', 'the parts of a plan are a day to a year apart')
  const parts = readFormula(json.parts, environment, 'int')
  return { do: 'obligations.plan', name: textMember(json, 'name'), parts, everySeconds, roles: [] }
}

function readInterest(json: JsonObject, environment: GuardEnvironment): Effect {
  checkMembers(json, ['do', 'name', 'rate'])
  const rate = readFormula(json.rate, environment, 'int')
  return { do: 'obligations.interest', name: textMember(json, 'name'), rate, roles: [] }
}

function readAssign(json: JsonObject): Effect {
  checkMembers(json, ['do', 'role', 'how', 'least', 'apartFrom', 'notBy', 'again'])
  const { how = 'rota' } = json
  check(how === 'rota', 'malformed', 'an official is assigned by rota')
  return { do: 'cases.assign', how, ...readChoice(json) }
}

function readDraw(json: JsonObject): Effect {
  checkMembers(json, ['do', 'role', 'least', 'apartFrom', 'notBy', 'again'])
  return { do: 'cases.draw', ...readChoice(json) }
}

/** Among whom one is chosen. */
function readChoice(
  json: JsonObject,
): Pick<AssignEffect, 'role' | 'least' | 'apartFrom' | 'notBy' | 'again'> & { readonly roles: readonly string[] } {
  const { least = 1, apartFrom, notBy } = json
  const fits = typeof least === 'number' && least >= 1 && least <= rosterMax
  check(fits, 'malformed', 'least is how many there must be to choose from')
  const role = textMember(json, 'role')
  return {
    role,
    least,
    apartFrom: apartFrom === undefined ? [] : readTexts(apartFrom),
    notBy: notBy === undefined ? [] : readTexts(notBy),
    again: json.again === undefined ? undefined : textMember(json, 'again'),
    roles: [role],
  }
}
