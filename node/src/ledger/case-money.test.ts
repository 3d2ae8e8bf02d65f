// Money over time in a case: what a citizen owes grows by the law's days, and not by those that an office lets pass.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  formatBase64Url,
  formatHex,
  type JsonObject,
  loadCrypto,
  obligationEntry,
  obligationKey,
  openAmount,
  ResultCode,
  reckonInterest,
} from '@muniment/sdk'
import { type CaseLedger, caseCountry, createCaseLedger } from './test-cases.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const label = { en: 'Example' }
const day = 86_400
const clerk = { name: 'clerk', role: 'clerk', office: 'desk' }
const cashier = { name: 'cashier', role: 'cashier', office: 'treasury' }

const money: JsonObject = {
  ...{ service: 'x.money@1', title: label, sector: 'example' },
  basis: [{ eli: '/eli/example/1', from: '2026-01-01' }],
  roles: {
    payer: { party: 'any' },
    clerk: { offices: ['desk'], post: 'clerk' },
    cashier: { offices: ['treasury'], post: 'cashier' },
  },
  tables: {
    sum: { in: [], hit: 'UNIQUE', basis: '/eli/example/1', sets: [{ from: '2026-01-01', rows: [{ gives: 100_000 }] }] },
    // Ten units a day of a hundred thousand.
    rate: { in: [], hit: 'UNIQUE', basis: '/eli/example/2', sets: [{ from: '2026-01-01', rows: [{ gives: 365 }] }] },
  },
  states: {
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    owed: { waits: 'payer', clock: 'P3650D', then: 'over', label },
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    office: { waits: 'clerk', clock: 'P10D', then: 'again', label },
    done: { final: true, label },
  },
  transitions: {
    open: {
      ...{ label, to: 'owed', by: ['clerk'], parties: ['payer'] },
      do: [
        { do: 'obligations.assess', name: 'debt', debtor: 'payer', creditor: 'treasury', amount: 'sum()', due: 'P10D' },
        { do: 'obligations.interest', name: 'debt', rate: 'rate()' },
      ],
    },
    ask: { label, from: ['owed'], to: 'office', by: ['clerk'] },
    note: { label, from: ['office'], by: ['clerk'] },
    answer: { label, from: ['office'], to: 'owed', by: ['clerk'] },
    again: { label, from: ['office'], to: 'office' },
    over: { label, from: ['owed'], to: 'done' },
    pay: { label, from: ['owed', 'office'], by: ['cashier'], do: [{ do: 'obligations.pay', name: 'debt' }] },
    early: {
      ...{ label, from: ['owed'], by: ['clerk'] },
      guards: { early: { if: "now <= due('debt')", say: label } },
    },
    late: {
      ...{ label, from: ['owed'], by: ['clerk'] },
      guards: { late: { if: "behind('debt') > 0 && now > due('debt')", say: label } },
    },
  },
}

function begin(): { readonly ledger: CaseLedger; readonly id: Uint8Array; readonly open: () => bigint } {
  const posts = [
    ['desk', 'clerk', ['clerk']],
    ['treasury', 'cashier', ['cashier']],
  ] as const
  const ledger = createCaseLedger(crypto, caseCountry(crypto, posts, [money]))
  const args = { parties: { payer: formatBase64Url(ledger.account('ann')) } }
  const { data: id, code, log } = ledger.act('x.money@1', 'open', { args, by: [clerk] })
  assert.equal(code, ResultCode.ok, log)
  const open = (): bigint => {
    const entry = obligationEntry.decode(ledger.values.get(formatHex(obligationKey(crypto, id, 'debt')))!)
    return openAmount(reckonInterest(entry, ledger.block().time, ledger.caseOf(id).lateTime))
  }
  return { ledger, id, open }
}

function take({ ledger, id }: ReturnType<typeof begin>, step: string, more: JsonObject = {}): number {
  const by = [step === 'pay' ? cashier : clerk]
  return ledger.act('x.money@1', step, { args: { case: formatBase64Url(id), ...more }, by }).code
}

function pass({ ledger }: ReturnType<typeof begin>, days: number): void {
  for (let n = 0; n < days; n++) ledger.advance(day)
}

test('interest runs from the due time by whole days, and stops where the office’s own clock has run out', () => {
  const started = begin()
  const { open, ledger, id } = started
  pass(started, 9)
  assert.equal(open(), 100_000n)
  pass(started, 21)
  // Due after ten days, thirty have passed.
  assert.equal(open(), 100_200n)
  assert.equal(take(started, 'ask'), ResultCode.ok)
  pass(started, 10)
  assert.equal(open(), 100_300n)
  // It is silent for fifty days more, and its clock goes round.
  pass(started, 50)
  assert.ok(ledger.caseOf(id).lateTime)
  assert.equal(open(), 100_300n)
  // A remark in the file moves nothing.
  assert.equal(take(started, 'note'), ResultCode.ok)
  pass(started, 5)
  assert.equal(open(), 100_300n)
  assert.equal(take(started, 'answer'), ResultCode.ok)
  assert.equal(ledger.caseOf(id).lateTime, undefined)
  pass(started, 10)
  assert.equal(open(), 100_400n)
})

test('what is paid while the office is late counts, and no day of its lateness is asked for', () => {
  const started = begin()
  const { open } = started
  pass(started, 20)
  take(started, 'ask')
  pass(started, 40)
  const owed = open()
  // Ten days before it was asked, ten while it had its time.
  assert.equal(owed, 100_200n)
  assert.equal(take(started, 'pay', { payment: { amount: 100_201, receipt: 'R-0' } }), ResultCode.badArguments)
  assert.equal(take(started, 'pay', { payment: { amount: 100_200, receipt: 'R-1' } }), ResultCode.ok)
  assert.equal(open(), 0n)
  take(started, 'answer')
  pass(started, 30)
  assert.equal(open(), 0n)
})

test('a condition may ask when it is due, and whether somebody is behind; of what is settled neither holds', () => {
  const started = begin()
  assert.equal(take(started, 'early'), ResultCode.ok)
  assert.equal(take(started, 'late'), ResultCode.guardClosed)
  pass(started, 11)
  assert.equal(take(started, 'early'), ResultCode.guardClosed)
  assert.equal(take(started, 'late'), ResultCode.ok)
  const amount = Number(started.open())
  assert.equal(take(started, 'pay', { payment: { amount, receipt: 'R-2' } }), ResultCode.ok)
  assert.equal(take(started, 'early'), ResultCode.guardClosed)
  assert.equal(take(started, 'late'), ResultCode.guardClosed)
})
