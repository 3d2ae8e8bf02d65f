// PDFs with a file attached, by hand to the letter of ISO 32000-1: what no library at hand writes. Places are worked out here, and
// with the options put wrong.

import { deflateSync } from 'node:zlib'

export type HandMade = {
  readonly attached: string | Uint8Array
  /** Where the attachment is named. */
  readonly by?: 'names' | 'kids' | 'catalogue' | 'page' | 'annotation'
  readonly tables?: 'plain' | 'stream' | 'hybrid'
  readonly filter?: 'none' | 'flate' | 'hex' | 'ascii85'
  /** Before the first byte of the PDF. */
  readonly prefix?: string
  /** Of the attachment's stream, told wrongly. */
  readonly length?: 'wrong' | 'indirect' | 'with the end of the line'
  readonly trailer?: string
}

/** Objects by their numbers: dictionaries, or a dictionary and its stream. */
type Objects = readonly (readonly [number: number, dictionary: string, stream?: Buffer])[]

export function handMadePdf(options: HandMade): Buffer {
  const { tables = 'plain', prefix = '' } = options
  const pdf =
    tables === 'plain' ? withPlainTable(objectsOf(options), options) : withStreams(objectsOf(options), options)
  return Buffer.concat([Buffer.from(prefix), pdf])
}

function objectsOf({ attached, by = 'names', filter = 'flate', length }: HandMade): Objects {
  const [name, stream] = filtered(typeof attached === 'string' ? Buffer.from(attached) : Buffer.from(attached), filter)
  const told = length === 'wrong' ? '7' : length === 'indirect' ? '9 0 R' : String(stream.length + (length ? 1 : 0))
  const named = '(record.txt) 4 0 R'
  const catalogue = {
    names: `/Names << /EmbeddedFiles << /Names [${named}] >> >>`,
    kids: '/Names 8 0 R',
    catalogue: '/AF [4 0 R]',
    page: '',
    annotation: '',
  }[by]
  const page = by === 'page' ? '/AF [4 0 R]' : by === 'annotation' ? '/Annots [7 0 R]' : ''
  return [
    [1, `<< /Type /Catalog /Pages 2 0 R ${catalogue} >>`],
    [2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [3, `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] ${page} >>`],
    [4, '<< /Type /Filespec /F (record.txt) /UF (record.txt) /AFRelationship /Data /EF << /F 5 0 R >> >>'],
    [5, `<< /Type /EmbeddedFile ${name} /Length ${told} >>`, stream],
    [6, `<< /Limits [(a) (z)] /Names [${named}] >>`],
    [7, '<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 4 0 R >>'],
    [8, '<< /EmbeddedFiles << /Kids [ 6 0 R % a comment ( ]\n ] >> /Odd#20Name (\\) not the end) >>'],
    [9, String(stream.length)],
  ]
}

function filtered(bytes: Buffer, filter: NonNullable<HandMade['filter']>): readonly [string, Buffer] {
  if (filter === 'none') return ['', bytes]
  if (filter === 'hex') return ['/Filter [/ASCIIHexDecode]', Buffer.from(`${bytes.toString('hex')}>`)]
  const packed = deflateSync(bytes)
  if (filter === 'flate') return ['/Filter /FlateDecode', packed]
  return ['/Filter [/ASCII85Decode /FlateDecode]', ascii85(packed)]
}

function ascii85(bytes: Buffer): Buffer {
  let text = ''
  for (let i = 0; i < bytes.length; i += 4) {
    const group = Buffer.alloc(4)
    bytes.copy(group, 0, i, Math.min(i + 4, bytes.length))
    let value = group.readUInt32BE()
    let digits = ''
    for (let digit = 0; digit < 5; digit++, value = Math.floor(value / 85))
      digits = String.fromCharCode(33 + (value % 85)) + digits
    text += digits.slice(0, Math.min(4, bytes.length - i) + 1)
  }
  return Buffer.from(`${text}~>`)
}

function written(
  objects: Objects,
  begin: number,
): { readonly body: Buffer; readonly places: ReadonlyMap<number, number> } {
  const places = new Map<number, number>()
  const parts: Buffer[] = []
  let at = begin
  for (const [number, dictionary, stream] of objects) {
    const inner = stream ? [Buffer.from('\nstream\r\n'), stream, Buffer.from('\nendstream')] : []
    const part = Buffer.concat([Buffer.from(`${number} 0 obj\n${dictionary}`), ...inner, Buffer.from('\nendobj\n')])
    places.set(number, at)
    parts.push(part)
    at += part.length
  }
  return { body: Buffer.concat(parts), places }
}

const header = Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')

function withPlainTable(objects: Objects, { trailer = '' }: HandMade): Buffer {
  const { body, places } = written(objects, header.length)
  const size = objects.length + 1
  const rows = objects.map(([number]) => `${String(places.get(number)).padStart(10, '0')} 00000 n \n`)
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${rows.join('')}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\n`
  return Buffer.concat([header, body, Buffer.from(`${table}startxref\n${header.length + body.length}\n%%EOF\n`)])
}

/** Dictionaries go into a stream of objects; the table is a stream too, its rows as differences from the row above. */
function withStreams(objects: Objects, { tables }: HandMade): Buffer {
  const packed = objects.filter(([, , stream]) => !stream)
  let text = ''
  const pairs = packed.map(([number, dictionary]) => {
    const at = text.length
    text += `${dictionary} `
    return `${number} ${at}`
  })
  const first = `${pairs.join(' ')} `
  const inside = deflateSync(Buffer.from(first + text))
  const container = `<< /Type /ObjStm /N ${packed.length} /First ${first.length} /Filter /FlateDecode /Length ${inside.length} >>`
  const others: Objects = [...objects.filter(([, , stream]) => stream), [10, container, inside]]
  const { body, places } = written(others, header.length)
  const entries = Array.from({ length: 12 }, (_, number): readonly number[] => {
    const index = packed.findIndex(([each]) => each === number)
    if (index >= 0) return [2, 10, index]
    return number === 0
      ? [0, 0, 255]
      : number === 11
        ? [1, header.length + body.length, 0]
        : [1, places.get(number)!, 0]
  })
  const table = tableStream(entries)
  const end = header.length + body.length
  if (tables !== 'hybrid') {
    const stream = written([[11, table.dictionary, table.bytes]], end).body
    return Buffer.concat([header, body, stream, Buffer.from(`startxref\n${end}\n%%EOF\n`)])
  }
  const stream = written([[11, table.dictionary, table.bytes]], end).body
  const plain = `xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 12 /Root 1 0 R /XRefStm ${end} >>\n`
  return Buffer.concat([header, body, stream, Buffer.from(`${plain}startxref\n${end + stream.length}\n%%EOF\n`)])
}

function tableStream(entries: readonly (readonly number[])[]): { readonly dictionary: string; readonly bytes: Buffer } {
  const rows = entries.map(([kind, second, third]) =>
    Buffer.from([kind!, second! >> 16, second! >> 8, second!, third!]),
  )
  const filteredRows = rows.map((row, place) => {
    const above = rows[place - 1]
    return Buffer.from([2, ...row.map((byte, i) => byte - (above?.[i] ?? 0))])
  })
  const bytes = deflateSync(Buffer.concat(filteredRows))
  const dictionary = `<< /Type /XRef /W [1 3 1] /Size ${entries.length} /Root 1 0 R /Filter /FlateDecode
    /DecodeParms << /Predictor 12 /Columns 5 >> /Length ${bytes.length} >>`
  return { dictionary, bytes }
}
