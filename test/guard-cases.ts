// Guards made at random with the facts of several cases, for whoever evaluates them besides us: every operation, macro and
// literal of the language, near the bounds of its values more often than not.

import type { GuardEnvironment, GuardFacts, GuardRecord, GuardType, GuardValue } from '../sdk/src/index.ts'
import { checkGuard, evaluateGuard, formatHex, limits, parseGuard, VerifyError } from '../sdk/src/index.ts'

export type GuardCases = { readonly text: string; readonly cases: readonly ReadonlyMap<string, GuardValue>[] }

const text: GuardType = { kind: 'string', lengthMax: 16 }
const label: GuardType = { kind: 'string', lengthMax: 8 }
const bytes: GuardType = { kind: 'bytes', lengthMax: 16 }
const record: GuardType = {
  kind: 'record',
  fields: {
    open: { type: { kind: 'int' } },
    label: { type: label },
    paid: { type: { kind: 'bool' } },
    until: { type: { kind: 'timestamp' }, optional: true },
  },
}
const listOf = (item: GuardType): GuardType => ({ kind: 'list', item, lengthMax: 6 })

/** test/interop/cel-go/main.go declares the same. */
export const guardEnvironment: GuardEnvironment = {
  variables: {
    i: { type: { kind: 'int' } },
    j: { type: { kind: 'int' } },
    b: { type: { kind: 'bool' } },
    c: { type: { kind: 'bool' } },
    s: { type: text },
    t: { type: text },
    y: { type: bytes },
    z: { type: bytes },
    now: { type: { kind: 'timestamp' } },
    at: { type: { kind: 'timestamp' } },
    d: { type: { kind: 'duration' } },
    e: { type: { kind: 'duration' } },
    xs: { type: listOf({ kind: 'int' }) },
    names: { type: listOf(label) },
    times: { type: listOf({ kind: 'timestamp' }) },
    o: { type: record },
    os: { type: listOf(record) },
  },
  functions: {
    score: { parameters: [{ kind: 'int' }], result: { kind: 'int' }, cost: 3 },
    'party.alive': { parameters: [{ kind: 'string', lengthMax: 4_096 }], result: { kind: 'bool' }, cost: 10 },
  },
}

export const guardFunctions: NonNullable<GuardFacts['functions']> = {
  score: value => (value as bigint) % 7n,
  'party.alive': name => name === 'ada',
}

/** A number below the bound, from a seed: the same on every machine. */
export type Random = (bound: number) => number

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return bound => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)]!

/** What integers and texts are taken from, besides small numbers. */
export type Extremes = {
  readonly ints: readonly bigint[]
  readonly texts: readonly string[]
  /** Facts as long as their types allow. */
  readonly full?: true
}

const intMax = (1n << 63n) - 1n
/** The bounds of both, and texts in which UTF-16 has another order than code points. */
export const extremes: Extremes = {
  ints: [0n, 1n, -1n, 2n, 7n, 64n, -40n, 1n << 62n, intMax, -intMax - 1n, 9_223_372_036n, 106_751n],
  texts: ['', 'a', 'ada', 'bob', 'é', '😀', 'ﬀ', '\ue000', 'a😀b', '\u0000', 'zz', 'e\u0301', "'\\"],
}
/** What costs most. */
export const fullest: Extremes = { ...extremes, full: true }
/** Away from what @bufbuild/cel does otherwise: the least integer, and characters between surrogates and U+10000. */
export const milder: Extremes = {
  ints: [0n, 1n, -1n, 2n, 7n, 64n, -40n, intMax - 5_000n, 9_223_372_036n, 106_751n],
  texts: ['', 'a', 'ada', 'bob', 'é', '😀', 'a😀b', '\u0000', 'zz', 'e\u0301', "'\\"],
}
const timestamps = [0n, 1n, -62_135_596_800n, 253_402_300_799n, 1_774_746_000n, 1_774_742_400n, 9_223_372_036n]
const durations = [0n, 1n, -1n, 86_400n, 604_800n, 9_223_372_036n, -9_223_372_036n]

