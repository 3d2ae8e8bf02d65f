// QR codes of links (ISO/IEC 18004), level M. An entry of its own: pages that draw none do not load it.

import qrcode from 'qrcode-generator'
import { encodeUtf8 } from '../bytes.ts'
import { VerifyError } from '../errors.ts'
import { qrTextLengthMax } from '../limits.ts'

export type Qr = {
  /** 1 to 40, the smallest that the text fits. */
  readonly version: number
  /** Modules a side, without the quiet zone of four around it. */
  readonly size: number
  /** Both from 0, from the top left corner. */
  readonly isDark: (x: number, y: number) => boolean
}

/** A run of these pays for the change of mode before and behind it (7.4.4). */
const alphanumericRun = /[0-9A-Z $%*+\-./:]{12,}/g

/** The QR code of a text. Throws VerifyError `oversized` for what fits none. */
export function qrOf(text: string): Qr {
  if (text.length <= qrTextLengthMax) {
    const code = qrcode(0, 'M')
    for (const { mode, part } of segmentsOf(text)) code.addData(part, mode)
    if (isMade(code)) {
      const size = code.getModuleCount()
      return { version: (size - 17) / 4, size, isDark: (x, y) => code.isDark(y, x) }
    }
  }
  throw new VerifyError('oversized', 'too long for a QR code', { actual: text.length })
}

type Segment = { readonly mode: 'Alphanumeric' | 'Byte'; readonly part: string }

function segmentsOf(text: string): readonly Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const { 0: run, index } of text.matchAll(alphanumericRun)) {
    if (index > end) segments.push({ mode: 'Byte', part: byteText(text.slice(end, index)) })
    segments.push({ mode: 'Alphanumeric', part: run })
    end = index + run.length
  }
  if (end < text.length || text === '') segments.push({ mode: 'Byte', part: byteText(text.slice(end)) })
  return segments
}

/** The library takes a character for a byte. */
function byteText(text: string): string {
  return Array.from(encodeUtf8(text), byte => String.fromCharCode(byte)).join('')
}

/** It throws texts and errors alike for what is too long. */
function isMade(code: ReturnType<typeof qrcode>): boolean {
  try {
    code.make()
    return true
  } catch {
    return false
  }
}
