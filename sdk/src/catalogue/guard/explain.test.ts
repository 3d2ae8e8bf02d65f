import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGuard } from './check.ts'
import type { GuardEnvironment } from './environment.ts'
import type { GuardFacts } from './evaluate.ts'
import { type ClosedCondition, explainGuard } from './explain.ts'
import { parseGuard } from './parse.ts'
import type { GuardValue } from './value.ts'

const environment: GuardEnvironment = {
  variables: {
    age: { type: { kind: 'int' }, public: true },
    secret: { type: { kind: 'int' } },
    marks: { type: { kind: 'list', item: { kind: 'int' }, lengthMax: 4 }, public: true },
    debt: {
      public: true,
      type: {
        kind: 'record',
        fields: {
          open: { type: { kind: 'int' }, public: true },
          cause: { type: { kind: 'string', lengthMax: 20 } },
          paidAt: { type: { kind: 'timestamp' }, optional: true, public: true },
        },
      },
    },
    person: { type: { kind: 'record', fields: { area: { type: { kind: 'int' }, public: true } } } },
  },
  functions: { was: { parameters: [{ kind: 'string', lengthMax: 20 }], result: { kind: 'bool' }, cost: 1 } },
}
const facts: GuardFacts = {
  variables: new Map<string, GuardValue>([
    ['age', 17n],
    ['secret', 5n],
    ['marks', [1n, 2n]],
    ['debt', { open: 250n, cause: 'a cause' }],
    ['person', { area: 9n }],
  ]),
  functions: { was: () => false },
}

function explain(source: string, options: { budget?: number } = {}): ReturnType<typeof explainGuard> {
  return explainGuard(checkGuard(parseGuard(source), environment), facts, options)
}
const textOf = ({ text, error }: ClosedCondition): string => (error === undefined ? text : `${text}: ${error}`)
const closedTexts = (source: string): readonly string[] => explain(source).conditions.map(textOf)

test('an open guard has nothing to explain', () => {
  assert.deepEqual(explain('age < 18 && debt.open > 0'), { open: true, conditions: [] })
})

test('every condition that does not hold is named, with its place and what is public in it', () => {
  const source = "age >= 18 && secret == 5 && (debt.open == 0) && was('review')"
  const { open, conditions } = explain(source)
  assert.equal(open, false)
  assert.deepEqual(conditions.map(textOf), ['age >= 18', '(debt.open == 0)', "was('review')"])
  for (const { span, text } of conditions) assert.equal(source.slice(span.start, span.end), text)
  assert.deepEqual(
    conditions.map(({ values }) => values),
    [[{ path: 'age', value: 17n }], [{ path: 'debt.open', value: 250n }], []],
  )
})

test('of alternatives each is named, with all that it lacks', () => {
  const [only] = explain("age >= 18 || (debt.open == 0 && age > 15 && was('review'))").conditions
  assert.deepEqual(
    only!.alternatives.map(each => each.map(textOf)),
    [['age >= 18'], ['debt.open == 0', "was('review')"]],
  )
})

test('a condition inside brackets or a longer && is found all the same', () => {
  assert.deepEqual(closedTexts('(age < 18 && (debt.open == 0 && age > 3)) && secret > 9'), [
    'debt.open == 0',
    'secret > 9',
  ])
})

test('what is not public, wholly or in part, is never shown', () => {
  const shown = (source: string): readonly string[] => explain(source).conditions[0]!.values.map(({ path }) => path)
  assert.deepEqual(shown('secret > 5 && true'), [])
  assert.deepEqual(shown("debt.cause == '' || debt.open < age && secret > 9"), ['debt.open', 'age'])
  assert.deepEqual(shown('person.area == 1'), [])
  assert.deepEqual(shown('marks.all(x, x > secret) || marks[0] > age'), ['marks', 'age'])
  assert.deepEqual(shown('has(debt.paidAt)'), [])
})

test('a condition without an answer says why, and stands beside the others', () => {
  assert.deepEqual(closedTexts("debt.paidAt < timestamp('2026-01-01T00:00:00Z') && age > 17"), [
    "debt.paidAt < timestamp('2026-01-01T00:00:00Z'): field",
    'age > 17',
  ])
  assert.deepEqual(closedTexts('1 / (secret - 5) == 1'), ['1 / (secret - 5) == 1: zero'])
})

test('a guard that may not cost so much is closed as a whole', () => {
  const source = 'age == 17 && secret == 5'
  const { open, conditions } = explain(source, { budget: 3 })
  assert.equal(open, false)
  assert.deepEqual(conditions.map(textOf), [`${source}: budget`])
})
