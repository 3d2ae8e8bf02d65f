// Figures against corruption that no single case shows: the same two officials who always check each other, and events that are entered late.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  countersKey,
  decodeProcedure,
  encodeCanonicalJson,
  formatBase64Url,
  formatTime,
  type JsonObject,
  loadCrypto,
  medianDays,
  monthOf,
  pairConcentration,
  ResultCode,
  readCounters,
} from '@muniment/sdk'
import { caseCountry, createCaseLedger } from './test-cases.ts'

const crypto = await loadCrypto()
after(() => crypto.close())

const label = { en: 'Example' }
const day = 86_400
const service: JsonObject = {
  ...{ service: 'x.permit@1', title: label, sector: 'example' },
  basis: [{ eli: '/eli/example/1', from: '2026-01-01' }],
  roles: { clerk: { offices: ['desk'], post: 'clerk' } },
  states: { open: { label }, checked: { label }, done: { final: true, label } },
  transitions: {
    open: { label, to: 'open', by: ['clerk'], takes: ['event'] },
    check: { label, from: ['open'], to: 'checked', by: ['clerk'], notBy: ['open'] },
    finish: { label, from: ['checked'], to: 'done', by: ['clerk'], persons: 2 },
  },
}

function office() {
  const people = ['ann', 'bob', 'cyd', 'dee']
  const ledger = createCaseLedger(crypto, caseCountry(crypto, [['desk', 'clerk', people]], [service]))
  const act = (step: string, args: JsonObject, names: readonly string[]): Uint8Array => {
    const by = names.map(name => ({ name, role: 'clerk', office: 'desk' }))
    const { code, log, data } = ledger.act('x.permit@1', step, { args, by })
    assert.equal(code, ResultCode.ok, log)
    return data
  }
  const open = (name: string, daysAgo = 0): JsonObject => {
    const { seconds } = ledger.block().time
    const event = formatTime({ seconds: seconds - BigInt(daysAgo * day), nanos: 0 })
    return { case: formatBase64Url(act('open', { event }, [name])) }
  }
  const figures = () => {
    const key = countersKey(crypto, {
      ...{ service: 'x.permit@1', office: 'desk', apart: '' },
      month: monthOf(ledger.block().time),
    })
    return readCounters(decodeProcedure(encodeCanonicalJson(service)), ledger.view.get(key)!)
  }
  return { act, open, figures }
}

test('attack: two officials who pass each other everything show as a concentration of one', () => {
  const { act, open, figures } = office()
  open('dee')
  assert.equal(pairConcentration(figures()), undefined)
  for (let times = 0; times < 4; times++) act('check', open('ann'), ['bob'])
  assert.deepEqual([figures().pairs, figures().pairSquares], [4n, 16n])
  assert.equal(pairConcentration(figures()), 1_000)
})

test('where pairs take turns, the concentration is one in as many as there are pairs; who checks whom first is the same pair', () => {
  const { act, open, figures } = office()
  act('check', open('ann'), ['bob'])
  act('check', open('bob'), ['ann'])
  act('check', open('cyd'), ['dee'])
  act('check', open('dee'), ['cyd'])
  assert.equal(pairConcentration(figures()), 500)
})

test('who signs one step together is a pair too, and three are three', () => {
  const { act, open, figures } = office()
  const one = open('ann')
  act('check', one, ['bob'])
  act('finish', one, ['cyd', 'dee'])
  assert.equal(figures().pairs, 2n)
  assert.equal(pairConcentration(figures()), 500)
})

test('attack: an event that is entered late stands among the late ones of its office', () => {
  const { open, figures } = office()
  open('ann')
  open('ann', 3)
  open('ann', 3)
  assert.deepEqual([figures().enteredIn1, figures().enteredIn4], [1n, 2n])
  assert.deepEqual(medianDays(figures(), 'enteredIn'), { above: 2, atMost: 4 })
  open('ann', 400)
  assert.equal(figures().enteredInMore, 1n)
})
