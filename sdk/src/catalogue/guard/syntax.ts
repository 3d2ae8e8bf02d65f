// The syntax tree of a guard. The language is a subset of CEL (docs/protocol/guards.md), and this union is its whitelist:
// what has no member here can't be said.

import { VerifyError, type VerifyErrorCode } from '../../errors.ts'
import type { GuardValue } from './value.ts'

/** Where something stands in the text of a guard: UTF-16 units, from `start` up to and without `end`. */
export type Span = { readonly start: number; readonly end: number }

export type Macro = 'all' | 'exists' | 'exists_one' | 'filter' | 'map'
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='
export type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** `levels`: how many the tree has from here down, this one with them. */
type Placed = { readonly span: Span; readonly levels: number }

export type Expression = Placed &
  (
    | { readonly kind: 'literal'; readonly value: GuardValue }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'field'; readonly of: Expression; readonly name: string }
    | { readonly kind: 'has'; readonly of: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly of: Expression; readonly index: bigint }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    /** A method has its receiver in `of`. */
    | {
        readonly kind: 'call'
        readonly name: string
        readonly of: Expression | undefined
        readonly parameters: readonly Expression[]
      }
    | { readonly kind: 'not'; readonly of: Expression }
    | { readonly kind: 'negative'; readonly of: Expression }
    | {
        readonly kind: 'binary'
        readonly operator: Arithmetic | Comparison | 'in'
        readonly left: Expression
        readonly right: Expression
      }
    /** `a && b && c` is one node of three parts: a long list of conditions is no deep tree. */
    | { readonly kind: 'every' | 'some'; readonly parts: readonly Expression[] }
    | { readonly kind: 'choice'; readonly condition: Expression; readonly yes: Expression; readonly no: Expression }
    | {
        readonly kind: 'macro'
        readonly macro: Macro
        readonly range: Expression
        readonly variable: string
        /** Of `map` with three parameters: which members are taken. */
        readonly when: Expression | undefined
        readonly body: Expression
      }
  )

export type Guard = { readonly text: string; readonly root: Expression }

/** The expressions right inside one, in the order in which they are read. */
export function partsOf(of: Expression): readonly Expression[] {
  switch (of.kind) {
    case 'literal':
    case 'name':
      return []
    case 'list':
      return of.items
    case 'call':
      return of.of ? [of.of, ...of.parameters] : of.parameters
    case 'binary':
      return [of.left, of.right]
    case 'every':
    case 'some':
      return of.parts
    case 'choice':
      return [of.condition, of.yes, of.no]
    case 'macro':
      return of.when ? [of.range, of.when, of.body] : [of.range, of.body]
    default:
      return [of.of]
  }
}

/** A guard that is none, or not one of ours: what is wrong, how to mend it, and where. */
export class GuardError extends VerifyError {
  readonly span: Span

  constructor(code: VerifyErrorCode, message: string, span: Span) {
    super(code, `${message} (at character ${span.start + 1})`)
    this.span = span
  }
}

/** Throws a GuardError unless `condition` holds. */
export function checkSyntax(condition: unknown, message: string, span: Span): asserts condition {
  if (!condition) throw new GuardError('malformed', message, span)
}

export function checkSize(condition: unknown, message: string, span: Span): asserts condition {
  if (!condition) throw new GuardError('oversized', message, span)
}
