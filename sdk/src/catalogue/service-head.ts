// What a verdict needs of a service file: its name, how its records are read, and how old a proof may be. The rest is for those who act
// (service.ts, procedure.ts), so that a page which only checks loads nothing of it.

import { check } from '../errors.ts'
import { checkMembers, decodeCanonicalJson, isObject, type Json, type JsonObject, textMember } from '../json.ts'
import {
  freshnessSecondsMax,
  freshnessSecondsMin,
  languagesMax,
  nameLengthMax,
  serviceBytesMax,
  serviceMembersMax,
  serviceNameLengthMax,
  transitionNameLengthMax,
} from '../limits.ts'

/** Language tag (BCP 47) to text. */
export type Localized = Readonly<Record<string, string>>

export type ServiceField = {
  readonly name: string
  readonly label: Localized
  /** On the ledger; a salted commitment there; or that and kept from everyone but those named. */
  readonly show: 'public' | 'committed' | 'sealed'
}

export type ServiceHead = {
  /** Name and version, `land.title@1`. */
  readonly id: string
  readonly title: Localized
  /** The type of the records it issues (a credential's `vct`); undefined when it issues none. */
  readonly type: string | undefined
  /** How old a proof of its records may be before a verdict calls it stale. */
  readonly freshnessSeconds: number
  /** In the order in which people read them: canonical JSON keeps the order of lists only. */
  readonly fields: readonly ServiceField[]
}

const servicePattern = /^[a-z][a-z0-9.-]*@[1-9][0-9]{0,5}$/

/** Throws VerifyError; of the members that it does not read it says nothing. */
export function decodeServiceHead(bytes: Uint8Array): ServiceHead {
  return readHead(serviceJson(bytes))
}

export function serviceJson(bytes: Uint8Array): JsonObject {
  check(bytes.length <= serviceBytesMax, 'oversized', 'a service file is too long')
  return decodeCanonicalJson(bytes)
}

export function readHead(json: JsonObject): ServiceHead {
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
  return {
    id,
    title: readLocalized(json.title),
    type: json.type === undefined ? undefined : textMember(json, 'type'),
    freshnessSeconds: freshness,
    fields: readFields(json.fields),
  }
}

/** Of roles, fields, steps and states. */
export function isName(text: string): boolean {
  return /^[a-z][A-Za-z0-9]*$/.test(text) && text.length <= transitionNameLengthMax
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
  check(isName(name), 'malformed', 'not the name of a field')
  const show = textMember(value, 'show')
  const isKnown = show === 'public' || show === 'committed' || show === 'sealed'
  check(isKnown, 'malformed', 'a field is public, committed or sealed')
  return { name, label: readLocalized(value.label), show }
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
