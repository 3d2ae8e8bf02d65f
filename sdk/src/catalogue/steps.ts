// One step of a case: from where to where, by whom, what it is given, what must hold, and what it does.

import { check } from '../errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { casePartiesMax, guardsPerStepMax, tagsPerStepMax } from '../limits.ts'
import { type Effect, readEffects } from './effects.ts'
import { type Formula, readFormula } from './facts.ts'
import type { GuardEnvironment } from './guard/environment.ts'
import { readMap } from './service.ts'
import { readTexts } from './service-acts.ts'
import { type Localized, readLocalized } from './service-head.ts'

/** A condition with a name, and what a person is told where it does not hold. */
export type StepGuard = {
  readonly name: string
  readonly expression: Formula
  readonly say: Localized
  /** Of the list in docs/protocol/service.md, where the condition is one of those. */
  readonly code: string | undefined
}

/** Another record that must be in force. */
export type Need = {
  readonly name: string
  readonly type: string
  /** When: now, or on the day of the event. */
  readonly at: 'now' | 'event'
  /** Who must be its holder: a party of the case, or whoever signs. */
  readonly holder: string | undefined
}

export type CaseStep = {
  /** None: the step opens a case. */
  readonly from: readonly string[]
  /** Undefined: the case stays where it is, and its clock runs on. */
  readonly to: string | undefined
  /** Empty: a clock or a link takes it, and nobody signs. */
  readonly by: readonly string[]
  /** Whether each of `by` must sign, in that order, instead of any of them. */
  readonly together: boolean
  readonly persons: number
  /** Whether those who sign must be of different offices. */
  readonly apart: boolean
  /** Whether only the official may to whom the case is assigned. */
  readonly assigned: boolean
  /** Steps whose signers may not take this one. */
  readonly notBy: readonly string[]
  /** How often a case may go through it; 0: without bound. */
  readonly timesMax: number
  /** Public fields that it brings. */
  readonly asks: readonly string[]
  /** Whether it brings the root of the committed fields, and the day of the event. */
  readonly takes: readonly ('committed' | 'event')[]
  /** Roles whose accounts it names. */
  readonly parties: readonly string[]
  /** Keyed tags that no other open case of the service may have. */
  readonly unique: readonly string[]
  /** Keyed tags under which the step is a fact for other services. */
  readonly emits: readonly string[]
  /** Facts that the case waits for from now on, with the name of its tag. */
  readonly listens: Readonly<Record<string, string>>
  readonly attests: string | undefined
  readonly needs: readonly Need[]
  /** Codes, one of which must be given. */
  readonly reasons: readonly string[]
  /** Whether it is against whom the case is about: then an appeal follows. */
  readonly adverse: boolean
  readonly appeals: boolean
  readonly corrects: boolean
  /** Whether whom the case is assigned to steps aside by it: it comes to him no more. */
  readonly recuses: boolean
  /** Of conditions of its form, by their names: which of the list in docs/protocol/service.md they are here. */
  readonly codes: Readonly<Record<string, string>>
  readonly guards: readonly StepGuard[]
  readonly effects: readonly Effect[]
}

/** Names of the tags that a step must be given, where the case holds `kept` already. */
export function tagsTaken(step: CaseStep, kept: readonly { readonly name: string }[]): readonly string[] {
  const isNew = (name: string): boolean => !kept.some(each => each.name === name)
  return [...new Set([...step.unique, ...[...step.emits, ...Object.values(step.listens)].filter(isNew)])]
}

/** Within how many seconds a record that the step issues ends; undefined where the file does not say. */
export function validSecondsMax({ effects }: CaseStep): number | undefined {
  return effects.flatMap(effect => ('validSecondsMax' in effect ? [effect.validSecondsMax] : []))[0]
}

/** Names of all conditions of a step: those of its form, then the file's own. Clocks and who may act at all are not among them. */
export function stepGuards(step: CaseStep): readonly string[] {
  return [
    ...(step.persons > 1 ? ['persons'] : []),
    ...(step.apart ? ['apart'] : []),
    ...(step.assigned ? ['assigned'] : []),
    ...(step.notBy.length > 0 ? ['notBy'] : []),
    ...(step.timesMax > 0 ? ['times'] : []),
    ...(step.reasons.length > 0 ? ['reason'] : []),
    ...step.unique.map(name => `unique.${name}`),
    ...step.needs.map(({ name }) => `needs.${name}`),
    ...(validSecondsMax(step) === undefined ? [] : ['validity']),
    ...(step.effects.some(effect => effect.do === 'cases.shred') ? ['keep'] : []),
    ...step.guards.map(({ name }) => name),
  ]
}

