import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  answerGuard,
  extremes,
  fullest,
  guardEnvironment,
  guardFunctions,
  makeGuard,
  seededRandom,
} from '../../../../test/guard-cases.ts'
import { changes, changeText, readOrRefused } from '../../../../test/hostile.ts'
import { guardCostMax } from '../../limits.ts'
import { type CheckedGuard, checkGuard } from './check.ts'
import type { GuardEnvironment } from './environment.ts'
import { evaluateGuard } from './evaluate.ts'
import { parseGuard } from './parse.ts'
import { GuardError } from './syntax.ts'
import type { GuardType } from './types.ts'
import type { GuardValue } from './value.ts'

const long: GuardType = { kind: 'string', lengthMax: 4_096 }
const sixty: GuardType = { kind: 'list', item: { kind: 'int' }, lengthMax: 60 }
const environment: GuardEnvironment = {
  variables: {
    n: { type: { kind: 'int' } },
    s: { type: { kind: 'string', lengthMax: 64 } },
    long: { type: long },
    xs: { type: sixty },
    now: { type: { kind: 'timestamp' } },
    o: { type: { kind: 'record', fields: { open: { type: { kind: 'int' } } } } },
    os: { type: { kind: 'list', item: { kind: 'record', fields: { open: { type: { kind: 'int' } } } }, lengthMax: 4 } },
  },
  functions: {
    tag: { parameters: [{ kind: 'string', lengthMax: 64 }], result: { kind: 'bytes', lengthMax: 32 }, cost: 20 },
    unique: { parameters: [{ kind: 'tuple', lengthMax: 2 }], result: { kind: 'bool' }, cost: 50 },
    'land.owner': { parameters: [], result: { kind: 'string', lengthMax: 20 }, cost: 1 },
    isLate: { receiver: { kind: 'timestamp' }, parameters: [], result: { kind: 'bool' }, cost: 1 },
  },
}
const check = (source: string, result: GuardType | 'any' = { kind: 'bool' }): CheckedGuard =>
  checkGuard(parseGuard(source), environment, { result })

/** What it says, which is how to mend it; and where. */
function refusal(source: string): string {
  try {
    check(source)
  } catch (error) {
    assert.ok(error instanceof GuardError, `${source}: ${error}`)
    assert.ok(error.span.start >= 0 && error.span.end <= source.length && error.span.start <= error.span.end, source)
    return error.message
  }
  return 'taken'
}

