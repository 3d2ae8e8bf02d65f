// Guards mean what CEL means: cel-go, and @bufbuild/cel in this process, evaluate what is made at random, and agree. GUARDS
// may be given (cases; more in `npm run soak`), and GUARD_SEED.

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { GuardValue } from '@muniment/sdk'
import {
  answerGuard,
  type Extremes,
  extremes,
  type GuardCases,
  makeGuard,
  milder,
  seededRandom,
} from '../guard-cases.ts'
import { askBufbuild } from './cel-bufbuild.ts'
import { askCelGo } from './cel-go.ts'
import { buildGoProgram, goSkip } from './go.ts'

const total = Number(process.env.GUARDS ?? 20_000)
const seed = Number(process.env.GUARD_SEED ?? 7)
const casesOfGuard = 5
const guardsOfBatch = 5_000

/** Batch by batch, so that a million of them fit into memory. */
function* batches(from: number, values: Extremes): Generator<readonly GuardCases[]> {
  const random = seededRandom(from)
  for (let left = Math.ceil(total / casesOfGuard); left > 0; left -= guardsOfBatch)
    yield Array.from({ length: Math.min(left, guardsOfBatch) }, () => makeGuard(random, casesOfGuard, values))
}

function compare(guards: readonly GuardCases[], answers: readonly (readonly string[])[]): number {
  assert.equal(answers.length, guards.length)
  let values = 0
  for (const [i, guard] of guards.entries()) {
    const ours = answerGuard(guard)
    assert.deepEqual(answers[i], ours, `seed ${seed}: ${guard.text}`)
    values += ours.filter(answer => answer !== 'error').length
  }
  return values
}

/** Values and errors both: a test of nothing but errors would show little. */
const assertMixed = (values: number): void => assert.ok(values > total / 3 && values < total, `${values} of ${total}`)

describe('cel-go', { skip: goSkip }, () => {
  let binary: string
  before(async () => {
    binary = await buildGoProgram('cel-go')
  })

  test(`comes to the same in ${total} cases`, async () => {
    let values = 0
    for (const guards of batches(seed, extremes)) values += compare(guards, await askCelGo(binary, guards))
    assertMixed(values)
  })
})

test(`@bufbuild/cel comes to the same in ${total} cases`, () => {
  let values = 0
  for (const guards of batches(seed + 1, milder)) values += compare(guards, guards.map(askBufbuild))
  assertMixed(values)
})

test('@bufbuild/cel differs in three things, and there we do as cel-go does', () => {
  const ask = (text: string, ...facts: readonly [string, GuardValue][]): readonly (readonly string[])[] => {
    const guard = { text, cases: [new Map(facts)] }
    return [answerGuard(guard), askBufbuild(guard)]
  }
  const least = -(1n << 63n)
  assert.deepEqual(ask('s < t', ['s', 'ﬀ'], ['t', '😀']), [['bool:true'], ['bool:false']])
  assert.deepEqual(ask('i % j', ['i', least], ['j', -1n]), [['error'], ['int:0']])
  assert.deepEqual(ask('-(-(i))', ['i', least]), [['error'], [`int:${least}`]])
})
