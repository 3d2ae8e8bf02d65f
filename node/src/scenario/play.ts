// Plays scenarios: real keys sign real transactions; what must be so then is read back from the stage, which proves it or keeps it in
// memory. What was seen is gathered: steps that were taken, guards that were open and closed.

import {
  addSeconds,
  type CaseEntry,
  caseEntry,
  caseId,
  caseKey,
  empty,
  encodeCanonicalJson,
  encodeUtf8,
  equals,
  findDraw,
  formatBase64Url,
  formatIssuer,
  formatTime,
  type Hasher,
  isObject,
  issueCredential,
  type JsonObject,
  keeping,
  type LookedCase,
  listLooks,
  lookArguments,
  looksSecret,
  obligationEntry,
  obligationKey,
  openAmount,
  type Procedure,
  parseCredential,
  parseDuration,
  RecordStatus,
  ResultCode,
  reckonInterest,
  recordEntry,
  recordKey,
  stepGuards,
  type Timestamp,
  tagsTaken,
  transactionId,
  VerifyError,
} from '@muniment/sdk'
import type { TransactionResult } from '../ledger/application.ts'
import { genesisMandateId } from '../ledger/genesis.ts'
import { actorOf, partyOf } from './actors.ts'
import { cabinetOf, rosterService } from './country.ts'
import { commitCase, type PrivateCase } from './private.ts'
import type { Scenario, ScenarioAbsence, ScenarioExpectation, ScenarioLook, ScenarioStep } from './read.ts'
import { closedGuard, otherThanTold, type ScenarioActor, submitAct } from './submit.ts'

/** Where scenarios play. */
export type Stage = {
  readonly hasher: Hasher
  readonly chainId: string
  readonly genesisHash: Uint8Array
  readonly now: () => Timestamp
  readonly height: () => bigint
  /** Resolves when it stands in a block, or was refused. */
  readonly submit: (transaction: Uint8Array) => Promise<TransactionResult>
  readonly advance: (seconds: number) => Promise<void>
  /** One block more is made; left out where `submit` waits for all that a transaction leads to. */
  readonly settle?: () => Promise<void>
  /** Values as the newest state has them. */
  readonly read: (keys: readonly Uint8Array[]) => Promise<readonly (Uint8Array | undefined)[]>
}

/** What was seen, by `service/step` and `service/step/guard`. */
export type Seen = { readonly taken: Set<string>; readonly open: Set<string>; readonly closed: Set<string> }

export type Failure = { readonly scenario: string; readonly place: number; readonly sentence: string }

type Play = {
  readonly stage: Stage
  readonly procedures: ReadonlyMap<string, Procedure>
  readonly own: string
  readonly seen: Seen
  /** Service files that scenarios lay open, by their names. */
  readonly files: ReadonlyMap<string, JsonObject>
  readonly cases: Map<string, Uint8Array>
  readonly records: Map<string, Uint8Array>
  /** What stands behind the roots of cases, by their ids. */
  readonly privates: Map<string, PrivateCase>
  /** Told of everything that a case keeps to itself. */
  readonly onPrivate?: ((kept: PrivateCase) => void) | undefined
  /** Told of every document, as its holder is given it. */
  readonly onDocument?: ((document: string) => void) | undefined
  /** Random parts are numbered, so that two plays differ in nothing. */
  readonly salt: string
}

/** Answers the first thing that went otherwise than told; undefined when nothing did. */
export async function playScenario(
  scenario: Scenario,
  given: Pick<Play, 'stage' | 'procedures' | 'own' | 'seen' | 'files' | 'onPrivate' | 'onDocument'>,
): Promise<Failure | undefined> {
  const memory = { cases: new Map(), records: new Map(), privates: new Map() }
  const play: Play = { ...given, ...memory, salt: `${given.own} ${scenario.name}` }
  for (const [place, item] of scenario.items.entries()) {
    const fail = (sentence: string): Failure => ({ scenario: scenario.name, place: place + 1, sentence })
    try {
      const sentence = await playItem(play, item, place)
      if (sentence !== undefined) return fail(sentence)
      await seeUnsigned(play)
    } catch (error) {
      if (error instanceof VerifyError) return fail(error.message)
      throw error
    }
  }
  return undefined
}

