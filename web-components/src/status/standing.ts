// How a network keeps what it owes: what its validators promised and did not keep, and what a service's offices let run out or corrected.
// Public figures of the state, each proved.

import {
  addCounters,
  type Client,
  type CommonCounter,
  check,
  countersKey,
  formatHex,
  isOfficeRole,
  listValidatorStandings,
  localize,
  medianDays,
  monthOf,
  type Procedure,
  readCounters,
  serviceKey,
  type Timestamp,
  type ValidatorStanding,
  VerifyError,
} from '@muniment/sdk'
import { formatCount } from '../format.ts'
import { type PublicFactsMessages, publicFactsMessages } from '../messages/public-facts.ts'
import { cleanText, fill } from '../text.ts'
import type { Words } from '../verify/describe.ts'
import { type OfficeNames, readOffices, readProcedure } from './case.ts'
import { officeName } from './case-view.ts'
import { type Proven, provenBy } from './proven.ts'
import { durationText, type Item, item, type Section, value, warning } from './section.ts'

/** Of services that a page names, and of offices that a file does. */
const servicesMax = 8
const officesMax = 32
const months = 12

type Figures = Readonly<Record<string, bigint>>

type ServiceFigures = {
  readonly procedure: Procedure
  /** Of all offices, and of what none of them did. */
  readonly all: Figures
  readonly byOffice: readonly { readonly office: string; readonly figures: Figures }[]
  readonly offices: ReadonlyMap<string, OfficeNames>
}

export type Standing = {
  /** Empty where the ledger names no validators. */
  readonly validators: readonly ValidatorStanding[]
  readonly services: readonly ServiceFigures[]
}

/** `services` by name and version. Rejects with VerifyError. */
export async function readStanding(
  client: Client,
  services: readonly string[],
  signal: AbortSignal,
): Promise<Standing> {
  check(services.length <= servicesMax, 'oversized', 'too many services', { expected: servicesMax })
  const proven = provenBy(client, signal)
  const validators = await listValidatorStandings(proven.read, client.crypto).catch(error => {
    if (error instanceof VerifyError && error.code === 'refused') return []
    throw error
  })
  const figures: ServiceFigures[] = []
  for (const service of services) {
    const [file] = await proven.read([serviceKey(client.crypto, service)])
    const procedure = file && readProcedure(file)
    if (procedure) figures.push(await readFigures(client, proven, procedure))
  }
  return { validators, services: figures }
}

async function readFigures(client: Client, { read, time }: Proven, procedure: Procedure): Promise<ServiceFigures> {
  const service = procedure.service.id
  const named = Object.values(procedure.service.roles).flatMap(role => (isOfficeRole(role) ? role.offices : []))
  // What no office did, as a clock's steps, stands under a name of its own.
  const ids = [...new Set(named)].slice(0, officesMax)
  const byOffice: { office: string; figures: Figures }[] = []
  for (const office of [...ids, '-']) {
    const keys = lastMonths(time()).map(month => countersKey(client.crypto, { service, office, month, apart: '' }))
    const leaves = (await read(keys)).filter(leaf => leaf !== undefined)
    if (leaves.length > 0)
      byOffice.push({ office, figures: addCounters(...leaves.map(leaf => readCounters(procedure, leaf))) })
  }
  const all = addCounters(...byOffice.map(({ figures }) => figures))
  return { procedure, all, byOffice, offices: await readOffices(read, client, ids) }
}

/** `2026-11` and those before it. */
export function lastMonths(time: Timestamp): readonly string[] {
  const [year, month] = monthOf(time).split('-').map(Number) as [number, number]
  return Array.from({ length: months }, (_, back) => {
    const count = year * 12 + month - 1 - back
    return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}`
  })
}

export function standingSections({ validators, services }: Standing, words: Words): readonly Section[] {
  const texts = publicFactsMessages(words.language)
  const members = validators.map(each => validatorItem(each, texts, words))
  return [
    ...(members.length > 0 ? [{ name: 'validators', heading: texts.validators, items: members }] : []),
    ...services.map(each => ({
      name: each.procedure.service.id,
      heading: `${cleanText(localize(each.procedure.service.title, words.language), 120)} · ${texts.figures}`,
      items: figureItems(each, texts, words),
    })),
  ]
}

function validatorItem(
  { publicKey, unmetReceipts, missedTurns }: ValidatorStanding,
  texts: PublicFactsMessages,
  { language }: Words,
): Item {
  const lines = [
    value(`${formatHex(publicKey).slice(0, 16)}…`),
    fill(texts.unmet, { count: formatCount(unmetReceipts, language) }),
    fill(texts.missed, { count: formatCount(missedTurns, language) }),
  ]
  return unmetReceipts > 0n ? warning(...lines) : item(...lines)
}

function figureItems(
  { all, byOffice, offices }: ServiceFigures,
  texts: PublicFactsMessages,
  words: Words,
): readonly Item[] {
  if (byOffice.length === 0) return [item(fill(texts.figuresNone, {}))]
  const count = (figures: Figures, name: CommonCounter): string => formatCount(figures[name] ?? 0n, words.language)
  const overdue = byOffice
    .filter(({ office }) => office !== '-')
    .map(({ office, figures }) => {
      const lines = [
        value(officeName(office, offices, words)),
        fill(texts.overdue, { count: count(figures, 'overdue') }),
      ]
      return (figures.overdue ?? 0n) > 0n ? warning(...lines) : item(...lines)
    })
  const corrected = [fill(texts.corrections, { count: count(all, 'corrections') }), ...medianLine(all, texts, words)]
  return [item(fill(texts.opened, { count: count(all, 'opened') })), item(...corrected), ...overdue]
}

function medianLine(all: Figures, texts: PublicFactsMessages, { language }: Words): Item['lines'] {
  const median = medianDays(all, 'correctedIn')
  if (!median) return []
  const time = (days: number): string => durationText(BigInt(days) * 86_400n, language)
  const { above, atMost } = median
  if (atMost === undefined) return [fill(texts.correctedMore, { time: time(above) })]
  return [fill(texts.correctedWithin, { time: time(atMost) })]
}
