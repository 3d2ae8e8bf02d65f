// The small country in which scenarios play: every office that the services name, with a few people in each post. All of them are
// plainly examples, and their keys follow from their names.

import {
  type AccountKey,
  Algorithm,
  accountId,
  concat,
  encodeUtf8,
  formatBase64Url,
  type Hasher,
  isOfficeRole,
  type JsonObject,
  type PasskeyAnswer,
  type PasskeySigner,
  type Procedure,
  type Signer,
} from '@muniment/sdk'
import { noteSignerOf } from '../note-key.ts'

export type Person = { readonly signer: Signer; readonly account: Uint8Array }

/** Where this country's people sign what weighs. */
const identityOrigin = 'https://id.example'

export const holdersPerPost = 4

/** Above all offices: who says which officials take no cases at present. */
const cabinet = { office: 'example-cabinet', post: 'head' }
const headsOfCabinet = 2

/** The service by which that is said. */
export const rosterService: JsonObject = {
  service: 'example.roster@1',
  title: { en: 'Who takes cases' },
  roles: { head: { offices: [cabinet.office], post: cabinet.post } },
  transitions: {
    setAbsent: {
      label: { en: 'Say that an official takes no new cases, or takes them again' },
      by: ['head'],
      do: 'parties.setAbsent',
      persons: headsOfCabinet,
    },
  },
}

/** Those who sign it. */
export function cabinetOf(hasher: Hasher): readonly (Person & typeof cabinet)[] {
  return Array.from({ length: headsOfCabinet }, (_, place) => ({
    ...cabinet,
    ...officialOf(hasher, { ...cabinet, place: place + 1 }),
  }))
}

const people = new Map<string, Person>()
const peopleMax = 5_000

/** The same name gives the same key. Officials come again and again, and making a key takes longer than signing with it. */
export function personOf(hasher: Hasher, name: string): Person {
  const known = people.get(name)
  if (known) return known
  if (people.size >= peopleMax) people.clear()
  const person = makePerson(hasher, name)
  people.set(name, person)
  return person
}

function makePerson(hasher: Hasher, name: string): Person {
  const { publicKey, sign } = noteSignerOf(hasher.sha256(encodeUtf8(`example key of ${name}`)))
  const key: AccountKey = { algorithm: Algorithm.ed25519, bytes: publicKey }
  return { signer: { key, sign: async message => sign(message) }, account: accountId(hasher, key) }
}

/** Of the same person: a passkey that the identity page asks, as WebAuthn Level 3 (6.1 and 5.8.1) says that it answers. */
export function passkeyOf(
  hasher: Hasher,
  name: string,
): { readonly signer: PasskeySigner; readonly account: Uint8Array } {
  const { signer, account } = personOf(hasher, `the passkey of ${name}`)
  const { hostname } = new URL(identityOrigin)
  const userPresentAndVerified = 0x05
  async function answer(challenge: Uint8Array): Promise<PasskeyAnswer> {
    const told = {
      type: 'webauthn.get',
      challenge: formatBase64Url(challenge),
      origin: identityOrigin,
      crossOrigin: false,
    }
    const clientData = encodeUtf8(JSON.stringify(told))
    const counter = new Uint8Array(4)
    const authenticatorData = concat(
      hasher.sha256(encodeUtf8(hostname)),
      Uint8Array.of(userPresentAndVerified),
      counter,
    )
    const signature = await signer.sign(concat(authenticatorData, hasher.sha256(clientData)))
    return { authenticatorData, clientData, signature }
  }
  return { signer: { key: signer.key, assert: answer }, account }
}

/** The n-th holder of a post, from 1; behind the last stands one and the same person for every office, whom the rules must notice. */
export function officialOf(
  hasher: Hasher,
  at: { readonly office: string; readonly post: string; readonly place: number },
): Person {
  const { office, post, place } = at
  return personOf(hasher, place > holdersPerPost ? 'somebody who sits everywhere' : `${post} ${place} of ${office}`)
}

/** The genesis file's app_state for these services. */
export function countryOf(hasher: Hasher, files: readonly JsonObject[], procedures: readonly Procedure[]): JsonObject {
  const posts = new Map<string, Set<string>>()
  const types = new Map<string, Set<string>>()
  for (const { service, steps } of procedures) {
    for (const role of Object.values(service.roles)) {
      if (!isOfficeRole(role)) continue
      for (const office of role.offices) addTo(posts, office, role.post)
    }
    for (const step of Object.values(steps))
      for (const effect of step.effects) if (effect.do === 'obligations.assess') addTo(posts, effect.creditor, '')
    for (const office of issuers({ service, steps })) if (service.type) addTo(types, office, service.type)
  }
  const offices = [...posts.keys()].sort()
  const parent = cabinet.office
  return {
    offices: [
      { office: parent, names: { en: parent } },
      ...offices.map(office => ({
        ...{ office, parent, names: { en: office } },
        types: [...(types.get(office) ?? [])].sort(),
      })),
    ],
    mandates: [
      ...cabinetOf(hasher).map(({ office, post, signer }) => mandateOf(signer.key, { office, post })),
      ...offices.flatMap(office =>
        // A person has one post in an office.
        [...posts.get(office)!]
          .filter(post => post !== '')
          .sort()
          .flatMap((post, index) =>
            Array.from({ length: holdersPerPost + (index === 0 ? 1 : 0) }, (_, place) => {
              const { signer } = officialOf(hasher, { office, post, place: place + 1 })
              return mandateOf(signer.key, { office, post })
            }),
          ),
      ),
    ],
    services: [...files, rosterService],
    identityOrigins: [identityOrigin],
  }
}

function mandateOf({ algorithm, bytes }: AccountKey, at: { office: string; post: string }): JsonObject {
  return { ...at, algorithm, key: formatBase64Url(bytes) }
}

/** Offices whose people take steps that issue records. */
function issuers({ service, steps }: Pick<Procedure, 'service' | 'steps'>): readonly string[] {
  const roles = Object.values(steps).flatMap(step =>
    step.effects.some(effect => effect.do === 'records.issue' || effect.do === 'records.replace') ? step.by : [],
  )
  return roles.flatMap(name => {
    const role = service.roles[name]
    return isOfficeRole(role) ? role.offices : []
  })
}

function addTo(map: Map<string, Set<string>>, name: string, value: string): void {
  map.set(name, new Set([...(map.get(name) ?? []), value]))
}
