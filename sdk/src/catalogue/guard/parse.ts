// Guards are read by CEL's grammar (cel-spec, langdef, "Syntax"), by precedence climbing; what is CEL but no guard is refused
// here already, each with a sentence that says how to mend it.

import { guardDepthMax, guardLengthMax, guardListLengthMax, guardNodesMax } from '../../limits.ts'
import { parseDuration, parseTimestamp } from './constants.ts'
import {
  type Arithmetic,
  type Comparison,
  checkSize,
  checkSyntax,
  type Expression,
  type Guard,
  type Macro,
  type Span,
} from './syntax.ts'
import { readTokens, type Token } from './tokens.ts'

type Parser = { readonly tokens: readonly Token[]; at: number; nodes: number; depth: number; inMacro: boolean }

/** Any other than || and &&, which stand below: the higher binds the closer; all are left-associative. */
const precedences: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  in: 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
}
const macros = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])
/** cel-spec, langdef, "Syntax": IDENT is none of these. */
const reserved = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
)
const keywords = new Set(['false', 'in', 'null', 'true'])

/**
 * Reads a guard. Throws GuardError, a VerifyError with the place: `malformed` for what is no CEL or none of our subset,
 * `oversized` for what is beyond a bound of `limits.ts`.
 */
export function parseGuard(text: string): Guard {
  const whole = { start: 0, end: text.length }
  checkSize(text.length <= guardLengthMax, 'this guard is too long: split the step or declare a function', whole)
  const parser: Parser = { tokens: readTokens(text), at: 0, nodes: 0, depth: 0, inMacro: false }
  const root = parseExpression(parser)
  const rest = current(parser)
  checkSyntax(rest.kind === 'end', `an operator is missing before "${shown(rest)}"`, rest.span)
  return { text, root }
}

/** `condition ? yes : no`, or anything that binds closer. */
function parseExpression(parser: Parser): Expression {
  const condition = parseBinary(parser, 1)
  if (!takeSign(parser, '?')) return condition
  const yes = deeper(parser, () => parseBinary(parser, 1))
  expectSign(parser, ':', 'a choice is written condition ? yes : no')
  const no = deeper(parser, () => parseExpression(parser))
  return finish(parser, { kind: 'choice', condition, yes, no }, [condition, yes, no])
}

function parseBinary(parser: Parser, least: number): Expression {
  let left = parseUnary(parser)
  for (;;) {
    const operator = binaryOperator(parser)
    const precedence = operator === undefined ? 0 : precedences[operator]!
    if (operator === undefined || precedence < least) return left
    if (operator === '&&' || operator === '||') left = parseLogic(parser, left, operator)
    else {
      parser.at++
      const right = parseBinary(parser, precedence + 1)
      left = finish(parser, { kind: 'binary', operator, left, right }, [left, right])
    }
  }
}

function parseLogic(parser: Parser, first: Expression, operator: '&&' | '||'): Expression {
  const parts = [first]
  while (takeSign(parser, operator)) parts.push(parseBinary(parser, precedences[operator]! + 1))
  return finish(parser, { kind: operator === '&&' ? 'every' : 'some', parts }, parts)
}

function binaryOperator(parser: Parser): Arithmetic | Comparison | 'in' | '&&' | '||' | undefined {
  const token = current(parser)
  if (token.kind === 'name') return token.text === 'in' ? 'in' : undefined
  if (token.kind !== 'sign' || !Object.hasOwn(precedences, token.text)) return undefined
  return token.text as Arithmetic
}

function parseUnary(parser: Parser): Expression {
  const { span } = current(parser)
  if (takeSign(parser, '!')) {
    const of = deeper(parser, () => parseUnary(parser))
    return finish(parser, { kind: 'not', of }, [of], span.start)
  }
  if (!takeSign(parser, '-')) return parseMember(parser)
  const next = current(parser)
  const twice = next.kind === 'sign' && next.text === '-'
  checkSyntax(!twice, 'two minus signs in a row: leave both out', next.span)
  // The minus belongs to the number, so that -9223372036854775808 can be written.
  if (next.kind === 'int') return parseMember(parser, span.start)
  const of = parseMember(parser)
  return finish(parser, { kind: 'negative', of }, [of], span.start)
}

