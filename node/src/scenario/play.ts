// Plays scenarios: real keys sign real transactions; what must be so then is read back from the stage, which proves it or keeps it in
// memory. What was seen is gathered: steps that were taken, guards that were open and closed.

import {
  type AnySigner,
  accountEntry,
  accountKey,
  addSeconds,
  type CaseEntry,
  caseEntry,
  caseId,
  caseKey,
  encodeCanonicalJson,
  encodeUtf8,
  equals,
  formatBase64Url,
  formatIssuer,
  formatTime,
  type Hasher,
  isObject,
  isOfficeRole,
  issueCredential,
  type JsonObject,
  obligationEntry,
  obligationKey,
  openAmount,
  type Procedure,
  parseCredential,
  parseDuration,
  prepareBody,
  RecordStatus,
  ResultCode,
  recordEntry,
  recordKey,
  signBody,
  stepGuards,
  type Timestamp,
  tagsTaken,
  transactionId,
  VerifyError,
} from '@muniment/sdk'
import type { TransactionResult } from '../ledger/application.ts'
import { genesisMandateId } from '../ledger/genesis.ts'
import { holdersPerPost, officialOf, type Person, passkeyOf, personOf } from './country.ts'
import type { Scenario, ScenarioExpectation, ScenarioStep } from './read.ts'

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
  /** Random parts are numbered, so that two plays differ in nothing. */
  readonly salt: string
}

/** Answers the first thing that went otherwise than told; undefined when nothing did. */
export async function playScenario(
  scenario: Scenario,
  given: Pick<Play, 'stage' | 'procedures' | 'own' | 'seen' | 'files'>,
): Promise<Failure | undefined> {
  const play: Play = { ...given, cases: new Map(), records: new Map(), salt: `${given.own} ${scenario.name}` }
  for (const [place, item] of scenario.items.entries()) {
    const fail = (sentence: string): Failure => ({ scenario: scenario.name, place: place + 1, sentence })
    try {
      if (item.kind === 'wait') await given.stage.advance(item.seconds)
      if (item.kind === 'until') await given.stage.advance(Number(item.time.seconds - given.stage.now().seconds))
      const sentence =
        item.kind === 'step'
          ? await playStep(play, item.step, place)
          : item.kind === 'expect'
            ? await checkExpectation(play, item.expect)
            : undefined
      if (sentence !== undefined) return fail(sentence)
      await seeUnsigned(play)
    } catch (error) {
      if (error instanceof VerifyError) return fail(error.message)
      throw error
    }
  }
  return undefined
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
  const entries = await stage.read(actors.map(({ person }) => accountKey(stage.hasher, person.account)))
  const body = prepareBody(
    {
      service,
      transition: step.take,
      args: made.args,
      signers: actors.map(({ person, role, mandate }) => ({
        account: person.account,
        role,
        ...(mandate ? { mandate } : {}),
      })),
      validForBlocks: 1_000,
    },
    {
      chainId: stage.chainId,
      height: stage.height(),
      accounts: entries.map(value => value && accountEntry.decode(value)),
      random: bound => place % bound,
    },
  )
  const signers = actors.map(({ person }) => person.signer)
  const transaction = await signBody(body, { signers, genesisHash: stage.genesisHash, hasher: stage.hasher })
  const { code, log } = await stage.submit(transaction)
  const named = `${service.split('@')[0]}/${step.take}`
  const closed = code === ResultCode.guardClosed ? log.slice(0, log.indexOf(':')).split('/')[1] : undefined
  if (closed !== undefined) seen.closed.add(`${named}/${closed}`)
  if (step.closed !== undefined)
    return closed === step.closed ? undefined : `not closed by ${step.closed}: ${code} ${log}`
  if (step.refused !== undefined) {
    const wanted = (ResultCode as Readonly<Record<string, number>>)[step.refused]
    return code === wanted ? undefined : `not refused as ${step.refused}: ${code} ${log}`
  }
  if (code !== ResultCode.ok) return `${step.take} was refused: ${code} ${log}`
  seen.taken.add(named)
  for (const guard of stepGuards(taken)) seen.open.add(`${named}/${guard}`)
  const own = id ?? caseId(stage.hasher, transactionId(stage.hasher, body))
  for (const name of [service, ...(step.as ? [step.as] : [])]) play.cases.set(name, own)
  if (made.record) for (const name of [service, ...(step.as ? [step.as] : [])]) play.records.set(name, made.record)
  return undefined
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
    const open = value ? openAmount(obligationEntry.decode(value)) : undefined
    if (open !== BigInt(amount)) return `${name} is open with ${open}, not ${amount}`
  }
  if (expect.record === undefined) return undefined
  const key = entry.records.at(-1)
  const [value] = key ? await stage.read([key]) : []
  if (!value) return 'the case has issued no record'
  const status = recordEntry.decode(value).changes.at(-1)!.status
  const names = Object.entries(RecordStatus)
  const word = names.find(([, number]) => number === status)?.[0]
  return word === expect.record ? undefined : `the record is ${word}, not ${expect.record}`
}

