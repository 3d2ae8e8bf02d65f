// What a step does in the other modules: records, obligations, who works on the case.

import {
  addSeconds,
  admitService,
  type CaseEntry,
  closedServiceKey,
  compareTime,
  decodeArgs,
  type Effect,
  empty,
  encodeCanonicalJson,
  equals,
  evaluateFormula,
  type Formula,
  formatBase64Url,
  formatHex,
  isOfficeRole,
  limits,
  type OfficeRole,
  RecordStatus,
  ResultCode,
  serviceKey,
} from '@muniment/sdk'
import { refuseBad } from './arguments.ts'
import { caseFactsOf } from './case-facts.ts'
import type { Taking } from './case-step.ts'
import { awaitDraw } from './draws.ts'
import {
  adjust,
  assess,
  bearInterest,
  endPlan,
  enforce,
  pay,
  plan,
  refund,
  resume,
  stay,
  voidObligation,
  waive,
} from './obligations.ts'
import { enter, statusOf, withStatus } from './records.ts'
import { type Candidate, candidates, takeTurn } from './roster.ts'
import { require } from './rules.ts'
import { getRecord, putRecord } from './state.ts'
import { assignedBefore, forgetAssigned, rememberAssigned } from './unique.ts'

/** In the file's order; each sees what the one before did. */
export function runEffects(taking: Taking, entry: CaseEntry): CaseEntry {
  return taking.step.effects.reduce((now, effect) => runEffect(taking, now, effect), entry)
}

function runEffect(taking: Taking, entry: CaseEntry, effect: Effect): CaseEntry {
  switch (effect.do) {
    case 'records.issue':
    case 'records.replace':
      return issue(taking, entry, effect)
    case 'records.suspend':
      return changeRecord(taking, entry, { from: [RecordStatus.current], to: RecordStatus.suspended })
    case 'records.resume':
      return changeRecord(taking, entry, { from: [RecordStatus.suspended], to: RecordStatus.current })
    case 'records.revoke':
      if (effect.ifInForce && !hasRecord(taking, entry)) return entry
      return changeRecord(taking, entry, {
        from: [RecordStatus.current, RecordStatus.suspended],
        to: RecordStatus.revoked,
      })
    case 'cases.assign':
      return assign(taking, entry, effect)
    case 'cases.draw':
      return draw(taking, entry, effect)
    case 'cases.shred':
      return { ...entry, shreddedTime: taking.block.time }
    case 'catalogue.activate':
      activate(taking, entry)
      return entry
    case 'catalogue.close':
      closeService(taking, entry)
      return entry
    default:
      return owe(taking, entry, effect)
  }
}

type Owing = Extract<Effect, { do: `obligations.${string}` }>

function owe(taking: Taking, entry: CaseEntry, effect: Owing): CaseEntry {
  const { state, block } = taking
  const { name } = effect
  const of = { id: taking.id, name }
  const when = { now: block.time, late: entry.lateTime }
  switch (effect.do) {
    case 'obligations.assess': {
      const { creditor } = effect
      const debtor = entry.parties.find(({ role }) => role === effect.debtor)?.account
      require(debtor, ResultCode.wrongState, `the case names nobody as ${effect.debtor}`)
      const dueTime = addSeconds(block.time, effect.dueSeconds)
      assess(state, of, { debtor, creditor, amount: reckon(taking, entry, effect.amount), dueTime })
      return entry.obligations.includes(name) ? entry : { ...entry, obligations: [...entry.obligations, name] }
    }
    case 'obligations.pay':
      pay(state, of, { ...taking.given.payment!, ...when, office: taking.act?.office, height: block.height })
      return entry
    case 'obligations.stay':
      stay(state, of, when)
      return entry
    case 'obligations.resume':
      resume(state, of, block.time)
      return entry
    case 'obligations.void':
      voidObligation(state, of)
      return entry
    case 'obligations.refund':
      refund(state, of)
      return entry
    case 'obligations.waive':
      waive(state, of, { ...when, amount: effect.amount && reckon(taking, entry, effect.amount) })
      return entry
    case 'obligations.adjust':
      adjust(state, of, { ...when, assessed: reckon(taking, entry, effect.amount!) })
      return entry
    case 'obligations.plan':
      plan(state, of, { ...when, parts: reckon(taking, entry, effect.parts), everySeconds: effect.everySeconds })
      return entry
    case 'obligations.endPlan':
      endPlan(state, of, when)
      return entry
    case 'obligations.interest':
      bearInterest(state, of, { ...when, rate: reckon(taking, entry, effect.rate) })
      return entry
    case 'obligations.enforce':
      enforce(state, of, when)
      return entry
  }
}

