// The kernel beside a model of it that fits on a page: thousands of random steps of Parties and Records, each judged by both.
// What the model says must be what the ledger says, and the invariants hold after every step.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accountEntry,
  accountKey,
  formatBase64Url,
  formatHex,
  formatIssuer,
  type JsonObject,
  limits,
  loadCrypto,
  mandateEntry,
  mandateId,
  mandateKey,
  officeEntry,
  officeKey,
  parseHex,
  type RecordEntry,
  RecordStatus,
  ResultCode,
  recordEntry,
  recordKey,
  transactionId,
} from '@muniment/sdk'
import { randomOf } from '../../../test/mutation/mutate.ts'
import { createKernel } from './apply.ts'
import type { BlockContext } from './kernel.ts'
import { createTestLedger, mandateJson, type Person, person } from './test-ledger.ts'

const crypto = await loadCrypto()
const steps = Number(process.env.MODEL_STEPS ?? 4_000)
const seed = Number(process.env.MODEL_SEED ?? 7_041_776)

const people = ['a', 'b', 'c', 'd', 'e', 'f'].map(person)
const offices = ['top', 'north', 'south', 'other', 'not-there'] as const
const label = { en: 'Step' }
/** One service whose steps any official of any office may take, so that only the kernel's own rules stand in the way. */
const service = (name: string, type: string): JsonObject => ({
  service: name,
  title: { en: 'Service' },
  type,
  roles: { official: { offices: [...offices], post: 'official' }, self: { anyone: true } },
  transitions: Object.fromEntries(
    [
      'records.issue',
      'records.replace',
      'records.suspend',
      'records.resume',
      'records.revoke',
      'parties.found',
      'parties.entitle',
      'parties.appoint',
      'parties.dismiss',
    ].map(operation => {
      const weighty = operation === 'parties.appoint' || operation === 'parties.dismiss'
      const act = { label, by: ['official', 'self'], do: operation, ...(weighty && { sign: 'identity' }) }
      return [operation.split('.')[1]!, act]
    }),
  ),
})
const types = { 'one@1': 'urn:x:one', 'one@2': 'urn:x:one', 'two@1': 'urn:x:two' } as const
type ServiceName = keyof typeof types
const appState: JsonObject = {
  offices: [
    { office: 'top', names: { en: 'Top' }, types: ['urn:x:one'] },
    { office: 'north', names: { en: 'North' }, parent: 'top', types: ['urn:x:one', 'urn:x:two'] },
    { office: 'other', names: { en: 'Other' }, types: ['urn:x:two'] },
    { office: 'key-desk', names: { en: 'Where everyone’s key was registered' } },
  ],
  mandates: [
    mandateJson('top', 'official', people[0]!),
    mandateJson('north', 'official', people[1]!),
    mandateJson('other', 'official', people[2]!),
    ...people.map(each => mandateJson('key-desk', 'visitor', each)),
  ],
  services: (Object.keys(types) as ServiceName[]).map(name => service(name, types[name])),
}

type Mandate = { readonly office: string; readonly holder: Person; readonly from: bigint; until: bigint }
type ModelRecord = {
  readonly issuer: string
  readonly service: string
  status: number
  successor: string | undefined
  readonly key: string
  readonly commitment: string
}
type Model = {
  readonly offices: Map<string, { readonly parent: string; readonly types: Set<string> }>
  readonly mandates: Map<string, Mandate>
  readonly records: Map<string, ModelRecord>
  readonly nonces: Map<string, Set<number>>
  /** Of each account on each day. */
  readonly acts: Map<string, number>
}

type Step = {
  readonly who: Person
  readonly mandate: Uint8Array | undefined
  readonly service: ServiceName
  readonly operation: string
  readonly args: JsonObject
  readonly nonce: number
}

const { current, suspended, revoked, replaced } = RecordStatus
const changesOf: Readonly<Record<string, { readonly from: readonly number[]; readonly to: number }>> = {
  suspend: { from: [current], to: suspended },
  resume: { from: [suspended], to: current },
  revoke: { from: [current, suspended], to: revoked },
}

function floorOf(used: ReadonlySet<number>): number {
  let floor = 0
  while (used.has(floor + 1)) floor++
  return floor
}

/** Half a minute to a block, so that days end among them. */
function timeOf(height: bigint): bigint {
  return 1_700_000_000n + height * 30n
}

