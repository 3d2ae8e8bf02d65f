// What <muniment-status> is asked about beside the newest block: a case, the keys of an account, or how the network keeps what it owes.
// Loaded when somebody asks.

import { type Client, localize, parseBase64Url, parseHex } from '@muniment/sdk'
import { html, nothing, type TemplateResult } from 'lit'
import { publicFactsMessages } from '../messages/public-facts.ts'
import { cleanText, fill } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { readCase } from './case.ts'
import { caseSections } from './case-view.ts'
import { readRecovery, recoverySections } from './recovery.ts'
import { item, renderSections, type Section } from './section.ts'
import { readStanding, standingSections } from './standing.ts'

export type Subject =
  | { readonly kind: 'case'; readonly id: Uint8Array; readonly secret: Uint8Array | undefined }
  | { readonly kind: 'account'; readonly account: Uint8Array }
  | { readonly kind: 'network'; readonly services: readonly string[] }

/** What was proved, ready to be told in any language. */
export type Answer = {
  readonly sections: (words: Words) => readonly Section[]
  /** Of a case, the service's name; empty where there is none. */
  readonly title: (words: Words) => string
  /** There is private content, and nobody has said the secret that tells who looked at it. */
  readonly wantsSecret: boolean
}

/** Rejects with VerifyError, and with the signal's reason. */
export async function ask(client: Client, subject: Subject, signal: AbortSignal): Promise<Answer> {
  if (subject.kind === 'network') {
    const standing = await readStanding(client, subject.services, signal)
    return { sections: words => standingSections(standing, words), title: () => '', wantsSecret: false }
  }
  if (subject.kind === 'account') {
    const facts = await readRecovery(client, subject.account, signal)
    const sections = (words: Words): readonly Section[] =>
      facts ? recoverySections(facts, words) : none('accountNone', words)
    return { sections, title: () => '', wantsSecret: false }
  }
  const facts = await readCase(client, subject, signal)
  return {
    sections: words => (facts ? caseSections(facts, words) : none('caseNone', words)),
    title: ({ language }) =>
      facts?.procedure ? cleanText(localize(facts.procedure.service.title, language), 120) : '',
    wantsSecret: facts !== undefined && facts.entry.committed.length > 0 && facts.looks === undefined,
  }
}

function none(text: 'caseNone' | 'accountNone', { language }: Words): readonly Section[] {
  return [{ name: 'none', heading: '', items: [item(fill(publicFactsMessages(language)[text], {}))] }]
}

/** Of an element that is asked about a case or an account. */
export function headingOf(name: 'case' | 'account', answer: Answer | undefined, words: Words): string {
  const { state, recovery } = publicFactsMessages(words.language)
  return answer?.title(words) || (name === 'case' ? state : recovery)
}

/** What an element's attributes ask about, or which of them can't be read. */
export function readSubject(of: {
  readonly case: string | undefined
  readonly account: string | undefined
  readonly services: string
  readonly secret: Uint8Array | undefined
}): Subject | { readonly wrong: FieldName } {
  if (of.case !== undefined) {
    const id = readNumber(of.case)
    return id ? { kind: 'case', id, secret: of.secret } : { wrong: 'case' }
  }
  if (of.account !== undefined) {
    const account = readAccount(of.account)
    return account ? { kind: 'account', account } : { wrong: 'account' }
  }
  return { kind: 'network', services: of.services.split(/\s+/).filter(name => name !== '') }
}

/** A case's id or secret as people are given it, base64url; undefined for what is none. */
export function readNumber(text: string): Uint8Array | undefined {
  try {
    const bytes = parseBase64Url(text.trim())
    return bytes.length === 32 ? bytes : undefined
  } catch {
    return undefined
  }
}

/** An account as <muniment-keys> shows it. */
function readAccount(text: string): Uint8Array | undefined {
  const trimmed = text.trim().toLowerCase()
  return /^[0-9a-f]{64}$/.test(trimmed) ? parseHex(trimmed) : undefined
}

export type FieldName = 'case' | 'account' | 'secret'

/** One line to be typed, with what is wrong with it said beside it. */
export function renderField(
  words: Words,
  field: { readonly name: FieldName; readonly value: string; readonly isWrong: boolean },
  enter: (text: string) => void,
): TemplateResult {
  const texts = publicFactsMessages(words.language)
  const { name, isWrong } = field
  const label = { case: texts.caseLabel, account: texts.accountLabel, secret: texts.secretLabel }[name]
  const press = (event: Event): void => {
    event.preventDefault()
    enter((event.currentTarget as HTMLFormElement).querySelector('input')!.value)
  }
  return html`<form class="field no-print" part="form" novalidate @submit=${press}>
    ${name === 'secret' ? html`<p class="muted">${texts.looksLead}</p>` : nothing}
    <label for=${name}>${label}</label>
    <input
      id=${name}
      class="code"
      part="input"
      dir="ltr"
      autocomplete="off"
      spellcheck="false"
      .value=${field.value}
      aria-invalid=${isWrong ? 'true' : 'false'}
      aria-describedby="${name}-wrong"
    />
    <p id="${name}-wrong" class="wrong" role="alert">${isWrong ? texts.unreadable : ''}</p>
    <div><button class=${name === 'secret' ? '' : 'primary'} part="button" type="submit">${texts.show}</button></div>
  </form>`
}

/** The sections, with the question for the secret where who looked would stand. */
export function renderAnswer(
  answer: Answer,
  words: Words,
  secret: { readonly isWrong: boolean; readonly enter: (text: string) => void },
): readonly TemplateResult[] {
  const field = { name: 'secret', value: '', isWrong: secret.isWrong } as const
  const after = answer.wantsSecret ? { name: 'looks', content: renderField(words, field, secret.enter) } : undefined
  return renderSections(answer.sections(words), after)
}