function reckon(taking: Taking, entry: CaseEntry, formula: Formula): bigint {
  const amount = evaluateFormula(formula, caseFactsOf(taking, entry))
  require(typeof amount === 'bigint', ResultCode.wrongState, 'the number cannot be reckoned')
  return amount
}

function issue(taking: Taking, entry: CaseEntry, effect: Extract<Effect, { holder: string | undefined }>): CaseEntry {
  const { act, given, id, state, block } = taking
  require(entry.records.length < limits.recordsPerCaseMax, ResultCode.quota, 'the case has issued too many records')
  const holder = entry.parties.find(({ role }) => role === effect.holder)?.account ?? empty
  const before = entry.records.at(-1)
  const predecessor = effect.do === 'records.replace' ? before : undefined
  const isAlone = predecessor !== undefined || !hasRecord(taking, entry)
  require(isAlone, ResultCode.wrongState, 'the case has a record already, which is replaced or revoked first')
  require(predecessor || effect.do === 'records.issue', ResultCode.wrongState, 'there is no record to replace')
  const key = enter(act!, given.record!, { predecessor: predecessor ?? empty, case: id, holder })
  if (predecessor) {
    const record = getRecord(state, predecessor)!
    const isReplaceable = statusOf(record) !== RecordStatus.revoked
    require(isReplaceable, ResultCode.wrongState, 'a revoked record is not replaced')
    const cause = { block, mandate: act!.body.signers[0]!.mandate }
    const change = { status: RecordStatus.replaced, reason: 'replaced' }
    putRecord(state, predecessor, { ...withStatus(cause, record, change), successor: key })
  }
  return { ...entry, records: [...entry.records, key] }
}

/** Whether the newest record is in force, or suspended. Of a case no more than one is. */
function hasRecord({ state, block }: Taking, { records }: CaseEntry): boolean {
  const key = records.at(-1)
  if (key === undefined) return false
  const record = getRecord(state, key)!
  const isOver = record.validUntil !== undefined && compareTime(record.validUntil, block.time) <= 0
  return !isOver && statusOf(record) !== RecordStatus.revoked
}

function changeRecord(
  { state, block, act, given, name }: Taking,
  entry: CaseEntry,
  { from, to }: { readonly from: readonly number[]; readonly to: number },
): CaseEntry {
  const key = entry.records.at(-1)
  const record = key && getRecord(state, key)
  require(record, ResultCode.wrongState, 'the case has issued no record')
  require(from.includes(statusOf(record)), ResultCode.wrongState, 'the record is not in a state for this step')
  const cause = { block, mandate: act?.body.signers[0]?.mandate ?? empty }
  putRecord(state, key, withStatus(cause, record, { status: to, reason: given.reason || name }))
  return entry
}

/** The file whose name and hash were laid open when the case began, and no other, joins the catalogue. */
function activate({ state, given }: Taking, entry: CaseEntry): void {
  const file = encodeCanonicalJson(given.file!)
  const laidOpen = decodeArgs(entry.facts)
  const isThat =
    laidOpen.file === formatBase64Url(state.hasher.sha256(file)) && laidOpen.service === given.file!.service
  require(isThat, ResultCode.badArguments, 'this is not the file that was laid open')
  const service = refuseBad('file', () => admitService(file))
  const key = serviceKey(state.hasher, service.id)
  require(!state.get(key), ResultCode.exists, `the catalogue has ${service.id} already`)
  state.put(key, file)
}

function closeService({ state, block }: Taking, entry: CaseEntry): void {
  const { service } = decodeArgs(entry.facts)
  const since = new Uint8Array(8)
  new DataView(since.buffer).setBigUint64(0, block.height)
  state.put(closedServiceKey(state.hasher, String(service)), since)
}

type Choice = Extract<Effect, { do: 'cases.assign' | 'cases.draw' }>

