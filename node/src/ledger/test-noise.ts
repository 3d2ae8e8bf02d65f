// Structured noise over the whole catalogue, for tests: steps of any service, in any case, by anybody, with arguments that are right,
// nearly right or absurd. The same seed makes the same noise.

import {
  type CaseEntry,
  type CaseStep,
  encodeCanonicalJson,
  type Fact,
  formatBase64Url,
  formatTime,
  type Hasher,
  isOfficeRole,
  isPartyRole,
  type JsonObject,
  type Procedure,
  parseHex,
  tagsTaken,
} from '@muniment/sdk'
import type { Random } from '../../../test/mutation/mutate.ts'
import { type CaseLedger, type CaseSigner, hashOf } from './test-cases.ts'

type Step = {
  readonly service: string
  readonly step: string
  readonly args: JsonObject
  readonly by: readonly CaseSigner[]
}

export type Noise = {
  readonly hasher: Hasher
  readonly random: Random
  readonly ledger: CaseLedger
  readonly procedures: Map<string, Procedure>
  /** By id, hexadecimal. */
  readonly cases: Map<string, CaseEntry>
  /** Ids of the cases, the newest last. */
  readonly newest: string[]
  /** State keys of records that were issued, hexadecimal. */
  readonly records: string[]
  /** Of each case of the catalogue that is open: the file that was laid open in it. */
  readonly files: Map<string, JsonObject>
}

const holdersPerPost = 4
/** Sits in every office, whatever the post. */
const everywhere = 'everywhere'

/** Every office that the services name, with a few people in each post. */
export function postsOf(procedures: readonly Procedure[]): readonly (readonly [string, string, readonly string[]])[] {
  const posts = new Map<string, readonly [string, string, readonly string[]]>()
  for (const { service, steps } of procedures) {
    for (const role of Object.values(service.roles)) {
      if (!isOfficeRole(role)) continue
      for (const office of role.offices) {
        const names = Array.from({ length: holdersPerPost }, (_, n) => `${role.post} ${n} of ${office}`)
        const isFirst = ![...posts.keys()].some(each => each.startsWith(`${office}/`))
        posts.set(`${office}/${role.post}`, [office, role.post, isFirst ? [...names, everywhere] : names])
      }
    }
    for (const step of Object.values(steps))
      for (const effect of step.effects)
        if (
          effect.do === 'obligations.assess' &&
          ![...posts.keys()].some(each => each.startsWith(`${effect.creditor}/`))
        )
          posts.set(`${effect.creditor}/`, [effect.creditor, 'nobody', []])
  }
  return [...posts.values()]
}

function pick<T>(random: Random, list: readonly T[]): T | undefined {
  return list[random(Math.max(1, list.length))]
}

/** A step that might well be taken, most of the time; now and then anything. */
export function makeNoise(noise: Noise): Step {
  const { random, cases, procedures } = noise
  const found = random(4) > 0 ? pick(random, noise.newest.slice(-200)) : undefined
  const entry = found === undefined ? undefined : cases.get(found)
  // Files that noise brought into the catalogue may have no step at all.
  const withSteps = [...procedures.values()].filter(({ steps }) => Object.keys(steps).length > 0)
  const procedure = (entry && procedures.get(entry.service)) ?? pick(random, withSteps)!
  const names = Object.keys(procedure.steps)
  const fitting = names.filter(name => {
    const { from, by } = procedure.steps[name]!
    return by.length > 0 && (entry ? from.includes(entry.state) : from.length === 0)
  })
  const name = (random(10) > 0 && pick(random, fitting)) || pick(random, names)!
  const step = procedure.steps[name]!
  const by = signersOf(noise, { procedure, step, entry })
  const made = argumentsOf(noise, { procedure, step, id: found, entry, by })
  const args = random(12) === 0 ? spoil(noise, made) : made
  return { service: random(200) === 0 ? 'no.service@1' : procedure.service.id, step: name, args, by }
}

/** An official looks: under one of a few numbers, so that they meet; mostly as the file says. */
export function makeLook(noise: Noise): Step | undefined {
  const { random, procedures, hasher } = noise
  const { service } = pick(random, [...procedures.values()])!
  const [name, look] = pick(random, Object.entries(service.looks)) ?? []
  if (name === undefined || !look) return undefined
  const held = service.roles[look.by]
  const office = isOfficeRole(held) ? pick(random, held.offices)! : undefined
  const post = isOfficeRole(held) ? `${held.post} ${random(holdersPerPost)} of ${office}` : 'ann'
  const signer = { name: random(25) === 0 ? everywhere : post, role: look.by }
  const by = office === undefined || random(25) === 0 ? [signer] : [{ ...signer, office }]
  const made = {
    look: hashOf(hasher, `look ${random(2_000)}`),
    commitment: hashOf(hasher, `commitment ${random(2 ** 31)}`),
    reason: pick(random, look.reasons) ?? 'none',
  }
  const args = random(12) === 0 ? spoil(noise, made) : made
  return { service: service.id, step: name, args, by: random(30) === 0 ? [...by, { name: 'ann', role: look.by }] : by }
}

