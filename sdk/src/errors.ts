/**
 * Why bytes, a header, a proof or a record were refused. One word a reason, so that callers and tests can tell reasons
 * apart without reading sentences.
 */
export type VerifyErrorCode =
  // reading
  | 'truncated'
  | 'oversized'
  | 'malformed'
  | 'non-canonical'
  | 'format-unknown'
  // chain
  | 'wrong-chain'
  | 'wrong-height'
  | 'wrong-time'
  | 'wrong-hash'
  | 'expired'
  | 'from-future'
  | 'invalid-header'
  | 'invalid-commit'
  | 'invalid-validator-set'
  | 'insufficient-power'
  | 'bad-signature'
  | 'conflicting-headers'
  // proofs
  | 'wrong-key'
  | 'wrong-root'
  | 'invalid-proof'
  // credentials
  | 'disclosure-bad'
  | 'issuer-mismatch'
  // roots of trust
  | 'checkpoint-invalid'
  | 'checkpoint-expired'
  | 'no-trusted-state'
  | 'rules-changed'
  // transport
  | 'unavailable'
  | 'limited'
  | 'refused'

/** The only error that bytes from outside can cause. `expected` and `actual` are the two facts that were compared. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError'
  readonly code: VerifyErrorCode
  readonly expected: string | undefined
  readonly actual: string | undefined
  /** The other side said so itself, and so was reached. */
  readonly told: boolean

  constructor(
    code: VerifyErrorCode,
    message: string,
    facts: { expected?: unknown; actual?: unknown; told?: boolean } = {},
  ) {
    super(message)
    this.code = code
    this.told = facts.told ?? false
    this.expected = facts.expected === undefined ? undefined : String(facts.expected)
    this.actual = facts.actual === undefined ? undefined : String(facts.actual)
  }
}

/** Throws a VerifyError unless `condition` holds. */
export function check(
  condition: unknown,
  code: VerifyErrorCode,
  message: string,
  facts?: { expected?: unknown; actual?: unknown },
): asserts condition {
  if (!condition) throw new VerifyError(code, message, facts)
}

/** A programmer's mistake, never caused by what came from outside. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}
