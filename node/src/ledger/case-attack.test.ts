// What would stop the chain or take from one case what is another's, if the rules of cases did not see to it. Each test plays it.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  admitService,
  encodeCanonicalJson,
  formatBase64Url,
  type JsonObject,
  loadCrypto,
  ResultCode,
} from '@muniment/sdk'
import { type CaseLedger, caseCountry, createCaseLedger, hashOf } from './test-cases.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const label = { en: 'Example' }
const day = 86_400
const clerk = { name: 'clerk', role: 'clerk', office: 'desk' }
const tag = (name: string): string => hashOf(crypto, name)
const base = (service: string): JsonObject => ({
  ...{ service, title: label, sector: 'example', type: 'urn:example:thing' },
  basis: [{ eli: '/eli/example/1', from: '2026-01-01' }],
  roles: { clerk: { offices: ['desk'], post: 'clerk' }, judge: { offices: ['court', 'upper-court'], post: 'judge' } },
})

function ledgerOf(services: readonly JsonObject[], judges: readonly [string, string[]][] = []): CaseLedger {
  const posts = judges.map(([office, names]) => [office, 'judge', names] as const)
  return createCaseLedger(crypto, caseCountry(crypto, [['desk', 'clerk', ['clerk']], ...posts], services))
}

function opened(ledger: CaseLedger, service: string, args: JsonObject): Uint8Array {
  const { code, log, data } = ledger.act(service, 'open', { args, by: [clerk] })
  assert.equal(code, ResultCode.ok, log)
  return data
}

const silent: JsonObject = {
  ...base('x.silent@1'),
  states: {
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    waiting: { waits: 'judge', clock: 'P10D', then: 'pass', label },
    passed: { final: true, label },
  },
  transitions: {
    open: { label, to: 'waiting', by: ['clerk'] },
    pass: { label, from: ['waiting'], to: 'passed', do: [{ do: 'cases.assign', role: 'judge', least: 2 }] },
  },
}

test('a clock runs out while there is no judge to pass the case to: the chain goes on, and tomorrow the case is looked at again', () => {
  const ledger = ledgerOf([silent])
  const id = opened(ledger, 'x.silent@1', {})
  for (let days = 0; days < 15; days++) ledger.advance(day)
  const { state, version, dueTime } = ledger.caseOf(id)
  assert.deepEqual([state, version], ['waiting', 1n])
  const left = dueTime!.seconds - ledger.block().time.seconds
  assert.ok(left > 0n && left <= BigInt(day), `${left} s`)
})

test('who sits in two offices is one person in the pool of those who may be drawn', () => {
  const both = ledgerOf(
    [silent],
    [
      ['court', ['one']],
      ['upper-court', ['one']],
    ],
  )
  const id = opened(both, 'x.silent@1', {})
  for (let days = 0; days < 12; days++) both.advance(day)
  assert.equal(both.caseOf(id).state, 'waiting')
  const two = ledgerOf(
    [silent],
    [
      ['court', ['one']],
      ['upper-court', ['two']],
    ],
  )
  const other = opened(two, 'x.silent@1', {})
  for (let days = 0; days < 12; days++) two.advance(day)
  assert.equal(two.caseOf(other).state, 'passed')
  assert.equal(two.caseOf(other).assignments[0]!.pool, 2)
})

test('a fact is entered even where a case that waits for it cannot follow', () => {
  const waits: JsonObject = {
    ...base('x.waits@1'),
    on: [{ fact: 'x.tells/open', do: 'stay', basis: '/eli/example/2' }],
    states: { open: { label }, stayed: { label } },
    transitions: {
      open: { label, to: 'open', by: ['clerk'], listens: { 'x.tells/open': 'person' } },
      stay: { label, from: ['open'], to: 'stayed', do: ['records.suspend'] },
    },
  }
  const tells: JsonObject = {
    ...base('x.tells@1'),
    states: { open: { final: true, label } },
    transitions: { open: { label, to: 'open', by: ['clerk'], emits: ['person'] } },
  }
  const ledger = ledgerOf([waits, tells])
  const id = opened(ledger, 'x.waits@1', { tags: { person: tag('ann') } })
  opened(ledger, 'x.tells@1', { tags: { person: tag('ann') } })
  assert.deepEqual([ledger.caseOf(id).state, ledger.caseOf(id).version], ['open', 1n])
})

const plots: JsonObject = {
  ...base('x.plots@1'),
  states: { open: { label }, closed: { final: true, frees: true, label } },
  transitions: {
    open: { label, to: 'open', by: ['clerk'], unique: ['plot'] },
    close: { label, from: ['open'], to: 'closed', by: ['clerk'] },
    note: { label, from: ['closed'], by: ['clerk'] },
    reopen: { label, from: ['closed'], to: 'open', by: ['clerk'] },
    more: { label, from: ['open'], by: ['clerk'], unique: ['also'] },
  },
}

