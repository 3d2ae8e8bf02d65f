import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readOrRefused } from '../../../test/hostile.ts'
import type { Json, JsonObject } from '../json.ts'
import { checkGuard } from './guard/check.ts'
import { evaluateGuard } from './guard/evaluate.ts'
import { parseGuard } from './guard/parse.ts'
import type { GuardTimestamp, GuardValue } from './guard/value.ts'
import { evaluateTable, type Table, type TableInput, tableFunction } from './table.ts'
import { readTable } from './table-read.ts'

const declared: Readonly<Record<string, TableInput>> = {
  offence: { kind: 'string', lengthMax: 20, values: ['speed', 'parking', 'light'] },
  repeat: { kind: 'int', min: 0n, max: 99n },
  place: { kind: 'string', lengthMax: 8 },
  minor: { kind: 'bool' },
  weight: { kind: 'int' },
}
const at = (day: string): GuardTimestamp => ({
  kind: 'timestamp',
  seconds: BigInt(Date.parse(`${day}T00:00:00Z`) / 1_000),
})
const of = (facts: Readonly<Record<string, GuardValue>>): ReadonlyMap<string, GuardValue> =>
  new Map(Object.entries(facts))

/** The amounts of the fine: example numbers, in minor units. */
const fines: JsonObject = {
  in: ['offence', 'repeat'],
  hit: 'UNIQUE',
  sets: [
    {
      from: '2025-01-01',
      rows: [{ when: { offence: 'speed' }, gives: 10_000 }],
      otherwise: 5_000,
    },
    {
      from: '2026-01-01',
      rows: [
        { when: { offence: 'speed' }, if: 'repeat < 2', gives: 12_000 },
        { when: { offence: 'speed' }, if: 'repeat >= 2', gives: 24_000 },
        { when: { offence: 'parking' }, gives: 4_000 },
        { when: { offence: 'light', repeat: 0 }, gives: 0 },
        { when: { offence: 'light' }, if: '!(repeat == 0)', gives: 2_000 },
      ],
    },
  ],
}
const read = (json: JsonObject): Table => readTable(json, declared)
const oneSet = (inputs: readonly string[], rows: readonly Json[], more: JsonObject = {}): JsonObject => ({
  in: inputs,
  hit: 'UNIQUE',
  sets: [{ from: '2026-01-01', rows, ...(more.otherwise === undefined ? {} : { otherwise: more.otherwise }) }],
  ...(more.hit === undefined ? {} : { hit: more.hit }),
})

test('the amount is that of the rows in force on the day', () => {
  const table = read(fines)
  const amount = (day: string, offence: string, repeat: bigint): unknown => {
    const result = evaluateTable(table, at(day), of({ offence, repeat }))
    return 'value' in result ? result.value : result.error
  }
  assert.equal(amount('2024-12-31', 'speed', 0n), 'date')
  assert.equal(amount('2025-01-01', 'speed', 5n), 10_000n)
  assert.equal(amount('2025-12-31', 'light', 5n), 5_000n)
  assert.equal(amount('2026-01-01', 'speed', 1n), 12_000n)
  assert.equal(amount('2030-01-01', 'speed', 2n), 24_000n)
  assert.equal(amount('2026-06-01', 'light', 0n), 0n)
  assert.equal(amount('2026-06-01', 'light', 1n), 2_000n)
})

test('an input that is missing, of another type or beyond what was declared has no amount', () => {
  const table = read(fines)
  const wrong: readonly Readonly<Record<string, GuardValue>>[] = [
    { offence: 'speed' },
    { offence: 'speed', repeat: -1n },
    { offence: 'speed', repeat: 100n },
    { offence: 'speed', repeat: '1' },
    { offence: 'theft', repeat: 1n },
  ]
  for (const each of wrong) assert.deepEqual(evaluateTable(table, at('2026-06-01'), of(each)), { error: 'fact' })
})

/** What the reader says, which names the rows and the case. */
function refusal(json: JsonObject): string {
  try {
    read(json)
  } catch (error) {
    assert.equal((error as Error).name, 'VerifyError', String(error))
    return (error as Error).message
  }
  return 'taken'
}

