// "Verify this record": from a link or a document to a verdict, step by step. Trust comes back up: the head by signatures,
// the entry by its proof under the head, the document by its commitment in the entry.

import { decodeUtf8, equals } from '../bytes.ts'
import { decodeServiceHead, type ServiceHead } from '../catalogue/service-head.ts'
import { type Credential, type KeyBindingDemand, parseCredential, verifyKeyBinding } from '../credential/credential.ts'
import { verifyJws } from '../credential/jws.ts'
import type { Crypto, Hasher } from '../crypto/crypto.ts'
import { VerifyError, type VerifyErrorCode } from '../errors.ts'
import { type OfficeEntry, officeEntry, type RecordEntry, recordEntry } from '../ledger/entries.ts'
import { accountKey, officeKey, recordKey, serviceKey } from '../ledger/keys.ts'
import type { TrustedReader, TrustedState } from '../light/reader.ts'
import type { TrustRoot } from '../light/trust-root.ts'
import { linkLengthMax } from '../limits.ts'
import { secondsBetween, type Timestamp } from '../time.ts'
import { doubtClock, type OtherClocks } from './clock.ts'
import { isFresh, judgeRecord, type RecordFacts } from './judge.ts'
import { parseRecordLink, type RecordLink } from './link.ts'
import { type Check, createCheck } from './steps.ts'
import {
  kindOf,
  type Step,
  stepCodes,
  type TrustedParty,
  type Verdict,
  type VerdictCode,
  type VerifiedRecord,
} from './verdict.ts'

