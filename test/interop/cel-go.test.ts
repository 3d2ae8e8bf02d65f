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
  isGuard,
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

/** Spellings that nothing makes at random: each is read by all three. */
const spellings = [
  "'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\`\\?'",
  "'\\x41\\X41\\101\\u00e9\\U0001F600' + \"it's\" + '\tb'",
  'b\'\\xff\\377é文\' + B"\\x00a"',
  '0xfF + 0xA + 007 - 1-1 -1',
  '-9223372036854775808 + 0x7fffffffffffffff',
  '[1, 2,] == [1] + [2] // a remark\n && true',
  '\t1\f<\r\n2',
  '[[], [1]] == [[], [1]] && [] == []',
  "duration('1h30m') + duration('-90s') + duration('2m5s') + duration('0s')",
  "timestamp('0001-01-01T00:00:00Z') + duration('0s')",
  "'abc'.size() + size('😀') + [1].size() + b'é'.size()",
  '1 < 2 == true != false',
  'false ? 1 : true ? 2 : 3',
  '!!true && !(!true)',
  'true || false && false',
  '2 - 3 - 4 * 5 % 3 / 1',
  '-7 / 2 + -7 % 3 + 7 % -3',
  '- 5 + -(5)',
  '[1, 2, 3].map(x, x > 1, x * x)[1] in [9, 4] && [1, 1].exists_one(x, x == 1)',
  '[[1, 2], [3]].filter(x, size(x) > 1).map(x, x[0])',
  "['b', 'a'].exists(each, each < 'b') ? 'yes' : 'no'",
  "false < true && b'a' < b'b' && [1] != [2]",
  "o['open'] == o.open && has(o.open)",
  "days(1) < days(2) && party.alive('ada') && score(8) == 1",
]

/** Guards with words put in, left out, exchanged or doubled: most are none any more. */
function* mutants(from: number): Generator<string> {
  const random = seededRandom(from)
  const words = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|'[^']*'|\s+|&&|\|\||[<>=!]=|./gu
  for (;;) {
    const [one, other] = [makeGuard(random, 0).text, makeGuard(random, 0).text].map(text => text.match(words)!)
    const [at, length] = [random(one!.length), random(4)]
    const [otherAt, otherLength] = [random(other!.length), random(4)]
    yield [...one!.slice(0, at), ...other!.slice(otherAt, otherAt + otherLength), ...one!.slice(at + length)].join('')
  }
}

/** Those that are guards still. */
function mutatedGuards(count: number): readonly GuardCases[] {
  const cases = makeGuard(seededRandom(seed), casesOfGuard).cases
  const guards: GuardCases[] = []
  for (const text of mutants(seed)) {
    if (isGuard(text)) guards.push({ text, cases })
    if (guards.length === count) return guards
  }
  return guards
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

  test('reads every spelling as we do', async () => {
    const guards = spellings.map(text => ({ text, cases: makeGuard(seededRandom(1), 3).cases }))
    const values = compare(guards, await askCelGo(binary, guards))
    assert.equal(values, spellings.length * 3, 'each has a value')
  })

  test('takes whatever we take, and comes to the same', async () => {
    const guards = mutatedGuards(Math.ceil(total / 10))
    compare(guards, await askCelGo(binary, guards))
  })
})

test(`@bufbuild/cel comes to the same in ${total} cases`, () => {
  let values = 0
  for (const guards of batches(seed + 1, milder)) values += compare(guards, guards.map(askBufbuild))
  assertMixed(values)
})

test('@bufbuild/cel reads every spelling as we do', () => {
  const guards = spellings.map(text => ({ text, cases: makeGuard(seededRandom(1), 3).cases }))
  compare(guards, guards.map(askBufbuild))
})

test('@bufbuild/cel differs in four things, and there we do as cel-go does', () => {
  const ask = (text: string, ...facts: readonly [string, GuardValue][]): readonly (readonly string[])[] => {
    const guard = { text, cases: [new Map(facts)] }
    return [answerGuard(guard), askBufbuild(guard)]
  }
  assert.deepEqual(ask("b'😀'"), [['bytes:f09f9880'], ['bytes:efbfbdefbfbd']])
  const least = -(1n << 63n)
  assert.deepEqual(ask('s < t', ['s', 'ﬀ'], ['t', '😀']), [['bool:true'], ['bool:false']])
  assert.deepEqual(ask('i % j', ['i', least], ['j', -1n]), [['error'], ['int:0']])
  assert.deepEqual(ask('-(-(i))', ['i', least]), [['error'], [`int:${least}`]])
})