type Making = {
  readonly procedure: Procedure
  readonly step: CaseStep
  readonly entry: CaseEntry | undefined
}

/** Of a role that may take the step, the one to whom the case is assigned among them; now and then somebody else, or one too few. */
function signersOf({ random, ledger }: Noise, { procedure, step, entry }: Making): readonly CaseSigner[] {
  const roles = step.together ? step.by : Array.from({ length: step.persons }, () => pick(random, step.by) ?? 'nobody')
  const count = random(20) === 0 ? 1 : roles.length
  const signers = roles.slice(0, Math.max(1, count)).map((role): CaseSigner => {
    const held = procedure.service.roles[role]
    if (!isOfficeRole(held)) return { name: partyName(random, { procedure, role, entry }), role }
    const office = pick(random, held.offices)!
    const holders = Array.from({ length: holdersPerPost }, (_, n) => `${held.post} ${n} of ${office}`)
    const assigned = entry?.assignments.find(each => each.role === role)
    const theirs = held.offices.flatMap(each =>
      Array.from({ length: holdersPerPost }, (_, n) => ({ name: `${held.post} ${n} of ${each}`, role, office: each })),
    )
    const one =
      assigned &&
      theirs.find(each => formatBase64Url(ledger.mandate(each.office, each.name)) === formatBase64Url(assigned.mandate))
    if (one && random(6) > 0) return one
    return { name: random(25) === 0 ? everywhere : pick(random, holders)!, role, office }
  })
  return [...new Map(signers.map(each => [each.name, each])).values()]
}

const citizens = ['ann', 'bob', 'cyd', 'dee']

function partyName(
  random: Random,
  { procedure, role }: { procedure: Procedure; role: string; entry: CaseEntry | undefined },
): string {
  const held = procedure.service.roles[role]
  const isFresh = isPartyRole(held) && held.party === 'fresh'
  return isFresh ? `fresh ${random(400)}` : pick(random, citizens)!
}

function argumentsOf(
  noise: Noise,
  { procedure, step, entry, id, by }: Making & { readonly id: string | undefined; readonly by: readonly CaseSigner[] },
): JsonObject {
  const { random, hasher, ledger } = noise
  const hash = (): string => hashOf(hasher, `noise ${random(2 ** 31)}`)
  const effects = step.effects.map(effect => effect.do)
  const bound = by.flatMap(({ role }) => (isPartyRole(procedure.service.roles[role]) ? [role] : []))
  const parties = step.parties.filter(role => !bound.includes(role))
  const tags = tagsTaken(step, entry?.tags ?? [])
  const map = (names: readonly string[], make: (name: string) => JsonObject[string]): JsonObject =>
    Object.fromEntries(names.map(name => [name, make(name)]))
  const party = (role: string): string => formatBase64Url(ledger.account(partyName(random, { procedure, role, entry })))
  const issues = effects.includes('records.issue') || effects.includes('records.replace')
  const file = effects.includes('catalogue.activate') && id ? noise.files.get(id) : undefined
  return {
    ...(step.from.length > 0 ? { case: id === undefined ? hash() : formatBase64Url(parseHex(id)) } : {}),
    ...(step.asks.length > 0 ? { fields: map(step.asks, name => fieldOf(noise, procedure.facts[name]!)) } : {}),
    ...(step.takes.includes('event') ? { event: timeNear(noise) } : {}),
    ...(step.takes.includes('committed') ? { committed: hash() } : {}),
    ...(parties.length > 0 ? { parties: map(parties, party) } : {}),
    // Few of them, so that they meet.
    ...(tags.length > 0 ? { tags: map(tags, name => hashOf(hasher, `tag ${name} ${random(60)}`)) } : {}),
    ...(step.needs.length > 0
      ? {
          needs: map(
            step.needs.map(({ name }) => name),
            () => formatBase64Url(parseHex(pick(random, noise.records.slice(-100)) ?? '00'.repeat(32))),
          ),
        }
      : {}),
    ...(step.reasons.length > 0 ? { reason: pick(random, step.reasons)!, text: hash() } : {}),
    ...(effects.includes('obligations.pay')
      ? { payment: { amount: [0, 1, 4_000, 10_000, 25_000, 2 ** 53 - 1][random(6)]!, receipt: `R-${random(3_000)}` } }
      : {}),
    ...(effects.includes('catalogue.activate') ? { file: file ?? { service: 'x.none@1' } } : {}),
    ...(issues ? { record: { commitment: hash(), ...(random(4) > 0 ? { validUntil: timeNear(noise) } : {}) } } : {}),
  } as JsonObject
}

