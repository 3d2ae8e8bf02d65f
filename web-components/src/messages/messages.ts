// Every word that the elements say, in packs by language. A pack may be changed or added by the page: `setMessages`.

import type { StepCode, StepState, VerdictCode } from '@muniment/sdk'
import type { ElsewhereMessages } from './elsewhere.ts'
import { english } from './en.ts'
import type { HolderMessages } from './holder.ts'
import type { KeptMessages } from './kept.ts'
import type { KeysMessages } from './keys.ts'
import { languages } from './languages.ts'
import type { PublicFactsMessages } from './public-facts.ts'
import type { RecordMessages } from './record.ts'
import type { SignErrorMessages } from './sign-errors.ts'
import type { StatusMessages } from './status.ts'
import { tagsOf } from './tags.ts'
import type { TogetherMessages } from './together.ts'

/** Groups of texts. `{name}` stands for a value, which is shown isolated from the text around it. */
export type Messages = {
  readonly verdictHeadings: Readonly<Record<VerdictCode, string>>
  readonly verdictTexts: Readonly<Record<VerdictCode, string>>
  readonly steps: Readonly<Record<StepCode, string>>
  readonly stepStates: Readonly<Record<StepState, string>>
  readonly trusted: Readonly<Record<TrustedText, string>>
  readonly facts: Readonly<Record<FactName, string>>
  readonly statuses: Readonly<Record<'1' | '2' | '3' | '4' | '5' | 'other', string>>
  readonly verify: Readonly<Record<VerifyText, string>>
  readonly inputProblems: Readonly<Record<InputProblem, string>>
  readonly contradiction: Readonly<Record<ContradictionText, string>>
  readonly sign: Readonly<Record<SignText, string>>
  readonly hiddenFields: Plural
  readonly organisations: Plural
  readonly translation: Readonly<Record<'unreviewed', string>>
}

/** Forms by Unicode's plural rules (CLDR); `other` is always there. */
export type Plural = { readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string }

type TrustedText =
  | 'heading'
  | 'lead'
  | 'page'
  | 'checkpoint'
  | 'validators'
  | 'witnessesNone'
  | 'witnessesMissing'
  | 'witnesses'
  | 'issuer'

export type FactName =
  | 'heading'
  | 'type'
  | 'issuer'
  | 'issued'
  | 'status'
  | 'since'
  | 'reason'
  | 'appealUntil'
  | 'asOf'
  | 'height'
  | 'heightValue'

type VerifyText =
  | 'heading'
  | 'intro'
  | 'inputLabel'
  | 'inputHint'
  | 'check'
  | 'choose'
  | 'drop'
  | 'scan'
  | 'cameraLabel'
  | 'cameraAsking'
  | 'cameraOpen'
  | 'cameraForeign'
  | 'stopCamera'
  | 'privacy'
  | 'problem'
  | 'noNetwork'
  | 'running'
  | 'done'
  | 'cancel'
  | 'cancelled'
  | 'again'
  | 'another'
  | 'saveProof'
  | 'savingProof'
  | 'proofSaved'
  | 'proofFailed'
  | 'print'
  | 'elsewhere'
  | 'elsewhereLead'
  | 'elsewhereQr'
  | 'elsewhereTooLong'
  | 'elsewherePrinted'
  | 'required'
  | 'notConfirmed'
  | 'fieldsMissing'
  | 'fields'
  | 'fieldName'
  | 'fieldValue'
  | 'noFields'
  | 'steps'
  | 'evidence'
  | 'code'
  | 'sources'
  | 'key'
  | 'unnamedOffice'
  | 'account'
  | 'document'
  | 'unknownTime'
  | 'clocks'
  | 'yes'
  | 'no'

/** Why a check was not begun: the code of `muniment-error`. */
export type InputProblem =
  | 'empty'
  | 'too-long'
  | 'not-accepted'
  | 'file-too-large'
  | 'file-unreadable'
  | 'took-too-long'
  | 'picture-unreadable'
  | 'picture-too-large'
  | 'pdf-none'
  | 'pdf-encrypted'
  | 'pdf-unreadable'
  | 'qr-none'
  | 'qr-foreign'
  | 'reader-unavailable'
  | 'camera-denied'
  | 'camera-none'
  | 'camera-busy'
  | 'camera-ended'
  | 'camera-hidden'
  | 'camera-timeout'
  | 'camera-cancelled'

type ContradictionText =
  | 'heading'
  | 'lead'
  | 'kind'
  | 'lunatic'
  | 'equivocation'
  | 'amnesia'
  | 'block'
  | 'source'
  | 'signedBoth'
  | 'nobody'
  | 'sentTo'
  | 'notSent'
  | 'takenBy'
  | 'notYet'
  | 'more'
  | 'taken'
  | 'save'

type SignText =
  | 'heading'
  | 'review'
  | 'preparing'
  | 'reviewHeading'
  | 'reviewLead'
  | 'service'
  | 'transition'
  | 'signer'
  | 'signers'
  | 'you'
  | 'signOnly'
  | 'signOnlyLead'
  | 'opened'
  | 'keysHeading'
  | 'keysLead'
  | 'keysShow'
  | 'role'
  | 'network'
  | 'validUntil'
  | 'openUntil'
  | 'nonce'
  | 'transaction'
  | 'commitment'
  | 'contentHeading'
  | 'contentLead'
  | 'issuedOn'
  | 'newKey'
  | 'heldKey'
  | 'methodHeading'
  | 'methodPasskey'
  | 'methodPasskeyHint'
  | 'methodPasskeyNone'
  | 'methodDevice'
  | 'methodDeviceHint'
  | 'passkeyHeading'
  | 'passkeyLead'
  | 'passkeyMake'
  | 'passkeyFind'
  | 'back'
  | 'passkeyKey'
  | 'askingPasskey'
  | 'documentKey'
  | 'sign'
  | 'decline'
  | 'signing'
  | 'waiting'
  | 'verifying'
  | 'doneHeading'
  | 'doneText'
  | 'alone'
  | 'link'
  | 'stop'
  | 'stopWaiting'
  | 'declined'
  | 'again'
  | 'errorHeading'
  | 'kept'

