// How a PDF's streams are compressed (ISO 32000-1, 7.4), as far as attachments and the file's own tables use it.

import { inflate } from '../deflate.ts'
import { check, VerifyError } from '../errors.ts'
import { type Dictionary, isDictionary, isInteger, isName, latin1, type Value } from './values.ts'

/** Throws VerifyError: `format-unknown` for a filter that is not read here, `oversized` beyond `lengthMax` bytes. */
export async function decodeStream(bytes: Uint8Array, dictionary: Dictionary, lengthMax: number): Promise<Uint8Array> {
  const filters = listOf(dictionary.get('Filter') ?? dictionary.get('F'))
  const parameters = listOf(dictionary.get('DecodeParms') ?? dictionary.get('DP'))
  check(filters.length <= 4, 'oversized', 'PDF: too many filters')
  let decoded = bytes
  for (const [place, filter] of filters.entries()) {
    const given = parameters[place]
    const name = isName(filter) ? filter.name : ''
    if (name === 'FlateDecode' || name === 'Fl') {
      const plain = await inflateLoosely(decoded, lengthMax)
      decoded = isDictionary(given) ? withoutPredictor(plain, given) : plain
    } else if (name === 'ASCIIHexDecode' || name === 'AHx') decoded = fromHex(decoded)
    else if (name === 'ASCII85Decode' || name === 'A85') decoded = fromAscii85(decoded)
    else throw new VerifyError('format-unknown', 'PDF: another kind of compression', { actual: name.slice(0, 40) })
  }
  check(decoded.length <= lengthMax, 'oversized', 'PDF: a stream is too long')
  return decoded
}

function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? (value as readonly Value[]) : [value]
}

/** Some writers count the end of the line behind a stream to it, which the host's inflater refuses. */
async function inflateLoosely(bytes: Uint8Array, lengthMax: number): Promise<Uint8Array> {
  for (let end = bytes.length; ; end--) {
    try {
      return await inflate(bytes.subarray(0, end), { format: 'deflate', lengthMax })
    } catch (error) {
      const isEndOfLine = bytes[end - 1] === 10 || bytes[end - 1] === 13
      const again = error instanceof VerifyError && error.code === 'malformed' && isEndOfLine && bytes.length - end < 2
      if (!again) throw error
    }
  }
}

/** Rows behind a byte that says how each was filtered, as PNG has them (7.4.4.4); TIFF's predictor is in no table of a file. */
function withoutPredictor(bytes: Uint8Array, parameters: Dictionary): Uint8Array {
  const number = (name: string, usual: number): number => {
    const value = parameters.get(name) ?? usual
    check(isInteger(value) && value > 0 && value <= 4_096, 'malformed', 'PDF: a predictor of no size')
    return value
  }
  const predictor = number('Predictor', 1)
  if (predictor === 1) return bytes
  check(predictor >= 10, 'format-unknown', 'PDF: another predictor')
  const bits = number('Colors', 1) * number('BitsPerComponent', 8)
  const step = Math.max(1, bits >> 3)
  const length = Math.ceil((bits * number('Columns', 1)) / 8)
  const rows = Math.ceil(bytes.length / (length + 1))
  const out = new Uint8Array(rows * length)
  for (let row = 0; row < rows; row++) {
    const filter = bytes[row * (length + 1)]!
    for (let i = 0; i < length; i++) {
      const at = row * length + i
      const left = i < step ? 0 : out[at - step]!
      const above = row === 0 ? 0 : out[at - length]!
      const corner = i < step || row === 0 ? 0 : out[at - length - step]!
      out[at] = (bytes[row * (length + 1) + 1 + i] ?? 0) + predicted(filter, { left, above, corner })
    }
  }
  return out
}

/** PNG, 9.2 to 9.4. */
function predicted(
  filter: number,
  { left, above, corner }: { readonly left: number; readonly above: number; readonly corner: number },
): number {
  if (filter === 1) return left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  if (filter !== 4) return 0
  const [a, b, c] = [Math.abs(above - corner), Math.abs(left - corner), Math.abs(left + above - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

function fromHex(bytes: Uint8Array): Uint8Array {
  const digits = latin1(bytes).split('>')[0]!.replaceAll(/\s/g, '')
  check(/^[0-9A-Fa-f]*$/.test(digits), 'malformed', 'PDF: not hexadecimal')
  const padded = digits.length % 2 === 0 ? digits : `${digits}0`
  return Uint8Array.from({ length: padded.length / 2 }, (_, i) => Number.parseInt(padded.slice(2 * i, 2 * i + 2), 16))
}

/** Five characters are four bytes; `z` is four zeros; a last group may be short (7.4.3). */
function fromAscii85(bytes: Uint8Array): Uint8Array {
  const text = latin1(bytes).split('~')[0]!.replaceAll(/\s/g, '').replaceAll('z', '!!!!!')
  check(/^[!-u]*$/.test(text) && text.length % 5 !== 1, 'malformed', 'PDF: not ASCII85')
  const out: number[] = []
  for (let i = 0; i < text.length; i += 5) {
    const group = text.slice(i, i + 5)
    let value = 0
    for (const character of group.padEnd(5, 'u')) value = value * 85 + character.charCodeAt(0) - 33
    for (let byte = 0; byte < group.length - 1; byte++) out.push(Math.floor(value / 256 ** (3 - byte)) & 255)
  }
  return Uint8Array.from(out)
}