async function playItem(play: Play, item: Scenario['items'][number], place: number): Promise<string | undefined> {
  const { stage } = play
  switch (item.kind) {
    case 'step':
      return playStep(play, item.step, place)
    case 'look':
      return playLook(play, item.look, place)
    case 'absence':
      return playAbsence(play, item.absence, place)
    case 'expect':
      return checkExpectation(play, item.expect)
    case 'wait':
      await stage.advance(item.seconds)
      return undefined
    case 'until':
      await stage.advance(Number(item.time.seconds - stage.now().seconds))
      return undefined
  }
}

async function playStep(play: Play, step: ScenarioStep, place: number): Promise<string | undefined> {
  const { stage, seen } = play
  const service = step.service ?? play.own
  const procedure = play.procedures.get(service)
  const taken = procedure?.steps[step.take]
  if (!procedure || !taken) return `${service} has no step ${step.take}`
  const opens = taken.from.length === 0
  const id = opens ? undefined : play.cases.get(step.in ?? service)
  if (!opens && !id) return `no case to take ${step.take} in`
  const entry = id && (await readCase(play, id))
  const actors = step.by.map(name => actorOf(play, procedure, { name, entry: entry || undefined }))
  const made = await makeArguments(play, { procedure, step, actors, place, id, entry: entry || undefined })
  const act = { service, transition: step.take, args: made.args, actors, place }
  const { body, code, log } = await submitAct(stage, act)
  const named = `${service.split('@')[0]}/${step.take}`
  const closed = closedGuard({ code, log })
  if (closed !== undefined) seen.closed.add(`${named}/${closed}`)
  const otherwise = otherThanTold(step, { code, log })
  if (otherwise !== undefined || code !== ResultCode.ok) return otherwise
  if (taken.effects.some(({ do: effect }) => effect === 'cases.draw')) await stage.settle?.()
  seen.taken.add(named)
  for (const guard of stepGuards(taken)) seen.open.add(`${named}/${guard}`)
  const own = id ?? caseId(stage.hasher, transactionId(stage.hasher, body))
  for (const name of [service, ...(step.as ? [step.as] : [])]) play.cases.set(name, own)
  if (made.kept) play.privates.set(formatBase64Url(own), made.kept)
  if (made.record) for (const name of [service, ...(step.as ? [step.as] : [])]) play.records.set(name, made.record)
  return undefined
}

/** The draw is worked out again from what is proven; a stage of one validator says that the operator drew. */
async function checkDrawn(stage: Stage, id: Uint8Array, { drawn }: ScenarioExpectation): Promise<string | undefined> {
  if (drawn === undefined) return undefined
  const found = await findDraw(stage.read, stage.hasher, { id, role: drawn })
  return found.drawnBy === 'operator' ? undefined : `${drawn} was drawn by ${found.drawnBy}`
}

/** An official looks into the case: under the next number that is free, as he finds it proven. */
async function playLook(play: Play, look: ScenarioLook, place: number): Promise<string | undefined> {
  const { stage, seen } = play
  const id = play.cases.get(look.in ?? play.own)
  if (!id) return `no case to look into`
  const entry = await readCase(play, id)
  const procedure = play.procedures.get(entry.service)!
  const actor = actorOf(play, procedure, { name: look.by, entry })
  const looked = lookedCase(play, id, procedure)
  if (!looked) return 'the case keeps nothing that could be looked at'
  const looks = await listLooks(stage.read, stage.hasher, looked)
  const given = { place: looks.length, look: look.look, mandate: actor.mandate ?? empty, reason: look.reason }
  const args = lookArguments(stage.hasher, looked, given)
  const act = { service: entry.service, transition: look.look, args, actors: [actor], place }
  const { code, log } = await submitAct(stage, act)
  if (code === ResultCode.ok) seen.taken.add(`${entry.service.split('@')[0]}/${look.look}`)
  return otherThanTold({ ...look, take: look.look }, { code, log })
}