function plotLedger() {
  const ledger = ledgerOf([plots, { ...plots, service: 'x.plots@2' }])
  const step = (id: Uint8Array, name: string, args: JsonObject = {}): number =>
    ledger.act('x.plots@1', name, { args: { case: formatBase64Url(id), ...args }, by: [clerk] }).code
  const args = { tags: { plot: tag('plot 7') } }
  const again = (service: string) => ledger.act(service, 'open', { args, by: [clerk] })
  return { ledger, step, again }
}

test('one open case on a plot, over all versions of a service: a case that has ended frees its own hold, never another’s', () => {
  const { step, again } = plotLedger()
  const first = again('x.plots@1').data
  assert.equal(again('x.plots@2').code, ResultCode.guardClosed)
  assert.equal(step(first, 'close'), ResultCode.ok)
  assert.equal(again('x.plots@2').code, ResultCode.ok)
  assert.equal(step(first, 'note'), ResultCode.ok)
  assert.equal(again('x.plots@1').code, ResultCode.guardClosed, 'the second case holds the plot')
})

test('a case that lives again takes its plot again, unless another has it', () => {
  const { step, again } = plotLedger()
  const first = again('x.plots@1').data
  step(first, 'close')
  assert.equal(step(first, 'reopen'), ResultCode.ok)
  assert.equal(again('x.plots@1').code, ResultCode.guardClosed, 'the first case has it again')
  step(first, 'close')
  assert.equal(again('x.plots@1').code, ResultCode.ok)
  assert.equal(step(first, 'reopen'), ResultCode.guardClosed)
})

test('a step that is taken again and again fills a case up; the case stays readable, and no block is stopped', () => {
  const { ledger, step, again } = plotLedger()
  const id = again('x.plots@1').data
  const codes = Array.from({ length: 40 }, (_, n) => step(id, 'more', { tags: { also: tag(`more ${n}`) } }))
  assert.equal(codes.at(-1), ResultCode.quota)
  assert.ok(ledger.caseOf(id).tags.length <= 32)
  assert.equal(step(id, 'close'), ResultCode.ok)
})

test('a clock that stands still while the citizen is asked runs on with what was left of it, however long he took', () => {
  const asking: JsonObject = {
    ...base('x.asking@1'),
    // biome-ignore-start lint/suspicious/noThenProperty: so service files name what a clock does.
    states: {
      review: { waits: 'clerk', clock: 'P10D', then: 'grant', label },
      asked: { waits: 'clerk', pauses: true, clock: 'P90D', then: 'grant', label },
      granted: { final: true, label },
    },
    // biome-ignore-end lint/suspicious/noThenProperty: here it ends.
    transitions: {
      open: { label, to: 'review', by: ['clerk'] },
      ask: { label, from: ['review'], to: 'asked', by: ['clerk'] },
      answer: { label, from: ['asked'], to: 'review', by: ['clerk'] },
      grant: { label, from: ['review', 'asked'], to: 'granted' },
    },
  }
  const ledger = ledgerOf([asking])
  const id = opened(ledger, 'x.asking@1', {})
  const step = (name: string) =>
    ledger.act('x.asking@1', name, { args: { case: formatBase64Url(id) }, by: [clerk] }).code
  ledger.advance(7 * day)
  assert.equal(step('ask'), ResultCode.ok)
  const left = ledger.caseOf(id).pausedSeconds
  assert.ok(left <= BigInt(3 * day) && left > BigInt(3 * day - 60))
  ledger.advance(60 * day)
  assert.equal(step('answer'), ResultCode.ok)
  const { dueTime, stateTime } = ledger.caseOf(id)
  assert.equal(dueTime!.seconds - stateTime.seconds, left)
  ledger.advance(2 * day)
  assert.equal(ledger.caseOf(id).state, 'review')
  ledger.advance(day + 3_600)
  assert.equal(ledger.caseOf(id).state, 'granted')
})

test('no file is admitted whose steps would need arguments where nobody signs, or whose clock leads nowhere', () => {
  const withStep = (step: JsonObject): (() => unknown) => {
    const pass = { label, from: ['waiting'], to: 'passed', ...step }
    const file = { ...silent, transitions: { ...(silent.transitions as JsonObject), pass } }
    return () => admitService(encodeCanonicalJson(file as JsonObject))
  }
  withStep({})()
  for (const step of [
    { do: ['records.issue'] },
    { do: [{ do: 'obligations.pay', name: 'fee' }] },
    { do: ['catalogue.activate'] },
    { unique: ['plot'] },
    { emits: ['plot'] },
    { listens: { 'x.y/z': 'plot' } },
    { parties: ['clerk'] },
    { takes: ['event'] },
    { reasons: ['because'] },
    { needs: { thing: { type: 'urn:example:thing' } } },
  ] as JsonObject[])
    assert.throws(withStep(step), { name: 'VerifyError' }, JSON.stringify(step))
  const { to: _, ...nowhere } = { label, from: ['waiting'], to: '' }
  const file = { ...silent, transitions: { ...(silent.transitions as JsonObject), pass: nowhere } }
  assert.throws(() => admitService(encodeCanonicalJson(file as JsonObject)), { name: 'VerifyError' })
})