function randomValue({ random, values }: Pick<Maker, 'random' | 'values'>, type: GuardType): GuardValue {
  if (type.kind === 'int') return random(3) > 0 ? pick(random, values.ints) : BigInt(random(20) - 10)
  if (type.kind === 'bool') return random(2) === 0
  if (type.kind === 'string')
    return values.full ? pick(random, ['a', '😀']).repeat(type.lengthMax) : pick(random, values.texts)
  if (type.kind === 'bytes') {
    const length = values.full ? type.lengthMax : random(5)
    return Uint8Array.from({ length }, () => pick(random, [0, 97, 255, 128]))
  }
  if (type.kind === 'timestamp') return { kind: 'timestamp', seconds: pick(random, timestamps) }
  if (type.kind === 'duration') return { kind: 'duration', seconds: pick(random, durations) }
  if (type.kind === 'list') {
    const length = values.full ? type.lengthMax : random(5)
    return Array.from({ length }, () => randomValue({ random, values }, type.item))
  }
  if (type.kind !== 'record') throw new Error('not a type of values')
  const fields = Object.entries(type.fields).filter(([, field]) => !field.optional || values.full || random(2) === 0)
  return Object.fromEntries(
    fields.map(([name, field]) => [name, randomValue({ random, values }, field.type)]),
  ) as GuardRecord
}

/** What an expression is asked to come to. Lists of records are asked for as ranges of macros only. */
type Kind = 'int' | 'bool' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'ints' | 'names' | 'times' | 'record'
type Maker = {
  readonly random: Random
  readonly values: Extremes
  readonly members: readonly { name: string; kind: Kind }[]
  macro: boolean
}

const named: Readonly<Record<Kind, readonly string[]>> = {
  int: ['i', 'j', 'o.open', "o['open']"],
  bool: ['b', 'c', 'o.paid', 'has(o.until)', 'has(o.open)'],
  string: ['s', 't', 'o.label'],
  bytes: ['y', 'z'],
  timestamp: ['now', 'at', 'o.until'],
  duration: ['d', 'e'],
  ints: ['xs'],
  names: ['names'],
  times: ['times'],
  record: ['o', 'os[0]', 'os[1]'],
}
const itemOf: Partial<Record<Kind, Kind>> = { ints: 'int', names: 'string', times: 'timestamp' }

function make(maker: Maker, kind: Kind, depth: number): string {
  const { random } = maker
  if (depth <= 0 || random(8) === 0) return leaf(maker, kind)
  const of = (each: Kind): string => make(maker, each, depth - 1)
  const options = [...compound(maker, kind, depth), () => `(${of('bool')} ? ${of(kind)} : ${of(kind)})`]
  return pick(random, options)()
}

function leaf(maker: Maker, kind: Kind): string {
  const { random } = maker
  const members = maker.members.filter(each => each.kind === kind).map(({ name }) => name)
  const known = [...named[kind], ...members, ...members]
  const recordMember = maker.members.find(each => each.kind === 'record')?.name
  if (recordMember && kind === 'int') known.push(`${recordMember}.open`)
  if (recordMember && kind === 'string') known.push(`${recordMember}.label`)
  if (recordMember && kind === 'timestamp') known.push(`${recordMember}.until`)
  return random(3) === 0 ? literal(maker, kind) : pick(random, known)
}

function literal(maker: Maker, kind: Kind): string {
  const { random } = maker
  if (kind === 'record') return 'o'
  const item = itemOf[kind]
  if (item) return `[${Array.from({ length: random(4) }, () => literal(maker, item)).join(', ')}]`
  const value = randomValue(maker, kind === 'string' ? text : kind === 'bytes' ? bytes : { kind: kind as 'int' })
  if (typeof value === 'bigint') return random(9) === 0 && value >= 0n ? `0x${value.toString(16)}` : String(value)
  if (typeof value === 'string') return quoted(random, value)
  if (value instanceof Uint8Array)
    return `b'${[...value].map(each => `\\${each.toString(8).padStart(3, '0')}`).join('')}'`
  if (typeof value === 'boolean') return String(value)
  const { seconds } = value as { readonly seconds: bigint }
  if (kind === 'duration') return `duration('${seconds}s')`
  return `timestamp('${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z')`
}

