import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonicalJson, type JsonObject } from '../json.ts'
import type { CaseEntry } from '../ledger/cases.ts'
import { parseDate } from './dates.ts'
import { type CaseFacts, evaluateFormula } from './facts.ts'
import { decodeProcedure, type Procedure } from './procedure.ts'

const label = { en: 'Example' }
const service = (more: JsonObject, amount = 'rate(fields.kind)'): JsonObject => ({
  service: 'example.dated@1',
  title: label,
  sector: 'example',
  roles: { citizen: { party: 'any' } },
  fields: [
    { name: 'kind', type: { code: ['plain', 'urgent'] }, show: 'public', label },
    { name: 'holder', type: 'text', show: 'committed', label },
  ],
  tables: {
    rate: {
      in: ['kind'],
      hit: 'UNIQUE',
      basis: '/eli/example/1',
      sets: [
        { from: '2026-01-01', rows: [{ when: { kind: 'urgent' }, gives: 900 }], otherwise: 300 },
        { from: '2027-01-01', rows: [{ when: { kind: 'urgent' }, gives: 1200 }], otherwise: 400 },
      ],
    },
  },
  states: { open: { waits: 'citizen', label } },
  transitions: {
    file: {
      label,
      to: 'open',
      by: ['citizen'],
      do: [{ do: 'obligations.assess', name: 'fee', debtor: 'citizen', creditor: 'treasury', amount, due: 'P30D' }],
    },
  },
  ...more,
})
const decode = (json: JsonObject): Procedure => decodeProcedure(encodeCanonicalJson(json))

function amountOf(procedure: Procedure, { opened, now }: { opened: string; now: string }, kind: string): unknown {
  const [effect] = procedure.steps.file!.effects
  assert.ok(effect?.do === 'obligations.assess')
  const entry = { openedTime: parseDate(opened), stateTime: parseDate(opened), acts: [], visited: [] }
  const facts: CaseFacts = {
    entry: entry as unknown as CaseEntry,
    fields: { kind },
    types: procedure.facts,
    tables: procedure.tables,
    attests: {},
    obligation: () => undefined,
    now: parseDate(now),
    eventTime: parseDate('2026-01-01'),
    signers: 1,
    reason: '',
  }
  return evaluateFormula(effect.amount, facts)
}

test('a fee is the one of the day on which the case was opened, and stays that while the case is open', () => {
  const procedure = decode(service({}))
  const on = (opened: string, now: string, kind = 'plain') => amountOf(procedure, { opened, now }, kind)
  assert.equal(on('2026-12-31', '2026-12-31'), 300n)
  assert.equal(on('2026-12-31', '2027-06-01'), 300n)
  assert.equal(on('2027-01-01', '2027-06-01'), 400n)
  assert.equal(on('2027-01-01', '2027-06-01', 'urgent'), 1_200n)
})

test('before the first rates there is no fee, and a step that needs one is closed', () => {
  assert.equal(amountOf(decode(service({})), { opened: '2025-12-31', now: '2026-02-01' }, 'plain'), undefined)
})

test('a table is refused that asks for what is private, takes the name of a function, or is one too many', () => {
  const { tables } = service({}) as { tables: { rate: JsonObject } }
  const inputs = { ...tables.rate, in: ['holder'] }
  assert.throws(() => decode(service({ tables: { rate: inputs } })), { name: 'VerifyError', message: /not declared/ })
  assert.throws(() => decode(service({ tables: { open: tables.rate } })), { name: 'VerifyError', message: /this name/ })
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`rate${i}`, tables.rate]))
  assert.throws(() => decode(service({ tables: many }, '1')), { name: 'VerifyError', code: 'oversized' })
  assert.throws(() => decode(service({}, 'rate(fields.holder)')), { name: 'VerifyError' })
})
