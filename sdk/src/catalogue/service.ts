// A service file as the ledger keeps it: canonical JSON. This reads what the kernel and the widgets need today; the page
// for the format is docs/protocol/service.md.

import { check, VerifyError } from '../errors.ts'
import { checkMembers, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import {
  recoveryDelaySecondsMax,
  recoveryDelaySecondsMin,
  roleNameLengthMax,
  serviceMembersMax,
  signersMax,
} from '../limits.ts'
import { isName, type Localized, readHead, readLocalized, type ServiceHead, serviceJson } from './service-head.ts'

/** Holders of a post in one of these offices. */
export type OfficeRole = { readonly offices: readonly string[]; readonly post: string }

/** Whom a case names in this role: an account, or one made for this case alone, which nothing ties to a person's others. */
export type PartyRole = { readonly party: 'any' | 'fresh' }

/** Who may act: for an office, as a party of the case, or anybody for himself. */
export type ServiceRole = OfficeRole | PartyRole | 'anyone'

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

/** Where a transition is signed: on any page, or on the network's identity pages only (docs/decisions/weighty-acts.md). */
export type SigningPlace = 'anywhere' | 'identity'

export type ServiceTransition = {
  readonly label: Localized
  readonly by: readonly string[]
  readonly operation: Operation
  /** How many different persons must sign. */
  readonly persons: number
  /** How long its effect waits, in block time: of recoveries, and 0 for everything else. */
  readonly delaySeconds: number
  readonly sign: SigningPlace
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

export type Service = ServiceHead & {
  readonly roles: Readonly<Record<string, ServiceRole>>
  /** Looks stand among them, by their names. */
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
  const roles = readMap(json, 'roles', readRole)
  const steps = readMap(json, 'transitions', hasCases ? readStepHead : readTransition)
  const looks = readMap(json, 'looks', readLook)
  check(hasCases || json.looks === undefined, 'malformed', 'only cases are looked into')
  for (const name of Object.keys(looks))
    check(!Object.hasOwn(steps, name), 'malformed', 'a look and a step have one name', { actual: name })
  const transitions = { ...steps, ...Object.fromEntries(Object.entries(looks).map(asTransition)) }
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
  const entries = Object.entries(map)
  check(entries.length <= serviceMembersMax, 'oversized', `too many ${name}`)
  return Object.fromEntries(
    entries.map(([key, value]) => {
      check(isName(key), 'malformed', `not a name in ${name}`)
      check(isObject(value), 'malformed', `${name} holds objects`)
      return [key, located(`${name}.${key}`, () => read(value))]
    }),
  )
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

function readRole(value: JsonObject): ServiceRole {
  checkMembers(value, ['anyone', 'offices', 'post', 'party'])
  if (value.party !== undefined) {
    checkMembers(value, ['party'])
    check(value.party === 'any' || value.party === 'fresh', 'malformed', 'a party is any or fresh')
    return { party: value.party }
  }
  if (value.anyone === true) {
    checkMembers(value, ['anyone'])
    return 'anyone'
  }
  const post = textMember(value, 'post')
  check(post.length > 0 && post.length <= roleNameLengthMax, 'malformed', 'a post has a name')
  return { offices: readTexts(value.offices), post }
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

/** What whoever signs a look must know. */
function asTransition([name, { label, by }]: [string, ServiceLook]): [string, ServiceTransition] {
  return [name, { label, by: [by], operation: 'cases.look', persons: 1, delaySeconds: 0, sign: 'anywhere' }]
}

function readTransition(value: JsonObject): ServiceTransition {
  checkMembers(value, ['label', 'by', 'do', 'persons', 'delay', 'sign'])
  const operation = operations.find(known => known === value.do)
  check(operation, 'malformed', 'unknown operation')
  return { ...readStepHead(value), operation, delaySeconds: readDelay(value, operation) }
}

/** What those who sign must know; a step of a case that nobody signs is taken by a clock or a link. */
function readStepHead(value: JsonObject): ServiceTransition {
  const { by, persons = 1, sign = 'anywhere' } = value
  check(typeof persons === 'number' && persons >= 1 && persons <= signersMax, 'malformed', 'persons out of range')
  check(sign === 'anywhere' || sign === 'identity', 'malformed', 'sign is anywhere or identity')
  return {
    label: readLocalized(value.label),
    by: by === undefined ? [] : readTexts(by),
    operation: 'cases.step',
    persons,
    delaySeconds: 0,
    sign,
  }
}

/** No service file can let a key be replaced before its holder may have noticed. */
function readDelay({ delay = 0 }: JsonObject, operation: Operation): number {
  const recovers = operation === 'parties.recover' || operation === 'parties.recoverInPerson'
  const [least, most] = recovers ? [recoveryDelaySecondsMin, recoveryDelaySecondsMax] : [0, 0]
  check(typeof delay === 'number' && delay >= least && delay <= most, 'malformed', 'delay out of range')
  return delay
}

export function readTexts(value: Json | undefined): readonly string[] {
  check(
    Array.isArray(value) && value.length > 0 && value.length <= serviceMembersMax,
    'malformed',
    'a list of names is missing',
  )
  return value.map(item => {
    check(typeof item === 'string', 'malformed', 'a list holds something else than names')
    return item
  })
}
