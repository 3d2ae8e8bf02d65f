// What a step does in the other modules: records, obligations, who works on the case.

import {
  addSeconds,
  admitService,
  type CaseEntry,
  closedServiceKey,
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
  RecordStatus,
  ResultCode,
  serviceKey,
} from '@muniment/sdk'
import { refuseBad } from './arguments.ts'
import { caseFactsOf } from './case-facts.ts'
import type { Taking } from './case-step.ts'
import { adjust, assess, pay, refund, resume, stay, voidObligation, waive } from './obligations.ts'
import { enter, statusOf, withStatus } from './records.ts'
import { candidates, takeTurn } from './roster.ts'
import { require } from './rules.ts'
import { getRecord, putRecord } from './state.ts'

/** In the file's order; each sees what the one before did. */
export function runEffects(taking: Taking, entry: CaseEntry): CaseEntry {
  return taking.step.effects.reduce((now, effect) => runEffect(taking, now, effect), entry)
}

function runEffect(taking: Taking, entry: CaseEntry, effect: Effect): CaseEntry {
  const { state, id, block } = taking
  switch (effect.do) {
    case 'records.issue':
    case 'records.replace':
      return issue(taking, entry, effect)
    case 'records.suspend':
      return changeRecord(taking, entry, { from: [RecordStatus.current], to: RecordStatus.suspended })
    case 'records.resume':
      return changeRecord(taking, entry, { from: [RecordStatus.suspended], to: RecordStatus.current })
    case 'records.revoke':
      return changeRecord(taking, entry, {
        from: [RecordStatus.current, RecordStatus.suspended],
        to: RecordStatus.revoked,
      })
    case 'cases.assign':
      return assign(taking, entry, effect)
    case 'obligations.assess': {
      const { name, creditor } = effect
      const debtor = entry.parties.find(({ role }) => role === effect.debtor)?.account
      require(debtor, ResultCode.wrongState, `the case names nobody as ${effect.debtor}`)
      const dueTime = addSeconds(block.time, effect.dueSeconds)
      assess(state, { id, name }, { debtor, creditor, amount: amountOf(taking, entry, effect.amount), dueTime })
      return entry.obligations.includes(name) ? entry : { ...entry, obligations: [...entry.obligations, name] }
    }
    case 'obligations.pay': {
      const { payment } = taking.given
      const office = taking.act?.office
      pay(state, { id, name: effect.name }, { ...payment!, office, height: block.height })
      return entry
    }
    case 'obligations.stay':
      stay(state, { id, name: effect.name }, block.time)
      return entry
    case 'obligations.resume':
      resume(state, { id, name: effect.name }, block.time)
      return entry
    case 'obligations.void':
      voidObligation(state, { id, name: effect.name })
      return entry
    case 'obligations.refund':
      refund(state, { id, name: effect.name })
      return entry
    case 'obligations.waive':
      waive(state, { id, name: effect.name }, effect.amount && amountOf(taking, entry, effect.amount))
      return entry
    case 'obligations.adjust':
      adjust(state, { id, name: effect.name }, amountOf(taking, entry, effect.amount!))
      return entry
    case 'catalogue.activate':
      activate(taking, entry)
      return entry
    case 'catalogue.close':
      closeService(taking, entry)
      return entry
  }
}

function amountOf(taking: Taking, entry: CaseEntry, formula: Formula): bigint {
  const amount = evaluateFormula(formula, caseFactsOf(taking, entry))
  require(typeof amount === 'bigint', ResultCode.wrongState, 'the amount cannot be reckoned')
  return amount
}

function issue(taking: Taking, entry: CaseEntry, effect: Extract<Effect, { holder: string | undefined }>): CaseEntry {
  const { act, given, id, state, block } = taking
  require(entry.records.length < limits.recordsPerCaseMax, ResultCode.quota, 'the case has issued too many records')
  const holder = entry.parties.find(({ role }) => role === effect.holder)?.account ?? empty
  const before = entry.records.at(-1)
  const predecessor = effect.do === 'records.replace' ? before : undefined
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

/** The next in turn who has no part in the case, and is of no office that took one of those steps. */
function assign(
  { state, procedure, block, act }: Taking,
  entry: CaseEntry,
  { role: name, how, least, apartFrom, notBy }: Extract<Effect, { do: 'cases.assign' }>,
): CaseEntry {
  const role = procedure.service.roles[name]!
  require(isOfficeRole(role), ResultCode.notAllowed, 'only officials are assigned')
  const others = entry.acts.filter(({ step }) => apartFrom.includes(step) || notBy.includes(step))
  const offices = others.filter(({ step }) => apartFrom.includes(step)).flatMap(({ offices: theirs }) => theirs)
  const involved = [
    ...entry.parties.map(({ account }) => account),
    ...others.flatMap(({ accounts }) => accounts),
    ...(act?.actors ?? []).flatMap(({ account, signer }) => [account, signer]),
  ]
  const pool = candidates(state, role, block.height).filter(
    each => !offices.includes(each.office) && !involved.some(account => equals(account, each.account)),
  )
  // Who sits in two of the offices is one person to choose from.
  const persons = new Set(pool.map(({ account }) => formatHex(account))).size
  require(persons >= least, ResultCode.guardClosed, `pool: fewer than ${least} officials could take the case`)
  const { mandate } = takeTurn(state, { office: role.offices[0]!, post: role.post }, pool)
  const kept = entry.assignments.filter(each => each.role !== name)
  return { ...entry, assignments: [...kept, { role: name, mandate, how, pool: persons }] }
}