const members = [
  ...[
    'label',
    'sign',
    'from',
    'to',
    'by',
    'together',
    'persons',
    'apart',
    'assigned',
    'notBy',
    'times',
    'asks',
    'takes',
  ],
  ...[
    'parties',
    'unique',
    'emits',
    'listens',
    'attests',
    'needs',
    'reasons',
    'adverse',
    'appeals',
    'corrects',
    'recuses',
    'codes',
    'guards',
    'do',
  ],
]

export function readStep(json: JsonObject, environment: GuardEnvironment): CaseStep {
  checkMembers(json, members)
  const flag = (name: string): boolean => {
    check(json[name] === undefined || typeof json[name] === 'boolean', 'malformed', `${name} is true or false`)
    return json[name] === true
  }
  const persons = json.persons ?? 1
  const times = json.times ?? 0
  check(typeof persons === 'number' && typeof times === 'number' && times >= 0, 'malformed', 'a number is expected')
  const step: CaseStep = {
    from: texts(json.from),
    to: json.to === undefined ? undefined : textMember(json, 'to'),
    by: texts(json.by),
    together: flag('together'),
    persons: flag('together') ? texts(json.by).length : persons,
    apart: flag('apart'),
    assigned: flag('assigned'),
    notBy: texts(json.notBy),
    timesMax: times,
    asks: texts(json.asks),
    takes: readTakes(json.takes),
    parties: texts(json.parties, casePartiesMax),
    unique: texts(json.unique, tagsPerStepMax),
    emits: texts(json.emits, tagsPerStepMax),
    listens: readListens(json.listens),
    attests: json.attests === undefined ? undefined : textMember(json, 'attests'),
    needs: Object.entries(readMap(json, 'needs', readNeed)).map(([name, need]) => ({ ...need, name })),
    reasons: texts(json.reasons),
    adverse: flag('adverse'),
    appeals: flag('appeals'),
    corrects: flag('corrects'),
    recuses: flag('recuses'),
    codes: readCodes(json.codes),
    guards: readGuards(json, environment),
    effects: readEffects(json.do, environment),
  }
  check(step.from.length > 0 || step.to !== undefined, 'malformed', 'a step that opens a case says where it begins')
  return step
}

function texts(value: Json | undefined, countMax = 64): readonly string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return []
  const list = typeof value === 'string' ? [value] : readTexts(value)
  check(list.length <= countMax && new Set(list).size === list.length, 'malformed', 'a list is too long, or twice')
  return list
}

function readTakes(value: Json | undefined): CaseStep['takes'] {
  return texts(value).map(name => {
    check(name === 'committed' || name === 'event', 'malformed', 'a step takes committed and event', { actual: name })
    return name
  })
}

function readListens(value: Json | undefined): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  check(isObject(value), 'malformed', 'listens: facts, and the tag of each')
  check(Object.keys(value).length <= tagsPerStepMax, 'oversized', 'too many facts to listen to')
  for (const tag of Object.values(value)) check(typeof tag === 'string', 'malformed', 'a tag has a name')
  return value as Record<string, string>
}

function readCodes(value: Json | undefined): Readonly<Record<string, string>> {
  const codes = value ?? {}
  check(isObject(codes), 'malformed', 'codes: a code for the name of a condition')
  for (const code of Object.values(codes)) check(typeof code === 'string', 'malformed', 'a code is a text')
  return codes as Record<string, string>
}

function readNeed(json: JsonObject): Omit<Need, 'name'> {
  checkMembers(json, ['type', 'at', 'holder'])
  const at = json.at ?? 'now'
  check(at === 'now' || at === 'event', 'malformed', 'a record is in force now, or at the event')
  return {
    type: textMember(json, 'type'),
    at,
    holder: json.holder === undefined ? undefined : textMember(json, 'holder'),
  }
}

function readGuards(json: JsonObject, environment: GuardEnvironment): readonly StepGuard[] {
  const guards = readMap(json, 'guards', guard => {
    checkMembers(guard, ['if', 'say', 'code'])
    return {
      expression: readFormula(guard.if, environment, 'bool'),
      say: readLocalized(guard.say),
      code: guard.code === undefined ? undefined : textMember(guard, 'code'),
    }
  })
  const list = Object.entries(guards).map(([name, guard]) => ({ ...guard, name }))
  check(list.length <= guardsPerStepMax, 'oversized', 'too many guards on one step')
  return list
}
