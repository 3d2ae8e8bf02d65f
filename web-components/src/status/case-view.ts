// A case in words: pure.

import {
  compareTime,
  decodeUtf8,
  isObject,
  keeping,
  localize,
  ObligationStatus,
  parseJson,
  readLocalized,
  shredDue,
} from '@muniment/sdk'
import { formatCount, formatList } from '../format.ts'
import { type PublicFactsMessages, publicFactsMessages } from '../messages/public-facts.ts'
import { cleanText, fill } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import type { CaseFacts, CaseLookFacts, Chosen, OfficeNames, Post } from './case.ts'
import { dateText, durationText, type Item, item, type Section, value, warning } from './section.ts'

type Told = CaseFacts & { readonly words: Words; readonly texts: PublicFactsMessages }

/** In the order in which people ask. */
export function caseSections(facts: CaseFacts, words: Words): readonly Section[] {
  const texts = publicFactsMessages(words.language)
  const told = { ...facts, words, texts }
  const hasContent = facts.entry.committed.length > 0
  return [
    { name: 'state', heading: texts.state, items: [item(stateLine(told))] },
    { name: 'clock', heading: texts.clock, items: clockItems(told) },
    { name: 'officials', heading: texts.officials, items: officialItems(told) },
    ...(hasContent ? [{ name: 'looks', heading: texts.looks, items: lookItems(told) }] : []),
    ...(hasContent ? [{ name: 'content', heading: texts.content, items: [contentItem(told)] }] : []),
  ]
}

function stateLine({ entry, file, words, texts }: Told): Item['lines'][number] {
  const state = stateName(file, entry.state, words.language)
  return fill(texts.since, { state, date: dateText(entry.stateTime, words) })
}

/** As the service's file names it; its own word where it has no label that can be read. */
function stateName(file: Uint8Array, state: string, language: string): string {
  try {
    const { states } = parseJson(decodeUtf8(file)) as { readonly states?: unknown }
    const found = isObject(states as never)
      ? (states as Record<string, { label?: never } | undefined>)[state]
      : undefined
    return localize(readLocalized(found?.label), language) || state
  } catch {
    return state
  }
}

function clockItems({ entry, obligations, words, texts }: Told): readonly Item[] {
  const items: Item[] = []
  if (entry.lateTime) items.push(warning(fill(texts.late, { date: dateText(entry.lateTime, words) })))
  if (entry.dueTime) items.push(item(value(dateText(entry.dueTime, words))))
  if (entry.pausedState)
    items.push(item(fill(texts.paused, { time: durationText(entry.pausedSeconds, words.language) })))
  for (const { name, dueTime, status } of obligations)
    if (status === ObligationStatus.due || status === ObligationStatus.enforced)
      items.push(item(fill(texts.payBy, { name, date: dateText(dueTime, words) })))
  return items.length > 0 ? items : [item(fill(texts.clockNone, {}))]
}

function officialItems({ chosen, offices, words, texts }: Told): readonly Item[] {
  if (chosen.length === 0) return [item(fill(texts.officialsNone, {}))]
  return chosen.map(each => {
    const line = howLine(each, texts, words)
    const post = each.post ? postText(each.post, offices, words) : cleanText(each.assignment.role, 64)
    return each.draw === 'wrong' || each.draw === 'operator' ? warning(value(post), line) : item(value(post), line)
  })
}

function howLine({ assignment, draw }: Chosen, texts: PublicFactsMessages, { language }: Words): Item['lines'][number] {
  const { how, pool } = assignment
  const known: Readonly<Record<string, string>> = {
    validators: texts.drawnValidators,
    operator: texts.drawnOperator,
    waiting: texts.drawWaiting,
    wrong: texts.drawWrong,
    rota: texts.rota,
    again: texts.again,
  }
  const text = known[draw ?? how]
  // A way that this page does not know is said as the ledger says it.
  return text === undefined ? value(how) : fill(text, { count: formatCount(pool, language) })
}

/** "Civil registry, registrar". */
function postText({ office, role }: Post, offices: ReadonlyMap<string, OfficeNames>, words: Words): string {
  const name = officeName(office, offices, words)
  return role ? `${name} · ${cleanText(role, 64)}` : name
}

export function officeName(office: string, offices: ReadonlyMap<string, OfficeNames>, { language }: Words): string {
  return cleanText(localize(offices.get(office) ?? {}, language), 120) || cleanText(office, 64)
}

function lookItems(told: Told): readonly Item[] {
  const { looks, texts, time, words } = told
  if (!looks) return []
  if (looks.length === 0) return [item(fill(texts.looksNone, { date: dateText(time, words) }))]
  return looks.map(look => lookItem(look, told))
}

function lookItem({ entry, post, fields, isTrue }: CaseLookFacts, { offices, procedure, texts, words }: Told): Item {
  const { language } = words
  const date = value(dateText(entry.time, words))
  const who = value(postText(post ?? { office: entry.office, role: '' }, offices, words))
  const reason = entry.reason ? [fill(texts.lookReason, { reason: cleanText(entry.reason, 64) })] : []
  if (!isTrue) return warning(date, who, ...reason, fill(texts.lookFalse, {}))
  const labels = new Map((procedure?.service.fields ?? []).map(({ name, label }) => [name, localize(label, language)]))
  const opened = formatList(
    fields.map(name => cleanText(labels.get(name) ?? name, 80)),
    language,
  )
  return item(date, who, ...reason, fill(texts.lookFields, { fields: opened }))
}

function contentItem({ entry, procedure, time, words, texts }: Told): Item {
  if (entry.shreddedTime) return item(fill(texts.destroyed, { date: dateText(entry.shreddedTime, words) }))
  const due = procedure && shredDue(procedure, entry)
  if (!procedure || !due) return item(fill(texts.kept, {}))
  const date = dateText(due, words, { withTime: false })
  const isLate = keeping(procedure, entry, time) === 'due' && compareTime(due, time) <= 0
  return isLate ? warning(fill(texts.destroyDue, { date })) : item(fill(texts.destroyBy, { date }))
}
