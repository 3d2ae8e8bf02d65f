// A file of any kind, to what can be checked: the text or bundle itself, the record attached to a PDF, the link in a picture's
// QR code. What kind it is, its first bytes say, and not its name.

import { limits, VerifyError } from '@muniment/sdk'
import { InputError, loaded, type ReadFileOptions, type ReadInput } from './input.ts'
import { readPicture } from './picture.ts'

type FileKind = 'pdf' | 'picture' | 'other-picture' | 'other'

/** Rejects with InputError, or with the signal's reason. */
export async function readFile(file: Blob, { ways, signal, wasm }: ReadFileOptions): Promise<ReadInput> {
  if (file.size === 0) throw new InputError('empty')
  const kind = kindOf(await bytesOf(file.slice(0, limits.fileHeadBytes)), file.type)
  signal.throwIfAborted()
  const way = kind === 'pdf' ? 'pdf' : kind === 'other' ? 'file' : 'qr'
  if (!ways.has(way)) throw new InputError('not-accepted')
  if (kind === 'other-picture') throw new InputError('picture-unreadable')
  if (file.size > sizeMaxOf(kind)) throw new InputError('file-too-large')
  if (kind === 'picture') return { input: await readPicture(file, { signal, wasm }), source: 'picture' }
  const bytes = await bytesOf(file)
  signal.throwIfAborted()
  if (kind === 'pdf') return { input: await readPdf(bytes, signal), source: 'pdf' }
  return { input: bytes, source: 'file' }
}

/** The file attached to it; nothing else of a PDF is looked at. */
async function readPdf(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const { findRecordInPdf } = await loaded(import('@muniment/sdk/pdf'))
  const answer = await findRecordInPdf(bytes, { signal }).catch(error => {
    if (error instanceof VerifyError) throw new InputError('pdf-unreadable')
    throw error
  })
  if (answer.kind === 'record') return answer.bytes
  throw new InputError(answer.kind === 'encrypted' ? 'pdf-encrypted' : 'pdf-none')
}

function sizeMaxOf(kind: FileKind): number {
  if (kind === 'pdf') return limits.pdfBytesMax
  return kind === 'picture' ? limits.pictureBytesMax : limits.bundleBytesMax
}

/** A file that is gone by now, or may not be read. */
function bytesOf(file: Blob): Promise<Uint8Array> {
  return file.arrayBuffer().then(
    bytes => new Uint8Array(bytes),
    () => {
      throw new InputError('file-unreadable')
    },
  )
}

/** PDF readers have always looked for their mark within the first kilobyte (ISO 32000-1, annex H.3, note 13). */
function kindOf(head: Uint8Array, type: string): FileKind {
  const text = Array.from(head, byte => String.fromCharCode(byte)).join('')
  if (text.includes('%PDF-')) return 'pdf'
  if (text.startsWith('\x89PNG') || text.startsWith('\xff\xd8\xff') || /^RIFF.{4}WEBP/s.test(text)) return 'picture'
  return type.startsWith('image/') || /^(?:GIF8|BM|.{4}ftyp(?:heic|heix|mif1|avif))/s.test(text)
    ? 'other-picture'
    : 'other'
}