/** The cabinet says that an official takes no new cases, or takes them again. */
async function playAbsence(play: Play, absence: ScenarioAbsence, place: number): Promise<string | undefined> {
  const { stage, procedures, own, cases } = play
  const { hasher, genesisHash } = stage
  const { official, isAbsent, reason } = absence
  const id = cases.get(own)
  const entry = id && (await readCase(play, id))
  const { mandate } = actorOf(play, procedures.get(own)!, { name: official, entry })
  const actors = cabinetOf(hasher).map(({ office, post, ...person }) => {
    const held = genesisMandateId(hasher, { office, key: person.signer.key, genesisHash })
    return { person, role: post, mandate: held }
  })
  const args = { mandate: formatBase64Url(mandate ?? empty), absent: isAbsent, reason }
  const act = { service: String(rosterService.service), transition: 'setAbsent', args, actors, place }
  return otherThanTold({ closed: undefined, ...absence, take: 'setAbsent' }, await submitAct(stage, act))
}

/** As its subject knows it. */
function lookedCase({ stage, privates }: Play, id: Uint8Array, { service }: Procedure): LookedCase | undefined {
  const kept = privates.get(formatBase64Url(id))
  const { hasher } = stage
  return kept && { secret: looksSecret(hasher, kept.secret), id, service: service.id, looks: service.looks }
}

/** Steps that time and other services took are seen in the cases themselves. */
async function seeUnsigned(play: Play): Promise<void> {
  for (const id of new Set(play.cases.values())) {
    const entry = await readCase(play, id)
    const { steps, states } = play.procedures.get(entry.service)!
    const name = (step: string): string => `${entry.service.split('@')[0]}/${step}`
    for (const { step } of entry.acts) {
      if (steps[step]!.by.length > 0) continue
      play.seen.taken.add(name(step))
      for (const guard of stepGuards(steps[step]!)) play.seen.open.add(`${name(step)}/${guard}`)
      // A clock takes the first step that is open: those named before it were closed, by their only condition.
      for (const { clock } of Object.values(states)) {
        const before = clock?.next.slice(0, Math.max(0, clock.next.indexOf(step))) ?? []
        for (const closed of before) {
          const [guard, ...others] = stepGuards(steps[closed]!)
          if (guard !== undefined && others.length === 0) play.seen.closed.add(`${name(closed)}/${guard}`)
        }
      }
    }
  }
}

async function checkExpectation(play: Play, expect: ScenarioExpectation): Promise<string | undefined> {
  const { stage } = play
  const id = play.cases.get(expect.in ?? play.own)
  if (!id) return 'no case to look at'
  const entry = await readCase(play, id)
  if (expect.state !== undefined && entry.state !== expect.state)
    return `the case is ${entry.state}, not ${expect.state}`
  for (const [name, amount] of Object.entries(expect.open)) {
    const [value] = await stage.read([obligationKey(stage.hasher, id, name)])
    const owed = value && reckonInterest(obligationEntry.decode(value), stage.now(), entry.lateTime)
    const open = owed && openAmount(owed)
    if (open !== BigInt(amount)) return `${name} is open with ${open}, not ${amount}`
  }
  const kept = keeping(play.procedures.get(entry.service)!, entry, stage.now())
  if (expect.fields !== undefined && kept !== expect.fields) return `the private fields are ${kept}`
  const otherwise =
    (await checkOfficials(play, entry, expect)) ??
    (await checkLooks(play, id, { entry, expect })) ??
    (await checkDrawn(stage, id, expect))
  return otherwise ?? checkRecords(stage, entry, expect)
}

