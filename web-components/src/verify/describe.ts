// A verdict in words: pure, so that the same verdict reads the same everywhere.

import { formatBase64Url, localize, type Step, type TrustedParty, type Verdict, type VerdictCode } from '@muniment/sdk'
import { formatAge, formatCount, formatDate, formatList } from '../format.ts'
import type { FactName, Messages } from '../messages/messages.ts'
import { cleanText, fieldText, fill, fillParts, type Part, plural } from '../text.ts'

/** How a verdict looks. Only `good` is green and has a tick; `unknown` and `stale` are never red. */
export type Tone = 'good' | 'stale' | 'ended' | 'bad' | 'unknown'

export type VerdictView = {
  readonly tone: Tone
  readonly heading: string
  readonly text: readonly Part[]
  readonly facts: readonly { readonly label: string; readonly value: readonly Part[] }[]
  readonly fields: readonly { readonly label: string; readonly value: string }[]
  readonly hidden: readonly Part[] | undefined
  readonly trusted: readonly (readonly Part[])[]
  readonly evidence: readonly { readonly label: string; readonly value: string }[]
}

export type Words = { readonly messages: Messages; readonly language: string }

export function describeVerdict(verdict: Verdict, words: Words): VerdictView {
  const { messages } = words
  const values = valuesOf(verdict, words)
  const record = doubted.includes(verdict.code) ? undefined : verdict.record
  return {
    tone: toneOf(verdict),
    heading: messages.verdictHeadings[verdict.code],
    text: textOf(verdict, values, words),
    facts: factsOf({ ...verdict, record }, values, words),
    fields: record
      ? record.fields.map(({ name, label, value }) => ({
          label: cleanText(localize(label, words.language) || name, 80),
          value: fieldText(value, messages.verify),
        }))
      : [],
    hidden:
      record && record.hiddenCount > 0 ? plural(messages.hiddenFields, record.hiddenCount, words.language) : undefined,
    trusted: verdict.trusted.map(party => describeParty(party, words)),
    evidence: evidenceOf(verdict, messages),
  }
}

/** Nothing proves that the network's time is right, so whoever reads this decides by her calendar. */
function textOf({ code, clocks }: Verdict, values: Values, { messages, language }: Words): readonly Part[] {
  if (code !== 'clock-wrong' || clocks === undefined) return fill(messages.verdictTexts[code], values)
  const style = { language, withTime: true, unknown: messages.verify.unknownTime }
  return fill(messages.verify.clocks, {
    device: formatDate(clocks.device, style),
    network: formatDate(clocks.network, style),
  })
}

/** Ends of a document's life that nobody need be afraid of. */
const ended: readonly VerdictCode[] = ['replaced', 'expired', 'not-yet-valid', 'pending']

/** What such a document says of itself is not repeated in a table that looks like the register's. */
const doubted: readonly VerdictCode[] = [
  'changed',
  'disclosure-bad',
  'signature-bad',
  'issuer-unknown',
  'issuer-not-allowed',
]

export function toneOf({ kind, code }: Pick<Verdict, 'kind' | 'code'>): Tone {
  if (kind === 'valid') return 'good'
  if (kind === 'invalid') return ended.includes(code) ? 'ended' : 'bad'
  return kind
}

export function describeStep(
  { code, state }: Step,
  { messages }: Words,
): { readonly name: string; readonly state: string } {
  return { name: messages.steps[code], state: messages.stepStates[state] }
}

/** An account has no name: the beginning of its id tells it from others that one has seen. */
function issuerText(issuer: string, names: Readonly<Record<string, string>>, { messages, language }: Words): string {
  const account = /:account:([0-9a-f]{8})/.exec(issuer)?.[1]
  if (account !== undefined) return messages.verify.account.replace('{account}', `${account}…`)
  return cleanText(localize(names, language), 120) || messages.verify.unnamedOffice
}

type Values = Readonly<Record<string, string>>

function valuesOf({ record, asOf }: Verdict, words: Words): Values {
  const { messages, language } = words
  const date = { language, withTime: false, unknown: messages.verify.unknownTime }
  const entry = record?.entry
  const [issued, newest] = [entry?.changes[0], entry?.changes.at(-1)]
  return {
    office: record ? issuerText(record.entry.issuer, record.issuerNames, words) : messages.verify.unnamedOffice,
    type: (record && cleanText(localize(record.typeTitle, language), 80)) || messages.verify.document,
    issued: issued ? formatDate(issued.time, date) : date.unknown,
    changed: newest ? formatDate(newest.time, { ...date, withTime: true }) : date.unknown,
    asOf: asOf ? formatDate(asOf.time, { ...date, withTime: true }) : date.unknown,
    age: asOf ? formatAge(asOf.ageSeconds, language) : date.unknown,
    height: asOf ? formatCount(asOf.height, language) : '—',
  }
}

function factsOf(verdict: Verdict, values: Values, { messages, language }: Words): VerdictView['facts'] {
  const { record, asOf } = verdict
  const facts: { label: string; value: readonly Part[] }[] = []
  const add = (name: FactName, value: string): void => {
    facts.push({ label: messages.facts[name], value: [{ kind: 'value', text: value }] })
  }
  if (record) {
    const { changes } = record.entry
    const newest = changes.at(-1)
    const time = { language, withTime: true, unknown: messages.verify.unknownTime }
    add('type', values.type!)
    add('issuer', values.office!)
    add('issued', values.issued!)
    if (newest) add('status', statusText(newest.status, messages))
    if (newest && changes.length > 1) add('since', formatDate(newest.time, time))
    if (newest?.reason) add('reason', cleanText(newest.reason, 64))
    if (newest?.appealUntil) add('appealUntil', formatDate(newest.appealUntil, { ...time, withTime: false }))
  }
  if (asOf) {
    add('asOf', values.asOf!)
    facts.push({ label: messages.facts.height, value: fill(messages.facts.heightValue, values) })
  }
  return facts
}

function statusText(status: number, { statuses }: Messages): string {
  const key = String(status)
  return Object.hasOwn(statuses, key) ? statuses[key as keyof Messages['statuses']] : statuses.other
}

function describeParty(party: TrustedParty, words: Words): readonly Part[] {
  const { trusted, organisations } = words.messages
  const number = (value: bigint | number): string => formatCount(value, words.language)
  switch (party.role) {
    case 'page':
      return fill(trusted.page, { origin: party.origin })
    case 'checkpoint':
      return fill(trusted.checkpoint, { k: number(party.k), n: number(party.n), height: number(party.height) })
    case 'validators':
      return fillParts(trusted.validators, {
        organisations: plural(organisations, party.count, words.language),
        signed: [{ kind: 'value', text: number(party.signed) }],
        total: [{ kind: 'value', text: number(party.total) }],
      })
    case 'witnesses':
      if (party.names.length > 0) return fill(trusted.witnesses, { names: formatList(party.names, words.language) })
      return fill(party.asked > 0 ? trusted.witnessesMissing : trusted.witnessesNone, { asked: number(party.asked) })
    case 'issuer':
      return fill(trusted.issuer, { office: issuerText(party.issuer, party.names, words) })
  }
}

function evidenceOf(verdict: Verdict, { verify }: Messages): VerdictView['evidence'] {
  const rows = [{ label: verify.code, value: [verdict.code, cleanText(verdict.evidence)].filter(Boolean).join(': ') }]
  for (const source of verdict.sources) rows.push({ label: verify.sources, value: cleanText(source, 300) })
  if (verdict.record) rows.push({ label: verify.key, value: formatBase64Url(verdict.record.key) })
  return rows
}