/** A value, and what is asked of it: `.name`, `.name(…)`, `[1]`. */
function parseMember(parser: Parser, minus?: number): Expression {
  let left = parsePrimary(parser, minus)
  for (;;) {
    const { start } = left.span
    if (takeSign(parser, '.')) left = parseSelection(parser, left)
    else if (takeSign(parser, '[')) {
      const { kind, span, ...rest } = current(parser)
      checkSyntax(
        kind === 'int' || (kind === 'text' && 'value' in rest && typeof rest.value === 'string'),
        'only a number or a name in quotes stands between [ and ]: use all or exists for every member',
        span,
      )
      const { value } = take(parser) as { value: bigint | string }
      expectSign(parser, ']', 'a ] is missing')
      const part =
        typeof value === 'bigint'
          ? ({ kind: 'index', of: left, index: value } as const)
          : ({ kind: 'field', of: left, name: value } as const)
      left = finish(parser, part, [left], start)
    } else return left
  }
}

function parseSelection(parser: Parser, of: Expression): Expression {
  const token = take(parser)
  const named = token.kind === 'name' && !keywords.has(token.text)
  checkSyntax(named, 'a name is missing after the dot', token.span)
  if (!isSign(parser, '(')) return finish(parser, { kind: 'field', of, name: token.text }, [of], of.span.start)
  if (macros.has(token.text)) return parseMacro(parser, of, token.text as Macro)
  const parameters = parseItems(parser, ')')
  return finish(parser, { kind: 'call', name: token.text, of, parameters }, [of, ...parameters], of.span.start)
}

/** `list.all(x, condition)`; `map` may have a condition before what is made. */
function parseMacro(parser: Parser, range: Expression, macro: Macro): Expression {
  const token = current(parser)
  checkSyntax(!parser.inMacro, `${macro} stands within another: declare a function instead`, token.span)
  expectSign(parser, '(', '')
  const variable = take(parser)
  const named = variable.kind === 'name' && !reserved.has(variable.text) && isSign(parser, ',')
  checkSyntax(named, `${macro} names its member first: ${macro}(x, …)`, variable.span)
  parser.inMacro = true
  const bodies: Expression[] = []
  while (takeSign(parser, ',')) bodies.push(deeper(parser, () => parseExpression(parser)))
  parser.inMacro = false
  expectSign(parser, ')', 'a ) is missing')
  const right = bodies.length === 1 || (bodies.length === 2 && macro === 'map')
  checkSyntax(right, `${macro} takes a name and one expression`, token.span)
  const [when, body] = bodies.length === 2 ? (bodies as [Expression, Expression]) : [undefined, bodies[0]!]
  const part = { kind: 'macro', macro, range, variable: variable.text, when, body } as const
  return finish(parser, part, [range, ...bodies], range.span.start)
}

function parsePrimary(parser: Parser, minus?: number): Expression {
  const token = take(parser)
  const { start } = token.span
  if (token.kind === 'int') {
    const value = minus === undefined ? token.value : -token.value
    checkSyntax(value < 1n << 63n, 'a number has at most 64 bits', token.span)
    return finish(parser, { kind: 'literal', value }, [], minus ?? start)
  }
  if (token.kind === 'text') return finish(parser, { kind: 'literal', value: token.value }, [], start)
  if (token.kind === 'name') return parseName(parser, token.text, token.span)
  checkSyntax(token.kind === 'sign', 'something is missing at the end', token.span)
  if (token.text === '(') {
    const inner = deeper(parser, () => parseExpression(parser))
    expectSign(parser, ')', 'a ) is missing')
    return { ...inner, span: { start, end: previous(parser).span.end } }
  }
  if (token.text === '[') {
    parser.at--
    const items = parseItems(parser, ']')
    checkSize(items.length <= guardListLengthMax, 'this list is too long: put it into a table', token.span)
    return finish(parser, { kind: 'list', items }, items, start)
  }
  checkSyntax(token.text !== '{', 'a guard makes no maps: compare the fields one by one', token.span)
  checkSyntax(token.text !== '.', 'a name begins without a dot', token.span)
  checkSyntax(false, `something is missing before "${token.text}"`, token.span)
}

