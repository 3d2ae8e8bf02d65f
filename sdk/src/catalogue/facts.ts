// What conditions and amounts of a service file may ask about a case. The same code answers in the node that decides, in the page that
// explains, and in whoever audits both.

import { check } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import type { CaseEntry } from '../ledger/cases.ts'
import { behindAmount, nextDueTime, type ObligationEntry, openAmount, reckonInterest } from '../ledger/obligations.ts'
import { factTextLengthMax, guardLengthMax, transitionNameLengthMax } from '../limits.ts'
import type { Timestamp } from '../time.ts'
import { parseDate } from './dates.ts'
import { type CheckedGuard, checkGuard } from './guard/check.ts'
import type { GuardEnvironment, GuardFunction } from './guard/environment.ts'
import { evaluateGuard, type GuardFacts } from './guard/evaluate.ts'
import { parseGuard } from './guard/parse.ts'
import type { GuardField, GuardType } from './guard/types.ts'
import type { GuardValue } from './guard/value.ts'
import type { Fact } from './procedure.ts'
import { evaluateTable, tableFunction } from './table.ts'
import type { ServiceTable } from './tables.ts'

/** A condition or an amount, read and checked. */
export type Formula = CheckedGuard

const int: GuardType = { kind: 'int' }
const bool: GuardType = { kind: 'bool' }
const timestamp: GuardType = { kind: 'timestamp' }
const text = (lengthMax: number): GuardType => ({ kind: 'string', lengthMax })
const name: GuardType = text(transitionNameLengthMax)

/** Of every service. */
const functions: Readonly<Record<string, GuardFunction>> = {
  /** Whether the case was ever in that state. */
  was: { parameters: [name], result: bool, cost: 32 },
  /** When the step was taken the last time; without a value where it never was. */
  at: { parameters: [name], result: timestamp, cost: 64 },
  times: { parameters: [name], result: int, cost: 64 },
  /** The office that took the step; empty where no office did. */
  by: { parameters: [name], result: text(64), cost: 64 },
  /** Whether a step that attests this was taken. */
  attested: { parameters: [name], result: bool, cost: 64 },
  /** Whether the first step was taken in a later block than the second, and after whom that drew; true where the second never was. */
  after: { parameters: [name, name], result: bool, cost: 128 },
  /** What an obligation of the case still asks for with its interest, and what it asked for: minor units; 0 where there is none. */
  open: { parameters: [name], result: int, cost: 64 },
  assessed: { parameters: [name], result: int, cost: 64 },
  paid: { parameters: [name], result: int, cost: 64 },
  /** What should have been paid by now and was not, minor units; when what is next to be paid falls due, without a value where nothing is. */
  behind: { parameters: [name], result: int, cost: 256 },
  due: { parameters: [name], result: timestamp, cost: 256 },
}

/** Tables are functions beside those of every service, whose names they may not take. Throws VerifyError for one that does. */
export function environmentOf(
  facts: Readonly<Record<string, Fact>>,
  tables: Readonly<Record<string, ServiceTable>> = {},
): GuardEnvironment {
  for (const name of Object.keys(tables))
    check(!Object.hasOwn(functions, name), 'malformed', 'every service has a function of this name', { actual: name })
  const ownFunctions = Object.entries(tables).map(([name, { table }]) => [name, tableFunction(table)] as const)
  const shown = Object.values(facts).filter(({ show }) => show === 'public')
  const fields = Object.fromEntries(shown.map((fact): [string, GuardField] => [fact.name, fieldOf(fact)]))
  return {
    variables: {
      now: { type: timestamp, public: true },
      /** When it happened, as the opener says. */
      event: { type: timestamp, public: true },
      opened: { type: timestamp, public: true },
      /** Since when the case is in its state. */
      since: { type: timestamp, public: true },
      signers: { type: int, public: true },
      reason: { type: name, public: true },
      fields: { type: { kind: 'record', fields }, public: true },
    },
    functions: { ...functions, ...Object.fromEntries(ownFunctions) },
  }
}

function fieldOf({ type }: Fact): GuardField {
  if (type === 'integer') return { type: int, optional: true, public: true }
  if (type === 'date') return { type: timestamp, optional: true, public: true }
  return { type: text(factTextLengthMax), optional: true, public: true }
}