test('a case with two rows, a case without any, and a row without a case are named', () => {
  const row = (when: JsonObject, condition?: string): Json => ({
    when,
    ...(condition ? { if: condition } : {}),
    gives: 1,
  })
  const refused: readonly [JsonObject, RegExp][] = [
    [
      oneSet(['repeat'], [row({}, 'repeat <= 2'), row({}, 'repeat >= 2')]),
      /rows 1 and 2 of 2026-01-01 are both meant for repeat = 2$/,
    ],
    [
      oneSet(['repeat'], [row({}, 'repeat < 2'), row({}, 'repeat > 2')]),
      /no row of 2026-01-01 is meant for repeat = 2$/,
    ],
    [
      oneSet(['repeat'], [row({}, 'repeat < 2'), row({}, 'repeat >= 2'), row({}, 'repeat > 99')]),
      /row 3 of .* meant for no case/,
    ],
    [oneSet(['weight'], [row({}, 'weight > -9223372036854775808')]), /no row .* weight = -9223372036854775808$/],
    [oneSet(['offence'], [row({ offence: 'speed' }), row({ offence: 'light' })]), /no row .* offence = 'parking'$/],
    [oneSet(['place'], [row({ place: '' }), row({ place: 'a' })]), /no row .* place = 'b'$/],
    [oneSet(['place'], [row({}, "place in ['a', 'b']"), row({}, "place != 'a'")]), /rows 1 and 2 .* place = 'b'$/],
    [oneSet(['minor', 'repeat'], [row({ minor: true }), row({}, 'repeat == 7')]), /(?:both meant|no row)/],
    [oneSet(['minor'], [row({}, 'minor'), row({}, '!minor'), row({ minor: true })]), /rows 1 and 3/],
    [oneSet([], [row({}), row({})]), /rows 1 and 2 .* anything/],
    [oneSet([], []), /no row .* anything/],
    [oneSet(['repeat'], [row({}), row({ repeat: 3 })], { hit: 'FIRST' }), /row 2 of .* meant for no case/],
    [
      oneSet(['place'], [row({}, "place < 'b'"), row({}, "place >= 'b'")]),
      /row 1 of .* compares inputs with constants/,
    ],
    [
      oneSet(['repeat'], [row({}, 'repeat % 2 == 0'), row({}, 'repeat % 2 != 0')]),
      /row 1 of .* compares inputs with constants/,
    ],
  ]
  for (const [json, pattern] of refused) assert.match(refusal(json), pattern)
  const taken: readonly JsonObject[] = [
    oneSet(['repeat'], [row({}, 'repeat < 100')]),
    oneSet(['repeat'], [row({}, 'repeat >= 0 && repeat <= 99')]),
    oneSet(['weight'], [row({}, 'weight < 3 || weight > 3'), row({}, '3 == weight')]),
    oneSet(['place'], [row({ place: 'a' }), row({}, "place != 'a' && place != 'longer than it can be'")]),
    oneSet(['place', 'minor'], [row({}, "minor && place == 'a'"), row({}, "!minor || place != 'a'")]),
  ]
  for (const json of taken) assert.equal(refusal(json), 'taken')
})

test('rows that follow each other may overlap when the first one counts', () => {
  const rows = [{ if: 'repeat > 9', gives: 3 }, { if: 'repeat > 4', gives: 2 }, { gives: 1 }]
  const table = read(oneSet(['repeat'], rows, { hit: 'FIRST' }))
  const given = [0n, 4n, 5n, 9n, 10n, 99n].map(repeat => evaluateTable(table, at('2026-01-01'), of({ repeat })))
  assert.deepEqual(
    given,
    [1n, 1n, 2n, 2n, 3n, 3n].map(value => ({ value })),
  )
})

test('a row whose guard has no answer ends the search: the next row is not taken instead', () => {
  const rows = [{ if: '10 / repeat > 4', gives: 2 }, { gives: 1 }]
  const table = read(oneSet(['repeat'], rows, { hit: 'FIRST' }))
  assert.deepEqual(evaluateTable(table, at('2026-01-01'), of({ repeat: 0n })), { error: 'zero' })
  assert.deepEqual(evaluateTable(table, at('2026-01-01'), of({ repeat: 9n })), { value: 1n })
})

test('what is judged from a few cases is so for every value: no amount is missing, and none is given twice', () => {
  const comparisons = fc.tuple(fc.constantFrom('==', '!=', '<', '<=', '>', '>='), fc.integer({ min: -2, max: 12 }))
  const condition = comparisons.map(([operator, bound]) => `repeat ${operator} ${bound}`)
  const conditions = fc.array(condition, { minLength: 1, maxLength: 3 })
  const joined = fc.tuple(conditions, fc.constantFrom(' && ', ' || ')).map(([list, sign]) => list.join(sign))
  const rows = fc.array(joined, { minLength: 1, maxLength: 3 })
  const small = { repeat: { kind: 'int', min: 0n, max: 10n } } as const
  let taken = 0
  const judge = (list: readonly string[]): void => {
    const json = oneSet(
      ['repeat'],
      list.map((each, i) => ({ if: each, gives: i })),
    )
    const table = readOrRefused(() => readTable(json, small))
    const environment = { variables: { repeat: { type: { kind: 'int' } } }, functions: {} } as const
    const guards = list.map(each => checkGuard(parseGuard(each), environment))
    const hits = Array.from({ length: 11 }, (_, i) => {
      const variables = of({ repeat: BigInt(i) })
      return guards.filter(guard => (evaluateGuard(guard, { variables }) as { value: boolean }).value).length
    })
    const eachHit = guards.every(guard => {
      const tried = Array.from({ length: 11 }, (_, i) => evaluateGuard(guard, { variables: of({ repeat: BigInt(i) }) }))
      return tried.some(result => 'value' in result && result.value === true)
    })
    assert.equal(table !== undefined, hits.every(each => each === 1) && eachHit, list.join(' | '))
    if (table) taken++
  }
  fc.assert(fc.property(rows, judge), { numRuns: 4_000 })
  assert.ok(taken > 20, `${taken}`)
})