function fieldOf({ random, hasher }: Noise, fact: Fact): JsonObject[string] {
  if (fact.type === 'code') return pick(random, fact.codes)!
  if (fact.type === 'integer') return [0, 1, 7, 500, 1_000_000, Number.MAX_SAFE_INTEGER][random(6)]!
  if (fact.type === 'date') return `20${20 + random(10)}-0${1 + random(9)}-1${random(10)}`
  if (fact.type === 'hash') return hashOf(hasher, `field ${random(9)}`)
  return `A-${random(9)}`
}

function timeNear({ random, ledger }: Noise): string {
  const days = random(6) === 0 ? random(4_000) - 1_000 : random(40) - 30
  const { seconds, nanos } = ledger.block().time
  return formatTime({ seconds: seconds + BigInt(days) * 86_400n + BigInt(random(9)), nanos })
}

const absurd: readonly JsonObject[string][] = [
  ...[0, -1, Number.MAX_SAFE_INTEGER, '', 'x'.repeat(5_000), 'constructor', '__proto__', null, true],
  ...[[], {}, [[[[[[[[]]]]]]]], { en: 'x' }, '9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z', 'A'.repeat(43), '\u202e'],
]

/** A member left out, added, or replaced; now and then one level further down. */
function spoil(noise: Noise, args: JsonObject): JsonObject {
  const { random } = noise
  const names = Object.keys(args)
  const name = pick(random, names) ?? 'case'
  const value = args[name]
  if (random(3) === 0 && typeof value === 'object' && value !== null && !Array.isArray(value))
    return { ...args, [name]: spoil(noise, value as JsonObject) }
  if (random(3) === 0) return Object.fromEntries(Object.entries(args).filter(([each]) => each !== name))
  if (random(3) === 0)
    return { ...args, [pick(random, ['also', 'constructor', 'record', 'tags', 'payment'])!]: pick(random, absurd)! }
  return { ...args, [name]: pick(random, absurd)! }
}

/** A service file with a few things changed: most are refused, some are taken into the catalogue. */
export function hostileFile({ random }: Noise, json: JsonObject, place: number): JsonObject {
  const file = structuredClone(json) as Record<string, JsonObject[string]>
  file.service = `${String(json.service).split('@')[0]}@${place + 2}`
  for (let changes = random(3); changes > 0; changes--) {
    let here: JsonObject[string] = file
    for (let depth = 1 + random(5); depth > 0; depth--) {
      const inner: readonly string[] = Object.keys(here as JsonObject)
      const name = pick(random, inner)
      const next: JsonObject[string] | undefined = name === undefined ? undefined : (here as JsonObject)[name]
      if (name === undefined || depth === 1 || typeof next !== 'object' || next === null) {
        if (name !== undefined && name !== 'service') changeAt(random, here as Record<string, JsonObject[string]>, name)
        break
      }
      here = next
    }
  }
  return JSON.parse(new TextDecoder().decode(encodeCanonicalJson(file as JsonObject))) as JsonObject
}

const hostileTexts = [
  '[1, 2].all(x, [1, 2].all(y, [1, 2].all(z, x + y + z > 0)))',
  '('.repeat(200),
  `[${'1, '.repeat(500)}1].exists(x, x > 0)`,
  '9223372036854775807 + 1 > 0',
  "fields.constructor == '__proto__'",
  'P999999D',
  'x'.repeat(3_000),
]

function changeAt(random: Random, here: Record<string, JsonObject[string]>, name: string): void {
  const kind = random(4)
  if (kind === 0) delete here[name]
  else if (kind === 1) here[name] = pick(random, absurd)!
  else if (kind === 2) here[name] = pick(random, hostileTexts)!
  else here[name] = pick(random, Object.values(here)) ?? null
  // Lists keep their places.
  if (Array.isArray(here)) for (let place = 0; place < here.length; place++) here[place] ??= null
}