/** What ought to come of a step, and its effect on the model when it is a success. */
function predict(model: Model, step: Step, height: bigint, id: Uint8Array): boolean {
  const used = model.nonces.get(formatHex(step.who.account)) ?? new Set<number>()
  const floor = floorOf(used)
  if (used.has(step.nonce) || step.nonce > floor + 64 || step.nonce < 1) return false
  const mandate = step.mandate && model.mandates.get(formatHex(step.mandate))
  const holds = mandate && mandate.from <= height && (mandate.until === 0n || height < mandate.until)
  const isOfficial = holds === true && mandate?.holder === step.who
  const ofDay = `${formatHex(step.who.account)} ${timeOf(height) / 86_400n}`
  const acts = (model.acts.get(ofDay) ?? 0) + 1
  if (acts > (isOfficial ? limits.officialActsPerDayMax : limits.actsPerDayMax)) return false
  model.acts.set(ofDay, acts)
  model.nonces.set(formatHex(step.who.account), used.add(step.nonce))
  if (step.mandate && !isOfficial) return false
  const office = isOfficial ? mandate?.office : undefined
  const { operation } = step
  return operation === 'found' || operation === 'entitle' || operation === 'appoint' || operation === 'dismiss'
    ? predictParties(model, step, { office, height, id })
    : predictRecords(model, step, office)
}

function predictParties(
  model: Model,
  { operation, args, who }: Step,
  { office, height, id }: { readonly office: string | undefined; readonly height: bigint; readonly id: Uint8Array },
): boolean {
  const under = (name: string): boolean => {
    const found = model.offices.get(name)
    return (
      found !== undefined &&
      office !== undefined &&
      (found.parent === office || (found.parent === '' && name === office))
    )
  }
  const name = String(args.office)
  if (operation === 'found') {
    if (office === undefined || model.offices.has(name)) return false
    model.offices.set(name, { parent: office, types: new Set() })
    return true
  }
  if (operation === 'entitle') {
    if (!under(name) || model.offices.get(name)!.types.has(String(args.type))) return false
    model.offices.get(name)!.types.add(String(args.type))
    return true
  }
  if (operation === 'appoint') {
    const holder = people.find(each => formatBase64Url(each.account) === args.account)
    const known = holder && (model.nonces.has(formatHex(holder.account)) || people.indexOf(holder) < 3)
    const until = BigInt(Number(args.untilHeight ?? 0))
    if (!under(name) || !known || holder === who || (until !== 0n && until <= height)) return false
    const made = mandateId(crypto, name, holder.account, id)
    model.mandates.set(formatHex(made), { office: name, holder, from: height, until })
    return true
  }
  const mandate = model.mandates.get(formatHex(new Uint8Array(Buffer.from(String(args.mandate), 'base64url'))))
  if (!mandate || !under(mandate.office) || (mandate.until !== 0n && mandate.until <= height + 1n)) return false
  mandate.until = height + 1n
  return true
}

function predictRecords(
  model: Model,
  { operation, args, who, service: name }: Step,
  office: string | undefined,
): boolean {
  const issuer =
    office === undefined
      ? formatIssuer({ kind: 'account', chainId: 'test-ledger', account: who.account })
      : formatIssuer({ kind: 'office', chainId: 'test-ledger', office })
  const keyOf = (commitment: unknown): string =>
    formatHex(recordKey(crypto, issuer, new Uint8Array(Buffer.from(String(commitment), 'base64url'))))
  const own = (commitment: unknown): ModelRecord | undefined => {
    const found = model.records.get(keyOf(commitment))
    return found && found.service.split('@')[0] === name.split('@')[0] ? found : undefined
  }
  if (operation !== 'issue' && operation !== 'replace') {
    const { from, to } = changesOf[operation]!
    const record = own(args.commitment)
    if (!record || !from.includes(record.status)) return false
    record.status = to
    return true
  }
  const before = operation === 'replace' ? own(args.replaces) : undefined
  if (operation === 'replace' && before?.status !== current) return false
  if (office !== undefined && !model.offices.get(office)!.types.has(types[name])) return false
  const key = keyOf(args.commitment)
  if (model.records.has(key)) return false
  model.records.set(key, {
    issuer,
    service: name,
    status: current,
    successor: undefined,
    key,
    commitment: String(args.commitment),
  })
  if (before) {
    before.status = replaced
    before.successor = key
  }
  return true
}

