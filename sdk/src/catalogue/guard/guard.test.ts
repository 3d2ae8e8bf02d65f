import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGuard } from './check.ts'
import type { GuardEnvironment } from './environment.ts'
import { evaluateGuard, type GuardFacts } from './evaluate.ts'
import { parseGuard } from './parse.ts'
import type { GuardType } from './types.ts'
import type { GuardErrorCode, GuardValue } from './value.ts'

const text: GuardType = { kind: 'string', lengthMax: 20 }
const time: GuardType = { kind: 'timestamp' }

/** The fine of services.md, 2, and what its kernel may offer. */
const fine: GuardEnvironment = {
  variables: {
    now: { type: time },
    eventDate: { type: time },
    offence: { type: text },
    plate: { type: text },
    debt: {
      type: {
        kind: 'record',
        fields: { open: { type: { kind: 'int' } }, paidAt: { type: time, optional: true }, note: { type: text } },
      },
    },
    marks: { type: { kind: 'list', item: { kind: 'int' }, lengthMax: 12 } },
  },
  functions: {
    tag: { parameters: [text], result: { kind: 'bytes', lengthMax: 32 }, cost: 20 },
    unique: { parameters: [{ kind: 'tuple', lengthMax: 8 }], result: { kind: 'bool' }, cost: 50 },
    was: { parameters: [text], result: { kind: 'bool' }, cost: 10 },
    at: { parameters: [text], result: time, cost: 10 },
    'parties.alive': { parameters: [text], result: { kind: 'bool' }, cost: 10 },
    isLate: { receiver: time, parameters: [{ kind: 'duration' }], result: { kind: 'bool' }, cost: 1 },
  },
}
const timestamp = (seconds: bigint): GuardValue => ({ kind: 'timestamp', seconds })
const now = 1_774_746_000n
const facts = (more: Readonly<Record<string, GuardValue>> = {}): GuardFacts => ({
  variables: new Map(
    Object.entries({
      now: timestamp(now),
      eventDate: timestamp(now - 3_600n),
      offence: 'speed',
      plate: 'EX 1234',
      debt: { open: 250n, note: '' },
      marks: [3n, 4n],
      ...more,
    }),
  ),
  functions: {
    tag: () => new Uint8Array(32),
    unique: tuple => (tuple as readonly GuardValue[]).length === 3,
    was: state => state === 'review',
    at: () => timestamp(now - 10n),
    'parties.alive': name => name === 'ada',
    isLate: (from, by) => (from as { seconds: bigint }).seconds + (by as { seconds: bigint }).seconds < now,
  },
})

function ask(source: string, more: Readonly<Record<string, GuardValue>> = {}): GuardValue | { error: GuardErrorCode } {
  const result = evaluateGuard(checkGuard(parseGuard(source), fine, { result: 'any' }), facts(more))
  return 'value' in result ? result.value : { error: result.error }
}

test('the guards of the fine are open when the facts are so, and closed when not', () => {
  const issue = "eventDate >= now - duration('168h') && unique([tag(plate), eventDate, offence])"
  assert.equal(ask(issue), true)
  assert.equal(ask(issue, { eventDate: timestamp(now - 604_801n) }), false)
  assert.equal(ask('debt.open == 0'), false)
  assert.equal(ask('debt.open == 0', { debt: { open: 0n, note: '' } }), true)
  assert.equal(ask("was('review') && now <= at('uphold') + days(30)"), true)
  assert.equal(ask("parties.alive('ada') && !parties.alive('bob')"), true)
  assert.equal(ask("eventDate.isLate(duration('1h')) || eventDate.isLate(duration('59m59s'))"), true)
})

