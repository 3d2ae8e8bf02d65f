// biome-ignore-all lint/suspicious/noThenProperty: what a clock does stands under that name
// Who works on a case: whoever has an interest steps aside, whoever files again meets the same official, and whoever empties an office
// is counted.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  counterNames,
  countersKey,
  decodeProcedure,
  encodeCanonicalJson,
  formatBase64Url,
  formatHex,
  type JsonObject,
  loadCrypto,
  monthOf,
  ResultCode,
  rosterCounters,
} from '@muniment/sdk'
import { type CaseLedger, caseCountry, createCaseLedger, hashOf } from './test-cases.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const label = { en: 'Example' }
const assign = { do: 'cases.assign', role: 'judge', least: 2 }
const suits: JsonObject = {
  ...{ service: 'x.suits@1', title: label, sector: 'example' },
  roles: {
    clerk: { offices: ['desk'], post: 'clerk' },
    judge: { offices: ['court'], post: 'judge' },
    other: { offices: ['upper-court'], post: 'judge' },
  },
  states: {
    heard: { waits: 'judge', clock: 'P10D', then: ['next', 'hand', 'wait'], label },
    handed: { waits: 'other', clock: 'P10D', then: 'end', label },
    closed: { final: true, frees: true, label },
  },
  transitions: {
    open: { label, to: 'heard', by: ['clerk'], unique: ['suit'], do: [{ ...assign, again: 'suit' }] },
    stepAside: {
      ...{ label, from: ['heard'], by: ['judge'], assigned: true, recuses: true, reasons: ['relative'] },
      do: [{ ...assign, least: 1 }],
    },
    decide: { label, from: ['heard'], to: 'closed', by: ['judge'], assigned: true },
    withdraw: { label, from: ['heard'], to: 'closed', by: ['clerk'] },
    next: { label, from: ['heard'], to: 'heard', do: [assign] },
    hand: { label, from: ['heard'], to: 'handed', do: [{ do: 'cases.assign', role: 'other', least: 1 }] },
    wait: { label, from: ['heard'], to: 'heard' },
    end: { label, from: ['handed'], to: 'closed' },
  },
}
const roster: JsonObject = {
  ...{ service: 'x.roster@1', title: label, roles: { head: { offices: ['court'], post: 'head' } } },
  transitions: { setAbsent: { label, by: ['head'], do: 'parties.setAbsent' } },
}
const clerk = { name: 'clerk', role: 'clerk', office: 'desk' }
const head = { name: 'head', role: 'head', office: 'court' }
const day = 86_400

function courtOf(...judges: readonly string[]): CaseLedger {
  const posts = [
    ['desk', 'clerk', ['clerk']],
    ['court', 'head', ['head']],
    ['court', 'judge', judges],
    ['upper-court', 'judge', ['high']],
  ] as const
  return createCaseLedger(crypto, caseCountry(crypto, posts, [suits, roster]))
}

function open(ledger: CaseLedger, suit: string): Uint8Array {
  const { code, log, data } = ledger.act('x.suits@1', 'open', {
    args: { tags: { suit: hashOf(crypto, suit) } },
    by: [clerk],
  })
  assert.equal(code, ResultCode.ok, log)
  return data
}

function step(ledger: CaseLedger, id: Uint8Array, name: string, { by = clerk, reason = '' } = {}): number {
  const args = { case: formatBase64Url(id), ...(reason ? { reason } : {}) }
  return ledger.act('x.suits@1', name, { args, by: [by] }).code
}

function assigned(ledger: CaseLedger, id: Uint8Array): { readonly who: string; readonly how: string } {
  const { mandate, how } = ledger.caseOf(id).assignments[0]!
  const names = ['one', 'two', 'three', 'four', 'high']
  const isHis = (name: string): boolean =>
    ['court', 'upper-court'].some(office => formatHex(ledger.mandate(office, name)) === formatHex(mandate))
  return { who: names.find(isHis)!, how }
}

function setAbsent(ledger: CaseLedger, name: string, absent: boolean): number {
  const args = { mandate: formatBase64Url(ledger.mandate('court', name)), absent, reason: 'illness' }
  return ledger.act('x.roster@1', 'setAbsent', { args, by: [head] }).code
}

function counted(
  ledger: CaseLedger,
  at: { service: string; office: string },
  names: readonly string[],
  name: string,
): bigint {
  const value = ledger.view.get(countersKey(crypto, { ...at, month: monthOf(ledger.block().time), apart: '' }))!
  return new DataView(value.buffer, value.byteOffset).getBigUint64(names.indexOf(name) * 8)
}

