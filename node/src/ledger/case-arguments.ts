// What a step of a case is given: just what the service file says that it takes, so nothing is signed that means nothing.

import {
  type CaseParty,
  type CaseStep,
  type CaseTag,
  empty,
  encodeCanonicalJson,
  type Fact,
  isObject,
  type Json,
  type JsonObject,
  limits,
  parseDate,
  ResultCode,
  type Timestamp,
  tagsTaken,
} from '@muniment/sdk'
import { bytesArgument, checkNames, integerArgument, refuseBad, textArgument, timeArgument } from './arguments.ts'
import { require } from './rules.ts'

type Known = {
  readonly facts: Readonly<Record<string, Fact>>
  readonly bound: readonly string[]
  readonly tags: readonly CaseTag[]
}

export type CaseGiven = {
  /** Undefined where the step opens one. */
  readonly case: Uint8Array | undefined
  readonly fields: JsonObject
  readonly eventTime: Timestamp | undefined
  readonly committed: Uint8Array
  readonly parties: readonly CaseParty[]
  /** By name, 32 bytes each. */
  readonly tags: Readonly<Record<string, Uint8Array>>
  /** State keys of records, by name. */
  readonly needs: Readonly<Record<string, Uint8Array>>
  readonly reason: string
  readonly text: Uint8Array
  readonly record: JsonObject | undefined
  readonly payment: { readonly amount: bigint; readonly receipt: string } | undefined
  readonly file: JsonObject | undefined
}

/** Of a step that nobody signs. */
export const nothingGiven: CaseGiven = {
  case: undefined,
  fields: {},
  eventTime: undefined,
  committed: empty,
  parties: [],
  tags: {},
  needs: {},
  reason: '',
  text: empty,
  record: undefined,
  payment: undefined,
  file: undefined,
}

const receiptPattern = /^[A-Za-z0-9][A-Za-z0-9./-]{0,63}$/
const idPattern = /^[A-Za-z0-9][A-Za-z0-9.@-]{0,63}$/

/** Which case a step is to be taken in; undefined where it opens one. */
export function readCaseId(args: JsonObject, step: CaseStep): Uint8Array | undefined {
  return step.from.length > 0 ? bytesArgument(args, 'case', 32) : undefined
}

/**
 * `facts` are the fields of the file, `bound` the roles whom signing binds. A tag under which the case was told of before, or waited, stays
 * that one, whatever the sender would like.
 */
export function readGiven(args: JsonObject, step: CaseStep, { facts, bound, tags: kept }: Known): CaseGiven {
  const effects = step.effects.map(effect => effect.do)
  const issues = effects.includes('records.issue') || effects.includes('records.replace')
  const again = [...step.emits, ...Object.values(step.listens)]
  const told = Object.fromEntries(kept.filter(({ name }) => again.includes(name)).map(each => [each.name, each.tag]))
  const tags = tagsTaken(step, kept)
  const parties = step.parties.filter(role => !bound.includes(role))
  const takes = {
    case: step.from.length > 0,
    fields: step.asks.length > 0,
    event: step.takes.includes('event'),
    committed: step.takes.includes('committed'),
    parties: parties.length > 0,
    tags: tags.length > 0,
    needs: step.needs.length > 0,
    reason: step.reasons.length > 0,
    text: step.reasons.length > 0,
    record: issues,
    payment: effects.includes('obligations.pay'),
    file: effects.includes('catalogue.activate'),
  }
  checkNames(
    args,
    Object.entries(takes).flatMap(([name, isTaken]) => (isTaken ? [name] : [])),
  )
  const eventTime = takes.event ? timeArgument(args, 'event') : undefined
  require(eventTime || !takes.event, ResultCode.badArguments, 'argument event is missing')
  const accounts = takes.parties ? hashes(args, 'parties', parties) : {}
  return {
    case: readCaseId(args, step),
    fields: takes.fields ? readFields(member(args, 'fields'), step, facts) : {},
    eventTime,
    committed: takes.committed ? bytesArgument(args, 'committed', 32) : empty,
    parties: Object.entries(accounts).map(([role, account]) => ({ role, account })),
    tags: { ...told, ...(takes.tags ? hashes(args, 'tags', tags) : {}) },
    needs: takes.needs
      ? hashes(
          args,
          'needs',
          step.needs.map(({ name }) => name),
        )
      : {},
    // Whether it is one of the file's is a guard's matter.
    reason: takes.reason && typeof args.reason === 'string' ? args.reason : '',
    text: args.text === undefined ? empty : bytesArgument(args, 'text', 32),
    record: takes.record ? member(args, 'record') : undefined,
    payment: takes.payment ? readPayment(member(args, 'payment')) : undefined,
    file: takes.file ? member(args, 'file') : undefined,
  }
}

function member(args: JsonObject, name: string): JsonObject {
  const value = args[name]
  require(isObject(value), ResultCode.badArguments, `argument ${name} is missing`)
  return value
}

/** Each of the names with its 32 bytes, and no other. */
function hashes(args: JsonObject, name: string, names: readonly string[]): Readonly<Record<string, Uint8Array>> {
  const given = member(args, name)
  checkNames(given, names)
  return Object.fromEntries(names.map(each => [each, bytesArgument(given, each, 32)]))
}

function readPayment(payment: JsonObject): NonNullable<CaseGiven['payment']> {
  checkNames(payment, ['amount', 'receipt'])
  return { amount: integerArgument(payment, 'amount'), receipt: textArgument(payment, 'receipt', receiptPattern) }
}

function readFields(given: JsonObject, { asks }: CaseStep, facts: Readonly<Record<string, Fact>>): JsonObject {
  checkNames(given, asks)
  for (const name of asks) {
    const fits = fitsFact(given[name], facts[name]!)
    require(fits, ResultCode.badArguments, `the field ${name} is missing, or not of its type`)
  }
  const size = encodeCanonicalJson(given).length
  require(size <= limits.caseFactsBytesMax, ResultCode.badArguments, 'the fields are too long')
  return given
}

function fitsFact(value: Json | undefined, fact: Fact): boolean {
  if (fact.type === 'integer') return typeof value === 'number' && value >= 0
  if (typeof value !== 'string' || value.length > limits.factTextLengthMax) return false
  if (fact.type === 'code') return fact.codes.includes(value)
  if (fact.type === 'date') return refuseBad(fact.name, () => parseDate(value)) !== undefined
  if (fact.type === 'hash') return refuseBad(fact.name, () => bytesArgument({ value }, 'value', 32)).length === 32
  return idPattern.test(value)
}