/** After cel-spec's conformance tests: each expression is so. Written anew for what guards have of CEL. */
const holds: readonly [string, readonly string[]][] = [
  [
    'integers are of 64 bits, and their quotients are cut towards zero',
    [
      '9223372036854775807 - 1 == 0x7ffffffffffffffe && -9223372036854775808 + 1 == -9223372036854775807',
      '-9223372036854775807 - 1 == -9223372036854775808 && 9223372036854775806 + 1 == 9223372036854775807',
      '7 / 2 == 3 && -7 / 2 == -3 && 7 / -2 == -3 && 7 % 3 == 1 && -7 % 3 == -1 && 7 % -3 == 1',
      '2 + 3 * 4 == 14 && (2 + 3) * 4 == 20 && 10 - 4 - 3 == 3 && 100 / 10 / 5 == 2 && -(3) == 1 - 4',
      '1 - 1 == 0 && 1 -1 == 0 && 1-1 == 0 && 0xfF == 255 && 007 == 7',
    ],
  ],
  [
    'an answer that decides stands, whatever errors stand beside it',
    [
      '(false && 1 / 0 == 1) == false && (1 / 0 == 1 && false) == false',
      'true || 1 / 0 == 1',
      '1 / 0 == 1 || true',
      'false ? 1 / 0 == 1 : true',
      '1 / 0 == 1 || marks[9] == 1 || true',
      '[1, 0, 2].exists(x, 4 / x == 2) && [0, 8, 1].exists(x, 4 / x == 4)',
      '![0, 8].all(x, 4 / x == 1)',
    ],
  ],
  [
    'and binds closer than or, and a comparison closer than both',
    [
      'true || false && false',
      'false && true || true',
      '1 + 1 == 3 && false || 2 * 2 > 3 || false && true',
      'false && false ? false : true',
      '(true || false) && true',
      '1 + 1 == 2 ? true : false',
      '!false && !!true',
      '1 < 2 == true',
    ],
  ],
  [
    'texts are measured and ordered by code points, with nothing made equal that differs',
    [
      "size('') == 0 && size('é') == 1 && size('e\\u0301') == 2 && size('😀') == 1 && '😀é'.size() == 2",
      "'ﬀ' < '😀' && '\\uE000' < '\\U00010000' && 'a' < 'b' && 'B' < 'a' && '' < 'a' && 'é' > 'z'",
      "'é' != 'e\\u0301' && 'abc'.startsWith('') && 'abc'.contains('bc') && !'abc'.endsWith('ab')",
      "'a' + \"b\" + '' == 'ab' && 'it\\'s' == \"it's\" && '\\x41\\101\\n' == 'AA\\n' && '\\U0001F600' == '😀'",
    ],
  ],
  [
    'bytes are bytes',
    [
      "b'\\xff\\377' == b'\\377' + b'\\xff'",
      "size(b'é') == 2 && b'a' < b'b' && b'' < b'a'",
      "b'😀' == b'\\xf0\\x9f\\x98\\x80'",
    ],
  ],
  [
    'lists',
    [
      '[1, 2,] == [1] + [2] && [] == [] && [1] != [] && [[1], []] == [[1], []]',
      "2 in [1, 2] && !(3 in [1, 2]) && !('a' in []) && [1] in [[2], [1]]",
      'size([]) == 0 && [1, 2].size() == 2 && [4, 5][1] == 5 && [[7]][0][0] == 7',
      '[1, 2, 3].exists_one(x, x > 2) && ![1, 2].exists_one(x, x > 0) && ![3].exists_one(x, x > 3)',
      '[1, 2, 3].filter(x, x != 2) == [1, 3] && [1, 2].map(x, x * x) == [1, 4]',
      '[1, 2, 3].map(x, x > 1, x + 1) == [3, 4] && marks.filter(x, x > 9).all(x, false)',
      '[1, 2].map(x, [x, x])[1] == [2, 2] && marks.filter(x, x > 3).exists(x, x == 4)',
    ],
  ],
  [
    'times are seconds of UTC, from the year 1 to 9999',
    [
      "timestamp('2026-03-29T01:00:00Z') - timestamp('2026-03-29T00:59:59Z') == duration('1s')",
      "timestamp('2024-02-28T12:00:00Z') + days(1) == timestamp('2024-02-29T12:00:00Z')",
      "days(1) + timestamp('1900-02-28T00:00:00Z') == timestamp('1900-03-01T00:00:00Z')",
      "timestamp('9999-12-31T23:59:59Z') - duration('1s') < timestamp('9999-12-31T23:59:59Z')",
      "duration('1h30m') == duration('90m') && duration('-90s') < duration('0s') && days(-1) == duration('-24h')",
      "duration('1s') - duration('2s') + duration('1s') == duration('0s')",
    ],
  ],
  ['a field that may be missing can be asked for', ['has(debt.open) && !has(debt.paidAt)', "debt['open'] == 250"]],
  ['remarks and space are no matter', ['1 // one\n == \t1 // the same', '(((true)))']],
]
for (const [name, sources] of holds)
  test(`${name}`, () => {
    for (const source of sources) assert.equal(ask(source), true, source)
  })

