// A service file as a picture: each state is a card with the steps that lead on from it, and a line for each state runs beside the cards
// to where its steps lead. An SVG that stands alone, in one language, whose parts have titles for those who do not see it.

import {
  type CaseStep,
  isObject,
  isOfficeRole,
  type JsonObject,
  type Localized,
  localize,
  type Procedure,
  parseDuration,
} from '@muniment/sdk'

type Row = { readonly name: string; readonly text: string; readonly to: string; readonly y: number }
type Card = {
  readonly name: string
  readonly label: string
  readonly turn: string
  readonly kind: Kind
  readonly y: number
  readonly head: number
  readonly height: number
  readonly rows: readonly Row[]
}
type Kind = 'office' | 'citizen' | 'time' | 'final'
type Lane = { readonly to: string; readonly top: number; readonly bottom: number; readonly place: number }

const headHeight = 44
const shortHeadHeight = 28
const rowHeight = 20
const gap = 16
const margin = 24
const laneWidth = 12
const letterWidth = 7

/** Fill, line and text of each kind: dark on light, so that it is read in print too. */
const colors: Readonly<Record<Kind, readonly [string, string]>> = {
  office: ['#dbe9f9', '#1d5a96'],
  citizen: ['#fdebc8', '#8a5a00'],
  time: ['#e9e9ec', '#5b5b66'],
  final: ['#d9f0df', '#1c6b39'],
}

const words = {
  en: {
    office: 'an office’s turn',
    citizen: 'a citizen’s turn',
    time: 'time alone',
    final: 'the end',
    clock: 'when time is up',
    link: 'another service',
    days: 'days',
    opens: 'Begins',
    waits: 'waits for',
    leads: '→',
  },
  ar: {
    office: 'دور جهة',
    citizen: 'دور مواطن',
    time: 'الوقت وحده',
    final: 'النهاية',
    clock: 'عند انقضاء المدة',
    link: 'خدمة أخرى',
    days: 'يومًا',
    opens: 'البداية',
    waits: 'بانتظار',
    leads: '←',
  },
} as const

type Words = (typeof words)['en' | 'ar']

/** `json` is the file that `procedure` was read from: it has the labels of its states. */
export function drawService(json: JsonObject, procedure: Procedure, language: string): string {
  const isArabic = language.split('-')[0] === 'ar'
  const told: Words = isArabic ? words.ar : words.en
  const cards = cardsOf(json, procedure, { language, told })
  const lanes = lanesOf(cards)
  const longest = Math.max(
    ...cards
      .flatMap(({ label, turn, rows }) => [label, turn, ...rows.map(({ text }) => text)])
      .map(text => text.length),
  )
  const cardWidth = Math.min(760, Math.max(320, longest * letterWidth + 40))
  const width = margin * 2 + cardWidth + 20 + (Math.max(0, ...lanes.map(({ place }) => place)) + 1) * laneWidth
  const last = cards.at(-1)!
  const bottom = last.y + last.height + gap
  const page: Page = { width, cardWidth, isRightToLeft: isArabic }
  const title = localize(procedure.service.title, language)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 44}" width="${width}" height="${bottom + 44}" role="img" aria-labelledby="title" lang="${escapeXml(language)}" font-family="system-ui, sans-serif" font-size="13"${isArabic ? ' direction="rtl"' : ''}>`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(page, { x: margin, y: margin + 6, size: 18, weight: 600, fill: '#1a1a1f' }, title),
    ...cards.map(card => drawCard(page, card)),
    ...lanes.flatMap(lane => drawLane(page, lane, cards)),
    ...(['office', 'citizen', 'time', 'final'] as const).map((kind, place) =>
      drawKey(page, kind, { place, y: bottom, word: told[kind] }),
    ),
    '</svg>',
    '',
  ].join('\n')
}

type Page = { readonly width: number; readonly cardWidth: number; readonly isRightToLeft: boolean }

/** Cards in the order in which cases come to them. */
function cardsOf(
  json: JsonObject,
  procedure: Procedure,
  { language, told }: { readonly language: string; readonly told: Words },
): readonly Card[] {
  const { states, steps, service } = procedure
  const labelOf = (name: string): string => {
    const all = isObject(json.states) ? json.states : {}
    const state = all[name]
    return isObject(state) && isObject(state.label) ? localize(state.label as Localized, language) : name
  }
  const stepText = (name: string, step: CaseStep): string => {
    const takers =
      step.by.join(step.together ? ' + ' : ' / ') ||
      (procedure.links.some(link => link.step === name) ? told.link : told.clock)
    const count = step.persons > 1 && !step.together ? ` × ${step.persons}` : ''
    return `${localize(service.transitions[name]!.label, language)} · ${takers}${count}`
  }
  const rowsFrom = (entries: readonly (readonly [string, CaseStep])[], at: string, from: number): readonly Row[] =>
    entries.map(([name, step], place) => ({
      name,
      text:
        step.to === undefined || step.to === at
          ? stepText(name, step)
          : `${stepText(name, step)} ${told.leads} ${labelOf(step.to)}`,
      to: step.to ?? at,
      y: from + place * rowHeight + 12,
    }))
  const cards: Card[] = []
  let y = margin + 28
  const add = (
    card: Omit<Card, 'y' | 'head' | 'height' | 'rows'>,
    entries: readonly (readonly [string, CaseStep])[],
  ): void => {
    const head = card.turn === '' ? shortHeadHeight : headHeight
    const height = head + entries.length * rowHeight + (entries.length > 0 ? 8 : 0)
    cards.push({ ...card, y, head, height, rows: rowsFrom(entries, card.name, y + head) })
    y += height + gap
  }
  const all = Object.entries(steps)
  add(
    { name: '', label: told.opens, turn: '', kind: 'time' },
    all.filter(([, { from }]) => from.length === 0),
  )
  for (const name of orderOf(procedure)) {
    const { waits, clock, isFinal } = states[name]!
    const role = waits === undefined ? undefined : service.roles[waits]
    const kind = isFinal ? 'final' : waits === undefined ? 'time' : isOfficeRole(role) ? 'office' : 'citizen'
    const days = clock ? `${Math.round((clock.seconds / parseDuration('P1D')) * 10) / 10} ${told.days}` : ''
    const turn = [isFinal || waits === undefined ? '' : `${told.waits} ${waits}`, days]
      .filter(part => part !== '')
      .join(' · ')
    add(
      { name, label: labelOf(name), turn, kind },
      all.filter(([, { from }]) => from.includes(name)),
    )
  }
  return cards
}

