// A document on paper: one page with its fields, a QR code whose link any phone opens, and the document itself attached, so that the file
// can be checked as it is.

import { encodeUtf8, formatShortLink, type Hasher, type Service, VerifyError } from '@muniment/sdk'
import { type Qr, qrOf } from '@muniment/sdk/qr'
import type { PDFFont, PDFPage } from 'pdf-lib'
import { paperLinesPerValueMax } from '../limits.ts'

export type PaperFacts = {
  readonly service: Service
  readonly office: string
  readonly language: string
  readonly fields: Readonly<Record<string, string>>
  /** SD-JWT text. */
  readonly document: string
  /** 16 bytes, from which the document's salts were drawn: they make the shortest link. */
  readonly seed: Uint8Array | undefined
  readonly issuedAt: Date
  /** The page that checks, an https address; without it there is no QR code. */
  readonly page: string | undefined
}

/** A4 in points, as everything here. */
const width = 595
const height = 842
const margin = 56
const labelWidth = 150
const qrSide = 150
const lineHeight = 16
const unprintable = '(in the attached document)'

export type Paper = {
  readonly pdf: Uint8Array
  /** Where the PDF's fonts lack letters of the document: a page of HTML that a browser prints. */
  readonly page: string | undefined
}

/** A value in letters that the standard fonts lack is not printed in the PDF, which says where it stands. */
export async function makePaper(facts: PaperFacts, hasher: Hasher): Promise<Paper> {
  const { AFRelationship, PDFDocument, StandardFonts } = await import('pdf-lib')
  const pdf = await PDFDocument.create({ updateMetadata: false })
  const title = localizedText(facts.service.title, facts.language)
  pdf.setTitle(title)
  pdf.setProducer('Muniment')
  pdf.setCreationDate(facts.issuedAt)
  pdf.setModificationDate(facts.issuedAt)
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const bold = await pdf.embedFont(StandardFonts.HelveticaBold)
  const page = pdf.addPage([width, height])
  const write = { page, font, bold }
  page.drawText(inPrint(facts.service.title, { language: facts.language, font: bold, otherwise: facts.service.id }), {
    x: margin,
    y: height - margin - 20,
    size: 22,
    font: bold,
  })
  page.drawText(printable(facts.office, font), { x: margin, y: height - margin - 42, size: 12, font })
  drawFields(write, facts)
  const qr = await qrFor(facts, hasher)
  if (qr) drawQr(page, qr)
  drawHelp(write, facts, qr !== undefined)
  await pdf.attach(encodeUtf8(facts.document), 'document.sd-jwt', {
    mimeType: 'application/dc+sd-jwt',
    description: 'The document, to be checked',
    creationDate: facts.issuedAt,
    modificationDate: facts.issuedAt,
    afRelationship: AFRelationship.Data,
  })
  // Without streams of objects, which simple readers do not look into.
  const bytes = await pdf.save({ useObjectStreams: false })
  const shown = [title, facts.office, ...textsOf(facts)]
  if (shown.every(text => printable(text, font) === text)) return { pdf: bytes, page: undefined }
  const { makePaperPage } = await import('./paper-page.ts')
  return { pdf: bytes, page: makePaperPage(facts, qr) }
}

/** The labels and values of its fields. */
function textsOf({ service, language, fields }: PaperFacts): readonly string[] {
  const shown = service.fields.filter(({ name }) => fields[name] !== undefined)
  return shown.flatMap(({ name, label }) => [localizedText(label, language), fields[name]!])
}

type Pen = { readonly page: PDFPage; readonly font: PDFFont; readonly bold: PDFFont }