/** Each record is read for itself: what replaced another names it, so that both versions stand. */
async function checkRecords(
  stage: Stage,
  { records: keys }: CaseEntry,
  { record, records }: ScenarioExpectation,
): Promise<string | undefined> {
  if (record === undefined && records === undefined) return undefined
  const values = await stage.read(keys)
  const entries = values.map(value => value && recordEntry.decode(value))
  const names = Object.entries(RecordStatus)
  const words = entries.map(entry => names.find(([, number]) => number === entry?.changes.at(-1)?.status)?.[0])
  if (words.length === 0) return 'the case has issued no record'
  if (record !== undefined && words.at(-1) !== record) return `the record is ${words.at(-1)}, not ${record}`
  if (records === undefined) return undefined
  if (words.join() !== records.join()) return `the records are ${words.join()}, not ${records.join()}`
  const isChained = keys.every(
    (key, place) => words[place] !== 'replaced' || equals(entries[place + 1]?.predecessor ?? empty, key),
  )
  return isChained ? undefined : 'a record does not name the one that it replaced'
}

/** The case is assigned, and to none but those who had the other one in the same role. */
async function checkOfficials(
  play: Play,
  { assignments }: CaseEntry,
  { sameOfficials }: ScenarioExpectation,
): Promise<string | undefined> {
  if (sameOfficials === undefined) return undefined
  const id = play.cases.get(sameOfficials)
  if (!id) return `no case ${sameOfficials} to compare with`
  const other = await readCase(play, id)
  const areSame = assignments.every(({ role, mandate }) =>
    other.assignments.some(each => each.role === role && equals(each.mandate, mandate)),
  )
  return assignments.length > 0 && areSame ? undefined : 'the case is assigned to other officials, or to nobody'
}

async function checkLooks(
  play: Play,
  id: Uint8Array,
  { entry, expect }: { readonly entry: CaseEntry; readonly expect: ScenarioExpectation },
): Promise<string | undefined> {
  if (expect.looks === undefined) return undefined
  const looked = lookedCase(play, id, play.procedures.get(entry.service)!)
  const looks = looked ? await listLooks(play.stage.read, play.stage.hasher, looked) : []
  const areTrue = looks.every(({ isTrue }) => isTrue)
  return looks.length === expect.looks && areTrue ? undefined : `${looks.length} looks are proven, not ${expect.looks}`
}

async function readCase({ stage }: Play, id: Uint8Array): Promise<CaseEntry> {
  const [value] = await stage.read([caseKey(stage.hasher, id)])
  if (!value) throw new VerifyError('refused', 'the case is not on the ledger')
  return caseEntry.decode(value)
}

type Making = {
  readonly procedure: Procedure
  readonly step: ScenarioStep
  readonly actors: readonly ScenarioActor[]
  readonly place: number
  readonly id: Uint8Array | undefined
  readonly entry: CaseEntry | undefined
}

/** Arguments as the step takes them: what the scenario does not care about is made up. */
async function makeArguments(
  play: Play,
  making: Making,
): Promise<{
  readonly args: JsonObject
  readonly record: Uint8Array | undefined
  readonly kept: PrivateCase | undefined
}> {
  const { stage, salt } = play
  const { procedure, step, actors, place, id, entry } = making
  const { given } = step
  const taken = procedure.steps[step.take]!
  const hash = (text: string): string => formatBase64Url(stage.hasher.sha256(encodeUtf8(text)))
  const map = (value: unknown, read: (text: string, name: string) => string): JsonObject =>
    Object.fromEntries(
      Object.entries((value ?? {}) as JsonObject).map(([name, text]) => [name, read(String(text), name)]),
    )
  const effects = taken.effects.map(effect => effect.do)
  const issues = effects.includes('records.issue') || effects.includes('records.replace')
  const before = id && play.privates.get(formatBase64Url(id))
  const seed = `${salt} ${place}`
  const commits = taken.takes.includes('committed')
  const kept = commits ? commitCase(stage.hasher, procedure, { seed, before }) : undefined
  if (kept) play.onPrivate?.(kept)
  const record = issues ? await makeRecord(play, making, kept ?? before) : undefined
  const tags = tagsTaken(taken, entry?.tags ?? [])
  const bound = actors.map(({ role }) => role)
  const parties = taken.parties.filter(role => !bound.includes(role))
  const args = {
    ...(id ? { case: formatBase64Url(id) } : {}),
    ...(taken.asks.length > 0 ? { fields: fieldsOf(play, given.fields) } : {}),
    ...(taken.takes.includes('event') ? { event: eventOf(stage.now(), given.event) } : {}),
    ...(kept ? { committed: formatBase64Url(kept.committed.root) } : {}),
    ...(parties.length > 0
      ? {
          parties: map(given.parties, (name, role) =>
            formatBase64Url(partyOf(play, procedure, { role, name }).account),
          ),
        }
      : {}),
    ...(tags.length > 0 ? { tags: map(given.tags, text => hash(`${salt} tag ${text}`)) } : {}),
    ...(taken.needs.length > 0
      ? { needs: map(given.needs, name => formatBase64Url(play.records.get(name) ?? new Uint8Array(32))) }
      : {}),
    ...(given.reason === undefined ? {} : { reason: given.reason, text: hash(`${salt} ${place} reason`) }),
    ...(given.payment === undefined ? {} : { payment: given.payment }),
    ...(given.file === undefined ? {} : { file: fileOf(play, String(given.file)) }),
    ...(record ? { record: record.args } : {}),
  }
  return { args: args as JsonObject, record: record?.key, kept }
}