function orderOf({ states, steps }: Procedure): readonly string[] {
  const all = Object.values(steps)
  const seen = new Set(all.flatMap(({ from, to }) => (from.length === 0 && to !== undefined ? [to] : [])))
  // A set goes on over what is added to it meanwhile.
  for (const name of seen) for (const { from, to } of all) if (from.includes(name) && to !== undefined) seen.add(to)
  const ends = [...seen].filter(name => states[name]!.isFinal)
  return [...seen]
    .filter(name => !states[name]!.isFinal)
    .concat(
      ends,
      Object.keys(states).filter(name => !seen.has(name)),
    )
}

/** One line for each state that is led to; lines beside each other never cross the same height. */
function lanesOf(cards: readonly Card[]): readonly Lane[] {
  const spans = cards.flatMap(({ name, y, head: headOf }) => {
    const ys = cards.flatMap(card => card.rows.filter(row => row.to === name && card.name !== name).map(row => row.y))
    const head = y + headOf / 2
    return ys.length === 0 ? [] : [{ to: name, top: Math.min(head, ...ys), bottom: Math.max(head, ...ys) }]
  })
  const ends: number[] = []
  return spans
    .toSorted((one, other) => one.bottom - one.top - (other.bottom - other.top))
    .toSorted((one, other) => one.top - other.top)
    .map(span => {
      const free = ends.findIndex(end => end < span.top)
      const place = free === -1 ? ends.length : free
      ends[place] = span.bottom
      return { ...span, place }
    })
}

function across({ width, isRightToLeft }: Page, x: number): number {
  return isRightToLeft ? width - x : x
}

function drawLane(page: Page, { to, top, bottom, place }: Lane, cards: readonly Card[]): readonly string[] {
  const target = cards.find(({ name }) => name === to)!
  const [, color] = colors[target.kind]
  const edge = margin + page.cardWidth
  const x = across(page, edge + 20 + place * laneWidth)
  const head = target.y + target.head / 2
  const from = across(page, edge)
  const tip = across(page, edge + 8)
  const rows = cards.flatMap(card => (card.name === to ? [] : card.rows.filter(row => row.to === to)))
  return [
    `<g stroke="${color}" fill="none" stroke-width="1.5">`,
    `<path d="M${x} ${top}V${bottom}M${x} ${head}H${tip}"/>`,
    ...rows.map(({ y }) => `<path d="M${from} ${y}H${x}"/><circle cx="${from}" cy="${y}" r="3" fill="${color}"/>`),
    `<path d="M${from} ${head}L${tip} ${head - 5}V${head + 5}Z" fill="${color}"/>`,
    '</g>',
  ]
}

function drawCard(page: Page, { label, turn, kind, y, height, rows }: Card): string {
  const [fill, line] = colors[kind]
  const left = page.isRightToLeft ? page.width - margin - page.cardWidth : margin
  const told = [turn, ...rows.map(row => row.text)].filter(part => part !== '').join('. ')
  return [
    `<g><title>${escapeXml(`${label}. ${told}`)}</title>`,
    `<rect x="${left}" y="${y}" width="${page.cardWidth}" height="${height}" rx="8" fill="${fill}" stroke="${line}"/>`,
    text(page, { x: margin + 12, y: y + 19, size: 14, weight: 600, fill: '#1a1a1f' }, label),
    text(page, { x: margin + 12, y: y + 36, size: 12, weight: 400, fill: line }, turn),
    ...rows.map(row => text(page, { x: margin + 24, y: row.y + 4, size: 13, weight: 400, fill: '#1a1a1f' }, row.text)),
    '</g>',
  ].join('\n')
}

function drawKey(
  page: Page,
  kind: Kind,
  { place, y, word }: { readonly place: number; readonly y: number; readonly word: string },
): string {
  const [fill, line] = colors[kind]
  const x = margin + place * (page.width - margin * 2) * 0.25
  const left = page.isRightToLeft ? page.width - x - 14 : x
  return `<rect x="${left}" y="${y}" width="14" height="14" rx="3" fill="${fill}" stroke="${line}"/>${text(page, { x: x + 20, y: y + 12, size: 12, weight: 400, fill: '#1a1a1f' }, word)}`
}

function text(
  page: Page,
  {
    x,
    y,
    size,
    weight,
    fill,
  }: { readonly x: number; readonly y: number; readonly size: number; readonly weight: number; readonly fill: string },
  content: string,
): string {
  return content === ''
    ? ''
    : `<text x="${across(page, x)}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}">${escapeXml(content)}</text>`
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"]/g, each => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[each]!)
}