test('what has no value is an error, and so closes the guard', () => {
  const errors: readonly [string, GuardErrorCode][] = [
    ['9223372036854775807 + 1 > 0', 'overflow'],
    ['-9223372036854775808 - 1 < 0', 'overflow'],
    ['debt.open * 9223372036854775807 > 0', 'overflow'],
    ['-9223372036854775808 / -1 > 0', 'overflow'],
    ['-9223372036854775808 % -1 == 0', 'overflow'],
    ['-(-9223372036854775808) > 0', 'overflow'],
    ['1 / 0 == 1', 'zero'],
    ['1 % 0 == 1', 'zero'],
    ["timestamp('9999-12-31T23:59:59Z') + duration('1s') > now", 'overflow'],
    ["timestamp('0001-01-01T00:00:00Z') - duration('1s') < now", 'overflow'],
    ["timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') > days(1)", 'overflow'],
    ['days(106752) > days(0)', 'overflow'],
    ['days(9223372036854775807) > days(0)', 'overflow'],
    ['marks[2] == 0', 'index'],
    ['debt.paidAt < now', 'field'],
    ['marks.all(x, 1 / (x - 3) == 1)', 'zero'],
    ['marks.exists_one(x, 1 / (x - 3) == 1)', 'zero'],
    ['true && 1 / 0 == 1', 'zero'],
    ['false || marks[9] == 1 || 1 / 0 == 1', 'index'],
    ['1 / 0 == 1 ? true : true', 'zero'],
  ]
  for (const [source, error] of errors) assert.deepEqual(ask(source), { error }, source)
})

test('a fact that is not as declared, or not known, closes the guard, whoever says so', () => {
  const wrong: readonly (GuardValue | undefined)[] = [
    1n,
    true,
    'x'.repeat(21),
    '\ud800',
    'a\udc00b',
    new Uint8Array(1),
    timestamp(0n),
    [],
    {},
    null as unknown as GuardValue,
    5 as unknown as GuardValue,
  ]
  for (const offence of wrong) assert.deepEqual(ask("offence != 'x'", { offence: offence! }), { error: 'fact' })
  const times = [timestamp(253_402_300_800n), { kind: 'duration', seconds: 1n }, 5n, { kind: 'timestamp', seconds: 5 }]
  for (const each of times)
    assert.deepEqual(ask('eventDate < now', { eventDate: each as GuardValue }), { error: 'fact' })
  assert.deepEqual(ask('debt.open == 0', { debt: { open: 1n << 63n, note: '' } }), { error: 'fact' })
  assert.deepEqual(ask('debt.open == 0', { debt: { open: 0n } }), { error: 'fact' })
  assert.deepEqual(ask('debt.open == 0', { debt: Object.create({ open: 0n, note: '' }) }), { error: 'fact' })
  assert.deepEqual(ask('size(marks) == 0', { marks: Array.from({ length: 13 }, () => 1n) }), { error: 'fact' })
  const checked = checkGuard(parseGuard("offence == 'speed' && was('review')"), fine)
  const none: GuardFacts = { variables: () => undefined }
  assert.equal((evaluateGuard(checked, none) as { error: string }).error, 'missing')
  assert.equal((evaluateGuard(checked, { variables: () => 'speed' }) as { error: string }).error, 'missing')
  const lying = { variables: () => 'speed', functions: { was: () => 1n } }
  assert.equal((evaluateGuard(checked, lying) as { error: string }).error, 'fact')
})

test('only what decides is asked for, and each variable once', () => {
  const asked: string[] = []
  const from = facts()
  const variables = (name: string): GuardValue | undefined => {
    asked.push(name)
    return (from.variables as ReadonlyMap<string, GuardValue>).get(name)
  }
  const run = (source: string): unknown => evaluateGuard(checkGuard(parseGuard(source), fine), { ...from, variables })
  run("offence == 'parking' && plate == 'x' && eventDate < now")
  assert.deepEqual(asked.splice(0), ['offence'])
  run("marks.all(x, x > 0 && offence == 'speed') && offence != plate")
  assert.deepEqual(asked, ['marks', 'offence', 'plate'])
})