function randomStep(model: Model, random: (bound: number) => number, height: bigint): Step {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const who = pick(people)
  const ids = [...model.mandates.keys()]
  const mine = ids.filter(id => model.mandates.get(id)!.holder === who)
  // Mostly a mandate of one's own, sometimes another's or one that never was.
  const chosen =
    random(10) === 0
      ? pick([...ids, '00'.repeat(32)])
      : mine.length > 0 && random(4) > 0
        ? mine[random(mine.length)]
        : undefined
  const acting = chosen === undefined ? formatHex(who.account) : (model.mandates.get(chosen)?.office ?? '')
  const mineToo = [...model.records.values()].filter(({ issuer }) => issuer.endsWith(`:${acting}`)).slice(-8)
  const fresh = (): string => formatBase64Url(crypto.sha256(new Uint8Array([random(256), random(3)])))
  const commitment = (): string => (mineToo.length > 0 && random(5) > 0 ? pick(mineToo).commitment : fresh())
  const operation = pick([
    'issue',
    'issue',
    'replace',
    'suspend',
    'resume',
    'revoke',
    'found',
    'entitle',
    'appoint',
    'appoint',
    'dismiss',
  ])
  const office = pick(offices)
  const args: Readonly<Record<string, () => JsonObject>> = {
    issue: () => ({ commitment: random(8) > 0 ? fresh() : commitment() }),
    replace: () => ({ commitment: random(8) > 0 ? fresh() : commitment(), replaces: commitment() }),
    suspend: () => ({ commitment: commitment(), reason: 'x' }),
    resume: () => ({ commitment: commitment(), reason: 'x' }),
    revoke: () => ({ commitment: commitment(), reason: 'x' }),
    found: () => ({ office: random(3) > 0 ? office : `office-${random(200)}`, names: { en: 'X' } }),
    entitle: () => ({ office, type: pick(Object.values(types)) }),
    appoint: () => {
      const untilHeight = random(3) === 0 ? 0 : Number(height) - 3 + random(120)
      return {
        office,
        account: formatBase64Url(pick(people).account),
        post: 'official',
        untilHeight: Math.max(0, untilHeight),
      }
    },
    // Those of the genesis file are let alone, else nobody would be left to act.
    dismiss: () => ({ mandate: formatBase64Url(parseHex(pick([...ids.slice(3), '11'.repeat(32)]))) }),
  }
  const used = model.nonces.get(formatHex(who.account)) ?? new Set<number>()
  const floor = floorOf(used)
  const nonce = random(6) === 0 ? Math.max(0, floor - 3 + random(72)) : floor + 1
  return {
    who,
    mandate: chosen === undefined ? undefined : parseHex(chosen),
    service: pick(Object.keys(types) as ServiceName[]),
    operation,
    args: args[operation]!(),
    nonce,
  }
}