test('each thing that CEL has and guards have not is refused with a sentence of its own', () => {
  const refused: readonly [string, RegExp][] = [
    ['1.5 > 1', /minor units/],
    ['.5 > 1', /minor units/],
    ['1e3 > 1', /minor units/],
    ['1u == 1u', /unsigned/],
    ["s.matches('^a+$')", /patterns/],
    ['now.getHours() == 1', /whole times/],
    ["now.getHours('Europe/Berlin') == 1", /whole times/],
    ["timestamp('2026-03-29T01:00:00+01:00') < now", /UTC/],
    ["timestamp('2026-03-29T01:00:00.5Z') < now", /UTC/],
    ["timestamp('2026-02-30T00:00:00Z') < now", /no such day/],
    ['timestamp(s) < now', /written here/],
    ["duration('1.5h') < days(1)", /hours, minutes and seconds/],
    ["duration('10ms') < days(1)", /hours, minutes and seconds/],
    ["duration('') < days(1)", /hours, minutes and seconds/],
    ["duration('2562048h') < days(1)", /292 years/],
    ['double(n) > n', /types are not changed/],
    ['dyn(n) == n', /types are not changed/],
    ['type(n) == int', /types are not changed/],
    ["int('5') == 5", /types are not changed/],
    ['xs.all(x, xs.exists(y, y == x))', /within another/],
    ["{'a': 1}['a'] == 1", /no maps/],
    ['Case{open: 1}.open == 1', /no messages/],
    ['n == null', /no null/],
    ['r"a" == s', /bytes/],
    ["'''a''' == s", /single marks/],
    ['.n == 1', /without a dot/],
    ['`n` == 1', /between '/],
    ['for == 1', /reserved word/],
    ['m == 1', /not known here: there are n, s/],
    ['o.close == 1', /no field close: there are open/],
    ['n.open == 1', /an int has no fields/],
    ['unknown(n)', /no function unknown: there are size/],
    ['s.tag() == b""', /called tag\(string\)/],
    ['isLate(now)', /receiver\.isLate\(\)/],
    ["startsWith(s, 'a')", /text\.startsWith\(text\)/],
    ['size(n) == 1', /called size/],
    ['n.days() == days(1)', /called days\(number\)/],
    ['xs[n] == 1', /all or exists/],
    ['xs[-1] == 1', /all or exists/],
    ['xs[60] == 1', /60 at most/],
    ['xs.all(n, n > 0)', /choose another name/],
    ['xs.all(x.y, true)', /names its member/],
    ['xs.all(x)', /names its member/],
    ['xs.all(x, true, true)', /one expression/],
    ['[].all(x, true)', /no members/],
    ['s.all(x, true)', /members of a list/],
    ['[1, true] == []', /members of one type/],
    ["n == '1'", /only values of one type/],
    ['o == o', /field by field/],
    ['o in os', /no member/],
    ['xs < xs', /no order/],
    ['n && true', /a bool belongs here/],
    ['-s == s', /an int belongs here/],
    ['-days(1) < days(1)', /an int belongs here/],
    ['(n == 1 ? 1 : true) == 1', /of one type/],
    ['now + now == now', /can't be reckoned/],
    ['days(1) * 2 == days(2)', /can't be reckoned/],
    ["s - 'a' == s", /can't be reckoned/],
    ['n', /comes to an int, not to a bool/],
    ['has(n)', /has takes one field/],
    ["has(o['open'])", /has takes one field/],
    ['unique(xs)', /written out/],
    ['unique([xs, n])', /can't stand in this list/],
    ['unique([o])', /can't stand in this list/],
    ["tag(long) == b''", /longer than the function takes/],
    ["tag(s + s) == b''", /longer than the function takes/],
    ['unique([n, n, n])', /at most 2 members/],
    ['--n == n', /two minus signs/],
    ['n = 1', /write == to compare/],
    ['n == 1 & n == 2', /write &&/],
    ['9223372036854775808 > n', /64 bits/],
    ['99999999999999999999 > n', /64 bits/],
    ['n == 1 n == 2', /operator is missing/],
    ['n == ', /missing at the end/],
    ['n == )', /missing before "\)"/],
    ['(n == 1', /a \) is missing/],
    ["s == 'a", /no end/],
    ["s == '\\q'", /no such escape/],
    ["s == '\\ud800'", /half a character/],
    ["b'\\u0041' == b''", /bytes have no/],
    ["s == '\\U00110000'", /no such character/],
    ['tag(s,) == b""', /parameter is missing/],
    ['tag(s s)', /a comma or \) is missing/],
    ['n == 1 ? true', /condition \? yes : no/],
    ['n # 1', /no such character/],
    ['1n == n', /ends before a letter/],
    ['', /missing at the end/],
  ]
  for (const [source, pattern] of refused) assert.match(refusal(source), pattern, source)
})

test('an expression asked for another type than bool comes to that type, and is no longer than was asked for', () => {
  assert.equal(check("s + 'ab'", { kind: 'string', lengthMax: 66 }).type.kind, 'string')
  assert.throws(() => check("s + 'ab'", { kind: 'string', lengthMax: 65 }), /this string may be longer/)
  assert.throws(() => check('xs', { ...sixty, lengthMax: 59 }), /this list of int may be longer/)
  assert.throws(() => check('n', { kind: 'duration' }), /comes to an int, not to a duration/)
})

test('names of JavaScript’s own objects are nothing to a guard', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.match(refusal(`${name} == 1`), /not known here/)
    assert.match(refusal(`o.${name} == 1`), /no field/)
    assert.match(refusal(`has(o.${name})`), /no field/)
    assert.match(refusal(`${name}()`), /no function/)
    assert.match(refusal(`n.${name}()`), /no function/)
  }
})

test('a bomb is refused at once, or stopped by what it may cost', () => {
  const nested = (depth: number): string => `xs.all(x${depth}, ${depth === 0 ? 'true' : nested(depth - 1)})`
  const bombs: readonly [string, string, RegExp][] = [
    ['3,000 parentheses', `${'('.repeat(3_000)}true${')'.repeat(3_000)}`, /too long/],
    ['as many as fit', `${'('.repeat(990)}true${')'.repeat(990)}`, /too (?:long|deep)/],
    ['40 parentheses', `${'('.repeat(40)}true${')'.repeat(40)}`, /too deep/],
    ['lists in lists', `${'['.repeat(400)}${']'.repeat(400)} == []`, /too deep/],
    ['signs', `${'!'.repeat(1_500)}true`, /too (?:long|deep)/],
    ['calls in calls', `${'tag('.repeat(200)}s${')'.repeat(200)} == b''`, /too deep/],
    ['choices in choices', `${'true ? true : '.repeat(100)}true`, /too deep/],
    ['a long sum', `${'1 + '.repeat(400)}1 == 1`, /too deep/],
    ['a long path', `o${'.open'.repeat(300)} == 1`, /too deep|no fields/],
    ['four nested macros', nested(3), /within another/],
    ['a list of 65', `[${'1,'.repeat(65)}] == []`, /list is too long/],
    ['a list of 900', `[${'1,'.repeat(900)}] == []`, /too long/],
    ['a long text', `s == '${'x'.repeat(300)}'`, /text is too long/],
    ['a text that doubles', `[long].map(x, x + x).map(x, x + x)[0] == ''`, /longer than 4096/],
    ['a text that doubles more slowly', `[s]${'.map(x, x + x)'.repeat(8)}[0] == ''`, /longer than 4096/],
    ['a list that doubles', 'xs + xs == xs', /longer than 64/],
    ['sixty by sixty', `xs.all(x, ${Array.from({ length: 9 }, () => 'x in xs').join(' && ')})`, /may cost/],
    ['searches', Array.from({ length: 9 }, () => 'long.contains(long)').join(' || '), /may cost/],
    ['wide lists of lists', `xs.map(x, xs.map(y, y)) == []`, /within another/],
    ['lists of texts', 'xs.map(x, [long, long]).map(y, y + y) == []', /may cost/],
    ['too many parts', `${'n==1||'.repeat(320)}true`, /too (?:long|many)/],
  ]
  for (const [name, source, pattern] of bombs) {
    const began = performance.now()
    assert.match(refusal(source), pattern, name)
    const tookMs = performance.now() - began
    assert.ok(tookMs < 50, `${name} took ${tookMs} ms`)
  }
})

test('the dearest guard that is taken ends within 50 ms', () => {
  const checked = check('!xs.all(x, x in xs) || long.contains(s)')
  assert.ok(checked.cost > guardCostMax * 0.8 && checked.cost <= guardCostMax, `${checked.cost}`)
  const variables = new Map<string, GuardValue>([
    ['xs', Array.from({ length: 60 }, (_, i) => BigInt(i + 7))],
    ['long', 'é'.repeat(4_096)],
    ['s', 'é'.repeat(63)],
  ])
  const began = performance.now()
  evaluateGuard(checked, { variables })
  assert.ok(performance.now() - began < 50)
})

test('no evaluation costs more than was reckoned before, and some cost just as much', () => {
  let exact = 0
  for (const values of [fullest, extremes]) {
    const random = seededRandom(20)
    for (let i = 0; i < 1_500; i++) {
      const guard = makeGuard(random, 3, values)
      // Throws when it does.
      answerGuard(guard)
      const checked = checkGuard(parseGuard(guard.text), guardEnvironment, { result: 'any' })
      const { cost } = evaluateGuard(checked, { variables: guard.cases[0]!, functions: guardFunctions })
      if (values.full && cost === checked.cost) exact++
    }
  }
  assert.ok(exact > 100, `${exact}`)
})

test('with a smaller budget a guard comes to the same, or ends for want of it, having spent no more', () => {
  const random = seededRandom(5)
  for (let i = 0; i < 1_000; i++) {
    const { text, cases } = makeGuard(random, 1)
    const checked = checkGuard(parseGuard(text), guardEnvironment, { result: 'any' })
    const facts = { variables: cases[0]!, functions: guardFunctions }
    const whole = evaluateGuard(checked, facts)
    assert.deepEqual(evaluateGuard(checked, facts, { budget: whole.cost }), whole, text)
    const budget = random(whole.cost)
    const part = evaluateGuard(checked, facts, { budget })
    assert.deepEqual({ ...part, at: 0 }, { error: 'budget', at: 0, cost: budget }, text)
  }
})

test('noise and changed guards are refused by a GuardError with a place in the text, or evaluate', () => {
  const read = (source: string): void => {
    const guard = readOrRefused(() => parseGuard(source))
    if (!guard) return
    assert.ok(guard.root.span.start >= 0 && guard.root.span.end <= source.length)
    const checked = readOrRefused(() => checkGuard(guard, guardEnvironment, { result: 'any' }))
    if (checked) answerGuard({ text: source, cases: makeGuard(seededRandom(1), 1).cases })
  }
  const random = seededRandom(9)
  const sources = Array.from({ length: 400 }, () => makeGuard(random, 1).text)
  fc.assert(
    fc.property(fc.constantFrom(...sources), changes, (source, list) => read(changeText(source, list))),
    { numRuns: 6_000 },
  )
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), read), { numRuns: 2_000 })
  const words = fc.constantFrom(
    ...'( ) [ ] , . ? : ! - + * / % < <= == && || in x xs o os i s 1 \'a\' b"" true has size all map'.split(' '),
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 25 }), list => read(list.join(' '))),
    { numRuns: 6_000 },
  )
})

