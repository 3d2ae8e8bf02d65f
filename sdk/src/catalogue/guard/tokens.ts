// A guard's text, cut into tokens by CEL's lexical rules (cel-spec, langdef, "Syntax"), less what guards don't have.

import { concat, encodeUtf8 } from '../../bytes.ts'
import { guardLiteralLengthMax, guardTokensMax } from '../../limits.ts'
import { checkSize, checkSyntax, type Span } from './syntax.ts'

export type Token = { readonly span: Span } & (
  | { readonly kind: 'name' | 'sign'; readonly text: string }
  /** Digits without a sign; up to 2^63, which only a minus before it makes an integer. */
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'text'; readonly value: string | Uint8Array }
  | { readonly kind: 'end' }
)

const blank = /(?:[ \t\n\f\r]|\/\/[^\n]*)*/y
const name = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /0x[0-9A-Fa-f]+|[0-9]+/y
const fraction = /\.[0-9]|[eE][+-]?[0-9]/y
const sign = /&&|\|\||[=!<>]=|[-!+*/%<>?:.,()[\]{}]/y
const quote = /([A-Za-z]*)(['"])/y
const intDigitsMax = 19

/** Throws GuardError for what is no token; the last one is the `end`. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = skipBlank(text, 0)
  while (at < text.length) {
    const token = readToken(text, at)
    checkSize(
      tokens.length < guardTokensMax,
      'this guard is too long: split the step or declare a function',
      token.span,
    )
    tokens.push(token)
    at = skipBlank(text, token.span.end)
  }
  tokens.push({ kind: 'end', span: { start: at, end: at } })
  return tokens
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function skipBlank(text: string, at: number): number {
  return at + match(blank, text, at)![0].length
}

function readToken(text: string, at: number): Token {
  const opened = match(quote, text, at)
  if (opened) return readText(text, at, opened)
  const word = match(name, text, at)?.[0]
  if (word !== undefined) return { kind: 'name', text: word, span: { start: at, end: at + word.length } }
  const digits = match(number, text, at)?.[0]
  if (digits !== undefined) return readInt(text, at, digits)
  checkSyntax(!match(fraction, text, at), 'numbers are whole: write minor units, 250 for 2.50', spanOf(at))
  const found = match(sign, text, at)?.[0]
  checkSyntax(found !== undefined, hintFor(text.charAt(at)), spanOf(at))
  return { kind: 'sign', text: found, span: { start: at, end: at + found.length } }
}

const spanOf = (start: number, end: number = start + 1): Span => ({ start, end })

function hintFor(character: string): string {
  if (character === '=') return '"=" sets nothing here: write == to compare'
  if (character === '&' || character === '|') return `write ${character}${character} between conditions`
  if (character === '`' || character === '“' || character === '’') return "a text stands between ' and '"
  return 'a guard has no such character'
}

function readInt(text: string, at: number, digits: string): Token {
  const end = at + digits.length
  const span = spanOf(at, end)
  checkSyntax(!match(fraction, text, end), 'numbers are whole: write minor units, 250 for 2.50', span)
  const next = text.charAt(end)
  checkSyntax(next !== 'u' && next !== 'U', 'there are no unsigned numbers: leave out the u', span)
  checkSyntax(!/[A-Za-z0-9_]/.test(next), 'a number ends before a letter: put a space or a sign between', span)
  const short = digits.length <= intDigitsMax || /^0x/.test(digits) || /^0*[0-9]{1,19}$/.test(digits)
  const value = short ? BigInt(digits) : 1n << 64n
  checkSyntax(value <= 1n << 63n, 'a number has at most 64 bits', span)
  return { kind: 'int', value, span }
}

/** A text or bytes literal. Raw and triple-quoted ones are refused: they serve patterns and programs. */
function readText(text: string, start: number, opened: RegExpExecArray): Token {
  const [whole, prefix, mark] = opened as unknown as readonly [string, string, string]
  const first = start + whole.length
  const ofBytes = prefix === 'b' || prefix === 'B'
  checkSyntax(prefix === '' || ofBytes, 'only b may stand before a text: b"…" is bytes', spanOf(start, first))
  const triple = text.startsWith(mark + mark, first)
  checkSyntax(!triple, 'a text stands between single marks', spanOf(start, first))
  const parts: (number | Uint8Array)[] = []
  let at = first
  while (text.charAt(at) !== mark) {
    const code = text.codePointAt(at)
    const open = code !== undefined && code !== 10 && code !== 13
    checkSyntax(open, `this text has no end: put ${mark} behind it`, spanOf(start, at))
    checkSize(parts.length < guardLiteralLengthMax, 'this text is too long: declare it in a table', spanOf(start, at))
    const escaped = code === 0x5c ? readEscape(text, at, ofBytes) : undefined
    const value = escaped?.value ?? code
    const half = typeof value === 'number' && value >= 0xd800 && value <= 0xdfff
    checkSyntax(!half, 'half a character: write it whole', spanOf(at))
    parts.push(escaped?.byte ? Uint8Array.of(value) : value)
    at += escaped ? escaped.length : code > 0xffff ? 2 : 1
  }
  const span = spanOf(start, at + 1)
  if (!ofBytes) return { kind: 'text', value: String.fromCodePoint(...(parts as number[])), span }
  const bytes = parts.map(part => (typeof part === 'number' ? encodeUtf8(String.fromCodePoint(part)) : part))
  return { kind: 'text', value: concat(...bytes), span }
}

const simple: Readonly<Record<string, number>> = {
  '\\': 0x5c,
  '"': 0x22,
  "'": 0x27,
  '`': 0x60,
  '?': 0x3f,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
}
const numbered = /\\(?:[xX]([0-9A-Fa-f]{2})|([0-3][0-7]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y

/** In bytes \xff and \377 are one byte, and \u is refused; in texts all of them are a character. */
function readEscape(text: string, at: number, ofBytes: boolean): { value: number; byte: boolean; length: number } {
  const letter = text.charAt(at + 1)
  if (letter !== '' && Object.hasOwn(simple, letter)) return { value: simple[letter]!, byte: false, length: 2 }
  const found = match(numbered, text, at)
  const hint = 'no such escape: a backslash is written \\\\'
  checkSyntax(found, hint, spanOf(at, at + 2))
  const [whole, hex, octal, short, long] = found
  const value = octal === undefined ? Number.parseInt(hex ?? short ?? long!, 16) : Number.parseInt(octal, 8)
  const byte = hex !== undefined || octal !== undefined
  checkSyntax(byte || !ofBytes, 'bytes have no \\u: write the character itself', spanOf(at, at + whole.length))
  checkSyntax(value <= 0x10ffff, 'there is no such character', spanOf(at, at + whole.length))
  return { value, byte: byte && ofBytes, length: whole.length }
}
