// A service file as the ledger keeps it: canonical JSON. This reads what the kernel and the widgets need today; the page
// for the format is docs/protocol/service.md.

import { check, VerifyError } from '../errors.ts'
import { checkMembers, isObject, type JsonObject, textMember } from '../json.ts'
import { recoveryDelaySecondsMax, recoveryDelaySecondsMin, serviceMembersMax } from '../limits.ts'
import {
  mapObjects,
  type OfficeRole,
  type PartyRole,
  readAct,
  readRole,
  readTexts,
  type ServiceAct,
  type ServiceActs,
  type ServiceRole,
} from './service-acts.ts'
import { isName, type Localized, readHead, readLocalized, serviceJson } from './service-head.ts'

export function isOfficeRole(role: ServiceRole | undefined): role is OfficeRole {
  return typeof role === 'object' && 'offices' in role
}

export function isPartyRole(role: ServiceRole | undefined): role is PartyRole {
  return typeof role === 'object' && 'party' in role
}

/** What a transition does: an operation of a module, named `module.operation`. A step of a case does what procedure.ts reads. */
const operations = [
  'records.issue',
  'records.replace',
  'records.suspend',
  'records.resume',
  'records.revoke',
  'parties.found',
  'parties.entitle',
  'parties.appoint',
  'parties.dismiss',
  'parties.addKey',
  'parties.endKey',
  'parties.cancel',
  'parties.setGuardians',
  'parties.recover',
  'parties.recoverInPerson',
  'parties.finishRecovery',
  'parties.cancelRecovery',
  'parties.delegate',
  'parties.endDelegation',
  'parties.setIdentityOrigins',
  'parties.setAbsent',
  'receipts.report',
] as const
export type Operation = (typeof operations)[number] | 'cases.step' | 'cases.look'

export type ServiceTransition = ServiceAct & {
  readonly operation: Operation
  /** How long its effect waits, in block time: of recoveries, and 0 for everything else. */
  readonly delaySeconds: number
}

/** Private fields that officials may be shown, each time on record (docs/protocol/private.md). */
export type ServiceLook = {
  readonly label: Localized
  /** The role that looks. */
  readonly by: string
  /** Fields that one look opens, all of them. */
  readonly fields: readonly string[]
  /** Codes, one of which is given. */
  readonly reasons: readonly string[]
}

export type Service = ServiceActs & {
  readonly transitions: Readonly<Record<string, ServiceTransition>>
  readonly looks: Readonly<Record<string, ServiceLook>>
  /** Whether its steps are steps of cases. */
  readonly hasCases: boolean
}

const members =
  'service title type freshness roles fields transitions states basis sector tables on stats existence looks'.split(' ')

/** Throws VerifyError for anything but a well-formed service in canonical JSON. */
export function decodeService(bytes: Uint8Array): Service {
  const json = serviceJson(bytes)
  checkMembers(json, members)
  const hasCases = json.states !== undefined
  const roles = readMap(json, 'roles', readStrictRole)
  const steps = readMap(json, 'transitions', hasCases ? value => readStep(value, 'cases.step') : readTransition)
  const looks = readMap(json, 'looks', readLook)
  check(hasCases || json.looks === undefined, 'malformed', 'only cases are looked into')
  for (const name of Object.keys(looks))
    check(!Object.hasOwn(steps, name), 'malformed', 'a look and a step have one name', { actual: name })
  const transitions = {
    ...steps,
    ...readMap(json, 'looks', value => readStep({ ...value, by: [value.by!] }, 'cases.look')),
  }
  for (const transition of Object.values(transitions))
    for (const role of transition.by)
      check(Object.hasOwn(roles, role), 'malformed', 'a transition names no role of the file')
  return {
    ...readHead(json),
    roles,
    transitions,
    looks,
    hasCases,
  }
}

export function readMap<T>(
  json: JsonObject,
  name: string,
  read: (value: JsonObject) => T,
): Readonly<Record<string, T>> {
  const map = json[name] ?? {}
  check(isObject(map), 'malformed', `${name} must be an object`)
  check(Object.keys(map).length <= serviceMembersMax, 'oversized', `too many ${name}`)
  return mapObjects(map, (value, key) => {
    check(isName(key), 'malformed', `not a name in ${name}`)
    return located(`${name}.${key}`, () => read(value))
  })
}

/** What is wrong is said with its place. */
function located<T>(place: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    const { code, expected, actual } = error
    throw new VerifyError(code, `${place}: ${error.message}`, { expected, actual })
  }
}

function readStrictRole(value: JsonObject): ServiceRole {
  const { party } = value
  check(party === undefined || party === 'any' || party === 'fresh', 'malformed', 'a party is any or fresh')
  const role = readRole(value)
  checkMembers(value, role === 'anyone' ? ['anyone'] : isPartyRole(role) ? ['party'] : ['offices', 'post'])
  return role
}

function readLook(value: JsonObject): ServiceLook {
  checkMembers(value, ['label', 'by', 'fields', 'reasons'])
  const { reasons = [] } = value
  return {
    label: readLocalized(value.label),
    by: textMember(value, 'by'),
    fields: readTexts(value.fields),
    reasons: Array.isArray(reasons) && reasons.length === 0 ? [] : readTexts(reasons),
  }
}

function readTransition(value: JsonObject): ServiceTransition {
  checkMembers(value, ['label', 'by', 'do', 'persons', 'delay', 'sign'])
  const operation = operations.find(known => known === value.do)
  check(operation, 'malformed', 'unknown operation')
  return { ...readStep(value, operation), delaySeconds: readDelay(value, operation) }
}

function readStep(value: JsonObject, operation: Operation): ServiceTransition {
  return { ...readAct(value, operation), operation, delaySeconds: 0 }
}

/** No service file can let a key be replaced before its holder may have noticed. */
function readDelay({ delay = 0 }: JsonObject, operation: Operation): number {
  const recovers = operation === 'parties.recover' || operation === 'parties.recoverInPerson'
  const [least, most] = recovers ? [recoveryDelaySecondsMin, recoveryDelaySecondsMax] : [0, 0]
  check(typeof delay === 'number' && delay >= least && delay <= most, 'malformed', 'delay out of range')
  return delay
}
