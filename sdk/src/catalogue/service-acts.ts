// What a signer needs of a service file: who may take which step, and what it is called. The ledger admitted the file by its own, strict
// reading (service.ts, procedure.ts), so a page that signs loads no second one.

import { check } from '../errors.ts'
import { isObject, type Json, type JsonObject, textMember } from '../json.ts'
import { roleNameLengthMax, serviceMembersMax, signersMax } from '../limits.ts'
import { type Localized, readHead, readLocalized, type ServiceHead, serviceJson } from './service-head.ts'

/** Holders of a post in one of these offices. */
export type OfficeRole = { readonly offices: readonly string[]; readonly post: string }

/** Whom a case names in this role: an account, or one made for this case alone, which nothing ties to a person's others. */
export type PartyRole = { readonly party: 'any' | 'fresh' }

/** Who may act: for an office, as a party of the case, or anybody for himself. */
export type ServiceRole = OfficeRole | PartyRole | 'anyone'

/** Where a transition is signed: on any page, or on the network's identity pages only (docs/decisions/weighty-acts.md). */
export type SigningPlace = 'anywhere' | 'identity'

export type ServiceAct = {
  readonly label: Localized
  /** Roles; none where a clock or a link acts. */
  readonly by: readonly string[]
  /** What it does, `module.operation`. */
  readonly operation: string
  /** How many different persons must sign. */
  readonly persons: number
  readonly sign: SigningPlace
}

export type ServiceActs = ServiceHead & {
  readonly roles: Readonly<Record<string, ServiceRole>>
  /** Looks stand among them, by their names. */
  readonly transitions: Readonly<Record<string, ServiceAct>>
}

/** Throws VerifyError; of the members that it does not read it says nothing. */
export function decodeServiceActs(bytes: Uint8Array): ServiceActs {
  const json = serviceJson(bytes)
  const { roles, transitions, looks, states } = json
  return {
    ...readHead(json),
    roles: mapObjects(roles, readRole),
    transitions: {
      ...mapObjects(transitions, value => readAct(value, states ? 'cases.step' : value.do)),
      ...mapObjects(looks, value => readAct({ ...value, by: [value.by!] }, 'cases.look')),
    },
  }
}

export function mapObjects<T>(
  map: Json = {},
  read: (value: JsonObject, name: string) => T,
): Readonly<Record<string, T>> {
  check(isObject(map), 'malformed', 'not an object')
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      check(isObject(value), 'malformed', `${name} must be an object`)
      return [name, read(value, name)]
    }),
  )
}

export function readAct(
  { label, by, persons = 1, sign = 'anywhere' }: JsonObject,
  operation: Json | undefined,
): ServiceAct {
  check(typeof operation === 'string', 'malformed', 'a step does nothing')
  check(typeof persons === 'number' && persons >= 1 && persons <= signersMax, 'malformed', 'persons out of range')
  check(sign === 'anywhere' || sign === 'identity', 'malformed', 'sign is anywhere or identity')
  return { label: readLocalized(label), by: by === undefined ? [] : readTexts(by), operation, persons, sign }
}

export function readRole(value: JsonObject): ServiceRole {
  const { anyone, party, offices } = value
  if (anyone === true) return 'anyone'
  if (party === 'any' || party === 'fresh') return { party }
  const post = textMember(value, 'post')
  check(post.length > 0 && post.length <= roleNameLengthMax, 'malformed', 'a post has a name')
  return { offices: readTexts(offices), post }
}

export function readTexts(value: Json | undefined): readonly string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= serviceMembersMax
  check(isList && value.every(item => typeof item === 'string'), 'malformed', 'a list of names is missing')
  return value
}
