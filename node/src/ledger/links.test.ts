// Links between services as a stranger would misuse them, and as the world misorders them: facts that come too early, too late, by
// the wrong hand, or under a tag that others have filled.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { formatBase64Url, type JsonObject, limits, loadCrypto, ResultCode } from '@muniment/sdk'
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
  roles: { clerk: { offices: ['desk'], post: 'clerk' } },
})
const link = (fact: string, step: string): JsonObject => ({ fact, do: step, basis: '/eli/example/2' })

const death: JsonObject = {
  ...base('x.death@1'),
  states: { open: { label }, told: { final: true, label } },
  transitions: {
    open: { label, to: 'open', by: ['clerk'] },
    register: { label, from: ['open'], by: ['clerk'], emits: ['person'] },
    deny: { label, from: ['open'], to: 'told', by: ['clerk'], emits: ['person'] },
  },
}

const licence: JsonObject = {
  ...base('x.licence@1'),
  on: [link('x.death/register', 'stay'), link('x.death/deny', 'live')],
  states: {
    held: { label },
    // biome-ignore lint/suspicious/noThenProperty: so service files name what a clock does.
    inquiry: { waits: 'clerk', clock: 'P10D', then: 'drop', label },
    stayed: { label },
  },
  transitions: {
    open: {
      label,
      to: 'held',
      by: ['clerk'],
      listens: { 'x.death/register': 'person', 'x.death/deny': 'person' },
      do: ['records.issue'],
    },
    inquire: { label, from: ['held'], to: 'inquiry', by: ['clerk'] },
    drop: { label, from: ['inquiry'], to: 'held' },
    clear: { label, from: ['inquiry'], to: 'held', by: ['clerk'] },
    again: { label, from: ['held'], by: ['clerk'], do: ['records.issue'] },
    wait: {
      label,
      from: ['held'],
      by: ['clerk'],
      listens: { 'x.death/register': 'person', 'x.death/deny': 'person' },
    },
    stay: { label, from: ['held'], to: 'stayed', do: ['records.suspend'] },
    live: { label, from: ['stayed'], to: 'held', do: ['records.resume'] },
  },
}

function country() {
  const services = [death, licence]
  const ledger = createCaseLedger(crypto, caseCountry(crypto, [['desk', 'clerk', ['clerk']]], services))
  const act = (service: string, step: string, args: JsonObject) => ledger.act(service, step, { args, by: [clerk] })
  const open = (service: string, args: JsonObject): Uint8Array => {
    const { code, log, data } = act(service, 'open', args)
    assert.equal(code, ResultCode.ok, log)
    return data
  }
  let count = 0
  const record = (): JsonObject => ({ commitment: tag(`record ${count++}`) })
  const license = (name: string) => open('x.licence@1', { tags: { person: tag(name) }, record: record() })
  const step = (service: string, id: Uint8Array, name: string, args: JsonObject = {}) =>
    act(service, name, { case: formatBase64Url(id), ...args })
  return { ledger, license, record, step, dies: () => open('x.death@1', {}) }
}

function stateOf(ledger: CaseLedger, id: Uint8Array): string {
  return ledger.caseOf(id).state
}

test('a death that is told while an inquiry is open suspends the licence when the inquiry ends, by its clock or by a decision', () => {
  const { ledger, license, step, dies } = country()
  const [byClock, byClerk] = [license('ann'), license('bob')]
  for (const id of [byClock, byClerk]) step('x.licence@1', id, 'inquire')
  for (const name of ['ann', 'bob']) step('x.death@1', dies(), 'register', { tags: { person: tag(name) } })
  assert.deepEqual([stateOf(ledger, byClock), stateOf(ledger, byClerk)], ['inquiry', 'inquiry'])
  assert.equal(step('x.licence@1', byClerk, 'clear').code, ResultCode.ok)
  assert.equal(stateOf(ledger, byClerk), 'stayed')
  for (let days = 0; days < 11; days++) ledger.advance(day)
  assert.equal(stateOf(ledger, byClock), 'stayed')
  assert.deepEqual(ledger.caseOf(byClock).unfollowed, [])
})

test('a death that is denied before the inquiry ends suspends nothing, and one that was followed is not followed again', () => {
  const { ledger, license, step, dies } = country()
  const [denied, followed] = [license('ann'), license('bob')]
  step('x.licence@1', denied, 'inquire')
  const [first, second] = [dies(), dies()]
  step('x.death@1', first, 'register', { tags: { person: tag('ann') } })
  step('x.death@1', first, 'deny')
  step('x.licence@1', denied, 'clear')
  assert.equal(stateOf(ledger, denied), 'held')
  step('x.death@1', second, 'register', { tags: { person: tag('bob') } })
  step('x.death@1', second, 'deny')
  step('x.licence@1', followed, 'inquire')
  step('x.licence@1', followed, 'clear')
  assert.equal(stateOf(ledger, followed), 'held')
})