test('whoever withdraws his suit and files it again meets the same judge, however often, though it is another’s turn', () => {
  const ledger = courtOf('one', 'two', 'three')
  const first = open(ledger, 'a suit')
  const { who, how } = assigned(ledger, first)
  assert.equal(how, 'rota')
  for (let times = 0; times < 3; times++) {
    const { who: other } = assigned(ledger, open(ledger, `another ${times}`))
    assert.ok(times > 1 || other !== who, 'the rota goes on meanwhile')
  }
  let last = first
  for (let times = 0; times < 4; times++) {
    assert.equal(step(ledger, last, 'withdraw'), ResultCode.ok)
    last = open(ledger, 'a suit')
    assert.deepEqual(assigned(ledger, last), { who, how: 'again' })
  }
})

test('where that judge cannot take it another does, and is the one from then on: an absence is not a second choice', () => {
  const ledger = courtOf('one', 'two', 'three')
  const first = open(ledger, 'a suit')
  const { who } = assigned(ledger, first)
  assert.equal(setAbsent(ledger, who, true), ResultCode.ok)
  step(ledger, first, 'withdraw')
  const second = open(ledger, 'a suit')
  const next = assigned(ledger, second).who
  assert.notEqual(next, who)
  step(ledger, second, 'withdraw')
  assert.equal(setAbsent(ledger, who, false), ResultCode.ok)
  assert.deepEqual(assigned(ledger, open(ledger, 'a suit')), { who: next, how: 'again' })
})

test('a judge steps aside for a reason and never has the case again, whatever becomes of it; it is counted', () => {
  const ledger = courtOf('one', 'two', 'three')
  const id = open(ledger, 'a suit')
  const { who } = assigned(ledger, id)
  const judge = { name: who, role: 'judge', office: 'court' }
  const outsider = { ...judge, name: ['one', 'two', 'three'].find(name => name !== who)! }
  assert.equal(step(ledger, id, 'stepAside', { by: outsider, reason: 'relative' }), ResultCode.guardClosed)
  assert.equal(step(ledger, id, 'stepAside', { by: judge, reason: 'holiday' }), ResultCode.guardClosed)
  assert.equal(step(ledger, id, 'stepAside', { by: judge, reason: 'relative' }), ResultCode.ok)
  assert.equal(step(ledger, id, 'decide', { by: judge }), ResultCode.guardClosed)
  const names = counterNames(decodeProcedure(encodeCanonicalJson(suits)))
  assert.equal(counted(ledger, { service: 'x.suits@1', office: 'court' }, names, 'recusals'), 1n)
  for (let turns = 0; turns < 5; turns++) {
    assert.notEqual(assigned(ledger, id).who, who)
    ledger.advance(11 * day)
  }
  assert.equal(ledger.caseOf(id).state, 'heard')
})

test('twenty-nine are ill: who is taken off a roster is counted by office and month, and below its least number nobody is chosen', () => {
  const ledger = courtOf('one', 'two', 'three')
  assert.equal(setAbsent(ledger, 'one', false), ResultCode.wrongState, 'nothing to count')
  for (const name of ['one', 'two']) assert.equal(setAbsent(ledger, name, true), ResultCode.ok)
  assert.equal(setAbsent(ledger, 'one', true), ResultCode.wrongState, 'nor twice')
  const at = { service: 'x.roster@1', office: 'court' }
  assert.equal(counted(ledger, at, rosterCounters, 'absences'), 2n)
  assert.equal(counted(ledger, at, rosterCounters, 'returns'), 0n)
  const args = { tags: { suit: hashOf(crypto, 'a suit') } }
  const refused = ledger.act('x.suits@1', 'open', { args, by: [clerk] })
  assert.equal(refused.code, ResultCode.guardClosed)
  assert.match(refused.log, /^open\/pool: fewer than 2 officials/)
  assert.equal(setAbsent(ledger, 'two', false), ResultCode.ok)
  assert.equal(counted(ledger, at, rosterCounters, 'returns'), 1n)
  assert.notEqual(assigned(ledger, open(ledger, 'a suit')).who, 'one')
})

test('a case whose judges are all gone is handed to the next office by its clock', () => {
  const ledger = courtOf('one', 'two')
  const id = open(ledger, 'a suit')
  setAbsent(ledger, 'one', true)
  ledger.advance(11 * day)
  assert.deepEqual([ledger.caseOf(id).state, ledger.caseOf(id).assignments.length], ['handed', 2])
  const high = ledger.caseOf(id).assignments.find(({ role }) => role === 'other')!
  assert.deepEqual(high.mandate, ledger.mandate('upper-court', 'high'))
})
