// From proven facts to a verdict: pure, so that the same facts give the same words everywhere.

import { equals } from '../bytes.ts'
import type { ServiceHead } from '../catalogue/service-head.ts'
import type { Header } from '../comet/header.ts'
import type { Credential } from '../credential/credential.ts'
import type { Hasher } from '../crypto/crypto.ts'
import { type OfficeEntry, type RecordEntry, RecordStatus } from '../ledger/entries.ts'
import { typeHash } from '../ledger/keys.ts'
import { clockDriftSecondsMax, freshnessSecondsMin, pendingBlocksMax } from '../limits.ts'
import { addSeconds, compareTime, secondsBetween, type Timestamp } from '../time.ts'
import type { StepCode, VerdictCode } from './verdict.ts'

export type RecordFacts = {
  readonly credential: Credential
  /** Proven under the header: undefined is proven absence. */
  readonly entry: RecordEntry | undefined
  readonly office: OfficeEntry | undefined
  readonly service: Pick<ServiceHead, 'freshnessSeconds'> | undefined
  /** The trusted head. */
  readonly header: Header
  /** Whether one signer alone could have made the head: its power is more than two thirds. */
  readonly oneSigner: boolean
  /** Named witnesses that cosigned the head, and how many the trust root asks for. */
  readonly witnesses: { readonly agreed: number; readonly asked: number }
  /** The document's signature verifies under the key that the ledger names. */
  readonly signatureGood: boolean
  /** Of the presenter; undefined where nobody asked. */
  readonly holderGood: boolean | undefined
  /** The key and height of the link, where there was one. */
  readonly linkedKeyFits: boolean
  readonly linkedHeight: bigint
  /** The newest height that this client has trusted before. */
  readonly heightSeen: bigint
}

export type JudgeOptions = {
  readonly now: Timestamp
  readonly hasher: Hasher
  /** Types that the asker wants; empty: any. */
  readonly types: readonly string[]
  readonly issuers: readonly string[]
  readonly maxAgeSeconds: number | undefined
}

/** The first step that fails decides; `step` is that one, undefined where none failed. */
export type Judgement = { readonly code: VerdictCode; readonly step: StepCode | undefined; readonly evidence: string }

export function judgeRecord(facts: RecordFacts, options: JudgeOptions): Judgement {
  return (
    judgeHeader(facts, options) ??
    judgeEntry(facts, options) ??
    judgeStatus(facts, options) ??
    judgeDates(facts, options) ??
    judgeHolder(facts) ??
    judgeTrust(facts, options)
  )
}

function fail(code: VerdictCode, step: StepCode, evidence: string): Judgement {
  return { code, step, evidence }
}

function judgeHeader(facts: RecordFacts, options: JudgeOptions): Judgement | undefined {
  const { credential } = facts
  const { types, issuers } = options
  if (types.length > 0 && !types.includes(credential.type)) {
    return fail('format-unknown', 'format', `The document is of the type ${credential.type}.`)
  }
  const { issuer, issuerName } = credential
  const names = issuer.kind === 'office' ? [issuerName, issuer.office] : [issuerName]
  if (issuers.length > 0 && !names.some(name => issuers.includes(name))) {
    return fail('format-unknown', 'format', `The document names ${issuerName} as its issuer.`)
  }
  if (!isFromFuture(facts, options)) return undefined
  return fail('clock-wrong', 'header', 'The newest block is later than the clock of this device.')
}

function judgeEntry(facts: RecordFacts, options: JudgeOptions): Judgement | undefined {
  const { credential, entry, office, header } = facts
  if (!entry) {
    if (!facts.linkedKeyFits)
      return fail('changed', 'anchored', 'The document is not the one that the link was made for.')
    const ahead = facts.linkedHeight - header.height
    if (ahead > 0n && ahead <= BigInt(pendingBlocksMax))
      return fail('pending', 'anchored', 'The block is still to come.')
    if (notFresh(facts, options)) return tooOld('anchored', 'there is no such record')
    return fail('no-such-record', 'anchored', 'The ledger proves that it holds no such record.')
  }
  const type = typeHash(options.hasher, credential.type)
  if (!facts.linkedKeyFits || entry.issuer !== credential.issuerName || !equals(entry.type, type)) {
    return fail('changed', 'anchored', 'The document differs from what the ledger holds under its key.')
  }
  if (!facts.signatureGood)
    return fail('signature-bad', 'signature', 'The signature does not verify under the issuer’s key.')
  if (credential.issuer.kind !== 'office') return undefined
  if (!office) return fail('issuer-unknown', 'issuer', 'The ledger knows no such office.')
  const issued = entry.changes[0]!.height
  const entitled = office.types.some(
    each =>
      equals(each.type, type) && each.fromHeight <= issued && (each.endedHeight === 0n || issued < each.endedHeight),
  )
  if (!entitled) return fail('issuer-not-allowed', 'issuer', 'This office could not issue this type then.')
  return undefined
}