const twice: JsonObject = {
  ...base('x.twice@1'),
  states: { waiting: { waits: 'judge', label }, passed: { final: true, label } },
  transitions: {
    open: { label, to: 'waiting', by: ['clerk'] },
    look: { label, from: ['waiting'], by: ['judge'] },
    pass: { label, from: ['waiting'], to: 'passed', by: ['judge'], notBy: ['look'] },
  },
}

test('whoever took a step once does not take what is barred to him, also when another took it after him', () => {
  const ledger = ledgerOf([twice], [['court', ['one', 'two', 'three']]])
  const id = opened(ledger, 'x.twice@1', {})
  const judge = (name: string) => ({ name, role: 'judge', office: 'court' })
  const args = { case: formatBase64Url(id) }
  for (const name of ['one', 'two'])
    assert.equal(ledger.act('x.twice@1', 'look', { args, by: [judge(name)] }).code, ResultCode.ok)
  for (const name of ['one', 'two'])
    assert.match(ledger.act('x.twice@1', 'pass', { args, by: [judge(name)] }).log, /^pass\/notBy/)
  assert.equal(ledger.act('x.twice@1', 'pass', { args, by: [judge('three')] }).code, ResultCode.ok)
})

const pausing: JsonObject = {
  ...base('x.pausing@1'),
  states: {
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    waiting: { waits: 'judge', clock: 'P10D', then: 'late', label },
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    other: { waits: 'judge', clock: 'P40D', then: 'late', label },
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    asked: { waits: 'clerk', pauses: true, clock: 'P30D', then: 'late', label },
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    askedAgain: { waits: 'clerk', pauses: true, clock: 'P30D', then: 'late', label },
    passed: { final: true, label },
  },
  transitions: {
    open: { label, to: 'waiting', by: ['clerk'] },
    ask: { label, from: ['waiting'], to: 'asked', by: ['judge'] },
    askAgain: { label, from: ['asked'], to: 'askedAgain', by: ['judge'] },
    answer: { label, from: ['asked', 'askedAgain'], to: 'waiting', by: ['clerk'] },
    pass: { label, from: ['asked'], to: 'other', by: ['clerk'] },
    late: { label, from: ['waiting', 'other', 'asked', 'askedAgain'], to: 'passed' },
  },
}

test('a clock that stood still runs on in its own state with what was left, also after two questions, and lends nothing to another', () => {
  const ledger = ledgerOf([pausing], [['court', ['one']]])
  const by = [{ name: 'one', role: 'judge', office: 'court' }]
  const leftAfter = (steps: readonly string[]): bigint => {
    const id = opened(ledger, 'x.pausing@1', {})
    const args = { case: formatBase64Url(id) }
    ledger.advance(4 * day)
    for (const step of steps) {
      const taken = ledger.act('x.pausing@1', step, { args, by: step.startsWith('ask') ? by : [clerk] })
      assert.equal(taken.code, ResultCode.ok, taken.log)
      ledger.advance(5 * day)
    }
    const { dueTime, stateTime } = ledger.caseOf(id)
    return (dueTime!.seconds - stateTime.seconds) / BigInt(day)
  }
  assert.equal(leftAfter(['ask', 'answer']), 5n)
  assert.equal(leftAfter(['ask', 'askAgain', 'answer']), 5n)
  assert.equal(leftAfter(['ask', 'pass']), 40n)
})

const protests: JsonObject = {
  ...base('x.protests@1'),
  roles: { clerk: { offices: ['desk'], post: 'clerk' }, protester: { party: 'any' }, owner: { party: 'any' } },
  states: { open: { label }, heard: { label } },
  transitions: {
    open: { label, to: 'open', by: ['clerk'], parties: ['owner'] },
    protest: { label, from: ['open'], to: 'heard', by: ['protester'], parties: ['protester'] },
    more: { label, from: ['heard'], by: ['protester'] },
    reject: { label, from: ['heard'], to: 'open', by: ['clerk'] },
    sell: { label, from: ['open'], by: ['owner'] },
  },
}

test('whoever protests first keeps nobody else from it, and takes no other part of the case for himself', () => {
  const ledger = ledgerOf([protests])
  const owner = formatBase64Url(ledger.account('ann'))
  const id = opened(ledger, 'x.protests@1', { parties: { owner } })
  const step = (name: string, who: string, role: string) =>
    ledger.act('x.protests@1', name, {
      args: { case: formatBase64Url(id) },
      by: [role === 'clerk' ? clerk : { name: who, role }],
    }).code
  assert.equal(step('protest', 'friend', 'protester'), ResultCode.ok)
  assert.equal(step('more', 'bob', 'protester'), ResultCode.notAllowed, 'it is the friend’s protest')
  assert.equal(step('reject', 'clerk', 'clerk'), ResultCode.ok)
  assert.equal(step('protest', 'bob', 'protester'), ResultCode.ok)
  assert.equal(step('more', 'friend', 'protester'), ResultCode.notAllowed, 'it is bob’s by now')
  assert.equal(step('reject', 'clerk', 'clerk'), ResultCode.ok)
  assert.equal(step('sell', 'bob', 'owner'), ResultCode.notAllowed)
  assert.equal(step('sell', 'ann', 'owner'), ResultCode.ok)
})
