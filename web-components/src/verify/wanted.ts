// What a page wants of a document beside a good verdict, and what a form says where it lacks.

import type { Verdict } from '@muniment/sdk'
import { html, type TemplateResult } from 'lit'
import { formatList } from '../format.ts'
import { fill, partsText, renderParts } from '../text.ts'
import type { Words } from './describe.ts'

/** `offline-ok`: a document that was in force at its last check does too. */
export type VerifyPolicy = 'strict' | 'offline-ok'

export type Wanted = {
  readonly required: boolean
  readonly policy: string
  /** Names of fields, separated by spaces. */
  readonly fields: string
}

/** Of the attributes. */
export const verifyDefaults: Wanted & Readonly<Record<string, string | boolean>> = {
  types: '',
  issuers: '',
  fields: '',
  policy: 'strict',
  required: false,
  compact: false,
  accept: '',
  auto: false,
  name: '',
  verifyPage: '',
  holderNonce: '',
}

export function listOf(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean)
}

/** Wanted fields that the document does not show; none while there is no document. */
function lackingFields(verdict: Verdict, fields: string): readonly string[] {
  const shown = verdict.record?.fields.map(({ name }) => name)
  return shown ? listOf(fields).filter(name => !shown.includes(name)) : []
}

/** Undefined where nothing lacks. */
export function renderLacking(verdict: Verdict, fields: string, words: Words): TemplateResult | undefined {
  const lacking = lackingFields(verdict, fields)
  if (lacking.length === 0) return undefined
  return html`<p class="lacking" part="lacking">${renderParts(lackingText(lacking, words))}</p>`
}

function lackingText(lacking: readonly string[], { messages, language }: Words) {
  return fill(messages.verify.fieldsMissing, { fields: formatList(lacking, language) })
}

/** What keeps a form from being sent: flags and a sentence for `setValidity`; none where nothing does. */
export function validityOf(
  verdict: Verdict | undefined,
  { required, policy, fields }: Wanted,
  words: Words,
): readonly [ValidityStateFlags, string] | readonly [] {
  const { verify } = words.messages
  if (!required) return []
  if (!verdict) return [{ valueMissing: true }, verify.required]
  const isGood = verdict.kind === 'valid' || (policy === 'offline-ok' && verdict.kind === 'stale')
  if (!isGood) return [{ customError: true }, verify.notConfirmed]
  const lacking = lackingFields(verdict, fields)
  return lacking.length === 0 ? [] : [{ customError: true }, partsText(lackingText(lacking, words))]
}