/** Throws VerifyError with the place and what is wrong there. */
export function readFormula(value: Json | undefined, environment: GuardEnvironment, kind: 'bool' | 'int'): Formula {
  const source = typeof value === 'number' ? String(value) : value
  check(typeof source === 'string' && source.length <= guardLengthMax, 'malformed', 'an expression is expected')
  return checkGuard(parseGuard(source), environment, { result: { kind } })
}

/** A case as its step finds it. */
export type CaseFacts = {
  readonly entry: CaseEntry
  readonly fields: JsonObject
  readonly types: Readonly<Record<string, Fact>>
  readonly tables: Readonly<Record<string, ServiceTable>>
  /** Names of the steps that attest something, with what. */
  readonly attests: Readonly<Record<string, string | undefined>>
  readonly obligation: (name: string) => ObligationEntry | undefined
  readonly now: Timestamp
  readonly eventTime: Timestamp | undefined
  readonly signers: number
  readonly reason: string
}

/** Undefined where it has no value: a condition without one is closed. */
export function evaluateFormula(formula: Formula, facts: CaseFacts): GuardValue | undefined {
  const result = evaluateGuard(formula, guardFacts(facts))
  return 'value' in result ? result.value : undefined
}

export function guardFacts(facts: CaseFacts): GuardFacts {
  const { entry } = facts
  const act = (step: GuardValue) => entry.acts.find(each => each.step === step)
  const owed = (of: GuardValue) => {
    const found = facts.obligation(of as string)
    return found && reckonInterest(found, facts.now, entry.lateTime)
  }
  const variables: Readonly<Record<string, () => GuardValue | undefined>> = {
    now: () => timeValue(facts.now),
    event: () => timeValue(facts.eventTime),
    opened: () => timeValue(entry.openedTime),
    since: () => timeValue(entry.stateTime),
    signers: () => BigInt(facts.signers),
    reason: () => facts.reason,
    fields: () => fieldValues(facts),
  }
  return {
    variables: each => variables[each]?.(),
    functions: {
      was: state => entry.visited.includes(state as string),
      at: step => timeValue(act(step)?.time),
      times: step => BigInt(act(step)?.times ?? 0),
      by: step => act(step)?.offices[0] ?? '',
      after: (step, other) => isAfter(entry, act(step)?.height, act(other)?.height),
      attested: what => entry.acts.some(each => facts.attests[each.step] === what),
      open: of => (owed(of) ? openAmount(owed(of)!) : 0n),
      assessed: of => owed(of)?.assessed ?? 0n,
      paid: of => owed(of)?.paid ?? 0n,
      behind: of => (owed(of) ? behindAmount(owed(of)!, facts.now) : 0n),
      due: of => timeValue(owed(of) && nextDueTime(owed(of)!)),
      ...tableFunctions(facts),
    },
  }
}

/** A step that draws somebody is over when he is drawn: with that a block begins, before its transactions. */
function isAfter({ assignments }: CaseEntry, height: bigint | undefined, other: bigint | undefined): boolean {
  if (height === undefined || other === undefined) return height !== undefined
  const draws = assignments.flatMap(({ draw }) => (draw?.height === other ? [draw.mixHeight] : []))
  return height > other && draws.every(drawn => drawn > 0n && height >= drawn)
}

/**
 * Rates are those of the day on which the case was opened, so a case that is open keeps them, as it keeps its version of the file. Not
 * those of the event: its day is what somebody says, and whoever says it would choose the rate.
 */
function tableFunctions({ tables, entry: { openedTime } }: CaseFacts): GuardFacts['functions'] {
  const entries = Object.entries(tables).map(([name, { table }]) => {
    const names = Object.keys(table.inputs)
    const ask = (...values: readonly GuardValue[]): GuardValue | undefined => {
      const inputs = new Map(names.map((input, place) => [input, values[place]!]))
      const result = evaluateTable(table, { kind: 'timestamp', seconds: openedTime.seconds }, inputs)
      return 'value' in result ? result.value : undefined
    }
    return [name, ask] as const
  })
  return Object.fromEntries(entries)
}

function timeValue(time: Timestamp | undefined): GuardValue | undefined {
  return time && { kind: 'timestamp', seconds: time.seconds }
}

function fieldValues({ fields, types }: CaseFacts): GuardValue {
  const entries = Object.entries(fields).map(([field, value]): [string, GuardValue] => {
    if (typeof value === 'number') return [field, BigInt(value)]
    if (types[field]?.type === 'date') return [field, timeValue(parseDate(String(value)))!]
    return [field, String(value)]
  })
  return Object.fromEntries(entries)
}