/** A file that is laid open is named where its hash is asked for. */
function fieldsOf(play: Play, value: unknown): JsonObject {
  const { hasher } = play.stage
  const fields = Object.entries((value ?? {}) as JsonObject).map(([name, field]): [string, JsonObject[string]] => {
    const isFile = typeof field === 'string' && field.endsWith('.yaml')
    return [name, isFile ? formatBase64Url(hasher.sha256(encodeCanonicalJson(fileOf(play, field)))) : field]
  })
  return Object.fromEntries(fields)
}

/** `library-card-2.yaml` is the second version of `library-card.yaml`. */
function fileOf({ files }: Play, name: string): JsonObject {
  const [, base = name, version = '1'] = /^([a-z-]+?)(?:-([0-9]+))?\.yaml$/.exec(name) ?? []
  const file = files.get(`${base}.yaml`) ?? { service: 'no.service@1' }
  return { ...file, service: String(file.service).replace(/@.*/, `@${version}`) }
}

/** A document for the record, signed by the first who signs. */
async function makeRecord(
  { stage, salt, onDocument }: Play,
  { procedure, actors, place, step }: Making,
  kept: PrivateCase | undefined,
): Promise<{ readonly key: Uint8Array; readonly args: JsonObject }> {
  const { hasher, chainId } = stage
  const [{ person, office }] = actors as [ScenarioActor]
  const { signer } = person
  if (!('sign' in signer))
    throw new VerifyError('malformed', 'a passkey signs no documents: let an official sign first')
  const issuer =
    office === undefined
      ? formatIssuer({ kind: 'account', chainId, account: person.account })
      : formatIssuer({ kind: 'office', chainId, office })
  const held = new Map(kept?.fields.map(({ name, value }) => [name, value]))
  const fields = Object.fromEntries(
    procedure.service.fields.map(({ name }) => [name, held.get(name) ?? `example ${name}`]),
  )
  const seed = hasher.sha256(encodeUtf8(`${salt} ${place} seed`)).slice(0, 16)
  const now = stage.now()
  const document = await issueCredential(
    { issuer, type: procedure.service.type ?? '', issuedAt: Number(now.seconds), fields },
    { signer, seed, hasher },
  )
  onDocument?.(document)
  const { commitment } = parseCredential(document, hasher)
  const given = isObject(step.given.record) ? step.given.record : {}
  const until = given.until === undefined ? {} : { validUntil: formatTime(addSeconds(now, parseDuration(given.until))) }
  return {
    key: recordKey(hasher, issuer, commitment),
    args: { commitment: formatBase64Url(commitment), ...until },
  }
}

/** `-P8D`: so long ago; `P1D`: in a day; now, where nothing is said. */
function eventOf(now: Timestamp, value: unknown): string {
  if (typeof value !== 'string') return formatTime(now)
  const seconds = parseDuration(value.replace(/^-/, ''))
  return formatTime(addSeconds(now, value.startsWith('-') ? -seconds : seconds))
}