function quoted(random: Random, value: string): string {
  const mark = pick(random, ["'", '"'])
  const written = [...value].map(each => {
    const code = each.codePointAt(0)!
    if (each === mark || each === '\\' || code < 32) return `\\u${code.toString(16).padStart(4, '0')}`
    return random(9) === 0 ? `\\U${code.toString(16).padStart(8, '0')}` : each
  })
  return mark + written.join('') + mark
}

function compound(maker: Maker, kind: Kind, depth: number): readonly (() => string)[] {
  const { random } = maker
  const of = (each: Kind): string => make(maker, each, depth - 1)
  const sum = (...operators: readonly string[]): string => `(${of(kind)} ${pick(random, operators)} ${of(kind)})`
  const own: Readonly<Record<Kind, readonly (() => string)[]>> = {
    int: [
      () => sum('+', '-', '*', '/', '%'),
      () => sum('+', '-', '*', '/', '%'),
      () => `-(${of('int')})`,
      () => `${pick(random, ['xs', `(${of('ints')} + [1])`])}[${random(3)}]`,
      () => `size(${of(pick(random, ['string', 'bytes', 'ints', 'names']))})`,
      () => `score(${of('int')})`,
    ],
    bool: comparisons(maker, depth),
    string: [() => sum('+'), () => `names[${random(3)}]`],
    bytes: [() => sum('+')],
    timestamp: [
      () => `(${of('timestamp')} ${pick(random, ['+', '-'])} ${of('duration')})`,
      () => `times[${random(2)}]`,
    ],
    duration: [() => sum('+', '-'), () => `(${of('timestamp')} - ${of('timestamp')})`, () => `days(${of('int')})`],
    ints: [...listMakers(maker, 'ints', depth), () => sum('+')],
    names: [...listMakers(maker, 'names', depth), () => sum('+')],
    times: listMakers(maker, 'times', depth),
    record: [() => 'os[0]'],
  }
  return own[kind]
}

function comparisons(maker: Maker, depth: number): readonly (() => string)[] {
  const { random } = maker
  const of = (each: Kind): string => make(maker, each, depth - 1)
  const ordered = (): Kind => pick(random, ['int', 'string', 'bytes', 'timestamp', 'duration', 'bool'])
  const pair = (kind: Kind, ...operators: readonly string[]): string =>
    `${of(kind)} ${pick(random, operators)} ${of(kind)}`
  const logic = (): string => {
    const operator = pick(random, ['&&', '||'])
    return `(${Array.from({ length: 2 + random(2) }, () => of('bool')).join(` ${operator} `)})`
  }
  return [
    logic,
    logic,
    logic,
    () => `!(${of('bool')})`,
    () => `(${pair(ordered(), '==', '!=', '<', '<=', '>', '>=')})`,
    () => `(${pair(ordered(), '==', '!=', '<', '<=', '>', '>=')})`,
    () => `(${pair(pick(random, ['ints', 'names', 'times']), '==', '!=')})`,
    () => `(${of('int')} in ${of('ints')})`,
    () => `(${of('string')} in ${of('names')})`,
    () => `${of('string')}.${pick(random, ['startsWith', 'endsWith', 'contains'])}(${of('string')})`,
    () => `party.alive(${of('string')})`,
    () => macro(maker, pick(random, ['all', 'exists', 'exists_one']), depth),
    () => macro(maker, pick(random, ['all', 'exists', 'exists_one']), depth),
  ]
}

function listMakers(maker: Maker, kind: 'ints' | 'names' | 'times', depth: number): readonly (() => string)[] {
  const item = itemOf[kind]!
  const list = (): string =>
    `[${Array.from({ length: maker.random(4) }, () => make(maker, item, depth - 1)).join(', ')}]`
  return [list, () => macro(maker, 'filter', depth, kind), () => macro(maker, 'map', depth, kind)]
}