test('a fact told again and again leaves one trace in a case that cannot follow', () => {
  const { ledger, license, step, dies } = country()
  const [id, one] = [license('ann'), dies()]
  step('x.licence@1', id, 'inquire')
  for (let times = 0; times < 40; times++)
    assert.equal(
      step('x.death@1', one, 'register', times > 0 ? {} : { tags: { person: tag('ann') } }).code,
      ResultCode.ok,
    )
  assert.equal(ledger.caseOf(id).unfollowed.length, 1)
})

test('a case that waits under a tag goes on waiting under that one: nobody gives it another later', () => {
  const { ledger, license, step, dies } = country()
  const id = license('ann')
  assert.equal(step('x.licence@1', id, 'wait', { tags: { person: tag('nobody') } }).code, ResultCode.badArguments)
  assert.equal(step('x.licence@1', id, 'wait').code, ResultCode.ok)
  step('x.death@1', dies(), 'register', { tags: { person: tag('ann') } })
  assert.equal(stateOf(ledger, id), 'stayed')
})

test('so many cases wait under one tag, each of them is moved, and the next is refused with a reason', () => {
  const { ledger, license, record, step, dies } = country()
  const ids = Array.from({ length: limits.listenersPerTagMax }, () => license('ann'))
  const args = { tags: { person: tag('ann') }, record: record() }
  const over = ledger.act('x.licence@1', 'open', { args, by: [clerk] })
  assert.deepEqual([over.code, over.log], [ResultCode.quota, 'too many cases wait for this fact'])
  step('x.death@1', dies(), 'register', { tags: { person: tag('ann') } })
  assert.ok(ids.every(id => stateOf(ledger, id) === 'stayed'))
})

test('a case issues no second record beside one that is in force or suspended', () => {
  const { license, record, step, dies } = country()
  const id = license('ann')
  const again = () => step('x.licence@1', id, 'again', { record: record() })
  assert.deepEqual(
    [again().code, again().log],
    [ResultCode.wrongState, 'the case has a record already, which is replaced or revoked first'],
  )
  step('x.death@1', dies(), 'register', { tags: { person: tag('ann') } })
  assert.equal(again().code, ResultCode.wrongState)
})

const deed: JsonObject = {
  ...base('x.deed@1'),
  on: [link('x.deed/seal', 'supersede')],
  states: { draft: { label }, sealed: { label }, superseded: { final: true, label } },
  transitions: {
    open: { label, to: 'draft', by: ['clerk'] },
    seal: {
      label,
      from: ['draft'],
      to: 'sealed',
      by: ['clerk'],
      emits: ['newest'],
      listens: { 'x.deed/seal': 'newest' },
    },
    supersede: { label, from: ['sealed'], to: 'superseded' },
  },
}

test('of its own family a case is moved by newer ones only: an older deed that is sealed late undoes no newer one', () => {
  const ledger = createCaseLedger(crypto, caseCountry(crypto, [['desk', 'clerk', ['clerk']]], [deed]))
  const act = (step: string, args: JsonObject) => ledger.act('x.deed@1', step, { args, by: [clerk] })
  const [older, newer, newest] = ['open', 'open', 'open'].map(step => act(step, {}).data)
  const seal = (id: Uint8Array) => act('seal', { case: formatBase64Url(id), tags: { newest: tag('ann') } })
  seal(newer!)
  seal(older!)
  assert.deepEqual([stateOf(ledger, newer!), stateOf(ledger, older!)], ['sealed', 'sealed'])
  seal(newest!)
  assert.deepEqual([stateOf(ledger, newer!), stateOf(ledger, older!)], ['superseded', 'superseded'])
})

const sale: JsonObject = {
  ...base('x.lot-sale@1'),
  states: { offered: { label }, sold: { final: true, label }, ended: { final: true, frees: true, label } },
  transitions: {
    open: { label, to: 'offered', by: ['clerk'], unique: ['lot'] },
    withdraw: { label, from: ['offered'], to: 'ended', by: ['clerk'] },
    sell: { label, from: ['offered'], to: 'sold', by: ['clerk'] },
  },
}

test('datamade/large-lots #369: one lot is not sold to two applicants, however their cases are ordered, and once sold never again', () => {
  const services = [sale, { ...sale, service: 'x.lot-sale@2' }]
  const ledger = createCaseLedger(crypto, caseCountry(crypto, [['desk', 'clerk', ['clerk']]], services))
  const open = (version: number) =>
    ledger.act(`x.lot-sale@${version}`, 'open', { args: { tags: { lot: tag('lot 7') } }, by: [clerk] })
  const step = (id: Uint8Array, name: string) =>
    ledger.act('x.lot-sale@1', name, { args: { case: formatBase64Url(id) }, by: [clerk] }).code
  const first = open(1)
  assert.equal(open(2).log, 'open/unique.lot: another case has this lot already')
  assert.equal(step(first.data, 'withdraw'), ResultCode.ok)
  const second = open(1)
  assert.equal(second.code, ResultCode.ok)
  assert.equal(step(first.data, 'sell'), ResultCode.wrongState)
  assert.equal(step(second.data, 'sell'), ResultCode.ok)
  assert.equal(open(1).code, ResultCode.guardClosed)
})