test('a table is a function of guards, at the cost that was reckoned', () => {
  const table = read(fines)
  const environment = {
    variables: { offence: { type: { kind: 'string', lengthMax: 20 } }, repeat: { type: { kind: 'int' } } },
    functions: { amount: tableFunction(table) },
  } as const
  const checked = checkGuard(parseGuard('amount(offence, repeat + 1) > 20000'), environment)
  assert.ok(checked.cost > table.cost)
  const amount = (offence: GuardValue, repeat: GuardValue): GuardValue | undefined => {
    const result = evaluateTable(table, at('2026-02-01'), of({ offence, repeat }))
    return 'value' in result ? result.value : undefined
  }
  const ask = (repeat: bigint): unknown => {
    const result = evaluateGuard(checked, { variables: of({ offence: 'speed', repeat }), functions: { amount } })
    return 'value' in result ? result.value : result.error
  }
  assert.deepEqual([ask(0n), ask(1n), ask(99n)], [false, true, 'missing'])
})

test('a table that is malformed, out of order or without bounds is refused', () => {
  const set = (from: string): Json => ({ from, rows: [{ gives: 1 }] })
  const sets = (...list: readonly Json[]): JsonObject => ({ in: [], hit: 'UNIQUE', sets: list })
  const wrong: readonly JsonObject[] = [
    { ...fines, hit: 'ANY' },
    { ...fines, in: ['offence', 'colour'] },
    { ...fines, in: ['offence', 'offence'] },
    { ...fines, in: ['toString'] },
    { ...fines, more: 1 },
    sets(),
    sets(set('2026-01-02'), set('2026-01-01')),
    sets(set('2026-01-01'), set('2026-01-01')),
    sets(set('2026-02-30')),
    sets(set('2026-1-1')),
    ...Array.from([1.5, '1', null, 2 ** 53], gives => oneSet([], [{ gives }])),
    oneSet(['offence'], [{ when: { offence: 'theft' }, gives: 1 }], { otherwise: 1 }),
    oneSet(['repeat'], [{ when: { repeat: 100 }, gives: 1 }], { otherwise: 1 }),
    oneSet(['repeat'], [{ when: { repeat: true }, gives: 1 }], { otherwise: 1 }),
    oneSet(['repeat'], [{ when: { offence: 'speed' }, gives: 1 }], { otherwise: 1 }),
    oneSet(['repeat'], [{ if: 'repeat +', gives: 1 }], { otherwise: 1 }),
    oneSet(['repeat'], [{ if: 'repeat', gives: 1 }], { otherwise: 1 }),
    oneSet(['repeat'], [{ if: "offence == 'speed'", gives: 1 }], { otherwise: 1 }),
    oneSet(
      ['repeat'],
      Array.from({ length: 513 }, () => ({ gives: 1 })),
      { hit: 'FIRST' },
    ),
    oneSet(
      ['repeat'],
      Array.from({ length: 512 }, (_, i) => ({ if: `repeat == ${i} || repeat in [1, 2, 3]`, gives: 1 })),
      { hit: 'FIRST' },
    ),
    { ...fines, sets: Array.from({ length: 65 }, (_, i) => set(`${2000 + i}-01-01`)) },
  ]
  for (const json of wrong) assert.notEqual(refusal(json), 'taken', JSON.stringify(json))
  const began = performance.now()
  const rows = Array.from({ length: 90 }, (_, i) => ({
    if: `weight == ${i * 3} && repeat == ${i} && place == '${i}'`,
    gives: i,
  }))
  assert.match(refusal(oneSet(['weight', 'repeat', 'place'], rows, { otherwise: 0 })), /too many cases/)
  const single = Array.from({ length: 500 }, (_, i) => ({ if: `weight == ${i} || weight == ${i + 1_000}`, gives: i }))
  assert.match(refusal(oneSet(['weight'], single, { otherwise: 0 })), /too many cases/)
  const dear = Array.from({ length: 512 }, (_, i) => ({ if: `repeat in [${i % 9}, 1, 2, 3, 4, 5, 6, 7]`, gives: i }))
  assert.match(refusal(oneSet(['repeat'], dear, { hit: 'FIRST' })), /may cost too much/)
  const keyed = Array.from({ length: 500 }, (_, i) => ({ when: { place: `${i}` }, if: 'repeat > 3', gives: i }))
  assert.equal(refusal(oneSet(['place', 'repeat'], keyed, { otherwise: 0 })), 'taken')
  assert.ok(performance.now() - began < 1_000)
})

test('any JSON in the place of a table is refused by a VerifyError, or is a table', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('in', 'hit', 'sets'), (value, name) => {
      readOrRefused(() => read({ ...fines, [name]: JSON.parse(JSON.stringify(value)) as Json }))
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      readOrRefused(() => read(oneSet(['repeat'], [JSON.parse(JSON.stringify(value)) as Json], { otherwise: 1 })))
    }),
    { numRuns: 500 },
  )
})
