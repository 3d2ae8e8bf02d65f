// Every word that the elements say, in packs by language. A pack may be changed or added by the page: `setMessages`.

import type { StepCode, StepState, VerdictCode } from '@muniment/sdk'
import { english } from './en.ts'
import type { KeysMessages } from './keys.ts'
import type { RecordMessages } from './record.ts'
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
  readonly signErrors: Readonly<Record<SignErrorCode, string>>
  readonly hiddenFields: Plural
  readonly organisations: Plural
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

export type SignErrorCode =
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

/** What a page may put in place of the texts that came with the elements; groups are laid over each other. */
export type MessagePack = { readonly [group in keyof Messages]?: Partial<Messages[group]> } & {
  /** Words that load later (together.ts). */
  readonly together?: Partial<TogetherMessages>
  readonly keys?: Partial<KeysMessages>
  readonly record?: Partial<RecordMessages>
}

/** Languages whose words come when a page speaks them. */
const loaders = new Map<string, () => Promise<Messages>>([['ar', async () => (await import('./ar.ts')).arabic]])
const loads = new Map<string, Promise<void>>()
const retryAfterMs = 5_000
/** As they come with the elements, what pages changed of them, and both together. */
const shipped = new Map<string, Messages>([['en', english]])
const changes = new Map<string, readonly MessagePack[]>()
const packs = new Map<string, Messages>([['en', english]])
/** What pages laid over the words that load later. */
const overrides = new Map<string, MessagePack>()
const listeners = new Set<() => void>()

/** Adds a language, or changes texts of one. What a new language lacks stays English. */
export function setMessages(language: string, pack: MessagePack): void {
  changes.set(language, [...(changes.get(language) ?? []), pack])
  compose(language)
  const { together, keys, record } = overridesFor(language)
  overrides.set(language, {
    together: { ...together, ...pack.together },
    keys: { ...keys, ...pack.keys },
    record: { ...record, ...pack.record },
  })
  for (const listener of listeners) listener()
}

function compose(language: string): void {
  const before = shipped.get(language) ?? packs.get(baseOf(language)) ?? english
  packs.set(language, (changes.get(language) ?? []).reduce(overlay, before))
}

function overlay(before: Messages, pack: MessagePack): Messages {
  const groups = Object.entries(before).map(([group, texts]) => [group, { ...texts, ...pack[group as keyof Messages] }])
  return Object.fromEntries(groups) as Messages
}

/**
 * Undefined where the words of a language are there, or where none come with the elements. Else resolves when they have come, or
 * could not be loaded: then English serves, and a later call tries again.
 */
export function loadMessages(language: string): Promise<void> | undefined {
  const base = baseOf(language)
  const loader = loaders.get(base)
  if (loader === undefined || shipped.has(base)) return undefined
  const load =
    loads.get(base) ??
    loader().then(
      words => ship(base, words),
      () => forget(base),
    )
  loads.set(base, load)
  return load
}

function ship(base: string, words: Messages): void {
  shipped.set(base, words)
  compose(base)
  for (const language of changes.keys()) if (language !== base && baseOf(language) === base) compose(language)
  for (const listener of listeners) listener()
}

function forget(base: string): void {
  setTimeout(() => loads.delete(base), retryAfterMs)
}

/** The pack for a BCP 47 tag, else of its base language, else English; and the tag that it is in. */
export function messagesFor(language: string): { readonly messages: Messages; readonly language: string } {
  for (const tag of [language, baseOf(language)]) {
    const messages = packs.get(tag)
    if (messages) return { messages, language: tag === 'en' ? englishOf(language) : language }
  }
  return { messages: english, language: 'en' }
}

/** A page's own words of those groups that load later. */
export function overridesFor(language: string): MessagePack {
  return overrides.get(language) ?? overrides.get(baseOf(language)) ?? {}
}

/** Calls back whenever a pack changes; answers how to stop. */
export function onMessages(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** English of a region keeps its way of writing dates. */
function englishOf(language: string): string {
  return baseOf(language) === 'en' ? language : 'en'
}

function baseOf(language: string): string {
  return language.split('-')[0]!
}
