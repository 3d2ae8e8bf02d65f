// A service file as the ledger keeps it: canonical JSON. This reads what the kernel and the widgets need today; the page
// for the format is docs/protocol/service.md.

import { check, VerifyError } from '../errors.ts'
import { checkMembers, decodeCanonicalJson, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import {
  freshnessSecondsMax,
  freshnessSecondsMin,
  languagesMax,
  nameLengthMax,
  recoveryDelaySecondsMax,
  recoveryDelaySecondsMin,
  roleNameLengthMax,
  serviceBytesMax,
  serviceMembersMax,
  serviceNameLengthMax,
  signersMax,
  transitionNameLengthMax,
} from '../limits.ts'

/** Language tag (BCP 47) to text. */
export type Localized = Readonly<Record<string, string>>

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
] as const
export type Operation = (typeof operations)[number] | 'cases.step'

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

export type ServiceField = {
  readonly name: string
  readonly label: Localized
  /** On the ledger; a salted commitment there; or that and kept from everyone but those named. */
  readonly show: 'public' | 'committed' | 'sealed'
}

export type Service = {
  /** Name and version, `land.title@1`. */
  readonly id: string
  readonly title: Localized
  /** The type of the records it issues (a credential's `vct`); undefined when it issues none. */
  readonly type: string | undefined
  /** How old a proof of its records may be before a verdict calls it stale. */
  readonly freshnessSeconds: number
  readonly roles: Readonly<Record<string, ServiceRole>>
  /** In the order in which people read them: canonical JSON keeps the order of lists only. */
  readonly fields: readonly ServiceField[]
  readonly transitions: Readonly<Record<string, ServiceTransition>>
  /** Whether its steps are steps of cases. */
  readonly hasCases: boolean
}

const servicePattern = /^[a-z][a-z0-9.-]*@[1-9][0-9]{0,5}$/
const members =
  'service title type freshness roles fields transitions states basis sector tables on stats existence'.split(' ')
const namePattern = /^[a-z][A-Za-z0-9]*$/

/** Throws VerifyError for anything but a well-formed service in canonical JSON. */
export function decodeService(bytes: Uint8Array): Service {
  check(bytes.length <= serviceBytesMax, 'oversized', 'a service file is too long')
  const json = decodeCanonicalJson(bytes)
  checkMembers(json, members)
  const hasCases = json.states !== undefined
  const id = textMember(json, 'service')
  check(
    id.length <= serviceNameLengthMax && servicePattern.test(id),
    'malformed',
    'not a service name with its version',
  )
  const freshness = json.freshness ?? freshnessSecondsMin
  check(
    typeof freshness === 'number' && freshness >= freshnessSecondsMin && freshness <= freshnessSecondsMax,
    'malformed',
    'freshness is at least two heartbeats, and at most the trusting period',
  )
  const roles = readMap(json, 'roles', readRole)
  const transitions = readMap(json, 'transitions', hasCases ? readStepHead : readTransition)
  for (const transition of Object.values(transitions))
    for (const role of transition.by)
      check(Object.hasOwn(roles, role), 'malformed', 'a transition names no role of the file')
  return {
    id,
    title: readLocalized(json.title),
    type: json.type === undefined ? undefined : textMember(json, 'type'),
    freshnessSeconds: freshness,
    roles,
    fields: readFields(json.fields),
    transitions,
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
      check(namePattern.test(key) && key.length <= transitionNameLengthMax, 'malformed', `not a name in ${name}`)
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

function readFields(value: Json | undefined): readonly ServiceField[] {
  const list = value ?? []
  check(Array.isArray(list) && list.length <= serviceMembersMax, 'malformed', 'fields is a list of at most 64')
  const fields = list.map(item => {
    check(isObject(item), 'malformed', 'fields holds objects')
    return readField(item)
  })
  check(new Set(fields.map(({ name }) => name)).size === fields.length, 'malformed', 'a field stands twice')
  return fields
}

function readField(value: JsonObject): ServiceField {
  checkMembers(value, ['name', 'label', 'show', 'type', 'to', 'keep', 'held'])
  const name = textMember(value, 'name')
  check(namePattern.test(name) && name.length <= transitionNameLengthMax, 'malformed', 'not the name of a field')
  const show = textMember(value, 'show')
  const isKnown = show === 'public' || show === 'committed' || show === 'sealed'
  check(isKnown, 'malformed', 'a field is public, committed or sealed')
  return { name, label: readLocalized(value.label), show }
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

/** Control characters, and those that turn the direction of what stands around them (Unicode, UAX 9, 2). */
const unseenPattern = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

export function readLocalized(value: Json | undefined): Localized {
  check(isObject(value), 'malformed', 'a text in its languages is missing')
  const entries = Object.entries(value)
  check(entries.length > 0 && entries.length <= languagesMax, 'malformed', 'a text has one to sixteen languages')
  for (const [language, text] of entries) {
    check(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language) && language.length <= 35, 'malformed', 'not a language tag')
    const fits = typeof text === 'string' && text.length > 0 && text.length <= nameLengthMax
    check(fits && !unseenPattern.test(text), 'malformed', 'a text is empty, too long, or holds what nobody sees')
  }
  return value as Localized
}
