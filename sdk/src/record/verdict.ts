// Verdicts: the one table of what a check of a record can come to (architecture, "Verdicts").

import type { Localized } from '../catalogue/service-head.ts'
import type { JsonObject } from '../json.ts'
import type { RecordEntry } from '../ledger/entries.ts'
import type { Contradiction } from '../light/contradiction.ts'
import type { Timestamp } from '../time.ts'

export const verdictKinds = {
  current: 'valid',
  'older-proof': 'stale',
  replaced: 'invalid',
  expired: 'invalid',
  'not-yet-valid': 'invalid',
  suspended: 'invalid',
  revoked: 'invalid',
  pending: 'invalid',
  changed: 'invalid',
  'disclosure-bad': 'invalid',
  'signature-bad': 'invalid',
  'issuer-unknown': 'invalid',
  'issuer-not-allowed': 'invalid',
  'holder-mismatch': 'invalid',
  'no-such-record': 'invalid',
  'single-operator': 'unknown',
  'rules-changed': 'unknown',
  'old-signatures': 'unknown',
  offline: 'unknown',
  'no-peers': 'unknown',
  'peers-disagree': 'unknown',
  'clock-wrong': 'unknown',
  'checkpoint-expired': 'unknown',
  'header-too-old': 'unknown',
  'wrong-network': 'unknown',
  'format-unknown': 'unknown',
  unreadable: 'unknown',
  'blocked-by-policy': 'unknown',
} as const

export type VerdictCode = keyof typeof verdictKinds
export type VerdictKind = (typeof verdictKinds)[VerdictCode]

/** The steps of a check, in order. */
export const stepCodes = [
  'read',
  'format',
  'disclosures',
  'header',
  'anchored',
  'signature',
  'issuer',
  'not-revoked',
  'dates',
  'holder',
] as const
export type StepCode = (typeof stepCodes)[number]
export type StepState = 'waiting' | 'running' | 'pass' | 'fail' | 'unknown' | 'skipped'
export type Step = { readonly code: StepCode; readonly state: StepState }

/** Whom a verdict trusted; the widget says it in words. */
export type TrustedParty =
  /** Whoever served the page that ran the check. */
  | { readonly role: 'page'; readonly origin: string }
  /** Who signed the checkpoint that the chain is followed from: `k` of `n` keys of the trust root. */
  | { readonly role: 'checkpoint'; readonly k: number; readonly n: number; readonly height: bigint }
  /** Who signed the header. */
  | { readonly role: 'validators'; readonly count: number; readonly signed: bigint; readonly total: bigint }
  /** Named witnesses that saw the same head. */
  | { readonly role: 'witnesses'; readonly names: readonly string[]; readonly asked: number }
  /** Who issued the record. */
  | { readonly role: 'issuer'; readonly issuer: string; readonly names: Localized }

export type VerifiedRecord = {
  readonly key: Uint8Array
  readonly entry: RecordEntry
  readonly issuerNames: Localized
  readonly type: string
  readonly typeTitle: Localized
  /** What the document says, in the order of the service file, with its labels. */
  readonly fields: readonly { readonly name: string; readonly label: Localized; readonly value: JsonObject[string] }[]
  readonly hiddenCount: number
}

export type Verdict = {
  readonly kind: VerdictKind
  readonly code: VerdictCode
  /** The head that the answer stands under. */
  readonly asOf: { readonly height: bigint; readonly time: Timestamp; readonly ageSeconds: number } | undefined
  /** Who was asked: addresses. */
  readonly sources: readonly string[]
  readonly signedPower: { readonly signed: bigint; readonly total: bigint } | undefined
  readonly trusted: readonly TrustedParty[]
  readonly steps: readonly Step[]
  /** What the ledger says of the record, where it was found. */
  readonly record: VerifiedRecord | undefined
  /** Where peers proved different blocks (`peers-disagree`): which, and who has taken the evidence so far. */
  readonly contradictions?: readonly Contradiction[]
  /** For people who look closer: what was refused, in one sentence. */
  readonly evidence: string
  /** With `clock-wrong`, where the network says another time than this device; nothing proves that the network is right. */
  readonly clocks?: { readonly device: Timestamp; readonly network: Timestamp } | undefined
}

export function kindOf(code: VerdictCode): VerdictKind {
  return verdictKinds[code]
}