function parseName(parser: Parser, name: string, span: Span): Expression {
  if (name === 'true' || name === 'false')
    return finish(parser, { kind: 'literal', value: name === 'true' }, [], span.start)
  checkSyntax(name !== 'null', 'there is no null: ask has(record.field)', span)
  checkSyntax(!reserved.has(name), `${name} is a reserved word of CEL: choose another name`, span)
  checkSyntax(!isSign(parser, '{'), 'a guard makes no messages: compare the fields one by one', span)
  if (!isSign(parser, '(')) return finish(parser, { kind: 'name', name }, [], span.start)
  const parameters = parseItems(parser, ')')
  const [first] = parameters
  if (name === 'has') {
    const dotted = parameters.length === 1 && previous(parser, 2).kind === 'name'
    checkSyntax(dotted && first?.kind === 'field', 'has takes one field: has(record.field)', span)
    return finish(parser, { kind: 'has', of: first.of, name: first.name }, [first.of], span.start)
  }
  if (name === 'timestamp' || name === 'duration') {
    const constant = parameters.length === 1 && first?.kind === 'literal' && typeof first.value === 'string'
    checkSyntax(constant, `${name} takes one text as it is written here: times of records are declared as such`, span)
    const value = (name === 'timestamp' ? parseTimestamp : parseDuration)(String(first.value), first.span)
    return finish(parser, { kind: 'literal', value }, [], span.start)
  }
  return finish(parser, { kind: 'call', name, of: undefined, parameters }, parameters, span.start)
}

/** From the opening bracket to the closing one; a comma may stand at the end of a list. */
function parseItems(parser: Parser, close: ')' | ']'): readonly Expression[] {
  parser.at++
  const items: Expression[] = []
  while (!takeSign(parser, close)) {
    items.push(deeper(parser, () => parseExpression(parser)))
    if (isSign(parser, close)) continue
    expectSign(parser, ',', `a comma or ${close} is missing`)
    const { span } = current(parser)
    checkSyntax(close === ']' || !isSign(parser, close), 'a parameter is missing after the comma', span)
  }
  return items
}

type WithoutPlace<T> = T extends unknown ? Omit<T, 'span' | 'levels'> : never

/** A node from `start`, or its first child, to the last token taken. */
function finish(
  parser: Parser,
  part: WithoutPlace<Expression>,
  children: readonly Expression[],
  start: number = children[0]?.span.start ?? 0,
): Expression {
  const span = { start, end: previous(parser).span.end }
  let levels = 1
  for (const child of children) levels = Math.max(levels, child.levels + 1)
  checkSize(++parser.nodes <= guardNodesMax, 'this guard has too many parts: split the step', span)
  checkSize(levels <= guardDepthMax, 'this guard is nested too deep: use && between conditions', span)
  return { ...part, span, levels } as Expression
}

/** Brackets make no node, but nest the calls of this parser all the same. */
function deeper<T>(parser: Parser, parse: () => T): T {
  const { span } = current(parser)
  checkSize(++parser.depth <= guardDepthMax, 'this guard is nested too deep: leave out brackets', span)
  const parsed = parse()
  parser.depth--
  return parsed
}

const current = (parser: Parser): Token => parser.tokens[parser.at]!
const previous = (parser: Parser, steps = 1): Token => parser.tokens[parser.at - steps]!

function take(parser: Parser): Token {
  const token = current(parser)
  if (token.kind !== 'end') parser.at++
  return token
}

function isSign(parser: Parser, text: string): boolean {
  const token = current(parser)
  return token.kind === 'sign' && token.text === text
}

function takeSign(parser: Parser, text: string): boolean {
  const found = isSign(parser, text)
  if (found) parser.at++
  return found
}

function expectSign(parser: Parser, text: string, message: string): void {
  const { span } = current(parser)
  checkSyntax(takeSign(parser, text), message, span)
}

function shown(token: Token): string {
  return token.kind === 'name' || token.kind === 'sign' ? token.text : token.kind === 'int' ? 'a number' : 'a text'
}