/** One level: a body has no macro of its own. */
function macro(maker: Maker, name: string, depth: number, result: Kind = 'ints'): string {
  const { random } = maker
  const over = name === 'filter' ? result : pick(random, ['ints', 'names', 'times', 'record'] as const)
  if (maker.macro)
    return over === result && name === 'filter' ? named[over][0]! : name === 'map' ? named[result][0]! : 'b'
  const range = over === 'record' ? 'os' : named[over][0]!
  const wide = over !== 'record' && random(3) === 0 ? make({ ...maker, macro: true }, over, depth - 1) : range
  const member = { name: 'x', kind: itemOf[over] ?? ('record' as const) }
  const within = { ...maker, members: [member], macro: true }
  // An empty list literal has no members to ask about.
  const asked = wide.startsWith('[]') ? range : wide
  const condition = make(within, 'bool', depth - 1)
  if (name !== 'map') return `${asked}.${name}(x, ${condition})`
  const made = make(within, itemOf[result]!, depth - 1)
  return `${asked}.map(x, ${random(3) === 0 ? `${condition}, ` : ''}${made})`
}

const kinds: readonly Kind[] = [
  'bool',
  'bool',
  'bool',
  'int',
  'string',
  'timestamp',
  'duration',
  'ints',
  'names',
  'bytes',
]

/** One guard that is within all bounds, with the facts of so many cases. What is made wrong for any other reason throws. */
export function makeGuard(random: Random, cases: number, values: Extremes = extremes): GuardCases {
  for (;;) {
    const made = make({ random, values, members: [], macro: false }, pick(random, kinds), 1 + random(5))
    if (!isWithinBounds(made)) continue
    return { text: made, cases: Array.from({ length: cases }, () => makeFacts({ random, values })) }
  }
}

function isWithinBounds(made: string): boolean {
  try {
    checkGuard(parseGuard(made), guardEnvironment, { result: 'any' })
    return true
  } catch (error) {
    const known =
      error instanceof VerifyError &&
      (error.code === 'oversized' || /no members|members of this list are counted/.test(error.message))
    if (!known) throw new Error(`${made}: ${error}`)
    return false
  }
}

/** Whether a text is a guard of this environment, of whatever type that can be written down as an answer. */
export function isGuard(text: string): boolean {
  try {
    const { type } = checkGuard(parseGuard(text), guardEnvironment, { result: 'any' })
    return type.kind !== 'record' && !(type.kind === 'list' && type.item.kind === 'record')
  } catch (error) {
    if (error instanceof VerifyError) return false
    throw error
  }
}

function makeFacts(maker: Pick<Maker, 'random' | 'values'>): ReadonlyMap<string, GuardValue> {
  const variables = Object.entries(guardEnvironment.variables)
  return new Map(variables.map(([name, { type }]) => [name, randomValue(maker, type)]))
}

/** Our own answers, and that none cost more than it was said to. */
export function answerGuard({ text, cases }: GuardCases): readonly string[] {
  const checked = checkGuard(parseGuard(text), guardEnvironment, { result: 'any' })
  return cases.map(variables => {
    const result = evaluateGuard(checked, { variables, functions: guardFunctions }, { budget: limits.guardCostMax })
    if (result.cost > checked.cost) throw new Error(`${text} cost ${result.cost}, more than ${checked.cost}`)
    return 'value' in result ? formatValue(result.value) : result.error === 'budget' ? 'budget' : 'error'
  })
}

function formatValue(value: GuardValue): string {
  if (typeof value === 'bigint') return `int:${value}`
  if (typeof value === 'boolean') return `bool:${value}`
  if (typeof value === 'string') return `string:${formatHex(new TextEncoder().encode(value))}`
  if (value instanceof Uint8Array) return `bytes:${formatHex(value)}`
  if (Array.isArray(value)) return `[${value.map(formatValue).join(',')}]`
  const { kind, seconds } = value as { readonly kind: string; readonly seconds: bigint }
  return `${kind}:${seconds}`
}