export type VerifyRecordOptions = {
  readonly now: Timestamp
  /** Types that are wanted; none named: any. */
  readonly types?: readonly string[] | undefined
  /** Issuers that are wanted, ids of offices or whole names (`iss`); none named: any. */
  readonly issuers?: readonly string[] | undefined
  /** A tighter limit than the service's on how old the head may be. */
  readonly maxAgeSeconds?: number | undefined
  /** Asks the presenter for the key that the document is bound to. */
  readonly keyBinding?: KeyBindingDemand | undefined
  /** Called with all steps whenever one changes. */
  readonly onSteps?: ((steps: readonly Step[]) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export type VerifyRecordSource = {
  readonly reader: TrustedReader
  readonly root: TrustRoot
  readonly crypto: Crypto
  /** The newest height that this client has trusted: an older head can't say that a record is in force now. */
  readonly heightSeen: bigint
  /** Whom the answer trusts before any record is looked at: the page and the checkpoint's signers. */
  readonly trusted: readonly TrustedParty[]
  /** To tell a head that is old from a clock that runs ahead; where it is left out nobody is asked. */
  readonly clocks?: OtherClocks | undefined
  /** Reads the links of QR codes (record/link.ts); left out where none can come, for it brings CBOR with it. */
  readonly shortLinks?: ShortLinks | undefined
}

/** Answers the SD-JWT text in the link of a QR code, and undefined for any other text. Rejects with VerifyError. */
type ShortLinks = (text: string, hasher: Hasher) => Promise<string | undefined>

/** A link, a document's text, or a file's bytes. */
export type RecordInput = string | Uint8Array

/**
 * Never throws for what came from outside: whatever happens is a verdict. Rejects only with the signal's reason.
 */
export async function verifyRecord(
  input: RecordInput,
  source: VerifyRecordSource,
  options: VerifyRecordOptions,
): Promise<Verdict> {
  const verdict = await look(input, source, options)
  return doubtClock(verdict, {
    now: options.now,
    heightSeen: source.heightSeen,
    clocks: source.clocks,
    async isFreshAt(reader, now, signal) {
      const again = { ...options, now, signal, onSteps: undefined }
      return (await run(input, { ...source, reader }, { check: createCheck(undefined), options: again })).isFresh
    },
    onSteps: options.onSteps,
    signal: options.signal,
  })
}

async function look(input: RecordInput, source: VerifyRecordSource, options: VerifyRecordOptions): Promise<Verdict> {
  const check = createCheck(options.onSteps)
  try {
    return (await run(input, source, { check, options })).verdict
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason
    if (!(error instanceof VerifyError)) throw error
    const code =
      check.current === 'read' || check.current === 'format' || check.current === 'disclosures'
        ? documentCode(error)
        : chainCode(error)
    const step = check.finish(kindOf(code) === 'unknown' ? 'unknown' : 'fail')
    return { ...nothingKnown, kind: kindOf(code), code, trusted: source.trusted, steps: step, evidence: error.message }
  }
}

/** The verdict on a file that can't be read at all. */
export function unreadable(error: VerifyError, trusted: readonly TrustedParty[]): Verdict {
  const code = documentCode(error)
  const steps = stepCodes.map(step => ({
    code: step,
    state: step === 'read' ? ('unknown' as const) : ('skipped' as const),
  }))
  return { ...nothingKnown, kind: kindOf(code), code, trusted, steps, evidence: error.message }
}

const nothingKnown = { asOf: undefined, sources: [], signedPower: undefined, record: undefined }

type Running = { readonly check: Check; readonly options: VerifyRecordOptions }

type Found = { readonly verdict: Verdict; readonly isFresh: boolean }

async function run(input: RecordInput, source: VerifyRecordSource, { check, options }: Running): Promise<Found> {
  const { reader, root, crypto } = source
  check.begin('read')
  const { link, document } = await readInput(input, source)
  check.begin('format')
  const credential = readCredential(document, { link, root, crypto, check })
  check.begin('header')
  const { issuer, issuerName } = credential
  const key = recordKey(crypto, issuerName, credential.commitment)
  const issuerKey = issuer.kind === 'office' ? officeKey(crypto, issuer.office) : accountKey(crypto, issuer.account)
  const state = await reader.read([key, issuerKey], options)
  check.begin('anchored')
  const [recordValue, issuerValue] = state.values
  const entry = recordValue && decodeProven(() => recordEntry.decode(recordValue))
  const isOffice = issuer.kind === 'office'
  const office = isOffice && issuerValue ? decodeProven(() => officeEntry.decode(issuerValue)) : undefined
  const service = entry && (await readService(entry, state, { reader, crypto, options }))
  check.begin('signature')
  const holderGood = await judgeHolder(credential, { crypto, options })
  const facts: RecordFacts = {
    credential,
    entry,
    office,
    service,
    header: state.header,
    oneSigner: oneSignerSuffices(state),
    witnesses: { agreed: state.head.witnesses.length, asked: root.witnesses.k },
    signatureGood: entry !== undefined && (await verifyJws(credential.document.jwt, entry.key, crypto)),
    holderGood,
    linkedKeyFits: link === undefined || equals(link.key, key),
    linkedHeight: link?.height ?? 0n,
    heightSeen: source.heightSeen,
  }
  const { now, types = [], issuers = [], maxAgeSeconds } = options
  const judging = { now, hasher: crypto, types, issuers, maxAgeSeconds }
  const judgement = judgeRecord(facts, judging)
  const kind = kindOf(judgement.code)
  if (holderGood === undefined) check.skip('holder')
  const steps = check.judge(judgement.step, kind === 'unknown' ? 'unknown' : 'fail')
  const { header } = state
  const verdict: Verdict = {
    kind,
    code: judgement.code,
    asOf: {
      height: header.height,
      time: header.time,
      ageSeconds: Math.max(0, secondsBetween(header.time, options.now)),
    },
    sources: [state.source],
    signedPower: state.head.signedPower,
    trusted: [...source.trusted, ...partiesOf(state, { root, credential, office })],
    steps,
    record: entry && describe(key, { entry, office, service, credential }),
    evidence: judgement.evidence,
  }
  return { verdict, isFresh: isFresh(facts, judging) }
}

/** The document, and the link around it where there was one. Throws VerifyError. */
export async function readInput(
  input: RecordInput,
  { crypto, shortLinks }: Pick<VerifyRecordSource, 'shortLinks'> & { readonly crypto: Hasher },
): Promise<{ readonly link: RecordLink | undefined; readonly document: string }> {
  if (input.length > linkLengthMax) throw new VerifyError('oversized', 'the document is too long')
  const text = (typeof input === 'string' ? input : decodeUtf8(input)).trim()
  if (/^[A-Za-z0-9_.~-]+$/.test(text) && text.includes('~')) return { link: undefined, document: text }
  const short = await shortLinks?.(text, crypto)
  if (short !== undefined) return { link: undefined, document: short }
  const link = parseRecordLink(text)
  return { link, document: link.document }
}

function readCredential(
  document: string,
  given: {
    readonly link: RecordLink | undefined
    readonly root: TrustRoot
    readonly crypto: Crypto
    readonly check: Check
  },
): Credential {
  const credential = parseCredential(document, given.crypto)
  const chains = [credential.issuer.chainId, given.link?.chainId ?? credential.issuer.chainId]
  if (chains.some(chainId => chainId !== given.root.chainId)) {
    throw new VerifyError('wrong-chain', 'the document belongs to another network', {
      expected: given.root.chainId,
      actual: chains[0],
    })
  }
  given.check.begin('disclosures')
  return credential
}

/** The service file that the record names, under the same head. */
async function readService(
  entry: RecordEntry,
  after: TrustedState,
  given: { readonly reader: TrustedReader; readonly crypto: Crypto; readonly options: VerifyRecordOptions },
): Promise<ServiceHead | undefined> {
  const { reader, crypto, options } = given
  const { values } = await reader.read([serviceKey(crypto, entry.service)], { signal: options.signal, after })
  const value = values[0]
  return value && decodeProven(() => decodeServiceHead(value))
}

/** A proven value that can't be read was written by rules that came after this version. */
function decodeProven<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof VerifyError)
      throw new VerifyError('rules-changed', `the ledger's entry can't be read: ${error.message}`)
    throw error
  }
}

