import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CaseAct, CaseEntry } from '../ledger/cases.ts'
import { type CaseFacts, environmentOf, evaluateFormula, readFormula } from './facts.ts'

const time = { seconds: 1_800_000_000n, nanos: 0 }
const act = (step: string, height: bigint): CaseAct => ({
  ...{ step, times: 1, height, time, offices: [], accounts: [], mandates: [], reason: '', text: new Uint8Array(0) },
})

/** Steps with the heights of the blocks in which they were taken, all of them in one second. */
function evaluate(source: string, heights: Readonly<Record<string, bigint>>, drawnAt?: bigint): unknown {
  const acts = Object.entries(heights).map(([step, height]) => act(step, height))
  const draw = { poolHash: new Uint8Array(32), height: heights.assign ?? 0n, mixHeight: drawnAt ?? 0n }
  const assignments =
    drawnAt === undefined ? [] : [{ role: 'judge', mandate: new Uint8Array(0), how: 'draw', pool: 3, draw }]
  const facts: CaseFacts = {
    entry: { acts, openedTime: time, stateTime: time, visited: [], assignments } as unknown as CaseEntry,
    ...{ fields: {}, types: {}, tables: {}, attests: {}, obligation: () => undefined },
    ...{ now: time, eventTime: undefined, signers: 1, reason: '' },
  }
  return evaluateFormula(readFormula(source, environmentOf({}), 'bool'), facts)
}

test('what comes after is told by blocks, not by seconds: fast blocks have the same second, and one block settles no order', () => {
  const source = "after('clear', 'assign')"
  assert.equal(evaluate(source, { assign: 7n, clear: 8n }), true)
  assert.equal(evaluate(source, { assign: 8n, clear: 7n }), false)
  assert.equal(evaluate(source, { assign: 8n, clear: 8n }), false)
  assert.equal(evaluate(source, { clear: 8n }), true)
  assert.equal(evaluate(source, { assign: 8n }), false)
  assert.equal(evaluate(source, {}), false)
})

test('a step that draws somebody is over when he is drawn: a finding before that is about nobody', () => {
  const source = "after('clear', 'assign')"
  assert.equal(evaluate(source, { assign: 7n, clear: 8n }, 0n), false, 'nobody is drawn yet')
  assert.equal(evaluate(source, { assign: 7n, clear: 8n }, 9n), false, 'he was drawn later')
  assert.equal(evaluate(source, { assign: 7n, clear: 9n }, 9n), true)
  assert.equal(evaluate(source, { assign: 7n, clear: 7n }, 7n), false)
})