/** The next in turn of those who could take the case. */
function assign(taking: Taking, entry: CaseEntry, effect: Extract<Effect, { do: 'cases.assign' }>): CaseEntry {
  const { role, pool, persons } = candidatesFor(taking, entry, effect)
  const same = assignedAgain(taking, entry, { effect, pool })
  if (same) return withAssigned(entry, { role: effect.role, mandate: same, how: 'again', pool: persons.size })
  const { mandate } = takeTurn(taking.state, { office: role.offices[0]!, post: role.post }, pool)
  rememberAssigned(taking.state, taking.procedure, { entry, role: effect.role, mandate })
  return withAssigned(entry, { role: effect.role, mandate, how: effect.how, pool: persons.size })
}

function withAssigned(entry: CaseEntry, assigned: Omit<CaseEntry['assignments'][number], 'draw'>): CaseEntry {
  const kept = entry.assignments.filter(({ role }) => role !== assigned.role)
  return { ...entry, assignments: [...kept, { ...assigned, draw: undefined }] }
}

/** Whoever withdraws a case and begins it anew does not choose his official by that. */
function assignedAgain(
  { state, procedure }: Taking,
  { tags }: CaseEntry,
  { effect, pool }: { readonly effect: Choice; readonly pool: readonly Candidate[] },
): Uint8Array | undefined {
  const held = tags.find(({ name, fact }) => name === effect.again && fact === '')
  if (!held) return undefined
  const before = assignedBefore(state, procedure.service.id, held, effect.role)
  const same = before && pool.find(({ mandate }) => equals(mandate, before))
  if (!same) forgetAssigned(state, procedure.service.id, held, effect.role)
  return same?.mandate
}

/** Who sits in two of the offices is drawn as often as anybody else. */
function draw(taking: Taking, entry: CaseEntry, effect: Extract<Effect, { do: 'cases.draw' }>): CaseEntry {
  const { pool: candidates, persons } = candidatesFor(taking, entry, effect)
  const same = assignedAgain(taking, entry, { effect, pool: candidates })
  if (same) return withAssigned(entry, { role: effect.role, mandate: same, how: 'again', pool: persons.size })
  const all = [...persons.values()].map(({ mandate }) => mandate)
  // Who has the case already is not drawn again, as long as there are others.
  const before = entry.assignments.find(each => each.role === effect.role)?.mandate
  const others = all.filter(mandate => before === undefined || !equals(mandate, before))
  const pool = others.length > 0 ? others : all
  return awaitDraw(taking.state, taking.block, { id: taking.id, entry, role: effect.role, pool })
}

/** Who has no part in the case, and is of no office that took one of those steps, in the order of their mandates. */
function candidatesFor(
  { state, procedure, block, act, name: step }: Taking,
  entry: CaseEntry,
  { role: name, least, apartFrom, notBy }: Choice,
): {
  readonly role: OfficeRole
  readonly pool: readonly Candidate[]
  readonly persons: ReadonlyMap<string, Candidate>
} {
  const role = procedure.service.roles[name]!
  require(isOfficeRole(role), ResultCode.notAllowed, 'only officials are assigned')
  const others = entry.acts.filter(({ step }) => apartFrom.includes(step) || notBy.includes(step))
  const offices = others.filter(({ step }) => apartFrom.includes(step)).flatMap(({ offices: theirs }) => theirs)
  const recused = entry.acts.filter(each => procedure.steps[each.step]!.recuses)
  const involved = [
    ...entry.parties.map(({ account }) => account),
    ...recused.flatMap(({ accounts }) => accounts),
    ...others.flatMap(({ accounts }) => accounts),
    ...(act?.actors ?? []).flatMap(({ account, signer }) => [account, signer]),
  ]
  const pool = candidates(state, role, block.height).filter(
    each => !offices.includes(each.office) && !involved.some(account => equals(account, each.account)),
  )
  // Who sits in two of the offices is one person to choose from.
  const persons = new Map<string, Candidate>()
  for (const each of pool) {
    const person = formatHex(each.account)
    if (!persons.has(person)) persons.set(person, each)
  }
  require(persons.size >=
    least, ResultCode.guardClosed, `${step}/pool: fewer than ${least} officials could take the case`)
  return { role, pool, persons }
}