async function judgeHolder(
  credential: Credential,
  given: { readonly crypto: Crypto; readonly options: VerifyRecordOptions },
): Promise<boolean | undefined> {
  const { keyBinding } = given.options
  if (!keyBinding) return undefined
  const { holderKey, document } = credential
  return holderKey !== undefined && (await verifyKeyBinding(document, { ...keyBinding, holderKey }, given.crypto))
}

/** Whether one validator's power passes two thirds alone: then its word is all there is. */
function oneSignerSuffices({ head }: TrustedState): boolean {
  const { validators } = head.block.validatorSet
  const total = validators.reduce((sum, validator) => sum + validator.votingPower, 0n)
  return validators.some(validator => validator.votingPower * 3n > total * 2n)
}

function partiesOf(
  { head }: TrustedState,
  given: { readonly root: TrustRoot; readonly credential: Credential; readonly office: OfficeEntry | undefined },
): readonly TrustedParty[] {
  const { signedPower, block } = head
  return [
    { role: 'validators', count: block.validatorSet.validators.length, ...signedPower },
    { role: 'witnesses', names: head.witnesses, asked: given.root.witnesses.k },
    { role: 'issuer', issuer: given.credential.issuerName, names: namesOf(given.office) },
  ]
}

function describe(
  key: Uint8Array,
  given: {
    readonly entry: RecordEntry
    readonly office: OfficeEntry | undefined
    readonly service: ServiceHead | undefined
    readonly credential: Credential
  },
): VerifiedRecord {
  const { entry, office, service, credential } = given
  const known = service?.fields ?? []
  const shown = Object.keys(credential.fields)
  const named = known.map(({ name }) => name).filter(name => shown.includes(name))
  const ordered = [...named, ...shown.filter(name => !named.includes(name))]
  return {
    key,
    entry,
    issuerNames: namesOf(office),
    type: credential.type,
    typeTitle: service?.title ?? {},
    fields: ordered.map(name => ({
      name,
      label: known.find(field => field.name === name)?.label ?? {},
      value: credential.fields[name]!,
    })),
    hiddenCount: credential.hiddenCount,
  }
}

function namesOf(office: OfficeEntry | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((office?.names ?? []).map(({ language, text }) => [language, text]))
}

/** What a refused document comes to; it is not the document's fault where the code that reads it could not be fetched. */
function documentCode(error: VerifyError): VerdictCode {
  const codes: Partial<Record<VerifyErrorCode, VerdictCode>> = {
    unavailable: 'offline',
    'disclosure-bad': 'disclosure-bad',
    'format-unknown': 'format-unknown',
    'wrong-chain': 'wrong-network',
  }
  return codes[error.code] ?? 'unreadable'
}

/** What a failed look at the chain comes to: never "invalid", since nothing was learned of the record. */
function chainCode(error: VerifyError): VerdictCode {
  const codes: Partial<Record<VerifyErrorCode, VerdictCode>> = {
    unavailable: 'offline',
    'wrong-chain': 'wrong-network',
    'from-future': 'clock-wrong',
    'checkpoint-expired': 'checkpoint-expired',
    'checkpoint-invalid': 'wrong-network',
    expired: 'header-too-old',
    'rules-changed': 'rules-changed',
    'conflicting-headers': 'peers-disagree',
  }
  return codes[error.code] ?? 'no-peers'
}
