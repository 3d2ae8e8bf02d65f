// What a step does beside moving its case: operations of the other modules, in the order in which the file names them.

import { check } from '../errors.ts'
import { checkMembers, type Json, type JsonObject, textMember } from '../json.ts'
import { effectsPerStepMax, rosterMax } from '../limits.ts'
import { parseDuration } from './durations.ts'
import { type Formula, readFormula } from './facts.ts'
import type { GuardEnvironment } from './guard/environment.ts'
import { readTexts } from './service.ts'

type RecordEffect = {
  readonly do: 'records.issue' | 'records.replace' | 'records.suspend' | 'records.resume' | 'records.revoke'
  /** Of a new record: the party whom the ledger names as its holder, where that is public. */
  readonly holder: string | undefined
  /** A new record ends within so many seconds; undefined: whenever its issuer says. */
  readonly validSecondsMax: number | undefined
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
  readonly name: string
  /** What is waived, or what is owed from now on. */
  readonly amount: Formula | undefined
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
}

/** A file joins the catalogue, or takes no new cases any more; open ones go on. */
type CatalogueEffect = { readonly do: 'catalogue.activate' | 'catalogue.close' }

export type Effect = (RecordEffect | AssessEffect | ObligationEffect | AssignEffect | CatalogueEffect) & {
  /** Roles that it names. */
  readonly roles: readonly string[]
}

const recordEffects = ['records.issue', 'records.replace', 'records.suspend', 'records.resume', 'records.revoke']
const obligationEffects = ['pay', 'stay', 'resume', 'void', 'refund', 'waive', 'adjust'].map(
  name => `obligations.${name}`,
)
const withAmount = ['obligations.waive', 'obligations.adjust']

export function readEffects(value: Json | undefined, environment: GuardEnvironment): readonly Effect[] {
  const list = value ?? []
  check(Array.isArray(list) && list.length <= effectsPerStepMax, 'malformed', 'do is a list of a few effects')
  return list.map(item => readEffect(typeof item === 'string' ? { do: item } : (item as JsonObject), environment))
}

function readEffect(json: JsonObject, environment: GuardEnvironment): Effect {
  const name = textMember(json, 'do')
  if (recordEffects.includes(name)) return readRecordEffect(json, name as RecordEffect['do'])
  if (name === 'obligations.assess') return readAssess(json, environment)
  if (obligationEffects.includes(name)) return readObligation(json, name as ObligationEffect['do'], environment)
  if (name === 'cases.assign') return readAssign(json)
  check(name === 'catalogue.activate' || name === 'catalogue.close', 'malformed', 'unknown effect', {
    actual: name.slice(0, 40),
  })
  checkMembers(json, ['do'])
  return { do: name, roles: [] }
}

function readRecordEffect(json: JsonObject, name: RecordEffect['do']): Effect {
  checkMembers(json, ['do', 'holder', 'validAtMost'])
  const holder = json.holder === undefined ? undefined : textMember(json, 'holder')
  const issues = name === 'records.issue' || name === 'records.replace'
  check(holder === undefined || issues, 'malformed', 'only a new record names its holder')
  const validSecondsMax = json.validAtMost === undefined ? undefined : parseDuration(json.validAtMost)
  check(validSecondsMax === undefined || issues, 'malformed', 'only a new record has an end')
  return { do: name, holder, validSecondsMax, roles: holder === undefined ? [] : [holder] }
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

function readAssign(json: JsonObject): Effect {
  checkMembers(json, ['do', 'role', 'how', 'least', 'apartFrom', 'notBy'])
  const { how = 'rota', least = 1, apartFrom, notBy } = json
  check(how === 'rota', 'malformed', 'an official is assigned by rota')
  const fits = typeof least === 'number' && least >= 1 && least <= rosterMax
  check(fits, 'malformed', 'least is how many there must be to choose from')
  const role = textMember(json, 'role')
  return {
    do: 'cases.assign',
    role,
    how,
    least,
    apartFrom: apartFrom === undefined ? [] : readTexts(apartFrom),
    notBy: notBy === undefined ? [] : readTexts(notBy),
    roles: [role],
  }
}