export type SignErrorCode = EarlySignErrorCode | LateSignErrorCode

/** Told in words that load with them (elsewhere.ts). */
export type LateSignErrorCode =
  | 'key-light'
  | 'identity-none'
  | 'framed'
  | 'request-unreadable'
  | 'request-expired'
  | 'request-answered'
  | 'request-differs'
  | 'account-unknown'

export type EarlySignErrorCode =
  | 'incomplete'
  | 'too-long'
  | 'no-network'
  | 'unreachable'
  | 'service-unknown'
  | 'bytes-differ'
  | 'signers-missing'
  | 'signer-unknown'
  | 'signer-self'
  | 'signer-not-asked'
  | 'proposal-unreadable'
  | 'proposal-elsewhere'
  | 'proposal-forged'
  | 'proposal-other'
  | 'no-key'
  | 'key-elsewhere'
  | 'key-ended'
  | 'passkey-unsupported'
  | 'passkey-cancelled'
  | 'passkey-timeout'
  | 'passkey-wrong-site'
  | 'passkey-other'
  | 'passkey-exists'
  | 'passkey-unknown'
  | 'passkey-unverified'
  | 'refused'
  | 'not-included'
  | 'not-verified'
  | 'stopped'
  | 'unexpected'

/** Words that load later, each group by its own file: `keys.ts` and the others of its name. */
export type LateMessages = {
  readonly elsewhere: ElsewhereMessages
  readonly signErrors: SignErrorMessages
  readonly together: TogetherMessages
  readonly holder: HolderMessages
  readonly kept: KeptMessages
  readonly keys: KeysMessages
  readonly publicFacts: PublicFactsMessages
  readonly record: RecordMessages
  readonly status: StatusMessages
}

type AllMessages = Messages & LateMessages

/** What a page may put in place of the texts that came with the elements; groups are laid over each other. */
export type MessagePack = { readonly [group in keyof AllMessages]?: Partial<AllMessages[group]> }

/** A language that comes with the elements (languages/). What it lacks stays English. */
export type LanguagePack = MessagePack & {
  /** Where nobody who speaks the language has read the words, the elements say so: `translation.unreviewed`. */
  readonly reviewedBySpeaker: boolean
}

const loads = new Map<string, Promise<void>>()
const retryAfterMs = 5_000
/** As they come with the elements, by the name of their file; what pages changed of them; and both together. */
const shipped = new Map<string, MessagePack>()
const changes = new Map<string, readonly MessagePack[]>()
const composed = new Map<string, Messages>()
const listeners = new Set<() => void>()

/** Adds a language, or changes texts of one. What a new language lacks stays English. */
export function setMessages(language: string, pack: MessagePack): void {
  changes.set(language, [...(changes.get(language) ?? []), pack])
  tell()
}

function tell(): void {
  composed.clear()
  for (const listener of listeners) listener()
}

/**
 * Undefined where the words of a language are there, or where none come with the elements. Else resolves when they have come, or
 * could not be loaded: then English serves, and a later call tries again.
 */
export function loadMessages(language: string): Promise<void> | undefined {
  const name = tagsOf(language).find(tag => Object.hasOwn(languages, tag))
  if (name === undefined || shipped.has(name)) return undefined
  const load =
    loads.get(name) ??
    languages[name]!().then(
      ({ words }) => ship(name, words),
      () => forget(name),
    )
  loads.set(name, load)
  return load
}

function ship(name: string, { reviewedBySpeaker, ...words }: LanguagePack): void {
  shipped.set(name, reviewedBySpeaker ? { ...words, translation: english.translation } : words)
  tell()
}

function forget(name: string): void {
  setTimeout(() => loads.delete(name), retryAfterMs)
}

/** What is said in a language: as it comes, and then what pages said of it, the more general first. */
function packsOf(language: string): readonly MessagePack[] {
  const tags = tagsOf(language)
  const own = tags.map(tag => shipped.get(tag)).find(pack => pack !== undefined)
  return [...(own ? [own] : []), ...tags.toReversed().flatMap(tag => changes.get(tag) ?? [])]
}

/** The pack for a BCP 47 tag, else English; and the tag that it is in. */
export function messagesFor(language: string): { readonly messages: Messages; readonly language: string } {
  const packs = packsOf(language)
  if (packs.length === 0 && !isEnglish(language)) return messagesFor('en')
  const messages = composed.get(language) ?? packs.reduce(overlay, english)
  composed.set(language, messages)
  return { messages, language }
}

function overlay(before: Messages, pack: MessagePack): Messages {
  const groups = Object.entries(before).map(([group, texts]) => [group, { ...texts, ...pack[group as keyof Messages] }])
  return Object.fromEntries(groups) as Messages
}

/** Words of a group that loads later, over its English. */
export function lateMessages<Group extends keyof LateMessages>(
  language: string,
  group: Group,
  inEnglish: LateMessages[Group],
): LateMessages[Group] {
  const packs = packsOf(messagesFor(language).language)
  return Object.assign({}, inEnglish, ...packs.map(pack => pack[group]))
}

/** Calls back whenever a pack changes; answers how to stop. */
export function onMessages(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function isEnglish(language: string): boolean {
  return tagsOf(language).includes('en')
}