function drawFields({ page, font, bold }: Pen, { service, language, fields }: PaperFacts): void {
  const end = margin + qrSide + 3 * lineHeight
  let y = height - margin - 84
  for (const { name, label } of service.fields) {
    const value = fields[name]
    if (value === undefined) continue
    const lines = linesOf(printable(value, font), font, width - 2 * margin - labelWidth)
    // What does not fit on the page stands in the attached document.
    if (y - lines.length * lineHeight < end) break
    page.drawText(inPrint(label, { language, font: bold, otherwise: name }), { x: margin, y, size: 11, font: bold })
    for (const line of lines) {
      page.drawText(line, { x: margin + labelWidth, y, size: 11, font })
      y -= lineHeight
    }
    y -= 6
  }
}

function drawQr(page: PDFPage, { size, isDark }: Qr): void {
  const side = qrSide / size
  // Each row's runs as one mark: no seams between modules, and a small file.
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!isDark(x, y)) continue
      const from = x
      while (x + 1 < size && isDark(x + 1, y)) x++
      const place = { x: margin + from * side, y: margin + qrSide - (y + 1) * side }
      page.drawRectangle({ ...place, width: (x - from + 1) * side, height: side + 0.05 })
    }
  }
}

function drawHelp({ page, font, bold }: Pen, { page: address }: PaperFacts, hasQr: boolean): void {
  const x = hasQr ? margin + qrSide + 24 : margin
  const how = hasQr ? 'Scan the code with a phone’s camera, or open' : 'Open'
  const where = address ?? 'the issuer’s page for checking documents'
  const sentences = [
    `${how} ${where} and choose this file.`,
    'Only that check shows whether it is genuine and in force.',
  ]
  let y = margin + qrSide - 14
  page.drawText('Check this document', { x, y, size: 12, font: bold })
  for (const line of sentences.flatMap(sentence => linesOf(printable(sentence, font), font, width - margin - x))) {
    y -= lineHeight
    page.drawText(line, { x, y, size: 10, font })
  }
}

/** Undefined where no page checks, or where the document has no short form or is too long for a code that a phone reads. */
async function qrFor({ document, page, seed }: PaperFacts, hasher: Hasher): Promise<Qr | undefined> {
  if (page === undefined) return undefined
  try {
    return qrOf(await formatShortLink(document, { page, seed, hasher }))
  } catch (error) {
    if (error instanceof VerifyError && ['oversized', 'format-unknown'].includes(error.code)) return undefined
    throw error
  }
}

export function localizedText(texts: Readonly<Record<string, string>>, language: string): string {
  return texts[language] ?? texts.en ?? Object.values(texts)[0] ?? ''
}

type InPrint = { readonly language: string; readonly font: PDFFont; readonly otherwise: string }

/** In the language, or in the next one that the font can print. */
function inPrint(texts: Readonly<Record<string, string>>, { language, font, otherwise }: InPrint): string {
  const wanted = [texts[language], texts.en, ...Object.values(texts)]
  return wanted.find(text => text !== undefined && printable(text, font) === text) ?? otherwise
}

function printable(text: string, font: PDFFont): string {
  try {
    font.encodeText(text)
    return text
  } catch {
    return unprintable
  }
}

/** Broken at spaces, and within a word only where it is longer than a line. */
function linesOf(text: string, font: PDFFont, room: number): readonly string[] {
  const fits = (line: string): boolean => font.widthOfTextAtSize(line, 11) <= room
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    let rest = word
    const longer = `${lines.at(-1)} ${rest}`.trim()
    if (fits(longer)) {
      lines[lines.length - 1] = longer
      continue
    }
    if (lines.at(-1) !== '') lines.push('')
    while (!fits(rest)) {
      const most = Math.max(1, Math.floor((rest.length * room) / font.widthOfTextAtSize(rest, 11)) - 1)
      lines[lines.length - 1] = rest.slice(0, most)
      lines.push('')
      rest = rest.slice(most)
    }
    lines[lines.length - 1] = rest
  }
  if (lines.length <= paperLinesPerValueMax) return lines
  return [...lines.slice(0, paperLinesPerValueMax - 1), unprintable]
}