test(`${steps} random steps: the ledger does what the model does, and its invariants hold (seed ${seed})`, () => {
  const random = randomOf(seed)
  const ledger = createTestLedger(appState)
  const kernel = createKernel(crypto)
  const values = new Map<string, Uint8Array>()
  const view = { get: (key: Uint8Array) => values.get(formatHex(key)) ?? ledger.view.get(key) }
  const model: Model = {
    offices: new Map([
      ['top', { parent: '', types: new Set(['urn:x:one']) }],
      ['north', { parent: 'top', types: new Set(['urn:x:one', 'urn:x:two']) }],
      ['other', { parent: '', types: new Set(['urn:x:two']) }],
    ]),
    mandates: new Map(
      ['top', 'north', 'other'].map((office, index) => {
        const holder = people[index]!
        return [formatHex(ledger.mandateOf(office, holder)), { office, holder, from: 1n, until: 0n }]
      }),
    ),
    records: new Map(),
    nonces: new Map(),
    acts: new Map(),
  }
  const outcomes = new Map<string, number>()
  let block: BlockContext = ledger.block()
  for (let count = 0; count < steps; count++) {
    // Several transactions share a block now and then.
    if (random(3) > 0) block = { ...block, height: block.height + 1n }
    block = { ...block, time: { seconds: timeOf(block.height), nanos: 0 } }
    const step = randomStep(model, random, block.height)
    const role = step.mandate ? 'official' : 'self'
    const signers = [{ person: step.who, role, ...(step.mandate ? { mandate: step.mandate } : {}) }]
    const body = { validUntil: block.height + 10n }
    const encoded = ledger.transaction({
      service: step.service,
      transition: step.operation,
      args: step.args,
      signers,
      nonce: step.nonce,
      body,
    })
    const before = new Map(values)
    const { result, writes } = kernel.apply(view, encoded, block)
    const id = transactionIdOf(ledger, step, signers, body)
    const expected = predict(model, step, block.height, id)
    const told = `step ${count} at ${block.height}: ${step.operation} by ${people.indexOf(step.who)}: ${JSON.stringify(step.args)}: ${result.log}`
    assert.equal(result.code === ResultCode.ok, expected, told)
    for (const { key, value } of writes) values.set(formatHex(key), value!)
    checkWrites(
      before,
      writes.map(({ key }) => formatHex(key)),
      { model, values, step, told, failed: !expected },
    )
    const outcome = `${step.operation} ${expected ? 'done' : 'refused'}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  compareAll(model, view)
  // Each operation was done and refused, else the run shows little.
  const told = JSON.stringify([...outcomes])
  for (const operation of ['issue', 'replace', 'suspend', 'resume', 'revoke', 'found', 'entitle', 'appoint', 'dismiss'])
    for (const outcome of ['done', 'refused'])
      assert.ok((outcomes.get(`${operation} ${outcome}`) ?? 0) > 0, `${operation} ${outcome}: ${told}`)
})

function transactionIdOf(
  ledger: ReturnType<typeof createTestLedger>,
  step: Step,
  signers: Parameters<typeof ledger.transaction>[0]['signers'],
  body: { readonly validUntil: bigint },
): Uint8Array {
  const encoded = ledger.transaction({
    service: step.service,
    transition: step.operation,
    args: step.args,
    signers,
    nonce: step.nonce,
    body,
  })
  return transactionId(crypto, decodeBody(encoded))
}

/** The first field of a transaction: tag, length, body. */
function decodeBody(encoded: Uint8Array): Uint8Array {
  let length = 0
  let at = 1
  for (let shift = 0; ; shift += 7) {
    const byte = encoded[at++]!
    length |= (byte & 127) << shift
    if (byte < 128) break
  }
  return encoded.subarray(at, at + length)
}

/** A refused step writes its own account at most; a record changes only under its issuer's hand, and revoked is for ever. */
function checkWrites(
  before: ReadonlyMap<string, Uint8Array>,
  written: readonly string[],
  given: {
    readonly model: Model
    readonly values: ReadonlyMap<string, Uint8Array>
    readonly step: Step
    readonly told: string
    readonly failed: boolean
  },
): void {
  const { model, values, step, told, failed } = given
  const account = formatHex(accountKey(crypto, step.who.account))
  if (failed)
    assert.ok(
      written.every(key => key === account),
      told,
    )
  for (const key of written.filter(each => model.records.has(each))) {
    const now = recordEntry.decode(values.get(key)!)
    const then = before.get(key) && recordEntry.decode(before.get(key)!)
    assert.equal(now.issuer, model.records.get(key)!.issuer, told)
    if (!then) continue
    const lastStatus = then.changes.at(-1)!.status
    assert.ok(lastStatus !== revoked && lastStatus !== replaced, told)
    assert.deepEqual(
      [now.issuer, now.type, now.service, now.mandate, now.account, now.key, now.predecessor, now.changes[0]],
      [then.issuer, then.type, then.service, then.mandate, then.account, then.key, then.predecessor, then.changes[0]],
      told,
    )
    const acting = step.mandate ? model.mandates.get(formatHex(step.mandate))!.office : formatHex(step.who.account)
    assert.ok(now.issuer.endsWith(`:${acting}`), told)
  }
}

function compareAll(model: Model, view: { readonly get: (key: Uint8Array) => Uint8Array | undefined }): void {
  const entries = new Map<string, RecordEntry>()
  for (const [key, record] of model.records) {
    const entry = recordEntry.decode(view.get(parseHex(key))!)
    entries.set(key, entry)
    assert.equal(entry.changes.at(-1)!.status, record.status)
    assert.equal(formatHex(entry.successor), record.successor ?? '')
  }
  for (const [key, entry] of entries) {
    const seen = new Set<string>([key])
    for (let next = formatHex(entry.successor), from = key; next !== ''; ) {
      assert.ok(!seen.has(next), 'a chain of successors without a ring')
      seen.add(next)
      assert.equal(formatHex(entries.get(next)!.predecessor), from)
      from = next
      next = formatHex(entries.get(next)!.successor)
    }
  }
  for (const [id, { office, holder, from, until }] of model.mandates) {
    const entry = mandateEntry.decode(view.get(mandateKey(crypto, parseHex(id)))!)
    assert.deepEqual([entry.office, entry.fromHeight, entry.untilHeight], [office, from, until])
    assert.deepEqual(entry.account, holder.account)
  }
  for (const [name, { parent, types: held }] of model.offices) {
    const entry = officeEntry.decode(view.get(officeKey(crypto, name))!)
    assert.deepEqual([entry.parent, entry.types.length], [parent, held.size])
  }
  for (const [account, used] of model.nonces) {
    const { nonceFloor, nonceBits } = accountEntry.decode(view.get(accountKey(crypto, parseHex(account)))!)
    const kept = new Set<number>()
    for (let nonce = 1; nonce <= Number(nonceFloor); nonce++) kept.add(nonce)
    for (let bit = 0; bit < 64; bit++) if ((nonceBits >> BigInt(bit)) & 1n) kept.add(Number(nonceFloor) + 1 + bit)
    assert.deepEqual(
      [...kept].sort((a, b) => a - b),
      [...used].sort((a, b) => a - b),
    )
  }
}