const statusCodes: Readonly<Record<number, VerdictCode>> = {
  [RecordStatus.suspended]: 'suspended',
  [RecordStatus.revoked]: 'revoked',
  [RecordStatus.replaced]: 'replaced',
  [RecordStatus.expired]: 'expired',
}

function judgeStatus(facts: RecordFacts, options: JudgeOptions): Judgement | undefined {
  const status = facts.entry!.changes.at(-1)!.status
  if (status === RecordStatus.current) return undefined
  if (status === RecordStatus.suspended && notFresh(facts, options))
    return tooOld('not-revoked', 'the record is suspended')
  // A status that this version does not know must not pass for "in force".
  const code = statusCodes[status] ?? 'rules-changed'
  return fail(code, 'not-revoked', `The ledger's status of the record is ${code}.`)
}

/** A clock that runs ahead makes no document expire: the head says so too, or is as fresh as the clock would have it. */
function judgeDates(facts: RecordFacts, options: JudgeOptions): Judgement | undefined {
  const { entry, credential, header } = facts
  const { now } = options
  const starts = [entry!.validFrom, fromSeconds(credential.notBefore)]
  const ends = [entry!.validUntil, fromSeconds(credential.expires)]
  const endedAt = (time: Timestamp): boolean => ends.some(end => end && compareTime(end, time) <= 0)
  if (endedAt(header.time) || (endedAt(now) && !notFresh(facts, options)))
    return fail('expired', 'dates', 'Its last day has passed.')
  if (starts.some(start => start && compareTime(now, start) < 0))
    return fail('not-yet-valid', 'dates', 'Its first day is to come.')
  return undefined
}

function judgeHolder({ holderGood }: RecordFacts): Judgement | undefined {
  if (holderGood !== false) return undefined
  return fail('holder-mismatch', 'holder', 'The presenter did not show the key that the document is bound to.')
}

function judgeTrust(facts: RecordFacts, options: JudgeOptions): Judgement {
  const { agreed, asked } = facts.witnesses
  if (agreed < (facts.oneSigner ? Math.max(1, asked) : asked)) {
    return { code: 'single-operator', step: undefined, evidence: 'No independent witness has confirmed the head.' }
  }
  const old = notFresh(facts, options)
  if (old !== undefined) return { code: 'older-proof', step: undefined, evidence: old }
  return { code: 'current', step: undefined, evidence: '' }
}

/** Whether the head is fresh at this time, and of no later time itself. */
export function isFresh(facts: RecordFacts, options: JudgeOptions): boolean {
  return notFresh(facts, options) === undefined && !isFromFuture(facts, options)
}

function isFromFuture({ header }: RecordFacts, { now }: JudgeOptions): boolean {
  return compareTime(header.time, addSeconds(now, clockDriftSecondsMax)) > 0
}

/** Why the head can't say how things stand now; undefined where it can (security rule 7). */
function notFresh(facts: RecordFacts, { now, maxAgeSeconds }: JudgeOptions): string | undefined {
  if (facts.header.height < facts.heightSeen) return 'A newer block is known than the one of this proof.'
  const limit = Math.min(
    maxAgeSeconds ?? Number.POSITIVE_INFINITY,
    facts.service?.freshnessSeconds ?? freshnessSecondsMin,
  )
  const age = secondsBetween(facts.header.time, now)
  // Asked this way round, a limit that is no number is kept by no head.
  return age <= limit ? undefined : `The head is ${age} s old, the limit is ${limit} s.`
}

/** What may have changed since an old head is not said of now: a node that lags behind can make nothing invalid. */
function tooOld(step: StepCode, said: string): Judgement {
  return fail('header-too-old', step, `The newest block that was proven says that ${said}, but it is too old to count.`)
}

function fromSeconds(seconds: number | undefined): Timestamp | undefined {
  return seconds === undefined ? undefined : { seconds: BigInt(seconds), nanos: 0 }
}
