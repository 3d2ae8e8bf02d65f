// Scenarios: stories that a service file tells about itself, in the second document of its YAML. They are no part of the ledger.

import {
  check,
  checkMembers,
  isObject,
  type Json,
  type JsonObject,
  parseDuration,
  parseTime,
  type Timestamp,
  textMember,
} from '@muniment/sdk'

/** One thing that somebody does, and what comes of it. */
export type ScenarioStep = {
  /** Of another service than the scenario's own. */
  readonly service: string | undefined
  readonly take: string
  /** `officer`, `officer/2`, `reviewer/assigned`, `citizen=ann`. */
  readonly by: readonly string[]
  /** Which case: the name that an earlier step gave it; else the newest of the service. */
  readonly in: string | undefined
  /** Names what the step opened or issued. */
  readonly as: string | undefined
  readonly given: JsonObject
  /** The guard that is closed, or the code of ResultCode that answers; undefined: the step is taken. */
  readonly closed: string | undefined
  readonly refused: string | undefined
}

/** An official looks into a case. */
export type ScenarioLook = {
  /** By the service file's name for it. */
  readonly look: string
  readonly by: string
  readonly in: string | undefined
  readonly reason: string
  readonly closed: string | undefined
  readonly refused: string | undefined
}

/** That an official takes no new cases, or takes them again. */
export type ScenarioAbsence = {
  readonly official: string
  readonly isAbsent: boolean
  readonly reason: string
  readonly refused: string | undefined
}

/** What must be so then, by proof. */
export type ScenarioExpectation = {
  readonly in: string | undefined
  readonly state: string | undefined
  /** Open amounts by the obligations' names. */
  readonly open: Readonly<Record<string, number>>
  /** The status of the case's newest record. */
  readonly record: string | undefined
  /** The status of each of the case's records, the oldest first. */
  readonly records: readonly string[] | undefined
  /** Another case, whose officials are this one's too. */
  readonly sameOfficials: string | undefined
  /** Whether private fields are `kept`, `due` to be destroyed, or `destroyed`. */
  readonly fields: string | undefined
  /** How many looks the subject finds. */
  readonly looks: number | undefined
  /** A role whose official was drawn, as anybody can work out again. */
  readonly drawn: string | undefined
}

type ScenarioItem =
  | { readonly kind: 'step'; readonly step: ScenarioStep }
  | { readonly kind: 'look'; readonly look: ScenarioLook }
  | { readonly kind: 'absence'; readonly absence: ScenarioAbsence }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'until'; readonly time: Timestamp }
  | { readonly kind: 'expect'; readonly expect: ScenarioExpectation }

export type Scenario = {
  readonly name: string
  /** What it shows beside the service: an attack by its name in docs/threat-model, a link of two services. */
  readonly attack: string | undefined
  readonly items: readonly ScenarioItem[]
}

const scenariosMax = 64
const itemsMax = 64
const stepMembers = ['service', 'take', 'by', 'in', 'as', 'closed', 'refused']
const givenMembers = ['fields', 'event', 'parties', 'tags', 'needs', 'reason', 'payment', 'record', 'file']

/** Throws VerifyError `malformed` that names the scenario. */
export function readScenarios(document: Json): readonly Scenario[] {
  check(isObject(document), 'malformed', 'scenarios stand under that name')
  checkMembers(document, ['scenarios'])
  const { scenarios } = document
  const fits = Array.isArray(scenarios) && scenarios.length <= scenariosMax
  check(fits, 'malformed', `scenarios is a list of at most ${scenariosMax}`)
  return scenarios.map(item => readScenario(object(item)))
}

function readScenario(json: JsonObject): Scenario {
  checkMembers(json, ['name', 'attack', 'steps'])
  const name = textMember(json, 'name')
  const { steps } = json
  check(
    Array.isArray(steps) && steps.length <= itemsMax,
    'malformed',
    `${name}: steps is a list of at most ${itemsMax}`,
  )
  return { name, attack: optionalText(json, 'attack'), items: steps.map(item => readItem(object(item))) }
}

function readItem(json: JsonObject): ScenarioItem {
  if (json.wait !== undefined) {
    checkMembers(json, ['wait'])
    return { kind: 'wait', seconds: parseDuration(json.wait) }
  }
  if (json.waitUntil !== undefined) {
    checkMembers(json, ['waitUntil'])
    return { kind: 'until', time: parseTime(textMember(json, 'waitUntil')) }
  }
  if (json.expect !== undefined) {
    checkMembers(json, ['expect'])
    return { kind: 'expect', expect: readExpectation(object(json.expect)) }
  }
  if (json.absent !== undefined || json.present !== undefined) {
    checkMembers(json, ['absent', 'present', 'reason', 'refused'])
    const isAbsent = json.absent !== undefined
    const official = textMember(json, isAbsent ? 'absent' : 'present')
    const told = { reason: optionalText(json, 'reason') ?? 'illness', refused: optionalText(json, 'refused') }
    return { kind: 'absence', absence: { official, isAbsent, ...told } }
  }
  if (json.look !== undefined) {
    checkMembers(json, ['look', 'by', 'in', 'reason', 'closed', 'refused'])
    const [look, by, reason] = ['look', 'by', 'reason'].map(name => textMember(json, name)) as [string, string, string]
    const told = {
      in: optionalText(json, 'in'),
      closed: optionalText(json, 'closed'),
      refused: optionalText(json, 'refused'),
    }
    return { kind: 'look', look: { look, by, reason, ...told } }
  }
  checkMembers(json, [...stepMembers, ...givenMembers])
  const given = Object.entries(json).filter(([name]) => givenMembers.includes(name))
  const { by } = json
  const step: ScenarioStep = {
    service: optionalText(json, 'service'),
    take: textMember(json, 'take'),
    by: Array.isArray(by) ? by.map(String) : [textMember(json, 'by')],
    in: optionalText(json, 'in'),
    as: optionalText(json, 'as'),
    given: Object.fromEntries(given),
    closed: optionalText(json, 'closed'),
    refused: optionalText(json, 'refused'),
  }
  return { kind: 'step', step }
}

function readExpectation(json: JsonObject): ScenarioExpectation {
  checkMembers(json, ['in', 'state', 'open', 'record', 'records', 'looks', 'sameOfficials', 'fields', 'drawn'])
  const { open = {}, looks, records } = json
  check(records === undefined || Array.isArray(records), 'malformed', 'records: the status of each')
  check(looks === undefined || typeof looks === 'number', 'malformed', 'looks: how many')
  const fits = isObject(open) && Object.values(open).every(amount => typeof amount === 'number')
  check(fits, 'malformed', 'open: amounts by name')
  return {
    in: optionalText(json, 'in'),
    state: optionalText(json, 'state'),
    open: open as Record<string, number>,
    record: optionalText(json, 'record'),
    records: records?.map(String),
    sameOfficials: optionalText(json, 'sameOfficials'),
    fields: optionalText(json, 'fields'),
    looks,
    drawn: json.drawn === undefined ? undefined : textMember(json, 'drawn'),
  }
}

function optionalText(json: JsonObject, name: string): string | undefined {
  return json[name] === undefined ? undefined : textMember(json, name)
}

function object(json: Json): JsonObject {
  check(isObject(json), 'malformed', 'a scenario holds something else than steps')
  return json
}