test('an environment without bounds, or with names that guards have already, is refused', () => {
  const wrong: readonly GuardEnvironment[] = [
    { variables: { s: { type: { kind: 'string', lengthMax: 5_000 } } }, functions: {} },
    { variables: { s: { type: { kind: 'string', lengthMax: Number.NaN } } }, functions: {} },
    { variables: { s: { type: { kind: 'list', item: { kind: 'int' }, lengthMax: 65 } } }, functions: {} },
    { variables: { 'a.b': { type: { kind: 'int' } } }, functions: {} },
    { variables: { x: { type: { kind: 'tuple', lengthMax: 1 } } }, functions: {} },
    { variables: {}, functions: { size: { parameters: [], result: { kind: 'int' }, cost: 1 } } },
    { variables: {}, functions: { has: { parameters: [], result: { kind: 'int' }, cost: 1 } } },
    { variables: {}, functions: { f: { parameters: [], result: { kind: 'int' }, cost: -1 } } },
    { variables: {}, functions: { f: { parameters: [], result: { kind: 'int' }, cost: 0.5 } } },
    { variables: {}, functions: { f: { parameters: [], result: { kind: 'nothing' }, cost: 1 } } },
  ]
  const deep = Array.from({ length: 40 }).reduce<GuardType>(item => ({ kind: 'list', item, lengthMax: 1 }), {
    kind: 'int',
  })
  const guard = parseGuard('true')
  for (const each of [...wrong, { variables: { deep: { type: deep } }, functions: {} }])
    assert.equal(
      readOrRefused(() => checkGuard(guard, each)),
      undefined,
      JSON.stringify(each),
    )
})