async function readCase({ stage }: Play, id: Uint8Array): Promise<CaseEntry> {
  const [value] = await stage.read([caseKey(stage.hasher, id)])
  if (!value) throw new VerifyError('refused', 'the case is not on the ledger')
  return caseEntry.decode(value)
}

type ScenarioActor = {
  readonly person: { readonly signer: AnySigner; readonly account: Uint8Array }
  readonly role: string
  readonly office?: string
  readonly mandate?: Uint8Array
}

/** `officer`, `officer/2`, `officer@office/2`, `officer/everywhere`, `reviewer/assigned`, `reviewer/other`, `reviewer/free` (nor took a step before), `citizen=ann`. */
function actorOf(
  play: Play,
  procedure: Procedure,
  { name, entry }: { readonly name: string; readonly entry: CaseEntry | undefined },
): ScenarioActor {
  const { hasher, genesisHash } = play.stage
  const [, role = '', office, which = '1'] = /^([A-Za-z0-9]+)(?:@([a-z0-9.-]+))?(?:\/(\w+))?$/.exec(name) ?? []
  const [party = '', person] = name.split('=')
  if (person !== undefined) return { person: partyOf(play, procedure, { role: party, name: person }), role: party }
  const held = procedure.service.roles[role]
  if (!isOfficeRole(held)) throw new VerifyError('malformed', `${name}: an office role, or role=name`)
  const all = (office === undefined ? held.offices : [office]).flatMap(each =>
    Array.from({ length: holdersPerPost + 1 }, (_, place) => {
      const found = officialOf(hasher, { office: each, post: held.post, place: place + 1 })
      const mandate = genesisMandateId(hasher, { office: each, key: found.signer.key, genesisHash })
      return { person: found, role, office: each, mandate }
    }),
  )
  const assigned = entry?.assignments.find(each => each.role === role)
  const isAssigned = (each: (typeof all)[number]): boolean =>
    assigned !== undefined && formatBase64Url(each.mandate) === formatBase64Url(assigned.mandate)
  const hasActed = (each: (typeof all)[number]): boolean =>
    entry?.acts.some(({ accounts }) => accounts.some(account => equals(account, each.person.account))) === true
  const found =
    which === 'assigned'
      ? all.find(isAssigned)
      : which === 'other'
        ? all.find(each => !isAssigned(each))
        : which === 'free'
          ? all.find(each => !isAssigned(each) && !hasActed(each))
          : all[which === 'everywhere' ? holdersPerPost : Number(which) - 1]
  if (!found) throw new VerifyError('malformed', `${name}: nobody is that`)
  return found
}

/** Who signs what weighs in this service has a passkey for it. */
function partyOf(
  play: Play,
  { service }: Procedure,
  { role, name }: { role: string; name: string },
): ScenarioActor['person'] {
  const weighs = Object.values(service.transitions).some(({ sign, by }) => sign === 'identity' && by.includes(role))
  return weighs ? passkeyOf(play.stage.hasher, `${play.salt} ${name}`) : namedPerson(play, name)
}

/** `ann`, somebody of this scenario; `@hospital/doctor/1`, the holder of a post as a private person. */
function namedPerson({ stage, salt }: Play, name: string): Person {
  if (!name.startsWith('@')) return personOf(stage.hasher, `${salt} ${name}`)
  const [office = '', post = '', place = '1'] = name.slice(1).split('/')
  return officialOf(stage.hasher, { office, post, place: Number(place) })
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
): Promise<{ readonly args: JsonObject; readonly record: Uint8Array | undefined }> {
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
  const record = issues ? await makeRecord(play, making) : undefined
  const tags = tagsTaken(taken, entry?.tags ?? [])
  const bound = actors.map(({ role }) => role)
  const parties = taken.parties.filter(role => !bound.includes(role))
  const args = {
    ...(id ? { case: formatBase64Url(id) } : {}),
    ...(taken.asks.length > 0 ? { fields: fieldsOf(play, given.fields) } : {}),
    ...(taken.takes.includes('event') ? { event: eventOf(stage.now(), given.event) } : {}),
    ...(taken.takes.includes('committed') ? { committed: hash(`${salt} ${place} committed`) } : {}),
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
  return { args: args as JsonObject, record: record?.key }
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
  { stage, salt }: Play,
  { procedure, actors, place, step }: Making,
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
  const fields = Object.fromEntries(procedure.service.fields.map(({ name }) => [name, `example ${name}`]))
  const seed = hasher.sha256(encodeUtf8(`${salt} ${place} seed`)).slice(0, 16)
  const now = stage.now()
  const document = await issueCredential(
    { issuer, type: procedure.service.type ?? '', issuedAt: Number(now.seconds), fields },
    { signer, seed, hasher },
  )
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
